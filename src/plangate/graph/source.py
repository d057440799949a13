"""The systems behind the graph, and who asks."""

import asyncio
from collections.abc import Mapping, Sequence

import strawberry
from msgspec import Struct

from plangate import access, model, source
from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge
from plangate.graph.refs import PersonRef
from plangate.graph.vocabulary import Circuit, Role


class Described(Struct, frozen=True):
    """A source, as the fields below read it."""

    port: source.Source

    @property
    def name(self) -> str:
        return self.port.name

    @property
    def mode(self) -> str:
        return self.port.mode

    @property
    def circuit(self) -> source.Circuit | None:
        return self.port.circuit

    @property
    def capabilities(self) -> list[str]:
        can = self.port.capabilities
        return [question for question in source.QUESTIONS if question in can]


def sources_of(sources: Mapping[str, source.Source]) -> list[Described]:
    return [Described(port) for port in sources.values()]


async def _health(parents: Sequence[Described], call: Call) -> Answers:
    return await asyncio.gather(*(call.context.loaders.check(parent.port) for parent in parents))


async def _person(parents: Sequence[access.Viewer], call: Call) -> Answers:
    return await call.context.loaders.many(model.Person, [viewer.id for viewer in parents])


@strawberry.type(description="Whether a source answers.")
class Health:
    ok: bool = strawberry.field(description="Whether it answers.")
    detail: str = strawberry.field(description="If not: why, in plain words.")


@strawberry.type(description="A system behind this graph.")
class Source:
    name: str = strawberry.field(description="Its name, as in ids and in the argument `sources`.")
    mode: str = strawberry.field(description="`proxy`: asked live.")
    capabilities: list[str] = strawberry.field(description="The questions that it answers.")
    circuit: Circuit | None = strawberry.field(
        description="Whether it is asked at all; null where nothing is called over a network."
    )
    health: Health = edge(_health, "Whether it answers now; asking costs a call to the system.")


@strawberry.type(description="Who asks.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="The viewer's key.")
    workspace: str = strawberry.field(description="The workspace whose records the viewer reads.")
    role: Role = strawberry.field(description="What the viewer may do.")
    person: PersonRef | None = edge(_person, "The person that the viewer is, if the store knows them.")
