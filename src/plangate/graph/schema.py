"""The schema: Strawberry's federated one, with `_entities` batched by kind."""

from functools import cached_property, partial
from typing import Any, Final

import strawberry
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from plangate.errors import BadUserInput
from plangate.graph.action import Action
from plangate.graph.attachment import Attachment
from plangate.graph.binding import runtime_types
from plangate.graph.context import Call, selection_of
from plangate.graph.federation import TypeNames, check, without_fields
from plangate.graph.ids import key_of
from plangate.graph.item import Item
from plangate.graph.needed_position import NeededPosition
from plangate.graph.note import Note
from plangate.graph.person import Person
from plangate.graph.plan import Plan
from plangate.graph.plan_time import PlanTime
from plangate.graph.query import Query, records
from plangate.graph.scalars import SCALARS
from plangate.graph.series import Series
from plangate.graph.service_type import ServiceType
from plangate.graph.step import Step
from plangate.graph.task import Task
from plangate.graph.team_member import TeamMember
from plangate.model import Key, Record
from plangate.settings.federation import FederationSettings

FEDERATION_VERSION: Final = "2.9"
"""The newest that every composer takes: @theguild/federation-composition 0.27 refuses later ones."""

KINDS = (
    Plan, Action, Step, Task, ServiceType, Person, Series, PlanTime, Item, Note, Attachment, TeamMember, NeededPosition,
)  # fmt: skip
"""Named here so that all of them are entities, whichever module is reached first."""

MAXIMUM_REPRESENTATIONS = 1000


DEFAULT = FederationSettings()


class Schema(strawberry.federation.Schema):
    """`entities`: the class of an entity's records by the type's name. `sdl`: what the graph is as a subgraph."""

    def __init__(self, federation: FederationSettings = DEFAULT, *, query: type[Any] = Query) -> None:
        super().__init__(
            query=query,
            types=KINDS,
            federation_version=FEDERATION_VERSION,
            config=StrawberryConfig(
                name_converter=TypeNames(federation), scalar_map=SCALARS, disable_field_suggestions=False
            ),
        )
        self._federation = federation
        self.entities = {name: record for record, name in runtime_types(self).items() if issubclass(record, Record)}
        service: Any = self._schema.type_map["_Service"]
        service.fields["sdl"].resolve = lambda *_: self.sdl  # Strawberry's would print it anew for each request

    @cached_property
    def sdl(self) -> str:
        """The document that a router composes. Fields that it leaves out can be queried all the same."""
        omitted = self._federation.omitted_root_fields
        return (Schema(self._federation, query=without_fields(Query, omitted)) if omitted else self).as_str()

    async def entities_resolver(  # type: ignore[override]
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """All representations at once: one load per kind. A malformed one fails alone."""
        if len(representations) > MAXIMUM_REPRESENTATIONS:
            raise BadUserInput(f"At most {MAXIMUM_REPRESENTATIONS} representations.", argument="representations")
        names = [partial(self._identify, each) for each in representations]
        return await records(Call(info.context, selection_of(info._raw_info)), names)

    def _identify(self, representation: Any) -> tuple[type[Record], Key]:
        given = representation if isinstance(representation, dict) else {}
        kind, id = self.entities.get(str(given.get("__typename"))), given.get("id")
        if kind is None or not isinstance(id, str):
            raise BadUserInput("A representation needs the __typename of an entity of this graph and its id.")
        return kind, key_of(id, kind)


def build_schema(federation: FederationSettings = DEFAULT) -> Schema:
    """The schema that is served. Raises SettingsError if these settings name what the graph does not have."""
    if federation != DEFAULT:
        check(federation, Schema()._schema)
    return Schema(federation)
