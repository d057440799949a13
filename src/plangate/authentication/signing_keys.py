"""The keys that a token's signature is checked with: shared with the issuer, or published by it."""

import asyncio
from typing import Any

import structlog
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, OctKey
from pydantic import SecretStr

from plangate.errors import SourceError, UpstreamUnavailable
from plangate.upstream import Upstream

from .cache import VerifiedCredentials

REFRESH_INTERVAL_S = 60.0
"""Seconds after which the issuer's keys are read again, in the background of the next token."""
UNKNOWN_KEY_INTERVAL_S = 10.0
"""Minimum seconds between readings for tokens with an unknown `kid`, so that made-up ones are no load on the issuer."""
FAILURE_INTERVAL_S = 5.0
"""Minimum seconds after a reading that failed."""
DEADLINE_S = 5.0
"""Maximum seconds one reading takes."""

log = structlog.get_logger(__name__)


class SharedKey:
    """The key shared with the issuer, whatever `kid` a token names."""

    usable_until = float("inf")

    def __init__(self, secret: SecretStr) -> None:
        self._key = OctKey.import_key(secret.get_secret_value())

    async def close(self) -> None:
        """Nothing was opened."""

    async def find(self, kid: Any) -> Key:
        return self._key


class PublishedKeys:
    """The issuer's public keys, read at the first token.

    Known keys are used at once; older than REFRESH_INTERVAL_S they are read again in the background, so an issuer that
    is slow or away delays no token that a known key has signed. Keys are used for at most `stale_if_error` seconds
    after they were read. A token with an unknown `kid` waits for one reading. When the keys change, the tokens in the
    cache are evicted.
    """

    def __init__(self, url: str, verified: VerifiedCredentials) -> None:
        self._upstream = Upstream(
            "identity_provider",
            url,
            deadline=DEADLINE_S,
            retries=1,
            max_bytes=1_000_000,
            cache_bytes=0,  # a reading means asking the issuer itself
        )
        self._verified = verified
        self._usable_s = max(REFRESH_INTERVAL_S, verified.stale_if_error)
        self._clock = verified.clock
        self._published: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._reading: asyncio.Task[None] | None = None
        self._has_failed = False
        self._refresh_at = self._next_reading = float("-inf")
        self.usable_until = float("-inf")
        """The time of the clock until which the known keys may be used."""

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._upstream.close()

    async def find(self, kid: Any) -> Key:
        """The key with this `kid`. Raises InvalidKeyIdError, or UpstreamUnavailable if the keys cannot be read now."""
        now = self._clock()
        key = self._known(kid, now)
        if key is not None:
            if now >= self._refresh_at:
                self._read_again(now)
            return key
        if reading := self._read_again(now):
            await asyncio.shield(reading)
            key = self._known(kid, self._clock())
        if key is not None:
            return key
        if self._has_failed:
            raise UpstreamUnavailable("identity_provider", "The keys of the identity provider cannot be read for now.")
        raise InvalidKeyIdError

    def _known(self, kid: Any, now: float) -> Key | None:
        if self._keys is None or now >= self.usable_until:
            return None
        try:
            return self._keys.get_by_kid(kid)
        except InvalidKeyIdError:
            return None

    def _read_again(self, now: float) -> asyncio.Task[None] | None:
        """The reading under way, or a new one; None if it is too early for another."""
        if self._reading is None and now >= self._next_reading:
            self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        began = self._clock()
        try:
            published: dict[str, Any] = await self._upstream.get("", type=dict) or {}
            if published != self._published:
                self._keys = KeySet.import_key_set(published)  # type: ignore[arg-type]
                self._published = published
                self._verified.evict_tokens()
        except (SourceError, JoseError, ValueError, TypeError, KeyError) as error:
            if not self._has_failed:
                log.warning("signing_keys_not_read", reason=type(error).__name__, max_age_s=self._usable_s)
            self._has_failed, self._next_reading = True, self._clock() + FAILURE_INTERVAL_S
        else:
            self._has_failed, self._next_reading = False, self._clock() + UNKNOWN_KEY_INTERVAL_S
            self._refresh_at, self.usable_until = began + REFRESH_INTERVAL_S, began + self._usable_s
        finally:
            self._reading = None
