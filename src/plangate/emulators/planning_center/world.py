"""The emulated account: resources by type and id, and the collections that hang on each of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .calendar import local

Attributes = dict[str, Any]
Relationships = dict[str, dict[str, Any]]


@dataclass(slots=True, eq=False)
class Resource:
    """One JSON:API resource. Attributes and relationships are kept as they are sent, and sent as they are kept."""

    type: str
    id: str
    attributes: Attributes
    relationships: Relationships = field(default_factory=dict)
    moving: frozenset[str] = frozenset()
    """Attributes that read as the current instant: `sort_date` of a plan without times [S]."""
    on_request: frozenset[str] = frozenset()
    """Attributes that are only sent when `fields` names them [V]."""
    finish: Callable[[], None] | None = None
    """Adds what is costly to know (a plan's items, people and their counts) before the first look at it."""

    def related_id(self, name: str) -> str | None:
        """The id of a to-one relationship, None when it is empty or unknown."""
        data = self.relationships.get(name, {}).get("data")
        return data["id"] if isinstance(data, dict) else None


class World:
    """All resources of one account: `get` one by id, see the `members` of a collection, `add` another."""

    def __init__(self, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self.zone = zone
        self.clock = clock
        self._resources: dict[tuple[str, str], Resource] = {}
        self._members: dict[tuple[str, str, str], dict[str, Resource]] = {}
        self._before: dict[tuple[str, str], Callable[[], None]] = {}

    def local_now(self) -> str:
        """Now, in the false-`Z` notation of `sort_date`."""
        return local(self.clock(), self.zone)

    def get(self, type: str, id: str) -> Resource | None:
        return self._resources.get((type, id))

    def add(self, resource: Resource, *owners: tuple[str, str, str]) -> Resource:
        """Add a resource, or put it in place of another with its id, to the account and to its owners' collections.

        An owner is its type, its id and the name of the collection: `("Plan", "7", "items")`.
        """
        self._resources[resource.type, resource.id] = resource
        for owner in owners:
            self._members.setdefault(owner, {})[resource.id] = resource
        return resource

    def before(self, type: str, collection: str, do: Callable[[], None]) -> None:
        """Call `do` once, before any such collection is looked at: it has members that are not known yet."""
        self._before[type, collection] = do

    def members(self, owner: Resource, collection: str, *, finish: bool = True) -> list[Resource]:
        """The resources of one collection of `owner`, for example the items of a plan.

        `finish=False` looks at what is known already, which is enough for a plan's times.
        """
        if finish:
            self.complete([owner])
        if do := self._before.pop((owner.type, collection), None):
            do()
        return list(self._members.get((owner.type, owner.id, collection), {}).values())

    def complete(self, resources: Iterable[Resource]) -> None:
        """Make sure that everything about these resources is known."""
        for resource in resources:
            if resource.finish:
                finish, resource.finish = resource.finish, None
                finish()

    def related(self, resource: Resource, name: str) -> list[Resource]:
        """What `include=name` adds for `resource`: the target of a relationship, or else a collection."""
        self.complete([resource])
        if name in resource.relationships:
            data = resource.relationships[name].get("data")
            links = data if isinstance(data, list) else [data] if data else []
            found = (self.get(link["type"], link["id"]) for link in links)
            return [target for target in found if target]
        return self.members(resource, name)


def to_one(type: str, id: str | None) -> dict[str, Any]:
    """A relationship to one resource, or to none."""
    return {"data": {"type": type, "id": id} if id is not None else None}


def to_many(type: str, ids: Iterable[str]) -> dict[str, Any]:
    """A relationship to any number of resources."""
    return {"data": [{"type": type, "id": id} for id in ids]}
