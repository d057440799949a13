"""API keys, looked up in the store by their digest."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

from plangate.access import KEY_PREFIX, Role, Viewer
from plangate.errors import CredentialRefused, SourceError
from plangate.sources.store import Store, find_api_key
from plangate.upstream.singleflight import SingleFlight

from .cache import FRESH_S, VerifiedCredentials, digest_of

MAX_WRONG_KEYS = 10_000
"""Maximum number of wrong keys that are remembered, each for FRESH_S: the store is not queried for them meanwhile."""
RECHECK_TIMEOUT_S = 1.0
"""Maximum seconds a request with a key verified before waits for the store; then it goes on with what was verified."""
AWAY_S = 5.0
"""Seconds after a failed check for which requests with a key verified before do not wait for the store at all."""
PROBE_INTERVAL_S = 1.0
"""Minimum seconds between checks in the background while the store is away."""

_NOT_KNOWN = float("-inf"), ""

log = structlog.get_logger(__name__)


def new_api_key() -> str:
    """A key of 256 random bits. It is shown once; the store keeps its fingerprint only."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def fingerprint(api_key: str) -> str:
    """The digest of a key as the store keeps it, in hexadecimal."""
    return digest_of(api_key).hex()


class ApiKeys:
    """Viewers of API keys.

    A verified key is fresh for FRESH_S. After that the store is queried again, once for all requests that wait; a key
    revoked meanwhile is refused. While the store does not answer, a key that is usable in the cache still counts, and
    requests do not wait for the store longer than RECHECK_TIMEOUT_S.

    Keys that were never verified are looked up a few at a time, so that a flood of wrong ones leaves the pool's other
    connections to viewers with good ones.
    """

    def __init__(self, store: Store, verified: VerifiedCredentials) -> None:
        self._database = store.database
        self._verified = verified
        self._clock = verified.clock
        self._wrong: dict[bytes, tuple[float, str]] = {}
        self._first_checks = asyncio.Semaphore(max(1, store.database.pool_size // 4))
        self._checks = SingleFlight()
        self._is_away = False
        self._away_until = self._next_probe = float("-inf")
        self._probe: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop what is under way."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        await self._checks.close()

    async def viewer(self, digest: bytes) -> Viewer:
        """The viewer of a key that is not fresh. Raises CredentialRefused, or StoreUnavailable if nobody can tell."""
        if digest not in self._verified:
            known_until, reason = self._wrong.get(digest, _NOT_KNOWN)
            if self._clock() < known_until:
                raise CredentialRefused(reason)
            return await self._share(digest, self._first_check)
        stale = self._verified.usable(digest)
        if stale is None:
            return await self._share(digest, self._look_up)
        now = self._clock()
        if now >= self._away_until:
            return await self._recheck(digest) or stale
        if self._probe is None and now >= self._next_probe:
            self._next_probe = now + PROBE_INTERVAL_S
            self._probe = asyncio.create_task(self._recheck_in_background(digest))
        return stale

    async def _share(self, digest: bytes, check: Callable[[bytes], Coroutine[Any, Any, Viewer]]) -> Viewer:
        """One check for all requests with this key that wait at the same time."""
        viewer: Viewer = await self._checks.do(digest, lambda _: check(digest))
        return viewer

    async def _first_check(self, digest: bytes) -> Viewer:
        async with self._first_checks:
            return await self._look_up(digest)

    async def _recheck(self, digest: bytes) -> Viewer | None:
        """The viewer as the store knows it now; None if the store does not answer in time."""
        try:
            async with asyncio.timeout(RECHECK_TIMEOUT_S):
                return await self._share(digest, self._look_up)
        except (SourceError, TimeoutError):
            if not self._is_away:
                log.warning(
                    "stale_api_keys", detail="the store does not answer", max_age_s=self._verified.stale_if_error
                )
            self._is_away, self._away_until = True, self._clock() + AWAY_S
            return None

    async def _recheck_in_background(self, digest: bytes) -> None:
        try:
            with suppress(CredentialRefused):
                await self._recheck(digest)
        finally:
            self._probe = None

    async def _look_up(self, digest: bytes) -> Viewer:
        began = self._clock()
        found = await find_api_key(self._database, digest.hex())
        if self._is_away:
            log.info("fresh_api_keys", detail="the store answers again")
        self._is_away, self._away_until = False, float("-inf")
        if found is None:
            raise self._refused(digest, began, "no such API key")
        if found.role not in list(Role):  # written by hand, or by another version
            raise self._refused(digest, began, f"unknown role of API key {found.id}")
        viewer = Viewer(found.person, found.workspace, Role(found.role))
        self._verified.store(digest, viewer, checked_at=began)
        return viewer

    def _refused(self, digest: bytes, began: float, reason: str) -> CredentialRefused:
        self._verified.evict(digest)
        self._wrong.pop(digest, None)
        self._wrong[digest] = began + FRESH_S, reason
        if len(self._wrong) > MAX_WRONG_KEYS:
            del self._wrong[next(iter(self._wrong))]
        return CredentialRefused(reason)
