"""The outermost layer of the application: every request has an id and is one line in the log."""

import logging
import random
import re
import time
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plangate.operation_context import OperationContext

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

_IDS = rb"-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
TRACEPARENT = re.compile(rb"00%s|(?!00|ff)[0-9a-f]{2}%s(?:-.*)?" % (_IDS, _IDS))
"""https://www.w3.org/TR/trace-context/#traceparent-header; a version after 00 may have more at its end."""
TRACEPARENT_LENGTH = 55

MAX_LOGGED = 200
"""Maximum length of a path in the log, in characters."""

log = structlog.get_logger(__name__)


class RequestMiddleware:
    """Outermost: gives every request its ids and logs it. A request to `graphql_path` gets an OperationContext.

    A client's `X-Request-Id` and `traceparent` are taken over if they are well formed. A request without an id gets
    one, and every response has it.
    """

    def __init__(self, app: ASGIApp, graphql_path: str) -> None:
        self._app = app
        self._graphql_path = graphql_path
        self._log = log.bind()  # bound once: an unbound logger is built anew for each line, shown or not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id, traceparent = ids_of(scope["headers"])
        context: OperationContext | None = None
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            if scope["path"] == self._graphql_path:
                context = OperationContext(Headers(scope=scope), request_id=request_id, traceparent=traceparent)
                with context:
                    await self._app(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        finally:
            if self._log.is_enabled_for(logging.INFO):
                ms = round((time.perf_counter() - started) * 1000, 1)
                ids = {"request_id": request_id} | ({"trace_id": traceparent[3:35]} if traceparent else {})
                details = {} if context is None else details_of(context)
                path = scope["path"][:MAX_LOGGED]
                self._log.info("request", method=scope["method"], path=path, status=status, ms=ms, **ids, **details)


class DirectRoute:
    """Hands requests for `path` straight to `endpoint`, past the router and the layers around it."""

    def __init__(self, app: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_direct = scope["type"] == "http" and scope["path"] == self._path
        await (self._endpoint if is_direct else self._app)(scope, receive, send)


def ids_of(headers: list[tuple[bytes, bytes]]) -> tuple[str, str]:
    """The request's id, a new one if it has none that is well formed; its traceparent, empty if that is not."""
    request_id, traceparents = "", []
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            request_id = value.decode()
        elif name == b"traceparent":
            traceparents.append(value)
    if len(traceparents) == 1 and TRACEPARENT.fullmatch(traceparents[0]):
        traceparent = traceparents[0][:TRACEPARENT_LENGTH].decode()
    else:
        traceparent = ""
    return request_id or f"{random.getrandbits(128):032x}", traceparent


def details_of(context: OperationContext) -> dict[str, Any]:
    """What the request's line says of the operation. An execution shared by requests is counted for the first one."""
    details = {
        "operation": context.operation_name,
        "type": context.operation_type,
        "viewer": context.viewer and context.viewer.id,
        "workspace": context.viewer and context.viewer.workspace,
        "code": context.code,
        "cost": context.cost,
    }
    known = {name: value for name, value in details.items() if value is not None}
    return known | {"errors": context.errors, "calls": context.calls, "statements": context.statements}
