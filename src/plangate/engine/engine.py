"""The engine itself, and one run: frame by frame, one batch call for all parents of an edge.

`Run.start` does all that is synchronous below a frame and returns the edges that must be awaited; `Run.follow` awaits
them, all at once, each going on with its own frames: a task for each of several, never for an object or a leaf.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, Undefined, assert_object_type
from graphql.execution import default_field_resolver
from graphql.execution.values import VariableValues
from graphql.language import OperationDefinitionNode
from graphql.pyutils import Path, is_async_iterable, is_awaitable, is_iterable
from graphql.type import GraphQLResolveInfoHelpers

from .binding import Attribute, Batch, Bind, Call
from .completion import Completion
from .frame import Failure, Frame, conclude, nulled, origin, steps
from .plan import Compiled, Field
from .project import LeafType
from .selection import Fragments

Edge: TypeAlias = tuple[Frame, Field]
Requests: TypeAlias = Sequence[VariableValues]
Answer: TypeAlias = tuple[dict[str, Any] | None, list[GraphQLError]]


class Engine:
    """Compiles and runs valid operations on one schema. See the package's docstring for the host's part."""

    def __init__(
        self, schema: GraphQLSchema, *, bind: Bind, native: Mapping[str, tuple[type, ...]] | None = None,
        runtime_types: Mapping[type, str] | None = None,
    ) -> None:  # fmt: skip
        self.schema, self.bind = schema, bind
        self._leaf_type = cache(lambda type_: LeafType(type_, (native or {}).get(type_.name, ())))
        self.sound: set[type] = set()  # classes known to be neither null nor errors
        self.types = {cls: assert_object_type(schema.get_type(name)) for cls, name in (runtime_types or {}).items()}

    def compile(self, operation: OperationDefinitionNode, fragments: Fragments, variables: VariableValues) -> Compiled:
        """Compile an operation for the values of @skip and @include. GraphQLError: one of these has no sound value."""
        return Compiled(self.schema, self.bind, self._leaf_type, operation, fragments, variables)

    async def run(
        self, compiled: Compiled, requests: Requests, *, context: Any = None, root: Any = None
    ) -> tuple[list[Answer], int]:
        """The data and the errors of each request, and how many objects all are made of. A mutation is for one."""
        run = Run(self, compiled, requests, context, root)
        return await run.execute(), run.objects


class Run:
    """One execution for one or several ``requests``."""

    def __init__(self, engine: Engine, compiled: Compiled, requests: Requests, context: Any, root: Any) -> None:
        self.compiled, self.schema, self.requests = compiled, compiled.schema, requests
        self.context, self.root, self.runtime_types, self.sound = context, root, engine.types, engine.sound
        self.objects = 0

    async def execute(self) -> list[Answer]:
        """The answer's data and errors, for each request."""
        failures: list[Failure] = []
        frame = Frame(self.compiled.root, [self.root] * len(self.requests), failures)
        if self.compiled.is_serial:
            for field in frame.fields:
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
        return [edge for field in frame.fields for edge in self.begin(frame, field)]

    def begin(self, frame: Frame, field: Field) -> list[Edge]:
        """Resolve a field for all objects of its frame, as far as that is synchronous."""
        if isinstance(field.binding, Attribute):
            return self.finish(frame, field, _read(frame.objects, field.binding))
        return [(frame, field)]

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
            for outcome in await asyncio.gather(*(self.follow([edge]) for edge in edges), return_exceptions=True):
                if outcome is not None:
                    raise outcome

    async def load(self, frame: Frame, field: Field) -> list[Edge]:
        """Await the values of one edge."""
        batch, objects, requests = field.binding, frame.objects, self.requests
        if not isinstance(batch, Batch):
            return self.finish(frame, field, await _settled(self.resolve(frame, field), len(field.layers)))
        if batch.varied or len(requests) == 1 or not field.variables:
            own = [requests[origin(frame, index)] for index in range(len(objects))] if batch.varied else requests[:1]
            return self.finish(frame, field, await self.ask(field, objects, own))
        # One call for all requests that give the arguments the same values.
        given = [repr([each.coerced.get(name, Undefined) for name in field.variables]) for each in requests]
        groups: dict[str, list[int]] = {}
        for index in range(len(objects)):
            groups.setdefault(given[origin(frame, index)], []).append(index)
        asked = [
            self.ask(field, [objects[index] for index in some], [requests[origin(frame, some[0])]])
            for some in groups.values()
        ]
        answers = zip(chain.from_iterable(groups.values()), chain.from_iterable(await gathered(asked)), strict=True)
        return self.finish(frame, field, [answer for _, answer in sorted(answers, key=itemgetter(0))])

    async def ask(self, field: Field, objects: Sequence[Any], own: Requests) -> Sequence[Any]:
        """An answer or an exception for each object. ``own``: the variables of each, or if not varied, those of all."""
        batch: Any = field.binding
        call = self.call(field)
        given: list[dict[str, Any]] = []
        try:
            given = [batch.convert_arguments(field.arguments(each)) for each in own]
            positional, named = ([given], {}) if batch.varied else ([], given[0])
            values: Sequence[Any] = await batch.function(objects, call, *positional, **named)
            if len(values) != len(objects):
                answered = f"{len(values)} answers for {len(objects)} parents"
                raise RuntimeError(f"The batch function of {field.parent_type}.{field.schema_name} gave {answered}.")
        except (Exception, asyncio.CancelledError) as error:
            if not given and len(own) > 1:  # the arguments of one of them: one by one
                return [(await self.ask(field, [one], [its]))[0] for one, its in zip(objects, own, strict=True)]
            return [_field_error(error)] * len(objects)
        return values

    def call(self, field: Field) -> Call:
        return Call(self.context, field.selection, field.schema_name, field.repeats, partial(self.below, field))

    def below(self, field: Field, name: str) -> tuple[Call, dict[str, Any]] | None:
        """How an edge of a field's objects will be asked, if all requests give it the same arguments."""
        for edge in chain.from_iterable(plan.edges for plan in field.plans.values()):
            if edge.schema_name == name and (len(self.requests) == 1 or not edge.variables):
                return self.call(edge), edge.binding.convert_arguments(edge.arguments(self.requests[0]))  # type: ignore[union-attr]
        return None

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
        compiled = self.compiled
        return GraphQLResolveInfo(
            field.schema_name, field.nodes, field.definition.type, field.parent_type, path, self.schema,
            compiled.fragments, self.root, compiled.operation, self.requests[origin(frame, index)], self.context,
            is_awaitable, None, _HELPERS,
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


async def _settled(values: Iterable[Any], layers: int) -> list[Any]:
    """``values`` with all that is awaitable awaited, concurrently; what is raised takes the place of its value."""
    settled = list(values)
    pending = [index for index, value in enumerate(settled) if layers > 1 or is_awaitable(value)]
    known = dict(zip(pending, await asyncio.gather(*(_settle(settled[i], layers) for i in pending)), strict=True))
    return [known.get(index, value) for index, value in enumerate(settled)]


async def _settle(value: Any, layers: int) -> Any:
    try:
        if is_awaitable(value):
            value = await value
        if layers > 1 and is_async_iterable(value):
            value = [item async for item in value]
        return await _settled(value, layers - 1) if layers > 1 and is_iterable(value) else value
    except (Exception, asyncio.CancelledError) as error:
        return _field_error(error)


_track: Any = lambda values: asyncio.gather(*filter(is_awaitable, values), return_exceptions=True)  # noqa: E731
_HELPERS = GraphQLResolveInfoHelpers(gather=gathered, track=_track)
