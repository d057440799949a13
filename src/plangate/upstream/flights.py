"""Calls under way: equal ones are made once, and their outcome is shared."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Flight:
    """A call under way and how many wait for it."""

    task: asyncio.Task[Any]
    waiting: int = 0


class Flights:
    """A flight is a task of its own: who boards may leave, and when the last one has, it is cancelled."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, Flight] = {}

    async def share(self, key: Hashable, start: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The outcome of the flight with this key; `start` makes it if there is none."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = Flight(asyncio.get_running_loop().create_task(start()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
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
