"""Every request that an emulator received, in order, so that a test can say how many calls a query cost."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A demo may run for days; a benchmark counts far fewer requests than this.
_KEPT = 100_000


class LoggedRequest(msgspec.Struct):
    """One request. `status` is None until it is answered, and stays None when it never was."""

    method: str
    path: str
    query: str
    when: datetime
    status: int | None = None


class RequestLog:
    """The requests so far, oldest first: iterate, take `len`, `count` by pattern, `clear`."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=_KEPT)

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self._requests)

    def append(self, request: LoggedRequest) -> None:
        self._requests.append(request)

    def count(self, path: str = "**", *, method: str | None = None, status: int | None = None) -> int:
        """How many requests match: in `path`, `*` stands for one segment and `**` for any number of them."""
        matches = _pattern(path).fullmatch
        return sum(
            1
            for request in self._requests
            if matches(request.path) and method in (None, request.method) and status in (None, request.status)
        )

    def counts(self) -> dict[str, int]:
        """Requests by path, most frequent first, with ids replaced by `*`."""
        return dict(Counter(re.sub(r"(?<=/)\d+(?=/|$)", "*", request.path) for request in self._requests).most_common())

    def clear(self) -> None:
        self._requests.clear()


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("".join({"**": ".*", "*": "[^/]+"}.get(p, re.escape(p)) for p in re.split(r"(\*{1,2})", path)))


class RequestLogging:
    """ASGI middleware that writes each HTTP request into a `RequestLog` as it comes in."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = LoggedRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            when=datetime.now(UTC),
        )
        # Logged on arrival, not on completion: a caller that gave up is a call all the same.
        self.log.append(request)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        await self.app(scope, receive, noting)
