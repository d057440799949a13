"""What every kind of the graph has: a global id, a way back from it, and its place in a federated graph."""

from typing import Any, ClassVar

import strawberry

from plangate import model


@strawberry.interface(
    description="A record with a global id (https://relay.dev/docs/guides/graphql-server-specification)."
)
class Node:
    id: strawberry.ID = strawberry.field(description="The global id. Opaque, and the same for ever.")
    source: str = strawberry.field(description="The system that the record lives in, e.g. `planning_center`.")
    external_id: str = strawberry.field(description="The system's own id.")

    @classmethod
    def resolve_type(cls, value: Any, *_: Any) -> str:
        return type(value).__name__


class Kind:
    """The types of records: `record` is the model's class, which has the same name."""

    record: ClassVar[type[model.Record]]

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is cls.record
