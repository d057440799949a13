"""Calls under way: equal ones are made once, and their outcome is shared."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Flight:
    """A call under way, and those who wait for it.

    It does what asyncio.shield does, for less: one callback for all who wait, and no closures.
    """

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.task = task
        self.waiting: list[asyncio.Future[Any]] = []
        task.add_done_callback(self._land)

    def _land(self, task: asyncio.Task[Any]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        for waiter in self.waiting:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(task.result())
            elif task.cancelled():
                waiter.cancel()
            else:
                waiter.set_exception(error)


class Flights:
    """A flight is a task of its own: who boards may leave, and when the last one has, it is cancelled."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, Flight] = {}

    async def share(self, key: Hashable, start: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The outcome of the flight with this key; `start` makes it if there is none."""
        loop = asyncio.get_running_loop()
        flight = self._flights.get(key)
        if flight is not None and flight.task.done() and not flight.task.cancelled():
            # It has landed in this very tick; who waited for it has not been awake yet.
            return flight.task.result()
        if flight is None or flight.task.done():
            flight = self._flights[key] = Flight(loop.create_task(start()))
        waiter = loop.create_future()
        flight.waiting.append(waiter)
        try:
            return await waiter
        finally:
            flight.waiting.remove(waiter)
            if not flight.waiting or flight.task.done():
                # Nobody may board a flight that has landed or is going down.
                if self._flights.get(key) is flight:
                    del self._flights[key]
                flight.task.cancel()

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
