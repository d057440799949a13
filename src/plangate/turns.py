"""Requests for one operation at once are executed in turns: one execution for all that came during the last one.

Who asks the same gets the same answer; who asks with other variables is executed together with them, in company. No
answer is older than its request as far as the own database is concerned: who comes when an execution has read there
already waits for the next one, with all others that came meanwhile. Databases write their logs like that (group
commit). An execution that has only called upstream systems so far is joined as it is by those who ask the same, in its
first moments, as a call under way is shared.

Nobody becomes much slower by waiting or by company. A turn waits for the one before it, but only a quarter as long as
the last one took; then it begins beside it: the database answers one while the other's answers are written. A company
that cannot be executed together, or is not served in the time that is usual, parts: each goes on alone, and there is no
other company for a while. It is never larger than what can be answered without keeping the event loop from everybody
else, judged by the turn before.
"""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Hashable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

T = TypeVar("T")

PATIENCE = 0.05
"""Seconds: how long a turn waits at most to begin, and how long an execution may be joined."""
SERVICE = 0.2, 0.5
"""Seconds that a company waits for its answers, between these: eight times what the turn before took. Then it parts."""
ALONE = 5.0
"""Seconds in which there is no company in a line after one has parted."""
OBJECTS = 10_000
"""How many objects the answers to a company may be made of, about 10 ms of work."""
FIRST, LARGEST = 8, 64
"""How many different requests are a company at most, before and after the first turn has shown how large they are."""


class Progress:
    """What is told by who executes."""

    def __init__(self) -> None:
        self.is_fresh: Callable[[], bool] = lambda: True
        """Whether nothing was read yet that one who comes now must not get."""
        self.objects = 0
        """How many objects the answers are made of."""


Execute = Callable[[Progress, Sequence[bytes]], Coroutine[Any, Any, Sequence[T | Exception]]]
"""An answer or an exception for each that is asked; raises if they cannot be executed together."""


class Request:
    """What is asked, how who asked it first would execute it, and all who wait for the answer."""

    def __init__(self, execute: Execute[Any]) -> None:
        self.execute, self.context = execute, contextvars.copy_context()
        self.waiters: list[asyncio.Future[Any]] = []

    def settle(self, outcome: Any) -> None:
        for waiter in self.waiters:
            if waiter.done():
                continue
            if isinstance(outcome, asyncio.CancelledError):
                waiter.cancel()
            elif isinstance(outcome, BaseException):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)


class Turn:
    """Requests that are executed together, as the first of them would be.

    It waits to begin, and then is under way; one that has parted, or that nobody waits for any more, has no requests.
    """

    def __init__(self) -> None:
        self.requests: dict[bytes, Request] = {}
        self.progress = Progress()
        self.timer: asyncio.TimerHandle | None = None  # while it waits, to begin; while it is under way, to part

    def begin(self) -> "asyncio.Task[Sequence[Any]]":
        first = next(iter(self.requests.values()))
        self.began = asyncio.get_running_loop().time()
        # A copy: the same request may be executed once more, alone.
        work = first.execute(self.progress, list(self.requests))
        self.task = asyncio.create_task(work, context=first.context.copy())
        return self.task

    def outcomes(self) -> list[Any]:
        """What each request is answered with, once the task has ended."""
        if self.task.cancelled():
            return [asyncio.CancelledError()] * len(self.requests)
        if error := self.task.exception():
            return [error] * len(self.requests)
        answers = list(self.task.result())
        missing = RuntimeError(f"{len(answers)} answers for {len(self.requests)} requests.")
        return answers if len(answers) == len(self.requests) else [missing] * len(self.requests)


class Line(Generic[T]):
    """The turns of one operation: those under way, and the one that waits. `is_over` is called when there are none."""

    def __init__(self, is_over: Callable[[], object]) -> None:
        self._is_over = is_over
        self._under_way: list[Turn] = []
        self._waiting: Turn | None = None
        self._took = 2 * PATIENCE
        self._largest = FIRST
        self._alone_until = 0.0

    def join(self, asked: bytes, execute: Execute[T]) -> asyncio.Future[T]:
        """Wait for an answer: from an execution under way if that is allowed, else from the next one."""
        loop = asyncio.get_running_loop()
        turn = self._joinable(asked, loop.time()) or self._next(asked)
        if asked not in turn.requests:
            turn.requests[asked] = Request(execute)
        turn.requests[asked].waiters.append(waiter := loop.create_future())
        if not self._under_way:
            self._begin()
        return waiter

    def leave(self, asked: bytes, waiter: asyncio.Future[T]) -> None:
        """Who waited is gone; an execution that nobody waits for ends."""
        for turn in (*self._under_way, self._waiting):
            if turn and (request := turn.requests.get(asked)) and waiter in request.waiters:
                request.waiters.remove(waiter)
                if turn is self._waiting and not request.waiters:
                    del turn.requests[asked]
                elif turn is not self._waiting and not any(each.waiters for each in turn.requests.values()):
                    turn.requests = {}
                    turn.task.cancel()

    def _joinable(self, asked: bytes, now: float) -> Turn | None:
        for turn in self._under_way:
            if asked in turn.requests and now - turn.began < PATIENCE and turn.progress.is_fresh():
                return turn
        return None

    def _next(self, asked: bytes) -> Turn:
        """The turn that waits, with room for this."""
        if self._waiting and len(self._waiting.requests) >= self._largest and asked not in self._waiting.requests:
            self._begin()
        if self._waiting is None:
            self._waiting = Turn()
            if self._under_way:
                is_beside = len(self._under_way) == 1 and asked not in self._under_way[0].requests
                delay = min(PATIENCE, self._took / 4) if is_beside else PATIENCE
                self._waiting.timer = asyncio.get_running_loop().call_later(delay, self._begin)
        return self._waiting

    def _begin(self) -> None:
        """Begin the turn that waits, in parts if it has turned out that they are too many for one."""
        if turn := self._waiting:
            self._waiting = None
            if turn.timer:
                turn.timer.cancel()
            self._execute(turn.requests, self._largest)

    def _execute(self, requests: dict[bytes, Request], largest: int) -> None:
        rest = iter([(asked, request) for asked, request in requests.items() if request.waiters])
        while some := dict(islice(rest, largest)):
            turn = Turn()
            turn.requests = some
            self._under_way.append(turn)
            turn.begin().add_done_callback(partial(self._end, turn))
            if len(some) > 1:
                delay = min(max(8 * self._took, SERVICE[0]), SERVICE[1])
                turn.timer = asyncio.get_running_loop().call_later(delay, self._part, turn)

    def _part(self, turn: Turn) -> None:
        """Each of a company goes on alone."""
        self._alone_until, self._largest = asyncio.get_running_loop().time() + ALONE, 1
        requests, turn.requests = turn.requests, {}
        self._execute(requests, 1)
        turn.task.cancel()

    def _end(self, turn: Turn, _: object) -> None:
        if turn.timer:
            turn.timer.cancel()
        self._under_way.remove(turn)
        if len(turn.requests) > 1 and (turn.task.cancelled() or turn.task.exception()):
            self._part(turn)
        self._learn(turn)
        if not self._under_way:
            self._begin()  # before the answers are given: the database works while these are written
        if not self._under_way:
            self._is_over()
        for request, outcome in zip(turn.requests.values(), turn.outcomes(), strict=True):
            request.settle(outcome)

    def _learn(self, turn: Turn) -> None:
        now = asyncio.get_running_loop().time()
        self._took = now - turn.began
        if turn.requests and now > self._alone_until:
            each = max(turn.progress.objects // len(turn.requests), 1)
            self._largest = max(1, min(LARGEST, OBJECTS // each))


class Turns(Generic[T]):
    """`share` is all there is. Each turn is executed in a task of its own, in the context of its first request."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, Line[T]] = {}

    async def share(self, key: Hashable, asked: bytes, execute: Execute[T]) -> T:
        """The answer to `asked`, executed alone or with others of this key; raises the exception that is its answer."""
        if (line := self._lines.get(key)) is None:
            line = self._lines[key] = Line(lambda: self._lines.pop(key))
        waiter = line.join(asked, execute)
        try:
            return await waiter
        except asyncio.CancelledError:
            line.leave(asked, waiter)
            raise
