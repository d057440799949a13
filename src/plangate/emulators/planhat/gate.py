"""What stands before every path: the credential and the rate limit. Errors are plain strings [K]."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_WORDS = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    429: "Too many requests",
    500: "Internal server error",
}


def refusal(status: int, words: str = "") -> Response:
    """An error whose body is a JSON string; the words are stand-ins."""
    return Response(json.dumps(words or _WORDS.get(status, "Error")), status, media_type="application/json")


@dataclass
class RateLimit:
    """So many calls a minute, 200 as documented [V]. That the minute begins with the first call, and that `Retry-After`
    is not sent, are stand-ins.
    """

    calls: int
    period: float = 60.0
    monotonic: Callable[[], float] = time.monotonic
    _opened: float = field(default=float("-inf"))
    _spent: int = 0

    def spend(self) -> bool:
        """Count one call: whether it is still allowed."""
        if self.monotonic() - self._opened >= self.period:
            self._opened, self._spent = self.monotonic(), 0
        self._spent += 1
        return self._spent <= self.calls


@dataclass
class Gate:
    """ASGI middleware. A token comes as Bearer [S] or as the user of Basic without a password [V]."""

    app: ASGIApp
    token: str
    limit: RateLimit | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization", "")
        basic = base64.b64encode(f"{self.token}:".encode()).decode()
        if given not in (f"Bearer {self.token}", f"Basic {basic}"):
            await refusal(401)(scope, receive, send)
        elif self.limit and not self.limit.spend():
            await refusal(429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
