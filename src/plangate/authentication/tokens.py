"""JSON Web Tokens: whose they are, checked with a shared key or with the keys that the issuer publishes."""

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key as SigningKey
from joserfc.jws import JWSRegistry, extract_compact

from plangate.access import Role, Viewer
from plangate.errors import CredentialRefused, SettingsError
from plangate.model import Key, key
from plangate.settings import JwtSettings

from .cache import VerifiedCredentials
from .signing_keys import PublishedKeys, SharedKey

LEEWAY_S = 10
"""Seconds that the clocks of the gateway and the issuer may differ by."""


class Tokens:
    """Viewers of JSON Web Tokens that one issuer signed.

    A verified token is fresh for FRESH_S, never longer than until its `exp` or than the signing keys may be used. Then
    it is verified again, which waits for nobody while its signing key is known. `wall_clock` counts from 1970.
    """

    def __init__(
        self, settings: JwtSettings, verified: VerifiedCredentials, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._verified = verified
        self._wall_clock = wall_clock
        self._keys = _signing_keys(settings, verified)
        # Headers that we do not know are ignored, as RFC 7515 (4) wants; `crit` and `alg` are heeded.
        self._registry = JWSRegistry(algorithms=list(settings.accepted), strict_check_header=False)
        expected = {"iss": settings.issuer, "aud": settings.audience}
        checked = {n: jwt.ClaimsOption(essential=True, value=v) for n, v in expected.items() if v is not None}
        self._claims = jwt.JWTClaimsRegistry(
            lambda: int(wall_clock()),
            LEEWAY_S,
            exp={"essential": True},
            sub={"essential": True},
            **checked,
        )

    async def close(self) -> None:
        await self._keys.close()

    async def viewer(self, credential: str, digest: bytes) -> Viewer:
        """The viewer of a token that is not fresh. Raises CredentialRefused, or UpstreamUnavailable if nobody can tell.

        Waits for the issuer only if no key is known that may have signed the token.
        """
        try:
            kid = extract_compact(credential.encode(), registry=self._registry).headers().get("kid")
            claims = self._claims_of(credential, await self._keys.find(kid))
        except JoseError as error:
            self._verified.evict(digest)
            raise CredentialRefused(error.error) from None
        except (ValueError, TypeError, RecursionError):
            raise CredentialRefused("not a token") from None
        viewer = self._viewer_of(claims)
        now = self._verified.clock()
        until = min(now + claims["exp"] - self._wall_clock(), self._keys.usable_until)
        if until > now:  # it is not where `exp` is past by less than LEEWAY_S
            self._verified.store(digest, viewer, checked_at=now, until=until, by_token=True)
        return viewer

    def _claims_of(self, credential: str, signer: SigningKey) -> dict[str, Any]:
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


def _signing_keys(settings: JwtSettings, verified: VerifiedCredentials) -> SharedKey | PublishedKeys:
    if settings.key is not None:
        return SharedKey(settings.key)
    if settings.jwks_url is not None:
        return PublishedKeys(settings.jwks_url, verified)
    raise SettingsError("Set authentication.jwt.jwks_url or authentication.jwt.key: tokens are checked with them.")
