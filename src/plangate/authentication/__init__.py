"""Authentication: a Viewer from an API key or a JSON Web Token, or an anonymous one where the settings allow it.

A credential that is not valid is refused, never ignored: nobody becomes anonymous by a typing error. The client learns
nothing of the reason; the log does. When a credential cannot be checked for now, because the store or the issuer of
tokens does not answer, that is a SourceError and says nothing about the credential.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import structlog

from plangate.access import KEY_PREFIX, Viewer
from plangate.errors import CredentialRefused, SettingsError, Unauthenticated
from plangate.model import Key
from plangate.settings import AuthenticationSettings, JwtSettings
from plangate.source import Source
from plangate.sources.store import Store

from .api_keys import ApiKeys, fingerprint, new_api_key
from .cache import VerifiedCredentials, digest_of
from .pace import RefusalPace

if TYPE_CHECKING:
    from .tokens import Tokens

T = TypeVar("T")

__all__ = ["Authenticator", "fingerprint", "new_api_key"]

MAX_LENGTH = 8_192
"""Maximum number of characters of a credential."""
ANONYMOUS = Key("anonymous")

log = structlog.get_logger(__name__)


class Authenticator:
    """Finds the viewer of a request. Neither the store nor the issuer is called before the first credential.

    `clock` is monotonic and `wall_clock` counts from 1970, both in seconds.
    """

    def __init__(
        self,
        settings: AuthenticationSettings,
        store: Source | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        if settings.api_keys and not isinstance(store, Store):
            raise SettingsError("API keys are kept in the store: switch authentication.api_keys off, or the store on.")
        self._verified = VerifiedCredentials(settings.stale_if_error, clock)
        self._api_keys = ApiKeys(store, self._verified) if settings.api_keys and isinstance(store, Store) else None
        self._pace = RefusalPace(clock)
        self._tokens = _tokens(settings.jwt, self._verified, wall_clock) if settings.jwt else None
        self._anonymous = (
            Viewer(ANONYMOUS, settings.anonymous_workspace, settings.anonymous_role) if settings.anonymous else None
        )

    async def close(self) -> None:
        for each in (self._api_keys, self._tokens):
            if each is not None:
                await each.close()

    def recall(self, headers: Mapping[str, str]) -> Viewer | None:
        """The viewer, if the credential was verified within the last ten seconds or none is needed; nothing is awaited.

        None if `authenticate` has to find out, also whether the credential is valid at all. `headers` are asked for by
        their lower-case names.
        """
        try:
            credential = _credential(headers)
        except CredentialRefused:
            return None
        if credential is None:
            return self._anonymous
        return self._verified.fresh(digest_of(credential))

    async def authenticate(self, headers: Mapping[str, str]) -> Viewer:
        """The viewer whose credential is in the headers. Raises Unauthenticated, or SourceError if nobody can tell."""
        return self.recall(headers) or await self._verify(headers)

    async def _verify(self, headers: Mapping[str, str]) -> Viewer:
        try:
            credential = _credential(headers)
            if credential is None:
                raise Unauthenticated("Send an API key or a token: `Authorization: Bearer ...`.")
            return await self._check(credential, digest_of(credential))
        except CredentialRefused as refused:
            log.info("credential_refused", reason=refused.reason)
            raise Unauthenticated("The credential is not valid. Get a new one and send it again.") from None

    async def _check(self, credential: str, digest: bytes) -> Viewer:
        if digest not in self._verified and await self._pace.wait():
            viewer = self._verified.fresh(digest)  # another request may have verified it meanwhile
            if viewer is not None:
                return viewer
        try:
            if credential.startswith(KEY_PREFIX):
                return await _accepted(self._api_keys).viewer(digest)
            return await _accepted(self._tokens).viewer(credential, digest)
        except CredentialRefused:
            self._pace.count()
            raise


def _tokens(settings: JwtSettings, verified: VerifiedCredentials, wall_clock: Callable[[], float]) -> "Tokens":
    from .tokens import Tokens  # cryptography is 10 MB, for those who have tokens

    return Tokens(settings, verified, wall_clock)


def _credential(headers: Mapping[str, str]) -> str | None:
    authorization, api_key = headers.get("authorization"), headers.get("x-api-key")
    if authorization is None and api_key is None:
        return None
    if authorization is not None and api_key is not None:
        raise CredentialRefused("two credentials")
    if api_key is not None:
        credential = api_key.strip()
        if not credential.startswith(KEY_PREFIX):
            raise CredentialRefused("not an API key")
    else:
        scheme, _, credential = (authorization or "").strip().partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise CredentialRefused("not a bearer credential")
    if len(credential) > MAX_LENGTH:
        raise CredentialRefused("too long")
    return credential


def _accepted(verifier: T | None) -> T:
    if verifier is None:
        raise CredentialRefused("this sort of credential is switched off")
    return verifier
