"""What stands before every resource: the CDN's firewall, the rate limit, credentials and the version header."""

import base64
import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plangate.emulators.faults import BLOCKED

from .errors import error

FIRST_VERSION = date(2018, 8, 1)


@dataclass
class RateLimit:
    """So many requests per period and credential, in fixed windows.

    The API documents 100 per 20 seconds, "subject to change", and three headers that say where one stands [V]; that
    the window is fixed, and opens with the first request, is a stand-in.
    """

    requests: int
    period: int
    monotonic: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def spend(self, credential: str) -> tuple[int, int]:
        """Count one request: how many are spent now, and the whole seconds until the window ends."""
        now = self.monotonic()
        opened, count = self._windows.get(credential, (now, 0))
        if now - opened >= self.period:
            opened, count = now, 0
        self._windows[credential] = opened, count + 1
        return count + 1, max(1, math.ceil(opened + self.period - now))


@dataclass
class Gate:
    """ASGI middleware that lets only well-behaved and authenticated requests through to `app`.

    `limit` None is no rate limit; `rate_headers` False leaves its headers out, as they sometimes are [I].
    """

    app: ASGIApp
    app_id: str
    secret: str
    tokens: Collection[str]
    limit: RateLimit | None
    rate_headers: bool
    require_user_agent: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if self.require_user_agent and not headers.get("user-agent"):
            # Issues 1293 and 1313 of planningcenter/developers [I].
            await HTMLResponse(BLOCKED, 403)(scope, receive, send)
            return
        refusal: Response | None = None
        if self.limit:
            count, wait = self.limit.spend(headers.get("authorization", ""))
            if self.rate_headers:
                send = _adding(send, self.limit, count)
            if count > self.limit.requests:
                refusal = self._too_many(self.limit, count, wait)
        refusal = refusal or self._unauthorized(headers) or _unsupported(headers)
        await (refusal or self.app)(scope, receive, send)

    def _too_many(self, limit: RateLimit, count: int, wait: int) -> Response:
        detail = f"Rate limit exceeded: {count} of {limit.requests} requests per {limit.period} seconds"
        response = error(429, detail)
        response.headers["Retry-After"] = str(wait)
        return response

    def _unauthorized(self, headers: Headers) -> Response | None:
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        pair = base64.b64encode(f"{self.app_id}:{self.secret}".encode()).decode()
        basic = scheme.lower() == "basic" and credential == pair
        bearer = scheme.lower() == "bearer" and credential in self.tokens
        return None if basic or bearer else error(401)


def _adding(send: Send, limit: RateLimit, count: int) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-PCO-API-Request-Rate-Limit"] = str(limit.requests)
            headers["X-PCO-API-Request-Rate-Period"] = f"{limit.period} seconds"
            headers["X-PCO-API-Request-Rate-Count"] = str(count)
        await send(message)

    return adding


def _unsupported(headers: Headers) -> Response | None:
    # The newest version not after the given date is used; a date before the first one is an error [V].
    given = headers.get("x-pco-api-version")
    if given is None:
        return None
    try:
        if date.fromisoformat(given) >= FIRST_VERSION:
            return None
    except ValueError:
        pass
    return error(400, f"{given} is not a supported version", code="unsupported_version_error")
