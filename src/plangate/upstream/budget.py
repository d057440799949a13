"""How many calls a system may be sent: what its rate limit leaves, and how many of them may be retries."""

from time import monotonic
from typing import NamedTuple

from pyreqwest.response import Response


class RateHeaders(NamedTuple):
    """The response headers that say how many calls are allowed in how many seconds, and how many are spent."""

    allowed: str
    period: str
    spent: str


class RateBudget:
    """How many calls the rate limit leaves, as the system's own headers tell.

    They do not tell when a period began: it is taken to begin with its first answer, which is never too early.
    """

    def __init__(self, names: RateHeaders | None) -> None:
        self.count = 0
        self._names = names
        self._allowed, self._period, self._spent = 0, 0.0, 0
        self._since = self._ends = self._held_until = 0.0
        self._fresh = True

    def take(self) -> float:
        """Take one call: 0, or how many seconds to wait before asking again."""
        now = monotonic()
        if now < self._held_until:
            return self._held_until - now
        if self._allowed and now >= self._ends:
            self._since, self._ends, self._fresh = now, now + self._period, True
            self._spent = self.count = 0
        if self._allowed and self._spent >= self._allowed:
            return self._ends - now
        self._spent += 1
        return 0.0

    def heard(self, response: Response, sent: float, count: int) -> None:
        """Learn from an answer to a call made at `sent`, when `count` was all that was known to be spent."""
        if self._names is None:
            return
        allowed, period, spent = (_leading_number(response.get_header(name)) for name in self._names)
        # What was sent in an earlier period tells nothing of this one. Without the headers nothing changes.
        if not allowed or not period or spent is None or sent < self._since:
            return
        self._allowed, self._period = allowed, float(period)
        if renewed := not self._fresh and spent <= count:
            self._since, self._spent, self.count = monotonic(), 0, 0
        if renewed or self._fresh:
            self._ends, self._fresh = monotonic() + period, False
        self._spent, self.count = max(self._spent, spent), max(self.count, spent)

    def hold(self, seconds: float) -> None:
        """No calls for so long: the system says that it has had enough."""
        self._held_until = max(self._held_until, monotonic() + seconds)


def _leading_number(text: str | None) -> int | None:
    """`100`, and also `20 seconds`."""
    first = (text or "").split()
    return int(first[0]) if first and first[0].isdecimal() else None


class RetryBudget:
    """Retries are a fifth of the calls at most, so that a system which is down is not stormed by those who ask again.

    It is a bucket: a call puts `SHARE` of a retry in, a retry takes one out. It holds `MOST`, so old calls count for
    nothing, and fills by `PER_SECOND` by itself, so that a gateway with little to do may retry as well.
    """

    SHARE = 0.2
    MOST = 10.0
    PER_SECOND = 0.5

    def __init__(self) -> None:
        self._left = self.MOST
        self._since = monotonic()

    def earn(self) -> None:
        """A call is made for the first time."""
        left = self._left + self.SHARE
        self._left = left if left < self.MOST else self.MOST

    def take(self) -> bool:
        """Take one retry, if there is one."""
        now = monotonic()
        self._left = min(self.MOST, self._left + (now - self._since) * self.PER_SECOND)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
