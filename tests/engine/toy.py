"""A toy graph for the engine's tests: interfaces, a union, enums, scalars, nested lists, batch edges, own resolvers.

Its records are instances of the Strawberry classes, filled by `world` from a seed, with faults at a given rate. On the
stock executor a batch field's resolver calls the same batch function for its one parent: driven to its end at once,
so that graphql-core runs synchronously and its errors have one order, or awaited if `asynchronous` says so.
"""

import asyncio
import contextvars
import random
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NewType

import strawberry
from graphql import GraphQLField, GraphQLObjectType
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import convert_arguments

from plangate.engine import Attribute, Batch, Binding, Call
from plangate.graph.context import selection_of

asynchronous: contextvars.ContextVar[bool] = contextvars.ContextVar("asynchronous", default=False)


async def _first(answers: Awaitable[Sequence[Any]]) -> Any:
    [answer] = await answers
    if isinstance(answer, Exception):
        raise answer
    return answer


def one(function: Callable[..., Any], parent: Any, info: strawberry.Info, **arguments: Any) -> Any:
    """The stock executor's way to a batch function."""
    call = Call(info.context, selection_of(info._raw_info), info.field_name)
    answer = _first(function([parent], call, **arguments))
    if asynchronous.get():
        return answer
    try:
        answer.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the batch function waited")


def _edge(name: str) -> Callable[..., Any]:
    async def batch(parents: Sequence[Any], call: Call) -> Sequence[Any]:
        await _pause()
        return [parent.__dict__.get(name) for parent in parents]

    return batch


async def _pause() -> None:
    if asynchronous.get():
        await asyncio.sleep(0)


def edge(name: str) -> Any:
    batch = _edge(name)

    def resolve(self: Any, info: strawberry.Info) -> Any:
        return one(batch, self, info)

    return batch, resolve


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = "green"


def _money(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise ValueError(f"no money: {value!r}")
    return str(value)


Stamp = NewType("Stamp", str)
Money = NewType("Money", Decimal)
SCALARS = {
    Stamp: strawberry.scalar(name="Stamp", serialize=str, parse_value=str),
    Money: strawberry.scalar(name="Money", serialize=_money, parse_value=Decimal),
}


async def friends_of(parents: Sequence[Any], call: Call, first: int = 2, where: Any = None) -> Sequence[Any]:
    await _pause()
    call.context.setdefault("calls", []).append((call.field_name, len(parents), call.selection))
    answers = []
    for parent in parents:
        friends = parent.__dict__.get("_friends")
        if where is not None and isinstance(friends, list):
            friends = [each for each in friends if getattr(each, "age", None) != where.not_age]
        answers.append(friends[:first] if isinstance(friends, list) else friends)
    return answers


async def find(parents: Sequence[Any], call: Call, number: int) -> Sequence[Any]:
    if number < 0:
        raise LookupError("no negative numbers")
    things = call.context["things"]
    return [things[number % len(things)] for _ in parents]


async def people_of(parents: Sequence[Any], call: Call, first: int | None = 3) -> Sequence[Any]:
    await _pause()
    return [call.context["connection"] for _ in parents]


_boss = edge("_boss")
_favourite = edge("_favourite")
_score = edge("_score")
_boxes = edge("_boxes")
_grid = edge("_grid")


@strawberry.input
class Where:
    not_age: int = 7
    colours: list[Colour] | None = None


@strawberry.interface
class Named:
    id: strawberry.ID
    name: str
    label: str | None
    peer: Annotated["Named", strawberry.lazy(__name__)] | None


@strawberry.type
class Person(Named):
    age: int
    height: float | None
    happy: bool
    colour: Colour | None
    colours: list[Colour]
    since: Stamp
    salary: Money | None
    tags: list[str | None] | None
    matrix: list[list[int]] | None
    boss: Annotated["Person", strawberry.lazy(__name__)] | None = strawberry.field(
        resolver=_boss[1], metadata={"batch": _boss[0]}
    )
    score: int = strawberry.field(resolver=_score[1], metadata={"batch": _score[0]})
    favourite: Annotated["Thing", strawberry.lazy(__name__)] = strawberry.field(
        resolver=_favourite[1], metadata={"batch": _favourite[0]}
    )

    @strawberry.field(metadata={"batch": friends_of})
    def friends(
        self, info: strawberry.Info, first: int = 2, where: Where | None = None
    ) -> list[Annotated["Person", strawberry.lazy(__name__)]]:
        return one(friends_of, self, info, first=first, where=where)

    @strawberry.field
    def whereabouts(self, info: strawberry.Info, loud: bool = False) -> str | None:
        path = ".".join(str(key) for key in info.path.as_list())
        if self.__dict__.get("_silent"):
            raise RuntimeError(f"{self.__dict__.get('id')} is silent at {path}")
        return f"{info.field_name} {path} {info.selected_fields[0].name} {loud}".upper() if loud else path

    @strawberry.field
    def buddies(self) -> list[Annotated["Named", strawberry.lazy(__name__)] | None]:
        return self.__dict__.get("_friends")  # type: ignore[return-value]


@strawberry.type
class Robot(Named):
    serial: int
    owner: Person | None
    boxes: list[Annotated["Box", strawberry.lazy(__name__)]] = strawberry.field(
        resolver=_boxes[1], metadata={"batch": _boxes[0]}
    )


@strawberry.type
class Box:
    size: int | None
    content: Annotated["Thing", strawberry.lazy(__name__)] | None
    grid: list[list[Annotated["Thing", strawberry.lazy(__name__)]] | None] = strawberry.field(
        resolver=_grid[1], metadata={"batch": _grid[0]}
    )

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        return isinstance(value, Box)


Thing = Annotated[Person | Robot | Box, strawberry.union("Thing")]


@strawberry.type
class People:
    nodes: list[Person]
    total_count: int
    shy: list[Person | None] | None


@strawberry.type
class Query:
    @strawberry.field(metadata={"batch": find})
    def find(self, info: strawberry.Info, number: int) -> Thing | None:
        return one(find, self, info, number=number)

    @strawberry.field(metadata={"batch": people_of})
    def people(self, info: strawberry.Info, first: int | None = 3) -> People | None:
        return one(people_of, self, info, first=first)

    @strawberry.field
    def everyone(self, info: strawberry.Info) -> list[Named]:
        return info.context["things"][:6]  # boxes among them are faults of their own

    @strawberry.field
    def echo(self, where: Where, colour: Colour = Colour.RED, words: list[str] | None = None) -> str:
        return f"{where} {colour} {words}"


@strawberry.type
class Mutation:
    @strawberry.field
    def add(self, info: strawberry.Info, number: int) -> Thing | None:
        info.context.setdefault("log", []).append(number)
        if number == 13:
            raise RuntimeError("unlucky")
        return info.context["things"][number % len(info.context["things"])]

    @strawberry.field
    def must(self, info: strawberry.Info, number: int) -> Person:
        info.context.setdefault("log", []).append(number)
        return info.context["things"][number % len(info.context["things"])]


CONFIG = StrawberryConfig(scalar_map=SCALARS)
SCHEMA = strawberry.Schema(Query, Mutation, types=[Robot, Person, Box], config=CONFIG)
GRAPHQL = SCHEMA._schema


def bind(type_: GraphQLObjectType, name: str, field: GraphQLField) -> Binding | None:
    """How a host binds a Strawberry schema."""
    definition = field.extensions.get("strawberry-definition")
    if definition is None:
        return None
    if batch := definition.metadata.get("batch"):

        def convert(arguments: dict[str, Any]) -> dict[str, Any]:
            return convert_arguments(
                arguments, definition.arguments, scalar_registry=SCHEMA.schema_converter.scalar_registry, config=CONFIG
            )

        return Batch(batch, convert)
    if definition.is_basic_field:
        return Attribute(definition.python_name)
    return None


class Odd:
    """A value that nothing can serialise."""

    def __repr__(self) -> str:
        return "<Odd>"


class Broken:
    """An iterable that cannot be iterated."""

    def __iter__(self) -> Any:
        raise OSError("the line is dead")

    def __repr__(self) -> str:
        return "<Broken>"


FAULTS: list[Callable[[], Any]] = [
    lambda: None,
    lambda: None,
    lambda: RuntimeError("broken"),
    lambda: Odd(),
    lambda: 2**40,
    lambda: "text",
    lambda: float("nan"),
    lambda: 7.5,
    lambda: True,
    lambda: [None, RuntimeError("item"), 3],
    lambda: [[1, None], None, 5],
    lambda: Broken(),
    lambda: {"a": 1},
    lambda: Colour.GREEN,
    lambda: {1: 2}.keys(),
]
MISSING = object()


def world(seed: int, rate: float) -> dict[str, Any]:
    """The context of a request: people, robots and boxes that know one another, some of them faulty."""
    rng = random.Random(seed)
    things: list[Any] = [object.__new__(rng.choice([Person, Person, Robot, Box])) for _ in range(10)]
    things[0], things[1] = object.__new__(Person), object.__new__(Robot)
    people = [each for each in things if isinstance(each, Person)]
    named = [each for each in things if not isinstance(each, Box)]
    boxes = [each for each in things if isinstance(each, Box)]

    def put(thing: Any, **values: Any) -> None:
        for name, value in values.items():
            if rng.random() < rate:
                fault = rng.choice([*FAULTS, lambda: MISSING, lambda: rng.choice(things), lambda: [rng.choice(things)]])
                value = fault()
            if value is not MISSING:
                thing.__dict__[name] = value

    def some(of: list[Any]) -> list[Any]:
        return rng.choices(of, k=rng.randrange(4)) if of else []

    for number, thing in enumerate(things):
        if isinstance(thing, Named):
            put(thing, id=f"n{number}", name=f"name {number}", label=rng.choice([None, "l"]), peer=rng.choice(named))
        if isinstance(thing, Person):
            put(
                thing,
                age=number,
                height=rng.choice([1.5, None]),
                happy=rng.random() < 0.5,
                colour=rng.choice(list(Colour)),
            )
            put(
                thing,
                colours=rng.choices(list(Colour), k=2),
                since=Stamp("2026-11-21"),
                salary=rng.choice([None, Decimal("1.5")]),
            )
            put(thing, tags=rng.choice([None, ["a", None, "b"], [], ("t",)]), matrix=[[1, 2], [], [3]])
            put(
                thing,
                _boss=rng.choice([*people, None]),
                _score=number,
                _favourite=rng.choice(things),
                _friends=some(people),
            )
            thing.__dict__["_silent"] = rng.random() < rate
        elif isinstance(thing, Robot):
            put(thing, serial=number, owner=rng.choice([*people, None]), _boxes=some(boxes))
        else:
            put(thing, size=rng.choice([None, 3]), content=rng.choice([*things, None]))
            put(thing, _grid=[some(things), rng.choice([None, some(things)]), some(things)])
    connection = object.__new__(People)
    put(connection, nodes=people, total_count=len(people), shy=rng.choice([None, [*people, None]]))
    return {"things": things, "connection": connection}
