"""The schema: Strawberry's federated one, with `_entities` batched by kind."""

from collections.abc import Callable
from typing import Any, Final

import strawberry
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from plangate.errors import BadUserInput
from plangate.graph.action import Action
from plangate.graph.attachment import Attachment
from plangate.graph.context import Call, selection_of
from plangate.graph.ids import KIND_BY_NAME, key_of
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

FEDERATION_VERSION: Final = "2.9"
"""The newest that every composer takes: @theguild/federation-composition 0.27 refuses later ones."""

KINDS = (
    Plan, Action, Step, Task, ServiceType, Person, Series, PlanTime, Item, Note, Attachment, TeamMember, NeededPosition,
)  # fmt: skip
"""Named here so that all of them are entities, whichever module is reached first."""

MAXIMUM_REPRESENTATIONS = 1000


class Schema(strawberry.federation.Schema):
    async def entities_resolver(  # type: ignore[override]
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """All representations at once: one load per kind. A malformed one fails alone."""
        if len(representations) > MAXIMUM_REPRESENTATIONS:
            raise BadUserInput(f"At most {MAXIMUM_REPRESENTATIONS} representations.", argument="representations")
        return await records(
            Call(info.context, selection_of(info._raw_info)), [_named(each) for each in representations]
        )


def _named(representation: Any) -> Callable[[], tuple[type[Record], Key]]:
    def name() -> tuple[type[Record], Key]:
        given = representation if isinstance(representation, dict) else {}
        kind, id = KIND_BY_NAME.get(str(given.get("__typename"))), given.get("id")
        if kind is None or not isinstance(id, str):
            raise BadUserInput("A representation needs the __typename of an entity of this graph and its id.")
        return kind, key_of(id, kind)

    return name


def build_schema() -> Schema:
    """Built once, by app.py and by `plangate schema print`."""
    return Schema(
        query=Query,
        types=KINDS,
        federation_version=FEDERATION_VERSION,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=False),
    )
