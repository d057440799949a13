"""Running a compiled operation: frame by frame, one batch call for all parents of an edge.

`Run.start` does all that is synchronous below a frame and returns the edges that must be awaited; `Run.follow` awaits
them, all at once, each going on with its own frames. A single edge is awaited in place; an asyncio task is made only
for each of several edges, never for an object or a leaf, and a failing edge cancels no other.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationType,
    Undefined,
    default_field_resolver,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, is_async_iterable, is_awaitable, is_iterable
from graphql.type import GraphQLResolveInfoHelpers

from .binding import Attribute, Batch, Call
from .completion import Completion
from .frame import Failure, Frame, conclude, nulled, origin, steps
from .plan import Compiler, Field, ObjectPlan

Edge: TypeAlias = tuple[Frame, Field, Sequence[Any] | None]  # the last: values of a resolver that must be awaited


class Run:
    """One execution of one operation, for the variables of one or several ``requests``.

    ``sound`` are the classes known to be neither null nor errors.
    """

    def __init__(
        self, compiler: Compiler, context: Any, root: Any,
        runtime_types: Mapping[type, GraphQLObjectType], sound: set[type],
    ) -> None:  # fmt: skip
        self.compiler, self.schema = compiler, compiler.schema
        self.context, self.root, self.runtime_types, self.sound = context, root, runtime_types, sound
        self.requests: list[VariableValues] = []
        self.objects = 0

    async def execute(self, plan: ObjectPlan) -> list[tuple[dict[str, Any] | None, list[GraphQLError]]]:
        """The answer's data and errors, for each request."""
        failures: list[Failure] = []
        frame = Frame(plan, [self.root] * len(self.requests), failures)
        if self.compiler.operation.type is OperationType.MUTATION:
            for field in plan.edges:
                await self.follow(self.begin(frame, field))
                if any(nulled(steps(frame, field, place)) == 0 for frame, field, place, _ in failures):
                    break  # an error has nulled the data: no further mutation is begun
        else:
            await self.follow(self.start(frame))
        if not failures:
            return [(out, []) for out in frame.outs]
        own: list[list[Failure]] = [[] for _ in frame.outs]
        for failure in failures:
            own[origin(failure[0], failure[2][0])].append(failure)
        return list(map(conclude, frame.outs, own))

    def start(self, frame: Frame) -> list[Edge]:
        return [edge for field in frame.plan.edges for edge in self.begin(frame, field)]

    def begin(self, frame: Frame, field: Field) -> list[Edge]:
        """Resolve a field for all objects of its frame, as far as that is synchronous."""
        binding = field.binding
        if isinstance(binding, Batch):
            return [(frame, field, None)]
        if isinstance(binding, Attribute):
            return self.finish(frame, field, _read(frame.objects, binding))
        values = self.resolve(frame, field)
        if any(_is_pending(value, len(field.layers)) for value in values):
            return [(frame, field, values)]
        return self.finish(frame, field, values)

    def finish(self, frame: Frame, field: Field, values: Sequence[Any]) -> list[Edge]:
        """Complete the values of a field, put them into the parents' dicts and start the frames below."""
        completion = Completion(self, frame, field)
        for out, value in zip(frame.outs, completion.complete(values, 0, lambda index: (index, ())), strict=True):
            out[field.name] = value
        return [edge for child in completion.frames for edge in self.start(child)]

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
        if len(self.requests) == 1 or not field.variables:
            return self.finish(frame, field, await self.ask(field, frame.objects, self.requests[0]))
        # One call for all requests that give the arguments the same values.
        given = [repr([each.coerced.get(name, Undefined) for name in field.variables]) for each in self.requests]
        groups: dict[str, list[int]] = {}
        for index in range(len(frame.objects)):
            groups.setdefault(given[origin(frame, index)], []).append(index)
        asked = [
            self.ask(field, [frame.objects[index] for index in some], self.requests[origin(frame, some[0])])
            for some in groups.values()
        ]
        answers = zip(chain.from_iterable(groups.values()), chain.from_iterable(await gathered(asked)), strict=True)
        return self.finish(frame, field, [answer for _, answer in sorted(answers, key=itemgetter(0))])

    async def ask(self, field: Field, objects: Sequence[Any], variables: VariableValues) -> Sequence[Any]:
        """Call a batch function: an answer or an exception for each object."""
        batch = field.binding
        assert isinstance(batch, Batch)
        try:
            arguments = batch.convert_arguments(field.arguments(variables))
            call = Call(self.context, field.selection, field.path, field.schema_name, field.repeats)
            values = await batch.function(objects, call, **arguments)
            if len(values) != len(objects):
                answered = f"{len(values)} answers for {len(objects)} parents"
                raise RuntimeError(f"The batch function of {field.parent_type}.{field.schema_name} gave {answered}.")
        except (Exception, asyncio.CancelledError) as error:
            return [_field_error(error)] * len(objects)
        return values

    def resolve(self, frame: Frame, field: Field) -> list[Any]:
        """Call the field's own resolver for each object, as graphql-core does."""
        resolve = field.definition.resolve or default_field_resolver
        values: list[Any] = []
        for index, source in enumerate(frame.objects):
            try:
                arguments = field.arguments(self.requests[origin(frame, index)])
                values.append(resolve(source, self.info(frame, field, index), **arguments))
            except Exception as error:  # raised by the resolver
                values.append(error)
        return values

    def info(self, frame: Frame, field: Field, index: int) -> GraphQLResolveInfo[Any]:
        path: Any = None
        for step in steps(frame, field, (index, ())):
            path = Path(path, step.key, step.type_name)
        operation = self.compiler.operation
        return GraphQLResolveInfo(
            field.schema_name, field.nodes, field.definition.type, field.parent_type, path, self.schema,
            operation.fragments, self.root, operation.definition, self.requests[origin(frame, index)], self.context,
            is_awaitable, None,
            _HELPERS,
        )  # fmt: skip


async def gathered(work: Sequence[Awaitable[Any]]) -> list[Any]:
    """What each gives, all at once; a single one in place."""
    return [await work[0]] if len(work) == 1 else list(await asyncio.gather(*work))


def _read(objects: Sequence[Any], binding: Attribute) -> list[Any]:
    """An attribute of all objects; what its reading raises takes the place of the value."""
    try:
        return list(map(binding.read if binding.prefix else attrgetter(binding.name), objects))
    except Exception as error:  # of one of them: one by one
        return [error] if len(objects) == 1 else [value for each in objects for value in _read([each], binding)]


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
    if layers > 1 and isinstance(value, list | tuple):
        return any(_is_pending(item, layers - 1) for item in value)
    # an iterator is read where its items may be awaited
    return is_awaitable(value) or (layers > 1 and (is_async_iterable(value) or is_iterable(value)))


async def _settled(values: Sequence[Any], layers: int) -> Sequence[Any]:
    """``values`` with all that is awaitable awaited, concurrently; what is raised takes the place of its value."""
    if not any(_is_pending(value, layers) for value in values):
        return values
    return list(await asyncio.gather(*(_settle(value, layers) for value in values)))


async def _settle(value: Any, layers: int) -> Any:
    try:
        if is_awaitable(value):
            value = await value
        if layers > 1 and is_async_iterable(value):
            value = [item async for item in value]
        elif layers > 1 and is_iterable(value):
            value = list(value)
        else:
            return value
        return await _settled(value, layers - 1)
    except (Exception, asyncio.CancelledError) as error:
        return _field_error(error)


async def _gather(values: Sequence[Any]) -> list[Any]:
    return list(await asyncio.gather(*values))


def _track(values: Sequence[Any]) -> None:
    asyncio.gather(*filter(is_awaitable, values), return_exceptions=True)


_HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=_track)
