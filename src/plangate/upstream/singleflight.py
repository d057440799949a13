"""Equal calls in flight are made once, and all their callers get the outcome."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Callers:
    """The callers that wait for one call.

    The call sets `on_wire` while the system may be working on its request. The HTTP client cannot abort a request
    (a cancelled one goes on in the background until its own timeout), so a call on the wire is never cancelled: when
    its last caller leaves, it runs to its end with `waiting` empty. Then it must not be retried.
    """

    __slots__ = ("on_wire", "waiting")

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Any]] = []
        self.on_wire = False


Start = Callable[[Callers], Coroutine[Any, Any, Any]]


class SharedCall:
    """One call, as a task of its own, and its callers. It is in `calls` as long as it can be joined.

    It does what asyncio.shield does, for less: one callback for all callers, and no closures.
    """

    __slots__ = ("_calls", "_key", "callers", "task")

    def __init__(self, calls: "dict[Hashable, SharedCall]", key: Hashable, start: Start) -> None:
        self._calls, self._key = calls, key
        self.callers = Callers()
        self.task = asyncio.get_running_loop().create_task(start(self.callers))
        self.task.add_done_callback(self._finished)
        calls[key] = self

    def join(self) -> asyncio.Future[Any]:
        """A future with the call's outcome; give it back with `leave`."""
        caller = asyncio.get_running_loop().create_future()
        self.callers.waiting.append(caller)
        return caller

    def leave(self, caller: asyncio.Future[Any]) -> None:
        """Wait no longer. When the last caller leaves, a call that is not on the wire is cancelled."""
        self.callers.waiting.remove(caller)
        if self.task.done():
            self._forget()
        elif not self.callers.waiting and not self.callers.on_wire:
            self._forget()
            self.task.cancel()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        for caller in self.callers.waiting:
            if caller.done():
                continue
            if error is None:
                caller.set_result(task.result())
            elif task.cancelled():
                caller.cancel()
            else:
                caller.set_exception(error)
        if not self.callers.waiting:
            self._forget()

    def _forget(self) -> None:
        if self._calls.get(self._key) is self:
            del self._calls[self._key]


class SingleFlight:
    """The calls of one system that are in flight."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, SharedCall] = {}

    async def do(self, key: Hashable, start: Start) -> Any:
        """The outcome of the call in flight with this key; `start` makes one if there is none."""
        call = self._calls.get(key)
        if call is None or call.task.cancelled():
            call = SharedCall(self._calls, key, start)
        elif call.task.done():
            return call.task.result()  # it has just finished, and its callers have not run yet
        caller = call.join()
        try:
            return await caller
        finally:
            call.leave(caller)

    async def close(self) -> None:
        """Cancel all calls, those on the wire too."""
        tasks = [call.task for call in self._calls.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
