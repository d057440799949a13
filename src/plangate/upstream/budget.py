"""How many calls a system may be sent: what its rate limit leaves, and how many of them may be retries."""

from time import monotonic
from typing import NamedTuple

from pyreqwest.response import Response

_PROBE_POLL_S = 0.2
"""Seconds between two looks at whether the probe call after a 429 was answered."""


class RateHeaders(NamedTuple):
    """The response headers that say how many calls are allowed in how many seconds, and how many are spent."""

    allowed: str
    period: str
    spent: str


class RateBudget:
    """How many calls the rate limit leaves to one credential, by the system's own headers and by 429.

    The headers do not say when a period began: it is taken to begin with its first answer, which is never too early.
    After a 429 no call is made until `block` has passed; then one probe call is, and its answer lets the others go on.
    """

    def __init__(self, names: RateHeaders | None) -> None:
        self.count = 0
        self._names = names
        self._allowed, self._period, self._spent = 0, 0.0, 0
        self._since = self._ends = 0.0
        self._fresh = True
        self._blocked_until: float | None = None
        self._probing = False

    def delay(self) -> float:
        """Seconds to wait before looking again; 0 if a call may be made now."""
        now = monotonic()
        if self._blocked_until is not None:
            if now < self._blocked_until:
                return self._blocked_until - now
            if self._probing:
                return _PROBE_POLL_S
        if self._allowed and now < self._ends and self._spent >= self._allowed:
            return self._ends - now
        return 0.0

    def acquire(self) -> bool:
        """Take the call that `delay` allows. True if it is the probe after a 429; `record` must be given that."""
        now = monotonic()
        if self._allowed and now >= self._ends:
            self._since, self._ends, self._fresh = now, now + self._period, True
            self._spent = self.count = 0
        self._spent += 1
        if self._blocked_until is None:
            return False
        self._probing = True
        return True

    def update(self, response: Response, sent: float, count: int) -> None:
        """Learn from an answer to a call made at `sent`, when `count` was all that was known to be spent."""
        if self._names is None:
            return
        allowed, period, spent = (_leading_number(response.get_header(name)) for name in self._names)
        # What was sent in an earlier period says nothing of this one. Without the headers nothing changes.
        if not allowed or not period or spent is None or sent < self._since:
            return
        self._allowed, self._period = allowed, float(period)
        if renewed := not self._fresh and spent <= count:
            self._since, self._spent, self.count = monotonic(), 0, 0
        if renewed or self._fresh:
            self._ends, self._fresh = monotonic() + period, False
        self._spent, self.count = max(self._spent, spent), max(self.count, spent)

    def block(self, seconds: float) -> None:
        """The system answered 429: make no call for so long, then one probe."""
        self._blocked_until = max(self._blocked_until or 0.0, monotonic() + seconds)

    def record(self, probe: bool, *, allowed: bool) -> None:
        """The end of a call: `allowed` if the system answered, and not with 429."""
        if probe:
            self._probing = False
            if allowed:
                self._blocked_until = None


def _leading_number(text: str | None) -> int | None:
    """`100`, and also `20 seconds`."""
    first = (text or "").split()
    return int(first[0]) if first and first[0].isdecimal() else None


class RetryBudget:
    """Retries are limited to 20 % of calls, to avoid retry storms.

    It is a token bucket: a call deposits `SHARE` of a retry, a retry withdraws one. It holds `MOST` at most, so that
    old calls count for nothing, and fills by `PER_SECOND` by itself, so that a gateway with few calls may retry too.
    """

    SHARE = 0.2
    MOST = 10.0
    PER_SECOND = 0.5

    def __init__(self) -> None:
        self._left = self.MOST
        self._since = monotonic()

    def deposit(self) -> None:
        """A call is made for the first time."""
        left = self._left + self.SHARE
        self._left = left if left < self.MOST else self.MOST

    def withdraw(self) -> bool:
        """Take one retry, if there is one."""
        now = monotonic()
        self._left = min(self.MOST, self._left + (now - self._since) * self.PER_SECOND)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
