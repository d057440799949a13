"""Requests to answers: a document is prepared, its variables are admitted, and it is run by one of two executors.

The compiled one is the engine. What it does not compile (`is_compilable` is the rule) goes to graphql-core's, and with
`compiled=False` everything: through the same limits, cache and cost, with the same answers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, execute
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_awaitable

from plangate.documents import Cache, Limits, Operation, RequestError, Weigh, cost_of, load_operation
from plangate.engine import Bind, Compiled, Engine, gathered


@dataclass(slots=True)
class Response:
    """What a request is answered with."""

    data: dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()
    extensions: dict[str, Any] | None = None
    code: str | None = None  # of a refused request
    objects: int = 0  # that the data is made of, a measure of the work; on average, if run with others
    cost: int | None = None
    _body: bytes | None = None

    @property
    def refused(self) -> bool:
        """Whether the request was not executed; then the answer has no data entry."""
        return self.code is not None

    @property
    def formatted(self) -> dict[str, Any]:
        """The answer's map, its entries in graphql-core's order."""
        formatted: dict[str, Any] = {} if self.refused else {"data": self.data}
        if self.errors:
            formatted["errors"] = [error.formatted for error in self.errors]
        if self.extensions is not None:
            formatted["extensions"] = self.extensions
        return formatted

    def body(self) -> bytes:
        """The answer as JSON, written once. What orjson refuses (lone surrogates, large integers) json writes."""
        if self._body is None:
            try:
                self._body = orjson.dumps(self.formatted, option=orjson.OPT_NON_STR_KEYS)
            except TypeError:
                self._body = json.dumps(self.formatted, separators=(",", ":")).encode()
        return self._body


class Executor:
    """Prepares and runs operations on one schema. `weigh`, `native`, `runtime_types` and `bind`: see plangate.engine.

    `mask` rewrites the errors of an execution for the client.
    """

    def __init__(
        self, schema: GraphQLSchema, *, bind: Bind, limits: Limits | None = None, cache_size: int = 1_000,
        mask: Callable[[GraphQLError], GraphQLError] | None = None, weigh: Weigh | None = None, compiled: bool = True,
        native: Mapping[str, tuple[type, ...]] | None = None, runtime_types: Mapping[type, str] | None = None,
    ) -> None:  # fmt: skip
        self.schema, self.limits, self.cache = schema, limits or Limits(), Cache(cache_size)
        self._mask, self._weigh, self._compiled = mask, weigh, compiled
        self._engine = Engine(schema, bind=bind, native=native, runtime_types=runtime_types)

    def prepare(self, text: str, operation_name: str | None = None) -> Operation:
        """The operation of a document, ready to run: its type is known, nothing is executed. Raises `RequestError`."""
        known = self.cache.find(key := (text, operation_name))
        if known is None:
            try:
                known = load_operation(self.schema, self.limits, text, operation_name)
            except RequestError as error:
                known = error.with_traceback(None)
            self.cache.keep(key, known, len(text))
        if isinstance(known, RequestError):
            raise RequestError(known.code, *known.errors)
        assert isinstance(known, Operation)
        return known

    def compiles(self, operation: Operation) -> bool:
        """Whether the engine runs this operation, rather than graphql-core."""
        return self._compiled and operation.compilable

    async def execute(
        self, text: str, *, variables: dict[str, Any] | None = None, operation_name: str | None = None,
        context: Any = None, root: Any = None,
    ) -> Response:  # fmt: skip
        """Answer a request."""
        try:
            return await self.run(self.prepare(text, operation_name), variables=variables, context=context, root=root)
        except RequestError as error:
            return Response(None, error.errors, code=error.code)

    async def run(
        self, operation: Operation, *, variables: dict[str, Any] | None = None, context: Any = None, root: Any = None
    ) -> Response:
        """Run a prepared operation. Raises `RequestError` for bad variables and for a cost over the limit."""
        [outcome] = await self.run_all(operation, [variables], context=context, root=root)
        if isinstance(outcome, RequestError):
            raise outcome
        return outcome

    async def run_all(
        self, operation: Operation, requests: Sequence[dict[str, Any] | None], *, context: Any = None, root: Any = None
    ) -> list[Response | RequestError]:
        """Run an operation for the variables of several requests, as far as possible together.

        Each gets the answer that it would get alone, or the `RequestError`.
        """
        outcomes: dict[int, Response | RequestError] = {}
        runs: dict[Any, tuple[Compiled | None, dict[int, VariableValues]]] = {}
        costs: dict[int, int] = {}
        for index, variables in enumerate(requests):
            try:
                values, costs[index] = self._admitted(operation, variables or {})
                compiled = self._compiled_for(operation, values)
            except RequestError as error:
                outcomes[index] = error
                continue
            # What is compiled alike is one run; a mutation, and what graphql-core runs, is one for itself.
            together = compiled if operation.type is OperationType.QUERY else None
            runs.setdefault(together or index, (compiled, {}))[1][index] = values

        async def answer(compiled: Compiled | None, values: dict[int, VariableValues]) -> None:
            if compiled is not None:
                answers, objects = await self._engine.run(compiled, [*values.values()], context=context, root=root)
            else:
                [index], objects = values, 0
                result: Any = execute(self.schema, operation.document, root, context, requests[index], operation.name)
                result = await result if is_awaitable(result) else result
                answers = [(result.data, result.errors or [])]
            for index, (data, errors) in zip(values, answers, strict=True):
                shown = [self._mask(error) for error in errors] if self._mask else errors
                outcomes[index] = Response(data, shown, objects=objects // len(values), cost=costs[index])

        await gathered([answer(*each) for each in runs.values()])
        return [outcomes[index] for index in range(len(requests))]

    def _admitted(self, operation: Operation, variables: dict[str, Any]) -> tuple[VariableValues, int]:
        """The variables, coerced by graphql-core, and the operation's cost, which is within the limit."""
        values: Any = VariableValues({}, {})
        if definitions := operation.definition.variable_definitions:
            values = get_variable_values(self.schema, definitions, variables, max_errors=self.limits.errors)
        if isinstance(values, list):
            raise RequestError("BAD_USER_INPUT", *values[: self.limits.errors])
        # The cost depends on some of them only.
        given = *map(values.coerced.get, operation.conditions), *map(values.coerced.get, operation.sizes)
        sizes = tuple([size if isinstance(size, int) else None for size in given])
        if (cost := operation.costs.get(sizes)) is None:
            asked = operation.definition, operation.fragments, values.coerced, self._weigh
            cost = _keep(operation.costs, sizes, cost_of(self.schema, *asked))
        if cost > self.limits.cost:
            allowed = f"at most {self.limits.cost} is allowed."
            raise RequestError("COST_LIMIT_EXCEEDED", f"The operation costs {cost}; {allowed}")
        return values, cost

    def _compiled_for(self, operation: Operation, values: VariableValues) -> Compiled | None:
        """The operation compiled for these conditions; None if it is graphql-core's to run."""
        conditions = tuple(map(values.coerced.get, operation.conditions))
        if conditions not in operation.compiled:
            compiled = None
            if self.compiles(operation):
                with suppress(GraphQLError):  # a directive whose argument is an error: graphql-core says where
                    compiled = self._engine.compile(operation.definition, operation.fragments, values)
            return _keep(operation.compiled, conditions, compiled)  # type: ignore[no-any-return]
        return operation.compiled[conditions]


def _keep(known: dict[Any, Any], key: Any, value: Any) -> Any:
    """Remember a value for a key, of which an operation has few."""
    if len(known) >= 32:
        known.clear()
    known[key] = value
    return value
