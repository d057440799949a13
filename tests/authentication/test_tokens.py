"""JSON Web Tokens: claims, signatures, the issuer's keys, and how long a verified token counts."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from plangate.access import Role
from plangate.authentication import Authenticator
from plangate.authentication.cache import VerifiedCredentials
from plangate.authentication.tokens import Tokens
from plangate.emulators.server import serve
from plangate.errors import SettingsError, UpstreamUnavailable
from plangate.settings import AuthenticationSettings, JwtSettings

from .credentials import ADA, SHARED, SIGNER, Clock, bearer, refused, token


def with_shared_key(clock: Clock | None = None, **settings: Any) -> Authenticator:
    clock = clock or Clock()
    jwt = JwtSettings(key=SecretStr(SHARED), **settings)
    return Authenticator(AuthenticationSettings(jwt=jwt), clock=clock, wall_clock=clock.wall)


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
        Tokens(JwtSettings.model_construct(), VerifiedCredentials(600, Clock()))


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


async def test_a_verified_token_counts_for_ten_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticator, own = with_shared_key(clock), bearer(token())
    assert authenticator.recall(own) is None
    assert await authenticator.authenticate(own) == ADA
    clock.now += 9.9
    assert authenticator.recall(own) == ADA
    clock.now += 0.1
    assert authenticator.recall(own) is None
    assert await authenticator.authenticate(own) == ADA


async def test_a_verified_token_never_counts_past_its_expiry(clock: Clock) -> None:
    authenticator, own = with_shared_key(clock), bearer(token(exp=int(clock.wall()) + 5))
    assert await authenticator.authenticate(own) == ADA
    clock.now += 4
    assert authenticator.recall(own) == ADA
    clock.now += 1
    assert authenticator.recall(own) is None
    assert await authenticator.authenticate(own) == ADA  # verified again: clocks may be ten seconds apart
    assert authenticator.recall(own) is None
    clock.now += 10
    await refused(authenticator, own)


# ------------------------------------------------------------------------------------------------------ published keys


class Issuer:
    """Publishes keys over HTTP and counts how often they are read."""

    def __init__(self) -> None:
        self.signer = self.new_key("one")
        self.published = [self.signer]
        self.asked = 0
        self.down = False
        self.answers = asyncio.Event()
        self.answers.set()

    @staticmethod
    def new_key(kid: str) -> ECKey:
        return ECKey.generate_key("P-256", {"kid": kid}, private=True)

    async def keys(self, _: Request) -> Response:
        self.asked += 1
        await self.answers.wait()
        if self.down:
            return Response(status_code=503)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published]})

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/keys", self.keys)])

    def token(self, signer: ECKey | None = None) -> str:
        signer = signer or self.signer
        return token(signer, "ES256", signer.kid)


@pytest.fixture
async def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def authenticator(issuer: Issuer, clock: Clock) -> AsyncIterator[Authenticator]:
    async with serve(issuer.app) as url:
        settings = AuthenticationSettings(jwt=JwtSettings(jwks_url=f"{url}/keys"))
        authenticator = Authenticator(settings, clock=clock, wall_clock=clock.wall)
        yield authenticator
        issuer.answers.set()
        await authenticator.close()


async def reading(authenticator: Authenticator) -> None:
    """Wait for the reading of keys that is under way."""
    task = authenticator._tokens._keys._reading  # type: ignore[union-attr]
    assert task is not None
    await task


async def test_published_keys_are_read_once(authenticator: Authenticator, issuer: Issuer) -> None:
    await asyncio.gather(*(authenticator.authenticate(bearer(issuer.token())) for _ in range(20)))
    for _ in range(3):
        assert await authenticator.authenticate(bearer(issuer.token())) == ADA
    assert issuer.asked == 1


async def test_an_unknown_key_is_read_at_once_and_made_up_ones_are_no_load(
    authenticator: Authenticator, issuer: Issuer, clock: Clock
) -> None:
    await authenticator.authenticate(bearer(issuer.token()))
    new = Issuer.new_key("two")
    for _ in range(3):
        await refused(authenticator, bearer(issuer.token(new)))
    assert issuer.asked == 1
    clock.now += 10
    issuer.published.append(new)
    tokens = [issuer.token(Issuer.new_key("made up")) for _ in range(5)]
    viewers = await asyncio.gather(
        authenticator.authenticate(bearer(issuer.token(new))),
        *(authenticator.authenticate(bearer(each)) for each in tokens),
        return_exceptions=True,
    )
    assert viewers[0] == ADA and ADA not in viewers[1:]
    assert issuer.asked == 2


async def test_a_hanging_issuer_delays_no_token_of_a_known_key(
    authenticator: Authenticator, issuer: Issuer, clock: Clock
) -> None:
    await authenticator.authenticate(bearer(issuer.token()))
    issuer.answers.clear()
    clock.now += 60
    for _ in range(3):
        assert await authenticator.authenticate(bearer(token(issuer.signer, "ES256", "one", jti="new"))) == ADA
    unknown = asyncio.create_task(authenticator.authenticate(bearer(issuer.token(Issuer.new_key("two")))))
    while issuer.asked < 2:  # it is asked in the background
        await asyncio.sleep(0.001)
    assert await authenticator.authenticate(bearer(issuer.token())) == ADA
    assert not unknown.done()
    issuer.answers.set()
    with pytest.raises(Exception, match="not valid"):
        await unknown
    assert issuer.asked == 2


async def test_a_key_that_is_no_longer_published_ends_the_tokens_it_signed(
    authenticator: Authenticator, issuer: Issuer, clock: Clock
) -> None:
    old = bearer(issuer.token())
    await authenticator.authenticate(old)
    issuer.published = [new := Issuer.new_key("two")]
    clock.now += 60
    assert await authenticator.authenticate(old) == ADA  # the known key is used at once
    assert authenticator.recall(old) == ADA
    await reading(authenticator)
    await refused(authenticator, old)  # within the ten seconds that it would count otherwise
    assert await authenticator.authenticate(bearer(issuer.token(new))) == ADA


async def test_a_public_key_is_no_shared_one(authenticator: Authenticator, issuer: Issuer) -> None:
    # joserfc itself refuses to sign with a PEM as shared key, so the signature is any.
    forged = token(SIGNER, "HS256", issuer.signer.kid)
    await refused(authenticator, bearer(forged))


async def test_an_issuer_that_is_down(authenticator: Authenticator, issuer: Issuer, clock: Clock) -> None:
    issuer.down = True
    for _ in range(2):  # the second time without asking it
        with pytest.raises(UpstreamUnavailable):
            await authenticator.authenticate(bearer(issuer.token()))
    issuer.down = False
    clock.now += 5
    assert await authenticator.authenticate(bearer(issuer.token())) == ADA


async def test_known_keys_outlive_an_issuer_that_is_down_for_ten_minutes(
    authenticator: Authenticator, issuer: Issuer, clock: Clock
) -> None:
    await authenticator.authenticate(bearer(issuer.token()))
    read_at = clock.now
    issuer.down = True
    with capture_logs() as logs:
        for seconds in (60, 70, 300, 599):
            clock.now = read_at + seconds
            assert await authenticator.authenticate(bearer(issuer.token())) == ADA
            await reading(authenticator)
        with pytest.raises(UpstreamUnavailable):  # it may be a new one: nobody can tell
            await authenticator.authenticate(bearer(issuer.token(Issuer.new_key("two"))))
        verified = bearer(issuer.token())
        assert await authenticator.authenticate(verified) == ADA
        clock.now = read_at + 600
        assert authenticator.recall(verified) is None
        with pytest.raises(UpstreamUnavailable):
            await authenticator.authenticate(verified)
    assert [log["event"] for log in logs if log["log_level"] == "warning"].count("signing_keys_not_read") == 1
    issuer.down = False
    clock.now += 5
    assert await authenticator.authenticate(verified) == ADA
