"""How many requests one system gets at once, and the queue of the calls that wait for that."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic


class ConcurrencyLimit:
    """At most `limit` slots are taken at once; waiting calls get them in the order in which they came.

    A slot is held until the request has really ended, also if nobody waits for its answer any more.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._queue: deque[asyncio.Future[None]] = deque()

    async def acquire(self, latest: float) -> None:
        """Take a slot. TimeoutError if there is none before `latest` (of `monotonic`), and never a slot after it."""
        if self._free and monotonic() < latest:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(latest - monotonic(), _expire, waiter)
        self._queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.release()  # it was given a slot in the same iteration of the event loop
            raise
        finally:
            timer.cancel()
        if monotonic() >= latest:
            # The event loop was late: the slot came with the deadline.
            self.release()
            raise TimeoutError

    def release(self) -> None:
        """Give a slot back: the call that has waited longest gets it."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def reject(self, error: Callable[[], Exception]) -> None:
        """Let every call that waits fail now, each with an error of its own."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_exception(error())


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
