"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): requests in, one JSON answer out.

A request that cannot be executed gets a typed error, never a traceback. Its status is 400 for a client that accepts
`application/graphql-response+json`, and 200 under `application/json` where the HTTP part of the request was sound.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakSet

import orjson
from graphql import GraphQLError, OperationType, get_argument_values
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from plangate import executor
from plangate.access import Viewer
from plangate.documents import Disclosure, Operation, RequestError
from plangate.errors import PlangateError, SourceError, StoreUnavailable, Unauthenticated
from plangate.executor import EVERYTHING, Executor
from plangate.graph.context import Context
from plangate.operation_context import OperationContext, note_failure
from plangate.turns import Progress, Turns

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
METHODS = ("GET", "POST")

Authenticate = Callable[[Mapping[str, str]], Awaitable[Viewer]]
MakeContext = Callable[[Viewer, str, float, Callable[[], None]], Context]
"""Of the viewer, the request's id, the end of its time in that of the loop, and what Loaders do on leaving home."""
Disclose = Callable[[Viewer], Disclosure]
Shared = Turns[executor.Response]

MAX_NAME = 100
"""Maximum length of an operation's name in the log, in characters."""


class LeftHome(PlangateError):
    """What was to be executed for several requests together asks another system than the store."""


class Refused(PlangateError):
    """The HTTP part of a request is not sound."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self._code, self.headers = status, code, headers

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self._code}


class GraphQLEndpoint:
    """Answers GET and POST. `deadline` (seconds) bounds reading the request and, again, executing it.

    `coalesce`: queries of one viewer that come at the same time are executed together (see plangate.turns).
    """

    def __init__(
        self,
        executor: Executor,
        authenticate: Authenticate,
        make_context: MakeContext,
        *,
        deadline: float,
        max_body: int,
        page: str | None,
        coalesce: bool = True,
        disclose: Disclose = lambda _: EVERYTHING,
    ) -> None:
        self._executor = executor
        self._authenticate = authenticate
        self._make_context = make_context
        self._deadline = deadline
        self._max_body = max_body
        self._page = page
        self._disclose = disclose
        self._turns: Shared | None = Turns() if coalesce else None
        self._alone: WeakSet[Operation] = WeakSet()
        """Operations that were seen to ask another system than the store: a slow one must not make others wait."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The endpoint as an ASGI application, within the OperationContext of the request."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The response to a request, whatever it is. Raises nothing; notes in the context what the log says of it."""
        context = current_context()
        try:
            return await self._respond(request, context)
        except Refused as error:
            return _error(context, error, error.status, error.headers)
        except Unauthenticated as error:
            return _error(context, error, 401, {"WWW-Authenticate": "Bearer"})
        except Exception as error:
            note_failure(error)
            details = {"code": "INTERNAL_SERVER_ERROR", "requestId": context.request_id}
            return _error(context, PlangateError("Unexpected error."), 500, extensions=details)
        finally:
            context.failures.log()

    async def _respond(self, request: Request, context: OperationContext) -> Response:
        time = asyncio.get_running_loop().time
        asked: dict[str, Any] | None = None
        if request.method not in METHODS:
            raise Refused(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", {"Allow": ", ".join(METHODS)})
        if self._wants_page(request):
            return HTMLResponse(self._page)
        media_type = _media_type(request)
        try:
            async with asyncio.timeout(self._deadline) as limit:
                asked = _from_query(request) if request.method == "GET" else _from_body(await self._body(request))
                context.viewer = await self._authenticate(request.headers)
                limit.reschedule(ends := time() + self._deadline)
                answer = await self._answer(asked, context.viewer, request, ends, context)
        except TimeoutError:
            if asked is None:
                raise Refused(408, "REQUEST_TIMEOUT", "The request's body did not arrive in time.") from None
            if context.viewer is None:
                error = StoreUnavailable("store", "The credential could not be checked in time.")
                note_failure(error)
                return _error(context, error, 503)
            message = f"The operation took longer than {self._deadline:g} seconds. Ask for less."
            answer = _refusal("DEADLINE_EXCEEDED", message)
        except SourceError as error:
            if context.viewer is not None:
                raise
            # The store or the issuer of tokens does not answer, which says nothing about the credential.
            note_failure(error)
            return _error(context, error, 503)
        context.errors, context.code, context.cost = len(answer.errors), answer.code, answer.cost
        return Response(answer.body(), 400 if answer.refused and media_type == GRAPHQL else 200, media_type=media_type)

    async def _answer(
        self, asked: dict[str, Any], viewer: Viewer, request: Request, ends: float, context: OperationContext
    ) -> executor.Response:
        """Queries are executed in turns: those of the same viewer together, if they stay in the store."""
        try:
            operation = self._executor.prepare(asked["query"], asked["operationName"], self._disclose(viewer))
            context.operation_name = operation.name and operation.name[:MAX_NAME]
            context.operation_type = operation.type.value
            is_query = operation.type is OperationType.QUERY
            if request.method == "GET" and not is_query:
                return _refusal("METHOD_NOT_ALLOWED", "Only queries can be sent by GET. Use POST.")
            execute = partial(self._execute, operation, viewer, ends)
            variables = operation.given(asked["variables"]) if is_query and self._turns else None
            if self._turns is None or variables is None:
                [response] = await execute(Progress(), [asked["variables"]])
            else:
                goes_alone = operation in self._alone or not self._executor.compiles(operation)
                key = operation, viewer, _credentials(request), variables if goes_alone else None
                response = await self._turns.share(key, variables, execute)
            if isinstance(response, Exception):
                raise response
            return response
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
        context = current_context()
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

    def _wants_page(self, request: Request) -> bool:
        return (
            self._page is not None
            and request.method == "GET"
            and "query" not in request.query_params
            and "text/html" in request.headers.get("accept", "")
        )

    async def _body(self, request: Request) -> bytes:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            # Also what keeps other sites' simple requests out: a browser asks first before it sends this type.
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send the request as Content-Type: {JSON}.")
        too_large = Refused(413, "PAYLOAD_TOO_LARGE", f"The request is larger than {self._max_body} bytes.")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._max_body:
            raise too_large
        chunks, size, has_more = [], 0, True
        while has_more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "BAD_REQUEST", "The request's body was not finished.")
            chunks.append(message.get("body", b""))
            size, has_more = size + len(chunks[-1]), message.get("more_body", False)
            if size > self._max_body:
                raise too_large
        return b"".join(chunks)


def current_context() -> OperationContext:
    context = OperationContext.current()
    assert context is not None, "RequestMiddleware enters it"
    return context


def _media_type(request: Request) -> str:
    accepted = request.headers.get("accept", "*/*").lower()
    if GRAPHQL in accepted:
        return GRAPHQL
    if any(each in accepted for each in (JSON, "application/*", "*/*")):
        return JSON
    raise Refused(406, "NOT_ACCEPTABLE", f"Answers are {JSON} or {GRAPHQL}.")


def _from_query(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = {name: request.query_params.get(name) for name in ("query", "operationName")}
    variables = request.query_params.get("variables")
    asked["variables"] = _decoded(variables.encode("utf-8", "surrogatepass"), "variables") if variables else None
    return _checked(asked)


def _from_body(body: bytes) -> dict[str, Any]:
    asked = _decoded(body, "request")
    if isinstance(asked, list):
        raise Refused(400, "BAD_REQUEST", "Batches of operations are not served. Send one object.")
    if not isinstance(asked, dict):
        raise Refused(400, "BAD_REQUEST", "The request must be a JSON object with a query.")
    return _checked(asked)


def _decoded(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(400, "BAD_REQUEST", f"The {what} is not valid JSON in UTF-8.") from None


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    query, variables, name = asked.get("query"), asked.get("variables"), asked.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "BAD_REQUEST", "The request has no query.")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, "BAD_REQUEST", "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "BAD_REQUEST", "`operationName` must be a string.")
    return {"query": query, "variables": variables, "operationName": name or None}


def _credentials(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    """All of a request's headers that an answer may depend on beside the viewer: what upstream systems are shown."""
    return tuple(each for each in request.headers.raw if each[0].startswith((b"authorization", b"x-plangate-")))


def _refusal(code: str, message: str) -> executor.Response:
    return executor.Response(None, [GraphQLError(message, extensions={"code": code})], code=code)


def _error(
    context: OperationContext, error: PlangateError, status: int, headers: Mapping[str, str] | None = None,
    extensions: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The response to a request that could not be executed at all."""
    extensions = extensions or error.extensions
    context.errors, context.code = 1, extensions["code"]
    body = orjson.dumps({"errors": [{"message": error.message, "extensions": extensions}]})
    return Response(body, status, headers, media_type=JSON)


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


def _with(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, None, extensions)
