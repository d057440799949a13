"""HTTP/1.1: uvicorn's httptools protocol, with limits on what a client may send, and how slowly.

The application is called with complete requests only. Until then a request is bytes in the parser and one `bytearray`:
no task, no timer. What is refused is answered here, with typed JSON (see `refusals`):

- URL, headers or body too large: 414, 431, 413. The parser is fed slices, and an unfinished header, which httptools
  copies with every piece of it, grows to two slices at most.
- Headers or body too slow: 408. An idle connection is closed without a response.
- More requests than the worker can serve (see `admission`), or more connections: 503 with `Retry-After`. Requests for
  `EXEMPT_PATHS` are always served.

After a refusal that leaves a request half read, the response is sent, what still arrives is thrown away for
`LINGER_S`, and then the connection is closed: if it were closed at once, TCP would reset it, and the client could lose
the response. If an earlier request of the connection is still being answered, its response becomes the last one, and
the refused request gets none.

A deadline is an attribute, which the worker's sweep reads. A response that streams has none, as long as its client
takes bytes.
"""

import asyncio
import math
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from plangate.server import refusals
from plangate.server.refusals import Refusal
from plangate.server.worker import worker_of

EXEMPT_PATHS = frozenset({"/health", "/ready"})
"""Paths whose requests are never shed: an orchestrator that gets no answer would end the worker."""

MAX_HEADER_COUNT = 200
"""Maximum headers of a request. As Python objects, the shortest ones take twenty times their bytes."""

MAX_PIPELINED = 16
"""Maximum requests that a connection may send while one is answered. More end the connection after these."""

LINGER_S = 2.0
"""Seconds for which a refused client may go on sending."""

RESERVED_TIMEOUT_S = 1.0
"""Seconds in which a connection above `max_connections` must send the headers of a request for an exempt path."""

NOTHING, HEADERS, BODY = range(3)
"""What is being received on a connection; also the index of its timeout."""


class _Refused(Exception):
    """Stops the parser: the request is refused for the reason in `HttpProtocol._refusal`."""


class HttpProtocol(HttpToolsProtocol):
    """One connection. `app_state`, the state of the ASGI lifespan, holds the worker."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._worker = worker_of(app_state)
        self._admission = self._worker.admission
        limits = self._worker.limits
        self._max_url, self._max_headers, self._max_body = limits.max_url, limits.max_headers, self._worker.max_body
        self._slice = limits.max_url + limits.max_headers
        self._timeouts = limits.idle_timeout, limits.header_timeout, limits.body_timeout
        self.deadline = math.inf
        self.waiting_since = 0.0
        self.unread = 0

        self._receiving = NOTHING
        self._timed = HEADERS
        """What the deadline is for, if no request is active. The first request is expected from the beginning."""
        self._fed = 0
        """Bytes of the slice that the parser has now."""
        self._head_size = 0
        """Bytes of the request's headers in slices after the one in which they began; negative in that one."""
        self._body = bytearray()
        self._body_examined = False
        self._body_size = 0
        """Bytes of the body after the slice before this one."""
        self._framing_size = 0
        """Bytes since the last byte of the body: chunk extensions and trailers."""
        self._is_upgrade = False
        self._keep_alive = True
        self._refusal: Refusal | None = None
        self._task: asyncio.Task[None] | None = None
        """The current request, while it runs and is not answered."""
        self._is_waiting = False
        """Whether the current request is in the worker's queue."""
        self._is_paused = False
        """Whether the last request was shed, and the next one is not to be read yet."""
        self._is_reserved = False
        """Whether the connection is above `max_connections`."""
        self._is_last = False
        """Whether the connection closes after the next response."""
        self._is_done = False
        """Whether what arrives is thrown away."""

    # ------------------------------------------------------------------------------------------------------ connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._is_reserved = self._is_last = not self._worker.add(self)
        timeout = RESERVED_TIMEOUT_S if self._is_reserved else self._timeouts[HEADERS]
        self.deadline = self.loop.time() + timeout

    def connection_lost(self, exc: Exception | None) -> None:
        self.pipeline.clear()
        self._worker.remove(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops. A request that has begun is still answered."""
        self._is_last = True
        if self._receiving == NOTHING or self._is_active:
            super().shutdown()

    @property
    def _is_active(self) -> bool:
        """Whether a request of this connection waits, runs or is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def expire(self) -> None:
        """End the connection, whose deadline has passed; unless a request is active, which has none."""
        if self._is_active:
            return
        if self._is_done:
            self.transport.abort()
        elif self._is_reserved:
            self._refuse(refusals.TOO_MANY_CONNECTIONS)
        elif self._receiving == NOTHING:
            self.transport.close()
        else:
            self._refuse(refusals.HEADERS_TIMEOUT if self._receiving == HEADERS else refusals.BODY_TIMEOUT)

    # --------------------------------------------------------------------------------------------------------- receive

    def data_received(self, data: bytes) -> None:
        if len(data) <= self._slice:
            self._feed(data)
            return
        whole = memoryview(data)
        for start in range(0, len(data), self._slice):
            self._feed(whole[start : start + self._slice])

    def _feed(self, data: bytes | memoryview) -> None:
        if self._is_done:
            return
        self._fed = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._feed_without_upgrade(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserError:
            self._refuse(self._refusal or refusals.MALFORMED)
        else:
            if self._receiving != NOTHING:
                self._received_part()

    def _feed_without_upgrade(self, rest: bytes) -> None:
        """Feed the request again without its offer to upgrade, which a server may ignore (RFC 9110, 7.8).

        httptools takes what follows such headers for another protocol, so the body would be lost. Java's HTTP client
        offers an upgrade to HTTP/2 with every request (https://github.com/Kludex/uvicorn/issues/2722).
        """
        scope = self.scope
        head = [b"%s %s HTTP/%s\r\n" % (scope["method"].encode(), self.url, scope["http_version"].encode())]
        for name, value in self.headers:
            if name == b"connection":
                value = b",".join(each for each in value.split(b",") if each.strip().lower() != b"upgrade")
            if name != b"upgrade":
                head.append(b"%s: %s\r\n" % (name, value))
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._feed(b"".join((*head, b"\r\n", rest)))

    def _received_part(self) -> None:
        """The request was not complete with this slice: bound its size and its time."""
        if self._receiving == HEADERS:
            self._head_size += self._fed
            if self._head_size > self._slice or len(self.headers) > MAX_HEADER_COUNT:
                self._refuse(refusals.headers_too_large(self._max_headers))
        elif not self._body_examined:
            self._examine_body()
        else:
            self._framing_size = 0 if len(self._body) > self._body_size else self._framing_size + self._fed
            if self._framing_size > self._max_headers:
                self._refuse(refusals.headers_too_large(self._max_headers))
        if self._is_done:
            return
        if self._receiving == BODY:
            self._body_size = len(self._body)
            self._count_bodies()
        if self._timed != self._receiving and not self._is_active:
            self._expect()

    def _examine_body(self) -> None:
        """What the headers say of a body that is still to come."""
        self._body_examined, self._framing_size = True, 0
        for name, value in self.headers:
            if name == b"content-length" and int(value) > self._max_body:
                self._refuse(refusals.body_too_large(self._max_body))
                return
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True

    def _expect(self) -> None:
        """No request is active: forget the last one, and set the deadline for what is to be received."""
        self.cycle = None  # type: ignore[assignment]
        if self._receiving == NOTHING:
            self.scope = self.headers = None  # type: ignore[assignment]
        self._timed = self._receiving
        self.deadline = self.loop.time() + self._timeouts[self._receiving]
        if self._receiving == BODY and self.expect_100_continue:
            self.expect_100_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _count_bodies(self) -> None:
        """Tell the worker how many bytes of bodies this connection holds whose requests have not started."""
        size = len(self._body) if self._receiving == BODY else 0
        if self._is_waiting:
            size += len(self.cycle.body)
        for cycle, _ in self.pipeline:
            size += len(cycle.body)
        self._worker.hold_body(self, size)

    def give_up_body(self) -> bool:
        """Refuse the request if its body is unfinished, to make room in the worker. Returns whether it was refused."""
        if self._receiving != BODY or self._is_done:
            return False
        self._refuse(refusals.TOO_MANY_BODIES)
        return True

    # --------------------------------------------------------------------------------------- what the parser has found

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = HEADERS
        self._head_size = -self._fed
        self._body_examined = False

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > self._max_url:
            self._stop(refusals.url_too_long(self._max_url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._receiving == HEADERS:  # else it is a trailer, which must not pass for a header
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if len(self.headers) > MAX_HEADER_COUNT:
            self._stop(refusals.headers_too_large(self._max_headers))
        if self._fed > self._max_headers or self._head_size >= 0:
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self._max_headers:
                self._stop(refusals.headers_too_large(self._max_headers))
        self._receiving = BODY
        scope = self.scope
        scope["method"] = method = self.parser.get_method().decode("ascii")
        http_version = self.parser.get_http_version()
        if http_version != "1.1":
            scope["http_version"] = http_version
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["raw_path"] = url.path
        scope["path"] = unquote(path) if "%" in path else path
        scope["query_string"] = url.query or b""
        self._is_upgrade = self.parser.should_upgrade()
        if self._is_upgrade and method == "CONNECT":
            self._stop(refusals.MALFORMED)
        if self._is_reserved and scope["path"] not in EXEMPT_PATHS:
            self._stop(refusals.TOO_MANY_CONNECTIONS)
        self._keep_alive = http_version != "1.0" and self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > self._max_body:
            self._stop(refusals.body_too_large(self._max_body))

    def on_message_complete(self) -> None:
        if self._is_upgrade or self._is_done:
            return
        self._receiving = NOTHING
        cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=self._keep_alive and not self._is_last,
            on_response=self.on_response_complete,
        )
        cycle.body, self._body = self._body, bytearray()
        cycle.more_body = False
        cycle.message_event.set()
        if self._is_paused:
            self._stop(refusals.OVERLOADED)
        if not self._is_active:
            self._admit(cycle)
        elif len(self.pipeline) < MAX_PIPELINED and not self._worker.is_full_of_bodies:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))
            self._count_bodies()
        else:
            self._stop(refusals.OVERLOADED)

    # --------------------------------------------------------------------------------------------------------- respond

    def _admit(self, cycle: RequestResponseCycle) -> None:
        """Start the request, queue it, or shed it."""
        if cycle.scope["path"] in EXEMPT_PATHS:
            self.cycle = cycle
            self.start()
        elif self._admission.is_overloaded() or self._worker.is_full_of_bodies:
            self._shed(cycle)
        else:
            self.cycle = cycle
            self._is_waiting = True
            if not self._admission.enter(self):
                self._count_bodies()

    def start(self) -> None:
        """Call the application with the current request."""
        self._is_waiting = False
        if self.cycle.disconnected:
            return
        if self._worker.holds_body(self):
            self._count_bodies()
        self._admission.running += 1
        self._task = self.loop.create_task(self.cycle.run_asgi(self.app))
        self._task.add_done_callback(self._ended)
        self.tasks.add(self._task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if task is self._task:  # it has ended without a complete response
            self._answered()

    def _answered(self) -> None:
        self._task = None
        self._admission.running -= 1

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._answered()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        while self.pipeline and not self._is_active:
            self._admit(self.pipeline.pop()[0])
        if not self._is_active:
            self._expect()

    def _shed(self, cycle: RequestResponseCycle) -> None:
        """Answer a complete request with 503. The connection stays open, if the client keeps it."""
        self._worker.refused[refusals.OVERLOADED.code] += 1
        headers = self._headers_of_refusal(cycle.scope["headers"])
        has_body = cycle.scope["method"] != "HEAD"
        self.transport.write(refusals.OVERLOADED.response(headers, close=not cycle.keep_alive, has_body=has_body))
        if cycle.keep_alive:
            self._is_paused = True
            self.flow.pause_reading()
            self._admission.refused(self)
            self._expect()
        else:
            self._is_done = True
            self.transport.close()

    def resume(self) -> None:
        """Read again after a refusal."""
        self._is_paused = False
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _stop(self, refusal: Refusal) -> None:
        """Refuse the request from inside the parser."""
        self._refusal = refusal
        raise _Refused

    def _refuse(self, refusal: Refusal) -> None:
        """Answer a request that is not complete, and end the connection (see the module)."""
        self._is_done = True
        self._receiving = NOTHING
        self._body = bytearray()
        self._count_bodies()
        self._worker.refused[refusal.code] += 1
        if self._is_active:
            last = self.pipeline[0][0] if self.pipeline else self.cycle
            last.keep_alive = False
        elif not self.transport.is_closing():
            self.transport.write(refusal.response(self._headers_of_refusal(self.headers or ()), close=True))
            if self._is_reserved:
                self.transport.close()
            else:
                self.deadline = self.loop.time() + LINGER_S
                if self.transport.can_write_eof():
                    self.transport.write_eof()

    def _headers_of_refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
        """Those of every response, and for a page of another origin what lets it read this one."""
        found = self.server_state.default_headers
        if (cors := self._worker.cors) is not None:
            for name, value in headers:
                if name == b"origin":
                    return *found, *cors.headers(value.decode("latin-1"))
        return found
