"""The JSON:API envelope (https://jsonapi.org/format/1.0/), as far as it is used here; the rest is passed over."""

from typing import Any

from msgspec import Struct


class Ref(Struct, frozen=True, gc=False):
    type: str
    id: str


class Relationship(Struct, frozen=True, gc=False):
    data: Ref | list[Ref] | None = None


class Resource(Struct, frozen=True, eq=False, weakref=True):
    """One resource, equal to itself alone. An attribute that is left out is the same as null."""

    type: str
    id: str
    attributes: dict[str, Any] = {}
    relationships: dict[str, Relationship] = {}

    def one(self, relationship: str) -> str | None:
        """The id that a to-one relationship points to."""
        found = self.relationships.get(relationship)
        data = found.data if found else None
        return data.id if isinstance(data, Ref) else None

    def many(self, relationship: str) -> tuple[str, ...] | None:
        """The ids that a to-many relationship points to; None if the answer does not say."""
        found = self.relationships.get(relationship)
        return tuple(ref.id for ref in found.data) if found and isinstance(found.data, list) else None


class Meta(Struct, frozen=True, gc=False):
    total_count: int


class Document(Struct, frozen=True, gc=False):
    """The answer to a GET of one resource."""

    data: Resource
    included: list[Resource] = []


class Collection(Struct, frozen=True, gc=False):
    """One page of a list."""

    data: list[Resource]
    meta: Meta
    included: list[Resource] = []


NOTHING = Collection(data=[], meta=Meta(0))
"""The list that a resource has which does not exist."""
