"""What all connections of a worker process share: limits, the open connections, request bodies in memory, admission.

One timer for all: `SWEEPS` times in the shortest timeout, at most every `LONGEST_INTERVAL_S`, a sweep looks at every
connection. A connection past its deadline is ended, and so is one whose client has stopped reading its response. A
timeout is therefore exact to one interval. A request costs no timer of its own.
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self

import structlog

from plangate.http.cors import Cors
from plangate.server.admission import Admission
from plangate.settings.http import HttpSettings

STATE = "plangate.worker"
"""The worker's name in the ASGI lifespan state, by which the application hands it to the protocol."""

SWEEPS = 10
LONGEST_INTERVAL_S = 0.25

LOG_INTERVAL_S = 10.0
"""Seconds between two log lines about refused requests: an attack must not fill the log."""

RESERVED = 256
"""Connections above `max_connections` that may still send a request for an exempt path (see `EXEMPT_PATHS`)."""

log = structlog.get_logger(__name__)


class Connection(Protocol):
    """What a sweep needs of a connection."""

    deadline: float
    """In the time of the event loop."""
    waiting_since: float
    """When the client last took a byte of a response, if `unread` is not 0."""
    unread: int
    """Bytes of responses that the client had not taken at the last sweep."""
    transport: asyncio.Transport

    def expire(self) -> None: ...

    def give_up_body(self) -> bool: ...


class Worker:
    """Use it as `async with`: it sweeps while the block runs.

    For `is_saturated` see `admission`. `cors` lets pages of other origins read why a request of theirs was refused.
    """

    def __init__(
        self,
        limits: HttpSettings,
        max_body: int,
        *,
        is_saturated: Callable[[], bool] = lambda: False,
        cors: Cors | None = None,
    ) -> None:
        self.limits = limits
        self._is_saturated = is_saturated
        self.max_body = max_body
        self.cors = cors
        self.connections: set[Connection] = set()
        self.reserved: dict[Connection, None] = {}
        """Connections above the limit, oldest first."""
        self.refused: Counter[str] = Counter()
        """Refused requests by error code since the last log line."""
        self._bodies: dict[Connection, int] = {}
        """Bytes of request bodies in memory whose requests have not started, by connection, oldest first."""
        self._body_bytes = 0
        self._logged = 0.0
        timeouts = limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout
        self._interval = min(LONGEST_INTERVAL_S, min(timeouts) / SWEEPS)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self.admission = Admission(
            self._loop,
            max_requests=self.limits.max_requests,
            max_wait=self.limits.max_wait,
            is_saturated=self._is_saturated,
        )
        self._timer = self._loop.call_later(self._interval, self._sweep)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()

    # ------------------------------------------------------------------------------------------------------ connections

    def add(self, connection: Connection) -> bool:
        """Register an open connection. Returns whether it is within the limit.

        The oldest connection above the limit expires if it is one too many.
        """
        self.connections.add(connection)
        if len(self.connections) - len(self.reserved) <= self.limits.max_connections:
            return True
        self.reserved[connection] = None
        if len(self.reserved) > RESERVED:
            oldest = next(iter(self.reserved))
            del self.reserved[oldest]
            oldest.expire()
        return False

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.reserved.pop(connection, None)
        self.hold_body(connection, 0)

    # ----------------------------------------------------------------------------------------------------------- bodies

    def hold_body(self, connection: Connection, size: int) -> None:
        """Count `size` bytes of request bodies for the connection, in place of what was counted before.

        If all together are too many, the oldest unfinished bodies are given up, which may include this one: slow
        clients lose their place, and a body that arrives quickly gets through.
        """
        self._body_bytes += size - self._bodies.get(connection, 0)
        if not size:
            self._bodies.pop(connection, None)
            return
        self._bodies[connection] = size
        if self.is_full_of_bodies:
            for each in tuple(self._bodies):
                if each.give_up_body() and not self.is_full_of_bodies:
                    return

    def holds_body(self, connection: Connection) -> bool:
        return connection in self._bodies

    @property
    def is_full_of_bodies(self) -> bool:
        return self._body_bytes > self.limits.max_buffered_bodies

    # ------------------------------------------------------------------------------------------------------------ sweep

    def _sweep(self) -> None:
        self._timer = self._loop.call_later(self._interval, self._sweep)  # first: it goes on, whatever happens below
        self.admission.measure()
        now = self._loop.time()
        unread = 0
        for connection in tuple(self.connections):
            size = connection.transport.get_write_buffer_size()
            if size != connection.unread:
                connection.unread, connection.waiting_since = size, now
            elif size and now - connection.waiting_since > self.limits.write_timeout:
                _reset(connection.transport)
                continue
            unread += size
            if now > connection.deadline:
                connection.expire()
        if unread > self.limits.max_buffered_responses:
            self._cut_slowest_readers(unread)
        if self.refused and now - self._logged > LOG_INTERVAL_S:
            log.warning("requests_refused", **self.refused)
            self.refused.clear()
            self._logged = now

    def _cut_slowest_readers(self, unread: int) -> None:
        """End the connections that have waited longest for their clients, until the rest is within the limit."""
        for connection in sorted(self.connections, key=lambda each: each.waiting_since):
            if unread <= self.limits.max_buffered_responses:
                return
            if connection.unread:
                unread -= connection.unread
                _reset(connection.transport)


def _reset(transport: asyncio.Transport) -> None:
    """End a connection with what it has not sent. A plain close would leave megabytes in the kernel, for minutes."""
    linger_for_0_s = struct.pack("ii", 1, 0)
    with suppress(OSError):  # it has been closed already
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)
    transport.abort()


def worker_of(state: dict[str, Any]) -> Worker:
    """The worker that the application has put into its lifespan state."""
    worker = state.get(STATE)
    if not isinstance(worker, Worker):
        raise RuntimeError("HttpProtocol serves applications that put a Worker into their lifespan state.")
    return worker
