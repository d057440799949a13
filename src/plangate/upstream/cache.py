"""A private cache of GETs by RFC 9111, in memory: what a system allows to be kept, for as long as it says.

Fresh by `max-age` or `Expires` (nothing is guessed where a system says neither), else asked about by `ETag` or
`Last-Modified`; `no-store` is obeyed, `no-cache` is asked about every time. An answer that varies by more than what is
the same in all calls of one key is not kept. Whose credential a call shows is part of the key.

`stale_if_error` is the operator's setting, not the system's: for so many seconds after it was fresh an answer may stand
in for one that fails, `must-revalidate` or not, and the client is told (see OperationContext.stale). `no-store` takes
precedence.

This is not hishel, the usual library for it: that is made for httpx and its kin, and would bring the client back that
pyreqwest replaced (tests/bench/http_clients.py).
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic, time

from pyreqwest.response import Response

_CONSTANT = frozenset({"accept", "accept-encoding", "authorization"})


@dataclass(slots=True)
class Entry:
    """An answer that is kept. Times are those of `monotonic`; `heard` is when the system last vouched for it."""

    body: bytearray
    etag: str | None
    modified: str | None
    heard: float
    fresh_until: float

    @property
    def is_fresh(self) -> bool:
        return monotonic() < self.fresh_until

    @property
    def age(self) -> float:
        return monotonic() - self.heard

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask whether it is still so."""
        given = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in given.items() if value}


class Cache:
    """Bounded by bytes and by entries; what was not used for longest goes first."""

    def __init__(self, max_bytes: int, *, stale_if_error: float = 0.0, max_entries: int = 1_000) -> None:
        self.bytes = 0
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._stale_if_error = stale_if_error
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def stands_in(self, entry: Entry | None) -> bool:
        """Whether it may be used where the system fails."""
        if entry is None or not self._stale_if_error:
            return False
        return monotonic() <= max(entry.fresh_until, entry.heard) + self._stale_if_error

    def drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= len(entry.body)

    def keep(self, key: Hashable, response: Response, sent: float, body: bytearray) -> None:
        """Keep the body of an answer to a call made at `sent`, if that may be and is of use."""
        etag, modified = response.get_header("etag"), response.get_header("last-modified")
        lifetime = _lifetime(response)
        useful = lifetime or etag or modified or self._stale_if_error
        self.drop(key)
        if lifetime is None or not useful or len(body) > self._max_bytes or _varies(response):
            return
        self._entries[key] = Entry(body, etag, modified, monotonic(), sent + lifetime)
        self.bytes += len(body)
        while self.bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self.drop(next(iter(self._entries)))

    def renew(self, key: Hashable, entry: Entry, response: Response, sent: float) -> None:
        """The system says that it is still so (304), and perhaps for how long."""
        lifetime = _lifetime(response)
        if lifetime is None:
            self.drop(key)
            return
        entry.etag = response.get_header("etag") or entry.etag
        entry.modified = response.get_header("last-modified") or entry.modified
        entry.heard, entry.fresh_until = monotonic(), sent + lifetime


def _lifetime(response: Response) -> float | None:
    """For how many seconds after the call an answer is fresh; None if it must not be kept."""
    control = response.get_header_all("cache-control")
    said = _directives(",".join(control)) if control else {}
    if "no-store" in said:
        return None
    if "no-cache" in said:
        return 0.0
    if "max-age" in said:
        lifetime = float(said["max-age"][:10]) if said["max-age"].isdecimal() else 0.0
    elif expires := response.get_header("expires"):
        lifetime = (_instant(expires) or 0.0) - (_instant(response.get_header("date") or "") or time())
    else:
        return 0.0
    age = response.get_header("age") or ""
    return max(0.0, lifetime - (float(age[:10]) if age.isdecimal() else 0.0))


def _directives(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for part in text.lower().split(","):
        name, _, value = part.strip().partition("=")
        said.setdefault(name, value.strip('"'))
    return said


def _varies(response: Response) -> bool:
    vary = response.get_header_all("vary")
    return bool(vary) and not {name.strip().lower() for name in ",".join(vary).split(",")} <= _CONSTANT


def _instant(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
