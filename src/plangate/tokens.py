"""JSON Web Tokens: whose they are, checked with a shared key or with the keys that the issuer publishes."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key as SigningKey
from joserfc.jwk import KeySet, OctKey
from joserfc.jws import JWSRegistry, extract_compact
from pydantic import SecretStr

from plangate.access import Role, Viewer
from plangate.errors import CredentialRefused, SettingsError, SourceError, UpstreamUnavailable
from plangate.model import Key, key
from plangate.settings import JwtSettings
from plangate.upstream import Upstream

log = structlog.get_logger(__name__)


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
            raise CredentialRefused(error.error) from None
        except (ValueError, TypeError, RecursionError):
            raise CredentialRefused("not a token") from None
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
            raise CredentialRefused("no workspace")
        if role not in list(Role):
            raise CredentialRefused("unknown role")
        return Viewer(self._person(claims["sub"]), workspace, Role(role))

    def _person(self, subject: str) -> Key:
        source, colon, local = (subject if ":" in subject else self._settings.person_prefix + subject).partition(":")
        if not source or not colon or not local:
            raise CredentialRefused("no subject")
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
