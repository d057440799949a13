"""Cancels requests whose client has closed the connection.

In ASGI only a call of `receive` learns of a disconnect, which takes a task. Most requests end before a disconnect
matters, so a request starts without that task: one timer for all requests starts it for those that still run.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from starlette.types import Receive

INTERVAL = 0.1
"""Maximum seconds until a request that started listens for the disconnect of its client."""


class ClientGone(Exception):
    """The client closed the connection, and the request was cancelled."""


class Disconnects:
    """The watched requests of one application."""

    def __init__(self) -> None:
        self.started: set[Watched] = set()  # that do not listen yet
        self._timer: asyncio.TimerHandle | None = None

    def watching(self, receive: Receive) -> "Watched":
        """A context manager for the current task: a disconnect cancels the task and becomes `ClientGone`."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._sweep)
        return Watched(self, receive)

    def _sweep(self) -> None:
        self._timer = None
        for request in self.started:
            request.listen()
        self.started.clear()


class Watched:
    """One request. When it enters, its task has read the body from `receive`, or nothing, but no disconnect."""

    __slots__ = ("_listener", "_receive", "_requests", "_task", "is_gone")

    def __init__(self, requests: Disconnects, receive: Receive) -> None:
        self._requests, self._receive = requests, receive
        self._listener: asyncio.Task[None] | None = None
        self.is_gone = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._requests.started.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._requests.started.discard(self)
        if self._listener is not None:
            self._listener.cancel()
        # Not if the task was cancelled for another reason, too.
        if self.is_gone and not self._task.uncancel() and kind in (None, asyncio.CancelledError):
            raise ClientGone from None

    def listen(self) -> None:
        self._listener = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        """Wait for the disconnect. A server may repeat the end of the body once; more would be an endless loop."""
        with suppress(Exception):  # this server cannot report a disconnect: the request runs to its end
            for _ in range(2):
                message = await self._receive()
                while message["type"] == "http.request" and message.get("more_body"):
                    message = await self._receive()
                if message["type"] == "http.disconnect":
                    self.is_gone = True
                    self._task.cancel()
                    return
