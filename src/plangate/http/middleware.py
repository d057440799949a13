"""The outermost layer of the application: every request has an id and is one line in the log."""

import logging
import random
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plangate.errors import HttpError
from plangate.operation_context import OperationContext

from .cors import Cors, is_preflight
from .responses import error_response, shared_headers

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_IDS = r"-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
TRACEPARENT = re.compile(f"00{_IDS}|(?!00|ff)[0-9a-f]{{2}}{_IDS}(?:-.*)?")
"""https://www.w3.org/TR/trace-context/#traceparent-header; a version after 00 may have more at its end."""
TRACEPARENT_LENGTH = 55

MAX_LOGGED = 200
"""Maximum length of a path in the log, in characters."""

log = structlog.get_logger(__name__)


class RequestMiddleware:
    """Outermost: gives every request its ids, every response the headers that all share, and writes the request's line.

    A request to `graphql_path` gets an OperationContext, and pages of other origins may send it as `cors` allows.
    A client's `X-Request-Id` and `traceparent` are taken over if they are well formed. A request without an id gets
    one, and every response has it.
    """

    def __init__(self, app: ASGIApp, graphql_path: str, cors: Cors | None = None) -> None:
        self._app = app
        self._graphql_path = graphql_path
        self._cors = cors
        self._headers = shared_headers(*(["Origin"] if cors is not None and cors.varies else []))
        self._log = log.bind()  # bound once: an unbound logger is built anew for each line, shown or not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = combined(scope["headers"])
        request_id, traceparent = ids_of(headers)
        is_graphql = scope["path"] == self._graphql_path
        cors = self._cors if is_graphql and "origin" in headers else None
        context: OperationContext | None = None
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(message["headers"], self._headers)
                message["headers"].append((b"x-request-id", request_id.encode()))
                if cors is not None:
                    message["headers"] += cors.headers(headers["origin"])
            await send(message)

        try:
            if cors is not None and is_preflight(scope["method"], headers):
                await respond_to_preflight(cors, headers, send_with_headers)
            elif is_graphql:
                context = OperationContext(headers, request_id=request_id, traceparent=traceparent)
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


def combined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by lower-case name. Several of one name are one list (RFC 9110, 5.3), so that none is overlooked."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def ids_of(headers: Mapping[str, str]) -> tuple[str, str]:
    """The request's id, a new one if it has none that is well formed; its traceparent, empty if that is not."""
    request_id, traceparent = headers.get("x-request-id", ""), headers.get("traceparent", "")
    if not request_id or not REQUEST_ID.fullmatch(request_id):
        request_id = f"{random.getrandbits(128):032x}"
    if traceparent and not TRACEPARENT.fullmatch(traceparent):
        traceparent = ""
    return request_id, traceparent[:TRACEPARENT_LENGTH]


def add_headers(headers: list[tuple[bytes, bytes]], shared: Mapping[bytes, bytes]) -> None:
    """Add the headers that are not there yet."""
    given = {name for name, _ in headers}
    headers += shared.items() if given.isdisjoint(shared) else [each for each in shared.items() if each[0] not in given]


async def respond_to_preflight(cors: Cors, headers: Mapping[str, str], send: Send) -> None:
    try:
        allowed = cors.preflight(headers["origin"])
    except HttpError as error:
        await error_response(error.status, error.message, error.extensions).send(send)
        return
    await send({"type": "http.response.start", "status": 204, "headers": list(allowed)})
    await send({"type": "http.response.body", "body": b""})


def details_of(context: OperationContext) -> dict[str, Any]:
    """What the request's line says of the operation. An execution shared by requests is counted for the first one."""
    details = {
        "operation": context.operation_name,
        "type": context.operation_type,
        "viewer": context.viewer and context.viewer.id,
        "workspace": context.viewer and context.viewer.workspace,
        "code": context.code,
        "cost": context.cost,
        "stale": context.stale or None,
    }
    known = {name: value for name, value in details.items() if value is not None}
    return known | {"errors": context.errors, "calls": context.calls, "statements": context.statements}
