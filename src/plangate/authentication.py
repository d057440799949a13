"""Who asks: a Viewer from an API key or a JSON Web Token, or from neither where the settings let anonymous viewers in.

A credential that is not valid is refused, never ignored: nobody becomes anonymous by a typing error. The client learns
nothing of why; the log does. When a credential cannot be checked for now, because the store or the issuer of tokens
does not answer, that is a SourceError and says nothing about the credential.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from plangate.access import KEY_PREFIX, Role, Viewer
from plangate.errors import CredentialRefused, SettingsError, Unauthenticated
from plangate.model import Key
from plangate.settings import AuthenticationSettings, JwtSettings
from plangate.source import Source
from plangate.sources.store import Store, find_api_key

if TYPE_CHECKING:
    from plangate.tokens import Tokens

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


def _tokens(settings: JwtSettings, clock: Callable[[], float]) -> "Tokens":
    from plangate.tokens import Tokens  # cryptography is 10 MB, for those who have tokens

    return Tokens(settings, clock)


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
        self._tokens = _tokens(settings.jwt, clock) if settings.jwt else None
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
        except CredentialRefused as refused:
            log.info("credential_refused", reason=refused.reason)
            raise Unauthenticated("The credential is not valid. Get a new one and send it again.") from None

    def _without_credential(self) -> Viewer:
        if self._anonymous is None:
            raise Unauthenticated("Send an API key or a token: `Authorization: Bearer ...`.")
        return self._anonymous


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
    if len(credential) > LONGEST:
        raise CredentialRefused("too long")
    return credential


def _accepted(way: "ApiKeys | Tokens | None") -> "ApiKeys | Tokens":
    if way is None:
        raise CredentialRefused("this sort of credential is switched off")
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
            raise CredentialRefused("no such API key")
        if found.role not in list(Role):  # written by hand, or by another version
            raise CredentialRefused(f"unknown role of API key {found.id}")
        viewer = Viewer(found.person, found.workspace, Role(found.role))
        self._known[hash] = viewer, asked + self.REMEMBERED
        if len(self._known) > self.MOST:
            self._known.popitem(last=False)
        return viewer
