"""The engine: from text to answer."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, TypeAlias

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    execute,
    is_object_type,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_awaitable

from .binding import Bind, Binding
from .cost import Cost, Weigh, compile_cost
from .document import Cache, Operation, RequestError, load_operation
from .execute import Run
from .limits import Limits
from .plan import Compiler, LeafTypes, ObjectPlan
from .response import Response

Stock: TypeAlias = Callable[[Operation, dict[str, Any], Any, Any], Awaitable[ExecutionResult]]
Compiled: TypeAlias = tuple[Compiler, ObjectPlan | None, Cost]


class Engine:
    """Prepares and runs operations on one schema. See the package's docstring."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        bind: Bind,
        limits: Limits | None = None,
        cache_size: int = 1_000,
        cache_characters: int = 1_000_000,
        mask: Callable[[GraphQLError], GraphQLError] | None = None,
        native: Mapping[str, tuple[type, ...]] | None = None,
        runtime_types: Mapping[type, str] | None = None,
        weigh: Weigh | None = None,
        stock: Stock | None = None,
        compiled: bool = True,
    ) -> None:
        self.schema = schema
        self.limits = limits or Limits()
        self.mask = mask
        self.weigh = weigh
        self.stock: Stock = stock or self._stock
        self.compiles = compiled
        self.cache = Cache(cache_size, cache_characters)
        self._bind = bind
        self._bindings: dict[tuple[str, str], Binding | None] = {}
        self._leaf_types = LeafTypes(native or {})
        self._runtime_types: dict[type, GraphQLObjectType] = {}
        for cls, name in (runtime_types or {}).items():
            type_ = schema.get_type(name)
            if not is_object_type(type_):
                raise ValueError(f"{name!r}, the runtime type of {cls.__name__}, is not an object type of the schema.")
            self._runtime_types[cls] = type_
        self._sound: set[type] = set()

    def prepare(self, text: str, operation_name: str | None = None) -> Operation:
        """The operation of a document, ready to run: its type is known, nothing is executed. Raises `RequestError`."""
        key = (text if len(text) < 1024 else sha256(text.encode("utf-8", "surrogatepass")).digest(), operation_name)
        known = self.cache.get(key)
        if known is None:
            try:
                known = load_operation(self.schema, self.limits, text, operation_name, key)
            except RequestError as error:
                known = error.with_traceback(None)
            self.cache.put(key, known, len(text))
        if isinstance(known, RequestError):
            raise RequestError(known.errors, known.code)
        assert isinstance(known, Operation)
        return known

    async def execute(
        self,
        text: str,
        *,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        context: Any = None,
        root: Any = None,
    ) -> Response:
        """Answer a request."""
        try:
            return await self.run(self.prepare(text, operation_name), variables=variables, context=context, root=root)
        except RequestError as error:
            return Response(None, error.errors, code=error.code)

    async def run(
        self, operation: Operation, *, variables: dict[str, Any] | None = None, context: Any = None, root: Any = None
    ) -> Response:
        """Run a prepared operation. Raises `RequestError` for bad variables and for a cost over the limit."""
        values = self.coerce(operation, variables or {})
        compiler, plan, cost_of = self.compiled(operation, values)
        cost = cost_of(values.coerced)
        if cost > self.limits.cost:
            message = f"The operation costs {cost}; at most {self.limits.cost} is allowed."
            raise RequestError([GraphQLError(message)], "COST_LIMIT_EXCEEDED")
        if plan is not None:
            run = Run(
                compiler, operation.fragments, operation.definition, values, context, root,
                self._runtime_types, self._sound,
            )  # fmt: skip
            data, errors = await run.execute(plan, serial=operation.type is OperationType.MUTATION)
        else:
            result = await self.stock(operation, variables or {}, context, root)
            data, errors = result.data, result.errors or []
        if errors and self.mask:
            errors = [self.mask(error) for error in errors]
        return Response(data, errors)

    def coerce(self, operation: Operation, variables: dict[str, Any]) -> VariableValues:
        definitions = operation.definition.variable_definitions
        if not definitions:
            return VariableValues({}, {})
        values = get_variable_values(self.schema, definitions, variables, max_errors=self.limits.errors)
        if isinstance(values, list):
            raise RequestError(values[: self.limits.errors], "BAD_USER_INPUT")
        return values

    def compiled(self, operation: Operation, values: VariableValues) -> Compiled:
        """The plan and the cost of an operation, for these values of the variables in its @skip and @include."""
        if operation.compiled is not None:
            found: Compiled = operation.compiled
            return found
        key = (operation.key, tuple(values.coerced.get(name) for name in operation.flags))
        if operation.flags and (known := self.cache.get(key)):
            return known  # type: ignore[no-any-return]
        compiler = Compiler(self.schema, self.bind, self._leaf_types, operation.fragments, operation.definition, values)
        cost = compile_cost(self.schema, operation.definition, operation.fragments, values, self.weigh)
        plan = None
        if operation.compilable and self.compiles:
            with suppress(GraphQLError):  # a directive whose argument is an error: the stock executor says where
                plan = compiler.root()
        found = compiler, plan, cost
        if operation.flags:
            self.cache.put(key, found, operation.characters)
        else:
            operation.compiled = found
        return found

    def bind(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> Binding | None:
        key = (type_.name, name)
        if key not in self._bindings:
            self._bindings[key] = self._bind(type_, name, field)
        return self._bindings[key]

    async def _stock(self, operation: Operation, variables: dict[str, Any], context: Any, root: Any) -> ExecutionResult:
        result: Any = execute(self.schema, operation.document, root, context, variables, operation.name)
        if is_awaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        return result
