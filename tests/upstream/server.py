"""Servers for one test: one that answers as the test says and keeps what it was asked, and one that never answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plangate.upstream import Upstream

SECRET = "Bearer s3cr3t"
Answer = Callable[[Request], Awaitable[Response]]


class Server:
    """Answers `/api/x` with whatever `answer` makes of it, and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Response] = []
        self.answer: Answer = self.pop
        self.url = ""
        self.open: list[Upstream] = []

    async def pop(self, request: Request) -> Response:
        return self.answers.pop(0) if self.answers else PlainTextResponse('{"ok": true}')

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return await self.answer(request)

    def upstream(self, **settings: object) -> Upstream:
        given = {"secret_headers": {"authorization": SECRET}, "deadline": 2.0} | settings
        upstream = Upstream("system", f"{self.url}/api/", **given)  # type: ignore[arg-type]
        self.open.append(upstream)
        return upstream


class SilentServer:
    """Reads requests and answers none of them. A request is open until the client closes its connection."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.open = 0
        self.most_open = 0
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            self.paths.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            try:
                await reader.read()
            finally:
                self.open -= 1
                writer.close()

    @asynccontextmanager
    async def upstream(self, **settings: object) -> AsyncIterator[Upstream]:
        """The server, and a client of it."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500) as listener:
            self.url = "http://%s:%d" % listener.sockets[0].getsockname()
            upstream = Upstream("system", self.url, **settings)  # type: ignore[arg-type]
            try:
                yield upstream
            finally:
                await upstream.close()
                async with asyncio.timeout(5):
                    while self.open:
                        await asyncio.sleep(0.01)
