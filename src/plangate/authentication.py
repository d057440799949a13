"""Who asks: a Viewer from an API key or a JSON Web Token, or from neither where the settings let anonymous viewers in.

A credential that is not valid is refused, never ignored: nobody becomes anonymous by a typing error. The client learns
nothing of why; the log does. When a credential cannot be checked for now, because the store or the issuer of tokens
does not answer, that is a SourceError and says nothing about the credential.
"""

import hashlib
import secrets
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key as SigningKey
from joserfc.jwk import KeySet, OctKey
from joserfc.jws import JWSRegistry, extract_compact
from pydantic import SecretStr

from plangate.access import KEY_PREFIX, Role, Viewer
from plangate.errors import SettingsError, SourceError, Unauthenticated, UpstreamUnavailable
from plangate.model import Key, key
from plangate.settings import AuthenticationSettings, JwtSettings
from plangate.source import Source
from plangate.sources.store import Store, find_api_key
from plangate.upstream import Upstream

LONGEST = 8_192
ANONYMOUS = Key("anonymous")

log = structlog.get_logger(__name__)


def new_api_key() -> str:
    """A key of 256 random bits. It is shown once and kept only as its fingerprint."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def fingerprint(api_key: str) -> str:
    """What is kept of a key, and looked up by.

    A plain fast hash is right here: slow ones protect what people choose, and nobody guesses 256 random bits. Looking
    up by it also tells nothing by its timing: to steer the hash is to break SHA-256.
    """
    return hashlib.sha256(api_key.encode("utf-8", "surrogateescape")).hexdigest()


class Authenticator:
    """Answers who asks. Nothing is asked of the store or of the issuer before the first credential."""

    def __init__(
        self,
        settings: AuthenticationSettings,
        store: Source | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        if settings.api_keys and not isinstance(store, Store):
            raise SettingsError("API keys are kept in the store: switch authentication.api_keys off, or the store on.")
        self._keys = ApiKeys(store, clock) if settings.api_keys and isinstance(store, Store) else None
        self._tokens = Tokens(settings.jwt, clock) if settings.jwt else None
        self._anonymous = (
            Viewer(ANONYMOUS, settings.anonymous_workspace, settings.anonymous_role) if settings.anonymous else None
        )

    async def close(self) -> None:
        if self._tokens:
            await self._tokens.close()

    async def authenticate(self, headers: Mapping[str, str]) -> Viewer:
        """The viewer whose credential is in the headers, which are asked for by their lower-case names."""
        try:
            credential = _credential(headers)
            if credential is None:
                return self._without_credential()
            if credential.startswith(KEY_PREFIX):
                return await _accepted(self._keys).viewer(credential)
            return await _accepted(self._tokens).viewer(credential)
        except _Refused as refused:
            log.info("credential_refused", reason=refused.reason)
            raise Unauthenticated("The credential is not valid. Get a new one and send it again.") from None

    def _without_credential(self) -> Viewer:
        if self._anonymous is None:
            raise Unauthenticated("Send an API key or a token: `Authorization: Bearer ...`.")
        return self._anonymous


class _Refused(Exception):
    """Why a credential is refused, for the log: never the credential, nor what it says."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _credential(headers: Mapping[str, str]) -> str | None:
    authorization, api_key = headers.get("authorization"), headers.get("x-api-key")
    if authorization is None and api_key is None:
        return None
    if authorization is not None and api_key is not None:
        raise _Refused("two credentials")
    if api_key is not None:
        credential = api_key.strip()
        if not credential.startswith(KEY_PREFIX):
            raise _Refused("not an API key")
    else:
        scheme, _, credential = (authorization or "").strip().partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise _Refused("not a bearer credential")
    if len(credential) > LONGEST:
        raise _Refused("too long")
    return credential


def _accepted(way: "ApiKeys | Tokens | None") -> "ApiKeys | Tokens":
    if way is None:
        raise _Refused("this sort of credential is switched off")
    return way


class ApiKeys:
    """Viewers of API keys, remembered for a moment: a revoked key is refused within REMEMBERED seconds.

    Only keys that exist are remembered, so that wrong ones cannot push them out.
    """

    REMEMBERED = 10.0
    MOST = 10_000

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, tuple[Viewer, float]] = OrderedDict()

    async def viewer(self, credential: str) -> Viewer:
        hash = fingerprint(credential)
        viewer, ends = self._known.get(hash, (None, 0.0))
        if viewer is not None and self._clock() < ends:
            return viewer
        self._known.pop(hash, None)
        asked = self._clock()
        found = await find_api_key(self._store.database, hash)
        if found is None:
            raise _Refused("no such API key")
        if found.role not in list(Role):  # written by hand, or by another version
            raise _Refused(f"unknown role of API key {found.id}")
        viewer = Viewer(found.person, found.workspace, Role(found.role))
        self._known[hash] = viewer, asked + self.REMEMBERED
        if len(self._known) > self.MOST:
            self._known.popitem(last=False)
        return viewer


class Tokens:
    """Viewers of JSON Web Tokens that one issuer signed."""

    LEEWAY = 10  # seconds that two clocks may be apart

    def __init__(self, settings: JwtSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._keys = _keys(settings, clock)
        # Headers that we do not know are ignored, as RFC 7515 (4) wants; `crit` and `alg` are heeded.
        self._registry = JWSRegistry(algorithms=list(settings.accepted), strict_check_header=False)
        expected = {"iss": settings.issuer, "aud": settings.audience}
        checked = {n: jwt.ClaimsOption(essential=True, value=v) for n, v in expected.items() if v is not None}
        self._claims = jwt.JWTClaimsRegistry(
            None,
            self.LEEWAY,
            exp={"essential": True},
            sub={"essential": True},
            **checked,
        )

    async def close(self) -> None:
        await self._keys.close()

    async def viewer(self, credential: str) -> Viewer:
        try:
            kid = extract_compact(credential.encode(), registry=self._registry).headers().get("kid")
            claims = self._verified(credential, await self._keys.find(kid))
        except JoseError as error:
            raise _Refused(error.error) from None
        except (ValueError, TypeError, RecursionError):
            raise _Refused("not a token") from None
        return self._viewer_of(claims)

    def _verified(self, credential: str, signer: SigningKey) -> dict[str, Any]:
        with warnings.catch_warnings():
            # RFC 9864 renames EdDSA to Ed25519; most issuers still write EdDSA.
            warnings.simplefilter("ignore", SecurityWarning)
            claims = jwt.decode(credential, signer, registry=self._registry).claims
        self._claims.validate(claims)
        return claims

    def _viewer_of(self, claims: Mapping[str, Any]) -> Viewer:
        workspace = claims.get(self._settings.workspace_claim)
        role = claims.get(self._settings.role_claim, Role.VIEWER.value)
        if not isinstance(workspace, str) or not workspace:
            raise _Refused("no workspace")
        if role not in list(Role):
            raise _Refused("unknown role")
        return Viewer(self._person(claims["sub"]), workspace, Role(role))

    def _person(self, subject: str) -> Key:
        source, colon, local = (subject if ":" in subject else self._settings.person_prefix + subject).partition(":")
        if not source or not colon or not local:
            raise _Refused("no subject")
        return key(source, local)


def _keys(settings: JwtSettings, clock: Callable[[], float]) -> "SharedKey | PublishedKeys":
    if settings.key is not None:
        return SharedKey(settings.key)
    if settings.jwks_url is not None:
        return PublishedKeys(settings.jwks_url, clock)
    raise SettingsError("Set authentication.jwt.jwks_url or authentication.jwt.key: tokens are checked with them.")


class SharedKey:
    """The key shared with the issuer, whatever a token says of it."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = OctKey.import_key(secret.get_secret_value())

    async def close(self) -> None:
        """Nothing was opened."""

    async def find(self, _: Any) -> SigningKey:
        return self._key


class PublishedKeys:
    """The issuer's public keys: read at the first token, again after LASTS, and when a token names an unknown one.

    The latter at most once in PAUSE, so that made-up names do not become a load on the issuer. If the issuer does not
    answer, the keys that are known go on being good.
    """

    LASTS = 3_600.0
    PAUSE = 60.0
    PAUSE_AFTER_FAILURE = 5.0
    DEADLINE = 5.0

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._upstream = Upstream(
            "identity_provider",
            url,
            deadline=self.DEADLINE,
            retries=1,
            max_bytes=1_000_000,
            cache_bytes=0,  # an unknown key means asking the issuer itself
        )
        self._clock = clock
        self._keys: KeySet | None = None
        self._stale_at = self._may_read_at = float("-inf")

    async def close(self) -> None:
        await self._upstream.close()

    async def find(self, kid: Any) -> SigningKey:
        now = self._clock()
        if (now >= self._stale_at or not self._has(kid)) and now >= self._may_read_at:
            await self._read()
        if self._keys is None:
            raise UpstreamUnavailable("identity_provider", "The keys of the identity provider cannot be read for now.")
        return self._keys.get_by_kid(kid)

    def _has(self, kid: Any) -> bool:
        return self._keys is not None and (kid is None or any(each.kid == kid for each in self._keys))

    async def _read(self) -> None:
        """Requests that come meanwhile wait for the same call (see Upstream.get)."""
        try:
            found = await self._upstream.get("", type=dict)
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (SourceError, JoseError, ValueError, TypeError, KeyError) as error:
            log.warning("signing_keys_not_read", reason=type(error).__name__)
            self._may_read_at = self._clock() + self.PAUSE_AFTER_FAILURE
        else:
            self._stale_at = self._clock() + self.LASTS
            self._may_read_at = self._clock() + self.PAUSE
