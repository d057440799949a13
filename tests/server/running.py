"""The protocol behind a real socket: a server on uvloop in a thread of its own, and clients that write bytes."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import orjson
import uvloop
from uvicorn.server import ServerState

from plangate.http.cors import Cors
from plangate.server import STATE, HttpProtocol, Worker, server_config
from plangate.settings.http import HttpSettings

T = TypeVar("T")

MAX_BODY = 100_000
LARGE = b"x" * 8_000_000


class Application:
    """Answers with what it was asked, as JSON.

    `/hold` waits until `release` is set; `/large` sends `LARGE`; `/stream` sends a piece every 20 ms, 50 times.
    """

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.started: list[str] = []
        self.disconnected: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.started.append(path)
        message = await receive()
        if path == "/hold":
            watcher = asyncio.create_task(receive())
            await self.release.wait()
            if watcher.done() and watcher.result()["type"] == "http.disconnect":
                self.disconnected.append(path)
            watcher.cancel()
        if path == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(50):
                await send({"type": "http.response.body", "body": b"%d," % number, "more_body": True})
                await asyncio.sleep(0.02)
            await send({"type": "http.response.body", "body": b"end"})
            return
        body = LARGE
        if path != "/large":
            assert message["more_body"] is False, "the application gets complete requests"
            answer = {
                "method": scope["method"],
                "path": path,
                "query": scope["query_string"].decode(),
                "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
                "body": message["body"].decode(),
            }
            body = orjson.dumps(answer)
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Running:
    """A server that runs in a thread."""

    port: int
    worker: Worker
    application: Application
    state: ServerState
    loop: asyncio.AbstractEventLoop

    def call(self, function: Callable[[], T]) -> T:
        """The result of a function that the server's thread executes."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(5)

    def release(self) -> None:
        self.call(self.application.release.set)


@contextlib.contextmanager
def serving(cors: Cors | None = None, **limits: Any) -> Iterator[Running]:
    running, ready, stop = Running(), threading.Event(), asyncio.Event()

    async def main() -> None:
        running.application, running.state = Application(), ServerState()
        running.loop = asyncio.get_running_loop()
        config = server_config(running.application)
        config.load()
        async with Worker(HttpSettings(**limits), MAX_BODY, cors=cors) as running.worker:
            state = {STATE: running.worker}
            listener = await running.loop.create_server(
                lambda: cast(asyncio.Protocol, HttpProtocol(config, running.state, state)), "127.0.0.1", 0, backlog=2048
            )
            running.port = listener.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()
            running.application.release.set()
            listener.close()
            for connection in tuple(running.worker.connections):
                connection.transport.abort()
            while running.state.tasks or running.worker.connections:
                await asyncio.sleep(0.001)

    thread = threading.Thread(target=uvloop.run, args=(main(),))
    thread.start()
    assert ready.wait(5)
    try:
        yield running
    finally:
        running.loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        assert not thread.is_alive()


class Response:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def refused(self) -> tuple[int, str]:
        """Status and code of a typed error."""
        [error] = self.json["errors"]
        assert set(error) == {"message", "extensions"}
        assert error["message"].endswith(".")
        assert self.headers["content-type"] == "application/json"
        return self.status, error["extensions"]["code"]


class Client:
    """One connection. Use it as `async with Client(port)`.

    `receive_buffer`: bytes that the kernel takes while the program reads nothing; megabytes if not set.
    """

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self._port = port
        self._receive_buffer = receive_buffer

    async def __aenter__(self) -> "Client":
        connection = socket.socket()
        if self._receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self._port))
        self.reader, self.writer = await asyncio.open_connection(sock=connection)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def response(self, *, head_only: bool = False) -> Response:
        """The next response, whose length its headers give."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:-2])
            length = 0 if head_only else int(headers["content-length"])
            return Response(int(head[0].split()[1]), headers, await self.reader.readexactly(length))

    async def ask(self, data: bytes) -> Response:
        self.send(data)
        return await self.response()

    async def rest(self) -> bytes:
        """What still arrives until the server ends the connection."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read(-1)
            except ConnectionResetError:
                return b""


def get(path: str = "/", *headers: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: x", *headers, "", "")).encode()


def post(body: bytes, *headers: str, path: str = "/") -> bytes:
    head = (f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(head).encode() + body
