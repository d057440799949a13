"""Requests for one operation at once are executed in turns: one execution for all that came during the last one.

Who asks the same gets the same answer; who asks with other variables is executed together with them, in company. No
answer is older than its request as far as the own database is concerned: who comes when an execution has read there
already waits for the next one, with all others that came meanwhile. Databases write their logs like that (group
commit). An execution that has only called upstream systems so far is joined as it is by those who ask the same, in its
first moments, as a call under way is shared.

Nobody becomes much slower by waiting or by company. A turn waits half as long as the one before it took, then it
begins beside it: the database answers one while the other's answers are written. A company that fails, or is not
served in time, parts: each goes on alone, and there is no other company for a while. It is never larger than what can
be answered without keeping the event loop from everybody else, judged by the turn before.
"""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Hashable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Execute = Callable[["Turn", Sequence[bytes]], Coroutine[Any, Any, Sequence[T | Exception]]]
"""Gives, for each that is asked, an answer or an exception; raises if they cannot be executed together."""

PATIENCE = 0.05
"""Seconds: how long a turn waits at most to begin, and how long an execution may be joined."""
SERVICE = 0.5
"""Seconds that a company waits for its answers before it parts."""
ALONE = 5.0
"""Seconds in which there is no company in a line after one has parted."""
OBJECTS = 10_000
"""How many objects the answers to a company may be made of, about 10 ms of work."""
FIRST, LARGEST = 8, 64
"""How many different requests are a company at most, before and after the first turn has shown how large they are."""


class Turn:
    """One execution: for each that is asked, those who wait for the answer."""

    def __init__(self, execute: Execute[Any]) -> None:
        self.asked: dict[bytes, list[asyncio.Future[Any]]] = {}
        self.is_fresh: Callable[[], bool] = lambda: True
        """Set by who executes, once it begins: whether nothing was read yet that one who comes now must not get."""
        self.objects = 0
        """Set by who executes: how many objects the answers are made of."""
        self._execute, self._context = execute, contextvars.copy_context()
        self.task: asyncio.Task[Sequence[Any]] | None = None
        self.timer: asyncio.TimerHandle | None = None

    def begin(self) -> "asyncio.Task[Sequence[Any]]":
        self.began = asyncio.get_running_loop().time()
        self.task = asyncio.create_task(self._execute(self, list(self.asked)), context=self._context)
        return self.task

    def split(self, most: int) -> "list[Turn]":
        """Those who still wait, as turns of their own for so many at most."""
        rest = iter([(each, waiters) for each, waiters in self.asked.items() if waiters])
        self.asked = {}
        parts = []
        while asked := dict(islice(rest, most)):
            parts.append(part := Turn(self._execute))
            part.asked, part._context = asked, self._context
        return parts

    def forget(self, asked: bytes, waiter: asyncio.Future[Any]) -> None:
        """Who waited is gone; an execution that nobody waits for ends."""
        if waiter in (waiters := self.asked.get(asked, [])):
            waiters.remove(waiter)
            if self.task and not any(self.asked.values()):
                self.task.cancel()


class Line:
    """The turns of one operation: those under way, and the one that waits."""

    def __init__(self) -> None:
        self.under_way: list[Turn] = []
        self.waiting: Turn | None = None
        self.took = 2 * PATIENCE
        self.most = FIRST
        self.alone_until = 0.0


class Turns(Generic[T]):
    """`share` is all there is. Each turn is executed in a task of its own, in the context of who came first."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, Line] = {}

    async def share(self, key: Hashable, asked: bytes, execute: Execute[T]) -> T:
        """The answer to `asked`, executed alone or with others of this key; raises the exception that is its answer."""
        if (line := self._lines.get(key)) is None:
            line = self._lines[key] = Line()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        soon = loop.time() - PATIENCE
        for turn in line.under_way:
            if asked in turn.asked and turn.began > soon and turn.is_fresh():
                turn.asked[asked].append(waiter)
                break
        else:
            self._stand(key, line, asked, execute).asked.setdefault(asked, []).append(waiter)
            if not line.under_way:
                self._begin(key, line)
        try:
            return await waiter
        except asyncio.CancelledError:
            for each in (*line.under_way, line.waiting):
                if each:
                    each.forget(asked, waiter)
            raise

    def _stand(self, key: Hashable, line: Line, asked: bytes, execute: Execute[T]) -> Turn:
        """The turn that waits, with room for one more."""
        if line.waiting and len(line.waiting.asked) >= line.most and asked not in line.waiting.asked:
            self._begin(key, line)
        if line.waiting is None:
            line.waiting = Turn(execute)
            if line.under_way:
                is_beside = len(line.under_way) == 1 and asked not in line.under_way[0].asked
                delay = min(PATIENCE, line.took / 2) if is_beside else PATIENCE
                line.waiting.timer = asyncio.get_running_loop().call_later(delay, self._begin, key, line)
        return line.waiting

    def _begin(self, key: Hashable, line: Line) -> None:
        """Begin the turn that waits, in parts if it has turned out that they are too many for one."""
        turn, line.waiting = line.waiting, None
        if turn and turn.timer:
            turn.timer.cancel()
        for part in turn.split(line.most) if turn else ():
            self._execute(key, line, part)

    def _execute(self, key: Hashable, line: Line, turn: Turn) -> None:
        line.under_way.append(turn)
        turn.begin().add_done_callback(partial(self._end, key, line, turn))
        if len(turn.asked) > 1:
            turn.timer = asyncio.get_running_loop().call_later(SERVICE, self._part, key, line, turn)

    def _part(self, key: Hashable, line: Line, turn: Turn) -> None:
        """Each of a company goes on alone."""
        line.alone_until, line.most = asyncio.get_running_loop().time() + ALONE, 1
        for alone in turn.split(1):
            self._execute(key, line, alone)
        if turn.task:
            turn.task.cancel()

    def _end(self, key: Hashable, line: Line, turn: Turn, task: "asyncio.Task[Sequence[T | Exception]]") -> None:
        if turn.timer:
            turn.timer.cancel()
        line.under_way.remove(turn)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error and len(turn.asked) > 1:
            self._part(key, line, turn)
        now = asyncio.get_running_loop().time()
        line.took = now - turn.began
        if turn.objects and now > line.alone_until:
            line.most = max(1, min(LARGEST, OBJECTS * len(turn.asked) // turn.objects))
        if line.waiting:
            self._begin(key, line)  # first, so that the database works while these answers are written
        if not line.under_way:
            del self._lines[key]
        outcomes = [error] * len(turn.asked) if error else task.result()
        for outcome, waiters in zip(outcomes, turn.asked.values(), strict=False):
            for waiter in waiters:
                if waiter.done():
                    continue
                if isinstance(outcome, asyncio.CancelledError):
                    waiter.cancel()
                elif isinstance(outcome, BaseException):
                    waiter.set_exception(outcome)
                else:
                    waiter.set_result(outcome)
