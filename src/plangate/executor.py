"""Requests to answers: a document is prepared, its variables are admitted, and it is run by one of two executors.

The compiled one is the engine. What it does not compile (`is_compilable` is the rule) goes to graphql-core's, and with
`compiled=False` everything: through the same limits, cache and cost, with the same answers.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, execute
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_awaitable

from plangate.documents import (
    Cache,
    CostModel,
    Disclosure,
    GetFieldCost,
    Limits,
    Operation,
    RequestError,
    check_variables,
    load_operation,
    size_of,
)
from plangate.engine import Bind, Compiled, Engine, gathered

CACHE_SIZE = 64_000_000
"""Bytes of prepared documents that are kept, with all that is compiled of them."""
ENTRY_SIZE = 3_000
"""Bytes that an entry of the cache takes beside its document: keys, lists of variables, remembered costs."""
VARIANT_SIZE = 300
"""Bytes for remembering that a variant is graphql-core's to run."""
COSTS = 32
"""Costs that are remembered of an operation: for so many combinations of page sizes."""
ECHO = 100
"""Characters of a client's input that a message repeats at most in one piece."""

FULL_DISCLOSURE = Disclosure()


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
            formatted["errors"] = [{**error.formatted, "message": shortened(error.message)} for error in self.errors]
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
    """Prepares and runs operations on one schema. `native`, `runtime_types` and `bind`: see plangate.engine.

    `mask` rewrites the errors of an execution for the client. `field_cost`: see plangate.documents.cost. `cache_size`
    is the maximum of bytes for prepared documents.
    """

    def __init__(
        self, schema: GraphQLSchema, *, bind: Bind, limits: Limits | None = None, cache_size: int = CACHE_SIZE,
        mask: Callable[[GraphQLError], GraphQLError] | None = None, field_cost: GetFieldCost | None = None,
        compiled: bool = True, native: Mapping[str, tuple[type, ...]] | None = None,
        runtime_types: Mapping[type, str] | None = None,
    ) -> None:  # fmt: skip
        self.schema, self.limits, self.cache = schema, limits or Limits(), Cache(cache_size)
        self._mask, self._compiled = mask, compiled
        self._costs = CostModel(schema, field_cost)
        self._engine = Engine(schema, bind=bind, native=native, runtime_types=runtime_types)

    def prepare(
        self, text: str, operation_name: str | None = None, disclosure: Disclosure = FULL_DISCLOSURE
    ) -> Operation:
        """The operation of a document, ready to run: its type is known, nothing is executed. Raises `RequestError`."""
        key = text, operation_name
        known: Operation | RequestError | None = self.cache.find(key) or self.cache.find((*key, disclosure.suggestions))
        if known is None:
            known = self._load(text, operation_name, disclosure.suggestions)
        if isinstance(known, RequestError):
            raise RequestError(known.code, *known.errors)
        if known.introspects and not disclosure.introspection:
            message = (
                "Introspection is switched off for this viewer. Send an API key or a token, or take the schema from "
                "`plangate schema print`; the operator may set `introspection` to on."
            )
            raise RequestError("INTROSPECTION_DISABLED", message)
        return known

    def _load(self, text: str, name: str | None, suggestions: bool) -> Operation | RequestError:
        """Load a document and keep it. A refusal may name parts of the schema: it is kept for equal viewers alone."""
        try:
            operation = load_operation(
                self.schema, self.limits, text, name, slicing=self._costs.slicing, hide_suggestions=not suggestions
            )
        except RequestError as error:
            # Nodes would keep the whole document in memory.
            errors = [GraphQLError(each.message, None, each.source, each.positions) for each in error.errors]
            refusal = RequestError(error.code, *errors)
            self.cache.keep((text, name, suggestions), refusal, ENTRY_SIZE + sys.getsizeof(text))
            return refusal
        self.cache.keep(operation.key, operation, ENTRY_SIZE + operation.size)
        return operation

    def compiles(self, operation: Operation) -> bool:
        """Whether the engine runs this operation, rather than graphql-core."""
        return self._compiled and operation.compilable

    async def execute(
        self, text: str, *, variables: dict[str, Any] | None = None, operation_name: str | None = None,
        context: Any = None, root: Any = None, disclosure: Disclosure = FULL_DISCLOSURE,
    ) -> Response:  # fmt: skip
        """Answer a request."""
        try:
            operation = self.prepare(text, operation_name, disclosure)
            return await self.run(operation, variables=variables, context=context, root=root, disclosure=disclosure)
        except RequestError as error:
            return Response(None, error.errors, code=error.code)

    async def run(
        self, operation: Operation, *, variables: dict[str, Any] | None = None, context: Any = None, root: Any = None,
        disclosure: Disclosure = FULL_DISCLOSURE,
    ) -> Response:  # fmt: skip
        """Run a prepared operation. Raises `RequestError` for bad variables and for a cost over the limit."""
        [outcome] = await self.run_all(operation, [variables], context=context, root=root, disclosure=disclosure)
        if isinstance(outcome, RequestError):
            raise outcome
        return outcome

    async def run_all(
        self, operation: Operation, requests: Sequence[dict[str, Any] | None], *, context: Any = None,
        root: Any = None, disclosure: Disclosure = FULL_DISCLOSURE,
    ) -> list[Response | RequestError]:  # fmt: skip
        """Run an operation for the variables of several requests, as far as possible together.

        Each gets the answer that it would get alone, or the `RequestError`.
        """
        outcomes: dict[int, Response | RequestError] = {}
        runs: dict[Any, tuple[Compiled | None, dict[int, VariableValues]]] = {}
        costs: dict[int, int] = {}
        for index, variables in enumerate(requests):
            try:
                values, costs[index] = self._admitted(operation, variables or {}, disclosure)
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
                self._count(operation, compiled)  # types are compiled when they are first met
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

    def _admitted(
        self, operation: Operation, variables: dict[str, Any], disclosure: Disclosure
    ) -> tuple[VariableValues, int]:
        """The variables, coerced by graphql-core, and the operation's cost; both are within the limits."""
        values: Any = VariableValues({}, {})
        if definitions := operation.definition.variable_definitions:
            check_variables(operation.variables, variables, operation.uses, self.limits)
            values = get_variable_values(
                self.schema, definitions, variables, self.limits.errors, not disclosure.suggestions
            )
        if isinstance(values, list):
            raise RequestError("BAD_USER_INPUT", *values[: self.limits.errors])
        # The cost depends on some of them only.
        coerced = values.coerced
        sizes = *map(coerced.get, operation.conditions), *[size_of(coerced.get(name)) for name in operation.sizes]
        if (cost := operation.costs.get(sizes)) is None:
            cost = self._costs.cost_of(operation.definition, operation.fragments, coerced)
            if len(operation.costs) >= COSTS:
                operation.costs.clear()
            operation.costs[sizes] = cost
        if cost.total > self.limits.cost:
            message = (
                f"The operation costs {cost.total}; at most {self.limits.cost} is allowed. "
                f"{cost.top_field} costs most: {cost.top_cost}. "
                "Ask for smaller pages (`first`), fewer ids or fewer lists within lists."
            )
            raise RequestError(
                "COST_LIMIT_EXCEEDED", message, cost=cost.total, maximumCost=self.limits.cost,
                mostExpensiveField=cost.top_field, mostExpensiveFieldCost=cost.top_cost,
            )  # fmt: skip
        return values, cost.total

    def _compiled_for(self, operation: Operation, values: VariableValues) -> Compiled | None:
        """The operation compiled for these conditions; None if it is graphql-core's to run."""
        conditions = tuple(map(values.coerced.get, operation.conditions))
        if conditions not in operation.compiled:
            compiled = None
            # A null is an error of the field with the directive, and graphql-core says which.
            if self.compiles(operation) and None not in conditions:
                compiled = self._engine.compile(operation.definition, operation.fragments, values)
            operation.compiled[conditions] = compiled
            self._count(operation, compiled)
        return operation.compiled[conditions]

    def _count(self, operation: Operation, compiled: Compiled | None) -> None:
        """Count the memory of what was compiled for the cache."""
        if compiled is None:
            self.cache.grow(operation.key, operation, VARIANT_SIZE)
        elif compiled.size != compiled.counted:
            self.cache.grow(operation.key, operation, compiled.size - compiled.counted)
            compiled.counted = compiled.size


_LONG = re.compile(
    rf"""(?P<value>(?:[Ff]ound:|found|Unexpected|value:)[ ])(?P<shown>.{{{ECHO + 1},}})"""
    rf"""|'(?P<quoted>[^']{{{ECHO + 1},}})'|(?P<name>[^\s'"]{{{ECHO + 1},}})""",
    re.DOTALL,
)


def shortened(message: str) -> str:
    """The message with long names and values of the client's input cut: graphql-core repeats them in full."""

    def cut(found: re.Match[str]) -> str:
        whole = found["shown"] or found["quoted"] or found["name"]
        return found[0].replace(whole, f"{whole[:ECHO]}…")

    return message if len(message) <= ECHO else _LONG.sub(cut, message)
