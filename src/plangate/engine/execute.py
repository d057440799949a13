"""Running a compiled operation: frame by frame, one batch call for all parents of an edge.

`Run.start` does all that is synchronous below a frame and returns the edges that must be awaited; `Run.follow` awaits
them, all at once, each going on with its own frames. A single edge is awaited in place; an asyncio task is made only
for each of several edges, never for an object or a leaf, and a failing edge cancels no other.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    default_field_resolver,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path, Undefined, is_async_iterable, is_awaitable, is_iterable
from graphql.type import GraphQLResolveInfoHelpers

from .binding import Attribute, Batch, Call, Method
from .completion import Completion
from .frame import Failure, Frame, conclude
from .plan import Compiler, Field, ObjectPlan
from .selection import Fragments

Edge: TypeAlias = tuple[Frame, Field, Sequence[Any] | None]  # the last: values of a resolver that must be awaited


class Run:
    """One execution of one operation."""

    __slots__ = (
        "compiler", "context", "failures", "fragments", "operation", "root", "runtime_types", "schema",
        "sound", "variables",
    )  # fmt: skip

    def __init__(
        self, compiler: Compiler, fragments: Fragments, operation: OperationDefinitionNode, variables: VariableValues,
        context: Any, root: Any, runtime_types: Mapping[type, GraphQLObjectType], sound: set[type],
    ) -> None:  # fmt: skip
        self.compiler, self.fragments, self.operation, self.variables = compiler, fragments, operation, variables
        self.schema: GraphQLSchema = compiler.schema
        self.context, self.root, self.runtime_types, self.sound = context, root, runtime_types, sound
        self.failures: list[Failure] = []

    async def execute(self, plan: ObjectPlan, *, serial: bool) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """The answer's data and errors."""
        frame = Frame(self, plan, None, None, [self.root])
        if serial:
            for field in plan.edges:
                await self.follow(self.begin(frame, field))
                if self.is_void():
                    break
        else:
            await self.follow(self.start(frame))
        if self.failures:
            return conclude(frame.outs[0], self.failures)
        return frame.outs[0], []

    def is_void(self) -> bool:
        """Whether an error has propagated to the root: no further mutation is begun."""
        return any(failure.nulled() is None for failure in self.failures)

    def fail(self, frame: Frame, index: int, field: Field, indices: tuple[int, ...], error: Exception) -> None:
        self.failures.append(Failure(frame, index, field, indices, error))

    def learn(self, value: Any) -> None:
        """Note that values of this class are neither null nor errors, so that it need not be asked again."""
        if len(self.sound) < 10_000:
            self.sound.add(type(value))

    def start(self, frame: Frame) -> list[Edge]:
        edges: list[Edge] = []
        for field in frame.plan.edges:
            edges += self.begin(frame, field)
        return edges

    def begin(self, frame: Frame, field: Field) -> list[Edge]:
        """Resolve a field for all objects of its frame, as far as that is synchronous."""
        binding = field.binding
        if isinstance(binding, Batch):
            return [(frame, field, None)]
        if isinstance(binding, Attribute):
            name = binding.name
            try:
                return self.finish(frame, field, [getattr(each, name) for each in frame.objects])
            except AttributeError:  # of one object, or from within a property: once more, one by one
                pass
            except Exception as error:  # raised by a property
                del error
            return self.finish(frame, field, [_attempt(getattr, each, name) for each in frame.objects])
        if isinstance(binding, Method):
            return self.finish(frame, field, [_attempt(binding.function, each) for each in frame.objects])
        values = self.resolve(frame, field)
        if any(_is_pending(value, len(field.layers)) for value in values):
            return [(frame, field, values)]
        return self.finish(frame, field, values)

    def finish(self, frame: Frame, field: Field, values: Sequence[Any]) -> list[Edge]:
        """Complete the values of a field, put them into the parents' dicts and start the frames below."""
        completion = Completion(frame, field)
        name = field.name
        for out, value in zip(frame.outs, completion.complete(values, 0, _first), strict=True):
            out[name] = value
        edges: list[Edge] = []
        for child in completion.frames:
            edges += self.start(child)
        return edges

    async def follow(self, edges: list[Edge]) -> None:
        """Await edges and all that is below them."""
        while len(edges) == 1:
            edges = await self.load(*edges[0])
        if edges:
            for outcome in await asyncio.gather(*map(self.branch, edges), return_exceptions=True):
                if outcome is not None:
                    raise outcome

    async def branch(self, edge: Edge) -> None:
        await self.follow(await self.load(*edge))

    async def load(self, frame: Frame, field: Field, pending: Sequence[Any] | None) -> list[Edge]:
        """Await the values of one edge."""
        if pending is not None:
            return self.finish(frame, field, await _settled(pending, len(field.layers)))
        binding, objects = field.binding, frame.objects
        assert isinstance(binding, Batch)
        try:
            arguments = binding.convert_arguments(self.coerced(field))
            call = Call(self.context, field.selection, field.path, field.nodes[0].name.value)
            values = await binding.function(objects, call, **arguments)
            if len(values) != len(objects):
                raise RuntimeError(
                    f"The batch function of {field.parent_type}.{call.field_name} gave {len(values)} answers"
                    f" for {len(objects)} parents."
                )
        except (Exception, asyncio.CancelledError) as error:
            values = [_field_error(error)] * len(objects)
        return self.finish(frame, field, values)

    def coerced(self, field: Field) -> dict[str, Any]:
        """The field's arguments, coerced once per run: a plan has one frame in a run."""
        if field.constant_arguments is not None:
            return field.constant_arguments.copy()
        if not field.definition.args:
            return {}
        return get_argument_values(field.definition, field.nodes[0], self.variables)

    def resolve(self, frame: Frame, field: Field) -> list[Any]:
        """Call the field's own resolver for each object, as graphql-core does."""
        resolve = field.definition.resolve or default_field_resolver
        try:
            arguments = self.coerced(field)
        except Exception as error:  # the error of each of these fields
            return [error] * len(frame.objects)
        values: list[Any] = []
        for index, source in enumerate(frame.objects):
            try:
                values.append(resolve(source, self.info(frame, index, field), **arguments))
            except Exception as error:  # raised by the resolver
                values.append(error)
        return values

    def info(self, frame: Frame, index: int, field: Field) -> GraphQLResolveInfo[Any]:
        return GraphQLResolveInfo(
            field.nodes[0].name.value, field.nodes, field.definition.type, field.parent_type,
            Path(frame.path(index), field.name, field.parent_type.name), self.schema, self.fragments,  # type: ignore[arg-type]
            self.root, self.operation, self.variables, self.context, is_awaitable, None, _HELPERS,
        )  # fmt: skip


def _first(index: int) -> tuple[int, tuple[int, ...]]:
    return index, ()


def _attempt(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # an exception is a value here, and becomes the field's error
        return error


def _field_error(error: BaseException) -> Exception:
    """``error`` as a field error; a cancellation of this very task goes on, that of something awaited does not."""
    if isinstance(error, Exception):
        return error
    task = asyncio.current_task()
    if not isinstance(error, asyncio.CancelledError) or (task and task.cancelling()):
        raise error
    return GraphQLError("What this field awaited was cancelled.")


def _is_pending(value: Any, layers: int) -> bool:
    """Whether a resolver's value must be awaited, itself or at some depth of its lists."""
    if is_awaitable(value):
        return True
    if layers == 1 or value is None:
        return False
    if isinstance(value, list | tuple):
        return any(_is_pending(item, layers - 1) for item in value)
    return is_async_iterable(value) or is_iterable(value)  # an iterator is read where its items may be awaited


async def _settled(values: Iterable[Any], layers: int) -> list[Any]:
    """``values`` with all that is awaitable awaited, concurrently; what is raised takes the place of its value."""
    return list(await asyncio.gather(*(_settle(value, layers) for value in values)))


async def _settle(value: Any, layers: int) -> Any:
    try:
        if is_awaitable(value):
            value = await value
        if layers == 1 or value is None or value is Undefined or isinstance(value, Exception):
            return value
        if is_async_iterable(value):
            value = [item async for item in value]
        elif is_iterable(value):
            value = list(value)
        else:
            return value
        if any(_is_pending(item, layers - 1) for item in value):
            return await _settled(value, layers - 1)
    except (Exception, asyncio.CancelledError) as error:
        return _field_error(error)
    return value


async def _gather(values: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*values))


def _track(values: Sequence[Any]) -> None:
    """Let the awaitable ones of ``values`` run to their end in the background."""
    waiting = [value for value in values if is_awaitable(value)]
    if waiting:
        asyncio.gather(*waiting, return_exceptions=True)


_HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=_track)
