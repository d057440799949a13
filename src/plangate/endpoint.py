"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): requests in, one JSON answer out.

A request that cannot be executed gets a typed error, never a traceback. Its status is 400 for a client that accepts
`application/graphql-response+json`, and 200 under `application/json` where the HTTP part of the request was sound.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakSet

import orjson
import structlog
from graphql import GraphQLError, OperationType, get_argument_values
from starlette.types import Receive, Scope, Send

from plangate import executor
from plangate.access import Viewer
from plangate.disconnects import ClientGone, Disconnects
from plangate.documents import Disclosure, Operation, RequestError
from plangate.errors import HttpError, PlangateError, SourceError, StoreUnavailable, Unauthenticated
from plangate.executor import FULL_DISCLOSURE, Executor
from plangate.graph.context import Context
from plangate.graphiql import Page
from plangate.graphql_request import GraphQLRequest, check_get, from_body, from_query_string
from plangate.http import negotiation
from plangate.http.body import JSON, read_json
from plangate.http.compression import CODINGS, MIN_SIZE, compress
from plangate.http.responses import Response, error_response
from plangate.operation_context import OperationContext, note_failure
from plangate.turns import Progress, Turns

GRAPHQL = "application/graphql-response+json"
HTML = "text/html"
OFFERS = (GRAPHQL, JSON)
PAGE_OFFERS = (GRAPHQL, JSON, HTML)
METHODS = ("GET", "POST")

Authenticate = Callable[[Mapping[str, str]], Awaitable[Viewer]]
MakeContext = Callable[[Viewer, str, float, Callable[[], None]], Context]
"""Of the viewer, the request's id, the end of its time in that of the loop, and what Loaders do on leaving home."""
Disclose = Callable[[Viewer], Disclosure]
Shared = Turns[executor.Response]

CLIENT_CLOSED_REQUEST = 499
"""Status in the log of a request whose client has gone, as nginx has it. Nobody gets the response."""
MAX_NAME = 100
"""Maximum length of an operation's name in the log, in characters."""

log = structlog.get_logger(__name__)


class LeftHome(PlangateError):
    """What was to be executed for several requests together asks another system than the store."""


class GraphQLEndpoint:
    """Answers GET and POST, as an ASGI application within the OperationContext of the request.

    `deadline` (seconds) bounds reading the request and, again, executing it; `max_body` (bytes) the decompressed body.
    `page` is for browsers. `coalesce`: queries of one viewer that come at the same time are executed together (see
    plangate.turns). `require_preflight`: see graphql_request.check_get. `compression`: responses of 1 kB and more are
    compressed for clients that accept it.
    """

    def __init__(
        self,
        executor: Executor,
        authenticate: Authenticate,
        make_context: MakeContext,
        *,
        deadline: float,
        max_body: int,
        page: Page | None,
        coalesce: bool = True,
        disclose: Disclose = lambda _: FULL_DISCLOSURE,
        require_preflight: bool = True,
        compression: bool = True,
    ) -> None:
        self._executor = executor
        self._authenticate = authenticate
        self._make_context = make_context
        self._deadline = deadline
        self._max_body = max_body
        self._page = page
        self._disclose = disclose
        self._require_preflight = require_preflight
        self._compression = compression
        self._disconnects = Disconnects()
        self._turns: Shared | None = Turns() if coalesce else None
        self._alone: WeakSet[Operation] = WeakSet()
        """Operations that were seen to ask another system than the store: a slow one must not make others wait."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = OperationContext.current()
        assert context is not None, "RequestMiddleware enters it"
        response = await self._respond(scope["method"], scope["query_string"], receive, context)
        accepted = context.headers.get("accept-encoding")
        if accepted is not None and self._compression and len(response.body) >= MIN_SIZE:
            await _compress(response, accepted)
        await response.send(send)

    async def _respond(self, method: str, query_string: bytes, receive: Receive, context: OperationContext) -> Response:
        """The response to a request, whatever it is. Notes in the context what the log says of it."""
        media_type = JSON
        try:
            if method not in METHODS:
                raise HttpError(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", {"Allow": ", ".join(METHODS)})
            offers = PAGE_OFFERS if method == "GET" and self._page and b"query=" not in query_string else OFFERS
            preferred = negotiation.media_type(context.headers.get("accept", "*/*"), offers, JSON)
            if preferred is None:
                raise HttpError(406, "NOT_ACCEPTABLE", f"Responses are {' or '.join(OFFERS)}. Accept one of them.")
            if preferred == HTML and self._page:
                return Response(self._page.html, 200, f"{HTML}; charset=utf-8", self._page.headers)
            media_type = preferred
            answer = await self._answer(method, query_string, receive, context)
        except HttpError as error:
            return _error(context, media_type, error, error.status, error.headers)
        except Unauthenticated as error:
            return _error(context, media_type, error, 401, {"WWW-Authenticate": "Bearer"})
        except ClientGone:
            context.code = "CLIENT_CLOSED_REQUEST"
            return Response(b"", CLIENT_CLOSED_REQUEST)
        except SourceError as error:
            # The store or the issuer of tokens does not answer, which says nothing about the credential.
            note_failure(error)
            return _error(context, media_type, error, 503)
        except Exception as error:
            note_failure(error)
            masked = PlangateError("Unexpected error.", requestId=context.request_id)
            return _error(context, media_type, masked, 500)
        finally:
            context.failures.log()
        context.errors, context.code, context.cost = len(answer.errors), answer.code, answer.cost
        status = 400 if answer.refused and media_type == GRAPHQL else 200
        return Response(answer.body(), status, media_type)

    async def _answer(
        self, method: str, query_string: bytes, receive: Receive, context: OperationContext
    ) -> executor.Response:
        """Read, authenticate and execute. Raises HttpError, Unauthenticated, or SourceError if neither can be told."""
        time = asyncio.get_running_loop().time
        request: GraphQLRequest | None = None
        try:
            async with asyncio.timeout(self._deadline) as limit:
                if method == "GET":
                    check_get(context.headers, require_preflight=self._require_preflight)
                    request = from_query_string(query_string)
                else:
                    request = from_body(await read_json(receive, context.headers, self._max_body))
                viewer = await self._authenticate(context.headers)
                context.viewer = viewer
                limit.reschedule(ends := time() + self._deadline)
                return await self._run(request, viewer, ends, receive, context, is_get=method == "GET")
        except TimeoutError:
            if request is None:
                raise HttpError(408, "REQUEST_TIMEOUT", "The request's body did not arrive in time.") from None
            if context.viewer is None:
                raise StoreUnavailable("store", "The credential could not be checked in time.") from None
            message = f"The operation took longer than {self._deadline:g} seconds. Ask for less."
            return _refusal("DEADLINE_EXCEEDED", message)

    async def _run(
        self, request: GraphQLRequest, viewer: Viewer, ends: float, receive: Receive, context: OperationContext,
        *, is_get: bool,
    ) -> executor.Response:  # fmt: skip
        """Queries are executed in turns: those of the same viewer together, if they stay in the store."""
        try:
            operation = self._executor.prepare(request.query, request.operation_name, self._disclose(viewer))
            context.operation_name = operation.name and operation.name[:MAX_NAME]
            context.operation_type = operation.type.value
            is_query = operation.type is OperationType.QUERY
            if is_get and not is_query:
                raise HttpError(405, "METHOD_NOT_ALLOWED", "A GET can only be a query. Use POST.", {"Allow": "POST"})
            # Only queries end when their client has gone: a mutation is not stopped half-way.
            with self._disconnects.watching(receive) if is_query else nullcontext():
                execute = partial(self._execute, operation, viewer, ends)
                variables = operation.given(request.variables) if is_query and self._turns else None
                if self._turns is None or variables is None:
                    [response] = await execute(Progress(), [request.variables])
                else:
                    goes_alone = operation in self._alone or not self._executor.compiles(operation)
                    key = operation, viewer, _credentials(context.headers), variables if goes_alone else None
                    response = await self._turns.share(key, variables, execute)
            if isinstance(response, Exception):
                raise response
            return _with_own_id(response, context) if response.errors else response
        except RequestError as error:
            return executor.Response(None, error.errors, code=error.code)
        except RecursionError:
            return _refusal("BAD_USER_INPUT", "The request is nested too deeply. Send a flatter one.")

    async def _execute(
        self, operation: Operation, viewer: Viewer, ends: float, progress: Progress, asked: Sequence[Any]
    ) -> list[executor.Response | RequestError]:
        """Execute an operation for each of these variables, which may be written as JSON.

        Raises LeftHome if there are several, and they cannot be answered from the store alone.
        """
        left_home = LeftHome("Requests of several are answered from the store alone.")
        has_left = False

        def leave_home() -> None:
            nonlocal has_left
            has_left = True
            self._alone.add(operation)
            if len(asked) > 1:
                raise left_home

        # Of several requests the first one's: they have the same viewer and the same credentials.
        context = OperationContext.current()
        assert context is not None
        execution = self._make_context(viewer, context.request_id, ends, leave_home)
        progress.is_fresh = execution.loaders.is_fresh
        variables = [orjson.loads(each) if isinstance(each, bytes) else each for each in asked]
        disclosure = self._disclose(viewer)
        try:
            outcomes = await self._executor.run_all(operation, variables, context=execution, disclosure=disclosure)
        finally:
            execution.loaders.close()
            context.failures.log()
        if has_left and len(asked) > 1:
            raise left_home
        responses = [each for each in outcomes if isinstance(each, executor.Response)]
        progress.objects = sum(response.objects for response in responses)
        for response in responses if context.stale else ():
            response.extensions = {**(response.extensions or {}), "stale": context.stale}
        return outcomes


async def _compress(response: Response, accepted: str) -> None:
    coding = negotiation.content_coding(accepted, CODINGS)
    if coding is not None:
        response.body = await compress(response.body, coding)
        response.headers.append((b"content-encoding", coding.encode()))


def _credentials(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """All of a request's headers that an answer may depend on beside the viewer: what upstream systems are shown."""
    return tuple(each for each in headers.items() if each[0].startswith(("authorization", "x-plangate-")))


def _refusal(code: str, message: str) -> executor.Response:
    return executor.Response(None, [GraphQLError(message, extensions={"code": code})], code=code)


def _error(
    context: OperationContext,
    media_type: str,
    error: PlangateError,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response to a request that was not executed."""
    context.errors, context.code = 1, error.extensions["code"]
    return error_response(status, error.message, error.extensions, headers, media_type)


def mask(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it: those raised on purpose as they are, unexpected ones without their text."""
    cause = error.original_error
    if isinstance(cause, SourceError):
        note_failure(cause, error.path)
    if isinstance(cause, PlangateError) or (cause is None and error.extensions):
        return error
    if cause is None or _is_of_argument(cause):
        return _with(error, error.message, {"code": "BAD_USER_INPUT", "classification": "ValidationError"})
    note_failure(cause, error.path)
    context = OperationContext.current()
    request_id = context.request_id if context is not None else None
    return _with(error, "Unexpected error.", {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id})


def _is_of_argument(error: Exception) -> bool:
    """Whether graphql-core raised this when it coerced an argument: a variable's null in a non-null position."""
    innermost = error.__traceback__
    while innermost and innermost.tb_next:
        innermost = innermost.tb_next
    module = innermost and innermost.tb_frame.f_globals["__name__"]
    return isinstance(error, GraphQLError) and module == get_argument_values.__module__


def _with_own_id(response: executor.Response, context: OperationContext) -> executor.Response:
    """The response with the id of its own request: it may be shared with the request that executed it.

    The log has the cause with the id of that one; a line with the own id leads there.
    """
    ids = {(error.extensions or {}).get("requestId", context.request_id) for error in response.errors}
    if not (others := ids - {context.request_id}):
        return response
    log.error("unexpected_error", executed_by=others.pop())
    errors = [
        _with(error, error.message, {**error.extensions, "requestId": context.request_id})
        if error.extensions and "requestId" in error.extensions
        else error
        for error in response.errors
    ]
    return replace(response, errors=errors, _body=None)


def _with(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, None, extensions)
