"""Edges between Planhat's objects, which name one another by id."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from plangate import model
from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge
from plangate.graph.ids import wants

Ids = Callable[[Any], Collection[str | None]]


class _Link(Struct, frozen=True, gc=False):
    """An id that an object names: what the loaders ask an edge of."""

    key: str
    along: Mapping[str, tuple[Any, ...]] = {}


async def _asked(call: Call, name: str, parents: Sequence[Any], ids: Ids) -> list[list[Any]]:
    """Per parent and per id that it names, what the source answers: native structs or an exception."""
    named = [[_Link(f"{parent.system}:{id}") for id in ids(parent) if id] for parent in parents]
    answers = iter(await call.context.loaders.native(name, [link for links in named for link in links]))
    return [[next(answers) for _ in links] for links in named]


def to_object(name: str, attribute: str, description: str) -> Any:
    """The one object whose id is the parent's attribute."""

    async def batch(parents: Sequence[Any], call: Call) -> Answers:
        answers = await _asked(call, name, parents, lambda parent: [getattr(parent, attribute)])
        return [_first(answer[0]) if answer else None for answer in answers]

    return edge(batch, description)


def to_objects(name: str, attribute: str, description: str) -> Any:
    """The objects whose ids the parent's attribute lists; those that are gone are left out."""

    async def batch(parents: Sequence[Any], call: Call) -> Answers:
        return [
            _all(answer) for answer in await _asked(call, name, parents, lambda each: getattr(each, attribute) or ())
        ]

    return edge(batch, description)


def hanging(name: str, description: str) -> Any:
    """All that hangs on a company, by the name that the source gives it."""

    async def batch(parents: Sequence[Any], call: Call) -> Answers:
        return [answer[0] for answer in await _asked(call, name, parents, lambda parent: [parent.id])]

    return edge(batch, description)


def to_record(kind: type[model.Record], attribute: str, description: str) -> Any:
    """The unified record whose id in Planhat is the parent's attribute."""

    async def batch(parents: Sequence[Any], call: Call) -> Answers:
        ids = [(parent.system, getattr(parent, attribute)) for parent in parents]
        keys = [model.key(system, id) if id else None for system, id in ids]
        return await call.context.loaders.many(kind, keys, wants(call.selection))

    return edge(batch, description)


def _first(answer: Any) -> Any:
    return answer if isinstance(answer, Exception) else next(iter(answer), None)


def _all(answers: list[Any]) -> Any:
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    return failed[0] if failed else [each for answer in answers for each in answer]
