"""The switchboard of faults that every emulator shares, and the middleware that puts them on the wire.

Faults come in three sorts, applied in this order: waiting (`latency`), answers that replace the emulator's own
(`reset`, `redirect`, `html`, `rate_limit`, `status`, `expired`, `huge_body`), and damage to the emulator's real answer
(`malformed`, `truncated`, `slow_body`, `content_type`). Sorts combine: `latency` with `status`, say.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .server import Connection

Answer = Callable[[int], Response]
"""A system's own words for an error status: its body, its content type, its headers."""

BLOCKED = """<!DOCTYPE html><html><head><title>403 Forbidden</title></head>
<body><center><h1>403 Forbidden</h1></center><hr><center>cloudfront</center></body></html>
"""


class Faults(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is wrong with the upstream at the moment. A new one, like a cleared one, is a healthy upstream."""

    latency: float = 0.0
    """Seconds to wait before anything else."""
    rate_limit: int | None = None
    """Answer 429 with this `Retry-After`."""
    status: int | None = None
    """Answer this error status, 500 or 503 for example, in the system's own words."""
    retry_after: int | None = None
    """`Retry-After` to go with `status`."""
    expired: bool = False
    """Answer as if the credential had expired or been revoked."""
    reset: bool = False
    """Reset the connection instead of answering."""
    redirect: str | None = None
    """Redirect to this URL, on another host if you like."""
    html: bool = False
    """Answer 403 with a firewall's HTML page."""
    huge_body: int | None = None
    """Answer 200 with a body of this many bytes, streamed."""
    malformed: bool = False
    """Break the JSON of the real answer, keeping its length right."""
    truncated: bool = False
    """Send half of the real body under its full `Content-Length`, then close."""
    slow_body: float | None = None
    """Send the real body a byte every so many seconds."""
    content_type: str | None = None
    """Replace the content type of the real answer."""
    times: int | None = None
    """Only for the next so many requests; None is until cleared."""
    path: str = ""
    """Only for requests whose path starts with this."""

    def set(self, other: "Faults") -> None:
        """Take over all that `other` says, forgetting what was set before."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(other, name))

    def clear(self) -> None:
        """Be healthy again."""
        self.set(Faults())

    def drawn(self, path: str) -> "Faults":
        """The faults that hit one request to `path`. This uses up one of `times`."""
        if not path.startswith(self.path) or self.times == 0:
            return Faults()
        if self.times is not None:
            self.times -= 1
        return msgspec.structs.replace(self)


class FaultInjection:
    """ASGI middleware that lets `faults` happen to `app`. `answer` words errors as the emulated system does."""

    def __init__(self, app: ASGIApp, faults: Faults, answer: Answer) -> None:
        self.app = app
        self.faults = faults
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self.faults.drawn(scope["path"])
        if faults.latency:
            await asyncio.sleep(faults.latency)
        if faults.reset:
            _connection(scope).reset()
            await _gone(receive)
            return
        response = self._replacement(faults, scope)
        if response is not None:
            await response(scope, receive, send)
        elif faults.malformed or faults.truncated or faults.slow_body is not None or faults.content_type:
            await _damaged(self.app, faults, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _replacement(self, faults: Faults, scope: Scope) -> Response | None:
        if faults.redirect:
            return RedirectResponse(faults.redirect, 302)
        if faults.html:
            return HTMLResponse(BLOCKED, 403)
        if faults.rate_limit is not None:
            return _with_retry_after(self.answer(429), faults.rate_limit)
        if faults.status is not None:
            return _with_retry_after(self.answer(faults.status), faults.retry_after)
        if faults.expired:
            return self.answer(401)
        if faults.huge_body is not None:
            return _huge(faults.huge_body, _connection(scope))
        return None


def _with_retry_after(response: Response, seconds: int | None) -> Response:
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _huge(size: int, connection: Connection) -> Response:
    # Valid JSON to the last byte, so that only a size limit protects the reader.
    head, tail, block = b'{"data":"', b'"}', b"x" * 65_536
    filling = max(0, size - len(head) - len(tail))

    async def chunks() -> AsyncIterator[bytes]:
        yield head
        for _ in range(filling // len(block)):
            if connection.is_closed:
                return
            yield block
        yield block[: filling % len(block)] + tail

    return StreamingResponse(chunks(), media_type="application/json")


async def _damaged(app: ASGIApp, faults: Faults, scope: Scope, receive: Receive, send: Send) -> None:
    start: Message = {}
    body = bytearray()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, collect)
    if faults.content_type:
        others = [(name, value) for name, value in start["headers"] if name.lower() != b"content-type"]
        start["headers"] = [*others, (b"content-type", faults.content_type.encode("latin-1"))]
    if faults.malformed:
        body[-1:] = b","
    await send(start)
    if faults.truncated:
        await send({"type": "http.response.body", "body": bytes(body[: len(body) // 2]), "more_body": True})
        _connection(scope).close()
        await _gone(receive)
        return
    if faults.slow_body is not None:
        while body and not _connection(scope).is_closed:
            await send({"type": "http.response.body", "body": bytes(body[:1]), "more_body": True})
            del body[:1]
            await asyncio.sleep(faults.slow_body)
    await send({"type": "http.response.body", "body": bytes(body)})


def _connection(scope: Scope) -> Connection:
    return cast(Connection, scope["extensions"]["emulator.connection"])


async def _gone(receive: Receive) -> None:
    # Returning sooner would make the server believe that the app had forgotten to answer.
    while (await receive())["type"] != "http.disconnect":
        pass
