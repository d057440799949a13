"""Who is let in, as whom, and who is refused."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from plangate.access import Role, Viewer
from plangate.authentication import Authenticator, fingerprint, new_api_key
from plangate.emulators.server import serve
from plangate.errors import SettingsError, StoreUnavailable, Unauthenticated, UpstreamUnavailable
from plangate.model import Key
from plangate.settings import AuthenticationSettings, JwtSettings
from plangate.sources.store import ApiKey, Store, add_api_key, revoke_api_key
from plangate.tokens import Tokens

SHARED = "a key that both sides know, 32 bytes"
SIGNER = OctKey.import_key(SHARED)
ADA = Viewer(Key("store:ada"), "demo", Role.MEMBER)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def bearer(credential: str) -> Headers:
    return Headers({"Authorization": f"Bearer {credential}"})


def token(signer: Any = SIGNER, alg: str = "HS256", kid: str | None = None, **claims: Any) -> str:
    usual = {"sub": "ada", "workspace": "demo", "role": "member", "exp": int(time.time()) + 60}
    given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode({"alg": alg, **({"kid": kid} if kid else {})}, given, signer, algorithms=[alg])


def with_shared_key(**settings: Any) -> Authenticator:
    return Authenticator(AuthenticationSettings(jwt=JwtSettings(key=SecretStr(SHARED), **settings)))


async def refused(authenticator: Authenticator, headers: Any) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.authenticate(headers)
    assert caught.value.message.startswith(("Send an API key", "The credential is not valid."))
    assert caught.value.extensions == {"code": "UNAUTHENTICATED"}


# ----------------------------------------------------------------------------------------------------------- anonymous


async def test_without_credential() -> None:
    await refused(Authenticator(AuthenticationSettings()), {})
    allowed = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
    assert await Authenticator(allowed).authenticate({}) == Viewer(Key("anonymous"), "demo", Role.ADMIN)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer plg_made-up"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": f"Bearer {'x' * 9000}"},
        {"X-API-Key": ""},
        {"X-API-Key": "not ours"},
    ],
)
async def test_a_wrong_credential_is_not_anonymous(headers: dict[str, str]) -> None:
    await refused(Authenticator(AuthenticationSettings(anonymous=True)), Headers(headers))


# ------------------------------------------------------------------------------------------------------------ API keys


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = Store(store_url)
    yield store
    await store.close()


async def add(store: Store, id: str = "1", role: str = "member") -> str:
    secret = new_api_key()
    key = ApiKey(id, fingerprint(secret), Key("store:ada"), "demo", role, None, "2026-11-20T00:00:00+00:00")
    await add_api_key(store.database, key)
    return secret


async def test_an_api_key(store: Store) -> None:
    clock = Clock()
    authenticator = Authenticator(AuthenticationSettings(api_keys=True), store, clock=clock)
    secret = await add(store)
    assert await authenticator.authenticate(bearer(secret)) == ADA
    assert await authenticator.authenticate(Headers({"X-API-Key": secret})) == ADA
    await refused(authenticator, bearer(new_api_key()))
    await refused(authenticator, bearer("plg_\x00"))
    await refused(authenticator, Headers({"X-API-Key": secret, "Authorization": f"Bearer {secret}"}))
    await refused(Authenticator(AuthenticationSettings()), bearer(secret))


async def test_a_key_of_an_unknown_role_is_refused(store: Store) -> None:
    authenticator = Authenticator(AuthenticationSettings(api_keys=True), store)
    secret = await add(store, "7", role="owner")
    with capture_logs() as logs:
        await refused(authenticator, bearer(secret))
    assert [(log["event"], log["reason"]) for log in logs] == [("credential_refused", "unknown role of API key 7")]


async def test_a_key_is_looked_up_once_in_a_while_and_ends_when_revoked(store: Store) -> None:
    clock = Clock()
    authenticator = Authenticator(AuthenticationSettings(api_keys=True), store, clock=clock)
    secret = await add(store)
    before = store.database.statements
    for _ in range(5):
        await authenticator.authenticate(bearer(secret))
    assert store.database.statements == before + 1
    await revoke_api_key(store.database, "1", "2026-11-21T00:00:00+00:00")
    clock.now += 10
    await refused(authenticator, bearer(secret))


async def test_what_is_remembered_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plangate.authentication.ApiKeys.MOST", 2)
    authenticator = Authenticator(AuthenticationSettings(api_keys=True), store)
    secrets = [await add(store, str(n)) for n in range(4)]
    for secret in secrets:
        await authenticator.authenticate(bearer(secret))
    assert authenticator._keys is not None
    assert list(authenticator._keys._known) == [fingerprint(secret) for secret in secrets[2:]]


async def test_a_store_that_is_down_says_nothing_about_the_key() -> None:
    store = Store("sqlite:////nowhere/at/all.sqlite")
    with pytest.raises(StoreUnavailable):
        await Authenticator(AuthenticationSettings(api_keys=True), store).authenticate(bearer(new_api_key()))
    await store.close()


def test_api_keys_need_a_store() -> None:
    with pytest.raises(SettingsError):
        Authenticator(AuthenticationSettings(api_keys=True))


# -------------------------------------------------------------------------------------------------------------- tokens


async def test_a_token() -> None:
    authenticator = with_shared_key()
    assert await authenticator.authenticate(bearer(token())) == ADA
    assert (await authenticator.authenticate(bearer(token(role=None)))).role is Role.VIEWER
    assert (await authenticator.authenticate(bearer(token(sub="planning_center:7")))).id == "planning_center:7"
    assert (await authenticator.authenticate(bearer(token(aud="anyone", iss="anyone")))) == ADA


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": int(time.time()) - 60},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 600},
        {"sub": None},
        {"sub": ""},
        {"sub": ":"},
        {"sub": "store:"},
        {"sub": 7},
        {"workspace": None},
        {"workspace": ""},
        {"workspace": ["demo"]},
        {"role": "root"},
        {"role": ["admin"]},
        {"role": {"admin": True}},
    ],
)
async def test_claims_that_are_refused(claims: dict[str, Any]) -> None:
    await refused(with_shared_key(), bearer(token(**claims)))


def test_tokens_need_a_key() -> None:
    with pytest.raises(ValidationError, match="32 bytes"):
        JwtSettings(key=SecretStr(""))
    with pytest.raises(SettingsError):
        Tokens(JwtSettings.model_construct(), Clock())


async def test_issuer_and_audience() -> None:
    authenticator = with_shared_key(issuer="https://issuer.test", audience="plangate")
    right = {"iss": "https://issuer.test", "aud": ["other", "plangate"]}
    assert await authenticator.authenticate(bearer(token(**right))) == ADA
    for wrong in ({}, {**right, "iss": "https://evil.test"}, {**right, "aud": "other"}, {"aud": "plangate"}):
        await refused(authenticator, bearer(token(**wrong)))


async def test_signatures_that_are_refused() -> None:
    authenticator = with_shared_key()
    await refused(authenticator, bearer(token(OctKey.import_key("another key of at least 32 bytes..."))))
    await refused(authenticator, bearer(token(alg="HS512")))
    await refused(authenticator, bearer(token(RSAKey.generate_key(2048), "RS256")))
    unsigned = "eyJhbGciOiJub25lIn0." + token().split(".")[1] + "."
    await refused(authenticator, bearer(unsigned))


@given(st.one_of(st.text(), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_anything_else_is_refused(credential: str) -> None:
    await refused(with_shared_key(), {"authorization": f"Bearer {credential}"})


# ------------------------------------------------------------------------------------------------------ published keys


class Issuer:
    """Publishes keys over HTTP and counts how often they are read."""

    def __init__(self) -> None:
        self.signer = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
        self.asked = 0
        self.down = False

    async def keys(self, _: Request) -> Response:
        self.asked += 1
        return Response(status_code=503) if self.down else JSONResponse({"keys": [self.signer.as_dict(private=False)]})

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/keys", self.keys)])

    def token(self) -> str:
        return token(self.signer, "ES256", self.signer.kid)


@pytest.fixture
async def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def authenticator(issuer: Issuer, clock: Clock) -> AsyncIterator[Authenticator]:
    async with serve(issuer.app) as url:
        settings = AuthenticationSettings(jwt=JwtSettings(jwks_url=f"{url}/keys"))
        authenticator = Authenticator(settings, clock=clock)
        yield authenticator
        await authenticator.close()


async def test_published_keys_are_read_once(authenticator: Authenticator, issuer: Issuer) -> None:
    for _ in range(3):
        assert await authenticator.authenticate(bearer(issuer.token())) == ADA
    assert issuer.asked == 1


async def test_a_new_key_is_found_and_made_up_ones_are_no_load(
    authenticator: Authenticator, issuer: Issuer, clock: Clock
) -> None:
    await authenticator.authenticate(bearer(issuer.token()))
    issuer.signer = ECKey.generate_key("P-256", {"kid": "two"}, private=True)
    for _ in range(3):
        await refused(authenticator, bearer(issuer.token()))
    assert issuer.asked == 1
    clock.now += 60
    assert await authenticator.authenticate(bearer(issuer.token())) == ADA
    assert issuer.asked == 2


async def test_a_public_key_is_no_shared_one(authenticator: Authenticator, issuer: Issuer) -> None:
    # joserfc itself refuses to sign with a PEM as shared key, so the signature is any.
    forged = token(SIGNER, "HS256", issuer.signer.kid)
    await refused(authenticator, bearer(forged))


async def test_an_issuer_that_is_down(authenticator: Authenticator, issuer: Issuer, clock: Clock) -> None:
    issuer.down = True
    with pytest.raises(UpstreamUnavailable):
        await authenticator.authenticate(bearer(issuer.token()))
    issuer.down = False
    clock.now += 5
    assert await authenticator.authenticate(bearer(issuer.token())) == ADA
    issuer.down = True
    clock.now += 4000
    assert await authenticator.authenticate(bearer(issuer.token())) == ADA
