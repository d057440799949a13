"""A limit on how fast credentials are refused, so that a flood of wrong ones leaves the worker to everybody else."""

import asyncio
from collections.abc import Callable

MAX_REFUSALS_PER_S = 200.0
BURST_S = 0.25
"""Refusals of so many seconds may come at once: a few mistakes are not slowed down."""
MAX_DELAY_S = 1.0
"""Maximum seconds one request waits, so that a good credential that is new gets in during a flood."""
MAX_WAITING = 100
"""Maximum number of requests that wait; others do not, so that a flood does not fill the limit on all requests."""


class RefusalPace:
    """Credentials that were never verified wait before they are checked, if too many were refused just before."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due = float("-inf")
        self._waiting = 0

    async def wait(self) -> bool:
        """Whether the request had to wait."""
        delay = self._due - self._clock() - BURST_S
        if delay <= 0 or self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        try:
            await asyncio.sleep(min(delay, MAX_DELAY_S))
        finally:
            self._waiting -= 1
        return True

    def count(self) -> None:
        """One more credential was refused."""
        now = self._clock()
        self._due = min(max(self._due, now) + 1 / MAX_REFUSALS_PER_S, now + BURST_S + MAX_DELAY_S)
