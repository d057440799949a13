"""The engine: from text to answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, assert_object_type, execute
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_awaitable

from .binding import Bind
from .document import Cache, Operation, load_operation
from .execute import Run, gathered
from .limits import Limits, RequestError, Weigh, cost_of
from .plan import Compiler, ObjectPlan
from .project import LeafType


@dataclass(slots=True)
class Response:
    """What a request is answered with."""

    data: dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()
    extensions: dict[str, Any] | None = None
    code: str | None = None  # of a refused request
    objects: int = 0  # that the data is made of, a measure of the work; on average, if run with others
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

    def body(self, default: Callable[[Any], Any] | None = None) -> bytes:
        """The answer as JSON, written once. What orjson refuses (lone surrogates, large integers) json writes."""
        if self._body is None:
            try:
                self._body = orjson.dumps(self.formatted, default, orjson.OPT_NON_STR_KEYS)
            except TypeError:
                self._body = json.dumps(self.formatted, default=default, separators=(",", ":")).encode()
        return self._body


class Engine:
    """Prepares and runs operations on one schema. See the package's docstring."""

    def __init__(
        self, schema: GraphQLSchema, *, bind: Bind, limits: Limits | None = None, cache_size: int = 1_000,
        mask: Callable[[GraphQLError], GraphQLError] | None = None, weigh: Weigh | None = None, compiled: bool = True,
        native: Mapping[str, tuple[type, ...]] | None = None, runtime_types: Mapping[type, str] | None = None,
    ) -> None:  # fmt: skip
        self.schema, self.bind, self.limits = schema, bind, limits or Limits()
        self.mask, self.weigh, self._compiled = mask, weigh, compiled
        self.cache = Cache(cache_size)
        self._leaf_type = cache(lambda type_: LeafType(type_, (native or {}).get(type_.name, ())))
        self._sound: set[type] = set()
        self._types = {cls: assert_object_type(schema.get_type(name)) for cls, name in (runtime_types or {}).items()}

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
        """Run one query for the variables of several requests at once: one call of a batch function serves all of them.

        Each gets the answer that it would get alone, or the `RequestError`.
        """
        outcomes: list[Any] = [None] * len(requests)
        runs: dict[Any, tuple[ObjectPlan | None, Run, list[int]]] = {}
        for index, variables in enumerate(requests):
            try:
                values = self._coerce(operation, variables or {})
                compiler, plan = self._plan(operation, values)
            except RequestError as error:
                outcomes[index] = error
                continue
            if (key := plan or index) not in runs:
                runs[key] = plan, Run(compiler, context, root, self._types, self._sound), []
            _, run, indices = runs[key]
            run.requests.append(values)
            indices.append(index)

        async def answer(plan: ObjectPlan | None, run: Run, indices: list[int]) -> None:
            if plan is not None:
                found = await run.execute(plan)
            else:
                variables = requests[indices[0]]
                result: Any = execute(self.schema, operation.document, root, context, variables, operation.name)
                result = await result if is_awaitable(result) else result
                found = [(result.data, result.errors or [])]
            for index, (data, errors) in zip(indices, found, strict=True):
                shown = [self.mask(error) for error in errors] if self.mask else errors
                outcomes[index] = Response(data, shown, objects=run.objects // len(indices))

        await gathered([answer(*each) for each in runs.values()])
        return outcomes

    def compiles(self, operation: Operation) -> bool:
        """Whether the engine runs this operation itself."""
        return self._compiled and operation.compilable

    def _coerce(self, operation: Operation, variables: dict[str, Any]) -> VariableValues:
        if not (definitions := operation.definition.variable_definitions):
            return VariableValues({}, {})
        values = get_variable_values(self.schema, definitions, variables, max_errors=self.limits.errors)
        if isinstance(values, list):
            raise RequestError("BAD_USER_INPUT", *values[: self.limits.errors])
        return values

    def _plan(self, operation: Operation, values: VariableValues) -> tuple[Compiler, ObjectPlan | None]:
        """The plan of an operation for these variables, held to the limit of cost; None is the stock executor's."""
        conditions = tuple(map(values.coerced.get, operation.conditions))
        if (found := operation.plans.get(conditions)) is None:
            compiler, plan = Compiler(self.schema, self.bind, self._leaf_type, operation, values), None
            if self.compiles(operation):
                with suppress(GraphQLError):  # a directive whose argument is an error: the stock executor says where
                    plan = compiler.root()
            found = _keep(operation.plans, conditions, (compiler, plan, {}))
        compiler, plan, costs = found
        given = map(values.coerced.get, operation.sizes)
        sizes = tuple([size if isinstance(size, int) else None for size in given])
        if (cost := costs.get(sizes)) is None:
            asked = operation.definition, operation.fragments, values.coerced, self.weigh
            cost = _keep(costs, sizes, cost_of(self.schema, *asked))
        if cost > self.limits.cost:
            raise RequestError(
                "COST_LIMIT_EXCEEDED", f"The operation costs {cost}; at most {self.limits.cost} is allowed."
            )
        return compiler, plan


def _keep(known: dict[Any, Any], key: Any, value: Any) -> Any:
    """Remember a value for a key, of which an operation has few."""
    if len(known) >= 32:
        known.clear()
    known[key] = value
    return value
