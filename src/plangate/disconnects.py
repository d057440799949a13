"""Clients that have gone: their requests are cancelled, so that nothing more is done for nobody.

ASGI tells of a disconnect to whoever calls `receive`. Most requests end before that matters, so none gets a task of its
own at its start: one timer for all requests lets those that are still executed then wait for the disconnect.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from starlette.types import Receive

INTERVAL = 0.1
"""Seconds between two looks at the requests: a disconnect is noticed at most so much later."""


class ClientGone(Exception):
    """The client has closed the connection, and the request was cancelled."""


class Disconnects:
    """The requests of one application that end when their client has gone."""

    def __init__(self) -> None:
        self.new: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watching(self, receive: Receive) -> "Watched":
        """A context, for the current task: within it a disconnect cancels the task and becomes `ClientGone`."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._look)
        return Watched(self, receive)

    def _look(self) -> None:
        self._timer = None
        for request in self.new:
            request.listen()
        self.new.clear()


class Watched:
    """One request. Its task must not have read `receive` beyond the body when it enters."""

    __slots__ = ("_listener", "_receive", "_requests", "_task", "is_gone")

    def __init__(self, requests: Disconnects, receive: Receive) -> None:
        self._requests, self._receive = requests, receive
        self._listener: asyncio.Task[None] | None = None
        self.is_gone = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._requests.new.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._requests.new.discard(self)
        if self._listener is not None:
            self._listener.cancel()
        # Not if the task was cancelled for another reason, too.
        if self.is_gone and not self._task.uncancel() and kind in (None, asyncio.CancelledError):
            raise ClientGone from None

    def listen(self) -> None:
        self._listener = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        """Wait for the disconnect. A server may tell of the body's end once more, but not for ever."""
        with suppress(Exception):  # a server that cannot tell: the request is executed to its end
            for _ in range(2):
                message = await self._receive()
                while message["type"] == "http.request" and message.get("more_body"):
                    message = await self._receive()
                if message["type"] == "http.disconnect":
                    self.is_gone = True
                    self._task.cancel()
                    return
