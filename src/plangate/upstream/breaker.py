"""The circuit breaker: a system that keeps failing is not called for a while; then one probe call decides."""

from collections.abc import Hashable
from enum import Enum, auto
from time import monotonic

from plangate.errors import UpstreamCircuitOpen
from plangate.source import Circuit

_PROBE_RETRY_S = 1.0
"""Seconds after which to retry while another call is the probe: how long that takes is not known."""


class Outcome(Enum):
    """What a call says about the system."""

    ANSWERED = auto()
    """It understood the request, even if it refused it (4xx)."""
    FAILED = auto()
    """It answered 5xx or 408, broke the connection, or sent what is not its own answer: a broken body, one without
    end, another host's, a firewall's page."""
    SILENT = auto()
    """The call's deadline passed, in the queue or at the system."""
    UNREACHABLE = auto()
    """No connection could be made."""
    UNKNOWN = auto()
    """Nothing: the call was cancelled, or it met the rate limit (429), which RateBudget observes."""


class _State:
    """One circuit: closed; open until `open_until`; half-open after that, when one probe call is let through."""

    __slots__ = ("failures", "open_until", "probing")

    def __init__(self) -> None:
        self.failures = 0
        self.open_until: float | None = None
        self.probing = False

    def delay(self) -> float:
        """Seconds until a call may be made; 0 if it may be made now."""
        if self.open_until is None:
            return 0.0
        wait = self.open_until - monotonic()
        return max(wait, _PROBE_RETRY_S) if wait > 0 or self.probing else 0.0


Probed = tuple[_State, ...]
"""The circuits that a call is the probe of; usually none."""


class Breaker:
    """Decides whether a call is made, by what happened since the system last answered one.

    Failures of equal requests (path and parameters) count once for the circuit of the system, so that one record that
    always fails does not stop the calls for others: it opens after `failures` different requests or failed connections
    in a row. A request that fails `failures` times in a row has a circuit of its own, which stops only that request.

    An open circuit lets no call through for `pause` seconds, then one probe, whose outcome closes it or opens it again.
    Any answer closes all circuits. Outcomes of calls from before the system's circuit opened change nothing. A timeout
    counts only if the system answered no call at all since the call began: else the queue is too long, not the system
    silent.
    """

    def __init__(self, source: str, failures: int, pause: float) -> None:
        self.source = source
        self._failures = failures
        self._pause = pause
        self._system = _State()
        self._requests: dict[Hashable, _State] = {}  # failed since the last answer; never more than `failures`
        self._answered_at = float("-inf")

    @property
    def circuit(self) -> Circuit:
        """The circuit of the system."""
        if self._system.open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if monotonic() < self._system.open_until else Circuit.HALF_OPEN

    def is_closed(self, request: Hashable) -> bool:
        """Whether neither the system's circuit nor the request's own is open or half-open."""
        state = self._requests.get(request)
        return self._system.open_until is None and (state is None or state.open_until is None)

    def check(self, request: Hashable) -> None:
        """Raise UpstreamCircuitOpen if this request must not be sent now."""
        if self._system.open_until is not None and (delay := self._system.delay()):
            raise self._refusal("circuit open", delay)
        if self._requests and (state := self._requests.get(request)) is not None and (delay := state.delay()):
            raise self._refusal("this request keeps failing and is not sent", delay)

    def rejection(self) -> UpstreamCircuitOpen:
        """The error for a call that waits while the system's circuit opens."""
        return self._refusal("circuit open", self._system.delay())

    def before_call(self, request: Hashable) -> Probed:
        """Begin a call that `check` allows. `record` must be given what this returns."""
        if self.is_closed(request):
            return ()
        states = (self._system, self._requests.get(request))
        probed = tuple(state for state in states if state is not None and state.open_until is not None)
        for state in probed:
            state.probing = True
        return probed

    def record(self, request: Hashable, outcome: Outcome, began: float, probed: Probed = ()) -> bool:
        """The outcome of a call that began (queue included) at `began`. True if it opened the system's circuit."""
        for state in probed:
            state.probing = False
        if outcome is Outcome.UNKNOWN:
            return False
        probes_system = self._system in probed
        if outcome is Outcome.ANSWERED:
            self._answered_at = monotonic()
            if probes_system or self._system.open_until is None:
                self._system = _State()
                self._requests.clear()
            return False
        if probes_system:
            for state in probed:
                state.open_until = monotonic() + self._pause
            return False
        if self._system.open_until is not None:
            return False
        if outcome is Outcome.SILENT and not probed and self._answered_at >= began:
            return False
        if outcome is Outcome.UNREACHABLE:
            self._system.failures += 1
        else:
            state = self._requests.setdefault(request, _State())
            state.failures += 1
            if state.failures >= self._failures:
                state.open_until = monotonic() + self._pause
        if self._system.failures + len(self._requests) < self._failures:
            return False
        self._system.open_until = monotonic() + self._pause
        return True

    def _refusal(self, what: str, delay: float) -> UpstreamCircuitOpen:
        message = f"{self.source}: {what}, retry in {delay:.0f} s."
        return UpstreamCircuitOpen(self.source, message, retry_after=round(delay, 1))
