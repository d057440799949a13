"""What every kind of the graph has: a global id, a way back from it, and its place in a federated graph."""

from typing import Any, ClassVar

import strawberry
from graphql import GraphQLInterfaceType, GraphQLResolveInfo
from msgspec import Struct


def _type_name(value: Any, info: GraphQLResolveInfo[Any], type_: GraphQLInterfaceType) -> str | None:
    """The type of a record. It has the name of the record's class, unless the settings add a prefix."""
    possible = info.schema.get_possible_types(type_)
    return next((each.name for each in possible if each.is_type_of and each.is_type_of(value, info)), None)


@strawberry.interface(
    description="Whatever has a global id (https://relay.dev/docs/guides/graphql-server-specification)."
)
class Node:
    id: strawberry.ID = strawberry.field(description="The global id. Opaque, and the same for ever.")

    resolve_type = _type_name


@strawberry.interface(description="A record of one of the systems.")
class Record(Node):
    source: str = strawberry.field(description="The system that the record lives in, e.g. `planning_center`.")
    external_id: str = strawberry.field(description="The system's own id.")


class Kind:
    """A type whose values are of the class `record`: one of the model's, which has the same name, or a native one."""

    record: ClassVar[type[Struct]]

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is cls.record
