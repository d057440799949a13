"""Run an ASGI app as a real HTTP server on loopback: in the current event loop, or in a thread of its own.

It is uvicorn's protocol without uvicorn's process management: no signal handlers, no logging set-up, no tick to wait
for, so it starts and stops in a millisecond and can live in the same loop as the gateway and its tests.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Connection:
    """The TCP connection under a request, for faults that HTTP cannot express.

    An app finds it in `scope["extensions"]["emulator.connection"]`, as the app is served by `serve`.
    """

    transport: asyncio.Transport

    @property
    def is_closed(self) -> bool:
        """Whether nobody is there any more to send to."""
        return self.transport.is_closing()

    def close(self) -> None:
        """Send what was written, then end the connection in the middle of the answer."""
        self.transport.close()

    def reset(self) -> None:
        """Drop the connection with a TCP reset; what was written may never arrive."""
        # Lingering for zero seconds turns the close into an RST, which is what a crashed upstream looks like.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app
        connection = Connection(transport)

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {**scope.get("extensions", {}), "emulator.connection": connection}
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:
                # Only `serve` cancels requests, after it has dropped their connections: nobody is left to answer,
                # and uvicorn would log the cancellation as a crash of the app.
                if not transport.is_closing():
                    raise

        self.app = with_connection


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` while the block runs and give its URL, without a trailing slash. Port 0 takes a free one.

    On exit the listening socket and all connections are closed and requests still running are cancelled.
    """
    config = uvicorn.Config(app, log_config=None, log_level=None, access_log=False, lifespan="off", ws="none")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: cast(asyncio.Protocol, _Protocol(config=config, server_state=state, app_state={})), LOOPBACK, port
    )
    try:
        yield f"http://{LOOPBACK}:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for connection in list(state.connections):
            cast(_Protocol, connection).transport.abort()
        # One turn of the loop lets every protocol notice that its connection is gone.
        await asyncio.sleep(0)
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await listener.wait_closed()


@contextlib.contextmanager
def serve_in_thread(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """Like `serve`, for code without an event loop and for fixtures that outlive one: a thread runs the server."""
    ready: threading.Event = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    outcome: list[str | BaseException] = []

    async def run() -> None:
        try:
            async with serve(app, port=port) as url:
                outcome.append(url)
                ready.set()
                await stop.wait()
        except BaseException as error:
            outcome.append(error)
            raise
        finally:
            ready.set()

    def main() -> None:
        # A failure to start is raised in the calling thread; repeating it here would only print it twice.
        with contextlib.closing(loop), contextlib.suppress(OSError):
            loop.run_until_complete(run())

    thread = threading.Thread(target=main, name="emulator", daemon=True)
    thread.start()
    ready.wait()
    started = outcome[0]
    if isinstance(started, BaseException):
        thread.join()
        raise started
    try:
        yield started
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
