"""A server for one test: it answers as the test says and keeps what it was asked."""

from collections.abc import Awaitable, Callable

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
