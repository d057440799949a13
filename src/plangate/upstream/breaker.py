"""The circuit breaker: a system that keeps failing is left alone, and then tried with one call."""

from time import monotonic

from plangate.errors import UpstreamCircuitOpen
from plangate.source import Circuit

_TRIAL_LASTS = 1.0
"""Seconds after which to ask again when somebody else's trial is under way: how long it takes is not known."""


class Breaker:
    """Opens after so many `failures` in a row, for `pause` seconds; then the outcome of one call decides.

    A failure is a system that cannot be reached, answers 5xx, is silent for too long, or sends what is no answer of its
    own: a broken body, one without end, another host's, a firewall's page. What it refuses (4xx) it has understood; 429
    says nothing, for it is heeded elsewhere. What comes late, from a call made before the circuit opened, changes
    nothing.
    """

    def __init__(self, source: str, failures: int, pause: float) -> None:
        self.source = source
        self._failures = failures
        self._pause = pause
        self._failed = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def circuit(self) -> Circuit:
        """CLOSED: all calls are made. OPEN: none. HALF_OPEN: one is made, or will be as soon as somebody asks."""
        if self._open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if monotonic() < self._open_until else Circuit.HALF_OPEN

    @property
    def is_closed(self) -> bool:
        return self._open_until is None

    def admit(self) -> bool:
        """Whether the call that now begins is the trial; UpstreamCircuitOpen if it must not begin."""
        if self._open_until is None:
            return False
        wait = self._open_until - monotonic()
        if wait <= 0 and not self._trying:
            self._trying = True
            return True
        wait = max(wait, _TRIAL_LASTS)
        message = f"{self.source} keeps failing and is left alone for now. Ask again in {wait:.0f} s."
        raise UpstreamCircuitOpen(self.source, message, retry_after=round(wait, 1))

    def ended(self, trial: bool, answered: bool | None) -> None:
        """A call has ended: the system answered, failed to, or (None) nothing can be said of it."""
        if trial:
            self._trying = False
            if answered:
                self._failed, self._open_until = 0, None
            elif answered is False:
                self._open_until = monotonic() + self._pause
        elif self._open_until is None and answered is not None:
            self._failed = 0 if answered else self._failed + 1
            if self._failed >= self._failures:
                self._open_until = monotonic() + self._pause
