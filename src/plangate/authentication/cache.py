"""Verified credentials, API keys and tokens alike, kept by their SHA-256 digest: the credential itself is not kept."""

from collections.abc import Callable
from hashlib import sha256
from math import inf

from msgspec import Struct

from plangate.access import Viewer

FRESH_S = 10.0
"""Maximum seconds a verified credential is used without another check while whoever knows it answers."""


def digest_of(credential: str) -> bytes:
    """A plain fast hash is right for API keys: slow ones protect passwords, and nobody guesses 256 random bits.

    Looking up by it also tells nothing by its timing: to steer the digest is to break SHA-256.
    """
    return sha256(credential.encode("utf-8", "surrogateescape")).digest()


class Entry(Struct, frozen=True):
    """Times are of the cache's clock. After `fresh_until` a new check is due; `by_token` tells tokens from API keys."""

    viewer: Viewer
    fresh_until: float
    usable_until: float
    by_token: bool


class VerifiedCredentials:
    """At most `max_entries`; the one that was checked longest ago makes room. Only what was verified gets in.

    `stale_if_error` is the maximum age in seconds of an entry that is used because nobody can check it again now.
    `clock` is monotonic, in seconds.
    """

    def __init__(self, stale_if_error: float, clock: Callable[[], float], max_entries: int = 10_000) -> None:
        self.stale_if_error = stale_if_error
        self.clock = clock
        self._max_entries = max_entries
        self._entries: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, digest: bytes) -> bool:
        """Whether the credential was verified at all, and not refused since."""
        return digest in self._entries

    def fresh(self, digest: bytes) -> Viewer | None:
        entry = self._entries.get(digest)
        return entry.viewer if entry is not None and self.clock() < entry.fresh_until else None

    def usable(self, digest: bytes) -> Viewer | None:
        """The viewer, also of an entry that is not fresh: for when nobody answers who could check it again."""
        entry = self._entries.get(digest)
        return entry.viewer if entry is not None and self.clock() < entry.usable_until else None

    def store(
        self, digest: bytes, viewer: Viewer, *, checked_at: float, until: float = inf, by_token: bool = False
    ) -> None:
        """`until` is when the credential itself expires, by the clock of the cache."""
        fresh_until = min(checked_at + FRESH_S, until)
        usable_until = min(checked_at + max(FRESH_S, self.stale_if_error), until)
        self._entries.pop(digest, None)  # so that the order is that of the last check
        self._entries[digest] = Entry(viewer, fresh_until, usable_until, by_token)
        if len(self._entries) > self._max_entries:
            del self._entries[next(iter(self._entries))]

    def evict(self, digest: bytes) -> None:
        self._entries.pop(digest, None)

    def evict_tokens(self) -> None:
        """For when the issuer's keys have changed: each token is to be verified again, with the keys of now."""
        self._entries = {digest: entry for digest, entry in self._entries.items() if not entry.by_token}
