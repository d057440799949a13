"""Overload: whether a complete request starts now, waits in a queue, or is shed (503) at once.

One event loop executes all requests of a worker. Requests that compete for its CPU slow each other down, and the loop
with them: with N of them running, one turn of the loop takes N steps. Requests that wait for something slow cost a turn
nothing. So the event loop decides, not the latency of requests:

1. While fewer than `UNQUEUED` requests run, a request starts at once.
2. Above that it joins a queue, first in, first out. Each turn of the loop starts as many requests of the queue as need
   `TURN_S` of CPU together, by what requests needed lately, but at least one.
   An idle loop turns in microseconds, so the queue is empty again at once, however many requests wait for an upstream.
   A busy loop starts requests as fast as it finishes others, and its turns stay short: within one turn a new request
   is read, and refused if need be.
3. The store has a queue of its own, for its connections. While statements wait there, and it answers others
   (`is_saturated`), only the `UNQUEUED` run: more would wait there instead of here, and the loop would not show it.
   A store that hangs is not saturated: requests that do not need it must not wait for it.
4. A request is shed when it arrives: if the queue before it would take longer than `max_wait` at the recent pace, or if
   `max_requests` run or wait already. A queued request is never shed later. So a refusal comes at once, and no work is
   thrown away.

A client that repeats a refused request at once, against `Retry-After`, must not use up the loop with refusals: a
connection that was refused is read again after a pause, so that there are at most `REFUSALS_PER_S`. Below that rate the
pause is `PAUSE_S`.

The queue is in order of arrival. Newest first helps where requests are dropped after they have waited; here they are
not, and the bound on the wait keeps requests out whose clients would have given up.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic, thread_time
from typing import Any, Protocol

UNQUEUED = 16
"""Requests that run before the first one queues. Enough to keep the database and the CPU busy."""

TURN_S = 0.01
"""Seconds of CPU that the requests need which one turn of the event loop starts."""

PAUSE_S = 0.002
"""Seconds between two looks at a saturated store, and at refused connections that are not read."""

REFUSALS_PER_S = 2_000
"""Maximum refusals per second on connections that stay open. Reading and refusing a request takes about 70 us."""

MEMORY = 0.95
"""Weight of the past in the averages, for each turn that starts requests."""

FIRST_AVERAGE_S = 0.001
"""Seconds per request that are assumed until they have been measured."""


class Request(Protocol):
    """A complete request that can start later."""

    def start(self) -> None: ...


class Paused(Protocol):
    """A connection that is not read."""

    def resume(self) -> None: ...


class Loop(Protocol):
    """What is needed of an event loop."""

    def call_soon(self, callback: Callable[[], None], /) -> Any: ...

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Any: ...


class Average:
    """Seconds per request, lately."""

    def __init__(self) -> None:
        self.seconds = FIRST_AVERAGE_S
        self._total, self._count = FIRST_AVERAGE_S, 1.0

    def add(self, seconds: float, count: int) -> None:
        self._total = MEMORY * self._total + seconds
        self._count = MEMORY * self._count + count
        self.seconds = self._total / self._count


class Admission:
    """The queue of one worker."""

    def __init__(
        self,
        loop: Loop,
        *,
        max_requests: int,
        max_wait: float,
        is_saturated: Callable[[], bool],
        clock: Callable[[], float] = monotonic,
        cpu_clock: Callable[[], float] = thread_time,
    ) -> None:
        self.running = 0
        """Requests that have started and are not answered yet."""
        self._loop = loop
        self._max_requests = max_requests
        self._max_wait = max_wait
        self._is_saturated = is_saturated
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._queue: deque[Request] = deque()
        self._cpu = Average()
        """CPU of the event loop per started request."""
        self._used = cpu_clock()
        """CPU of the event loop at the last `measure`."""
        self._begun = 0
        """Requests started since `measure`."""
        self._pace = Average()
        """Time per request that was started from a queue which did not get empty."""
        self._batch = 0
        """Requests that the last turn has started; 0 if the queue has just begun."""
        self._turned = 0.0
        """When the last turn started requests."""
        self._paused: deque[Paused] = deque()
        self._resumed = 0.0

    def is_overloaded(self) -> bool:
        """Whether a request that arrives now is to be shed."""
        waiting = len(self._queue)
        if waiting + self.running >= self._max_requests:
            return True
        return waiting * max(self._cpu.seconds, self._pace.seconds) > self._max_wait

    def enter(self, request: Request) -> bool:
        """Start the request, or queue it. Returns whether it was started."""
        if not self._queue:
            if self.running < UNQUEUED:
                self._start(request)
                return True
            self._batch = 0
            self._loop.call_soon(self._turn)
        self._queue.append(request)
        return False

    def measure(self) -> None:
        """Update the CPU per request. To be called now and then, also while nothing queues."""
        used = self._cpu_clock()
        if self._begun:
            self._cpu.add(used - self._used, self._begun)
        self._used, self._begun = used, 0

    def _start(self, request: Request) -> None:
        self._begun += 1
        request.start()

    def _turn(self) -> None:
        room = UNQUEUED - self.running
        if room <= 0 and self._is_saturated():
            self._loop.call_later(PAUSE_S, self._turn)
            return
        now = self._clock()
        self.measure()
        if self._batch:
            self._pace.add(now - self._turned, self._batch)
        self._batch = min(len(self._queue), max(1, room, int(TURN_S / self._cpu.seconds)))
        self._turned = now
        for _ in range(self._batch):
            self._start(self._queue.popleft())
        if self._queue:
            self._loop.call_soon(self._turn)

    def refused(self, connection: Paused) -> None:
        """A connection was refused and is not read now: resume it when `REFUSALS_PER_S` allows."""
        if not self._paused:
            self._resumed = self._clock()
            self._loop.call_later(PAUSE_S, self._resume)
        self._paused.append(connection)

    def _resume(self) -> None:
        now = self._clock()
        allowed = int((now - self._resumed) * REFUSALS_PER_S)
        if allowed:
            self._resumed = now
        for _ in range(min(allowed, len(self._paused))):
            self._paused.popleft().resume()
        if self._paused:
            self._loop.call_later(PAUSE_S, self._resume)
