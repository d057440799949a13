"""JSON:API documents: how resources, collections and their `links` and `meta` are written."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from .kinds import Edge, Kind
from .query import Query
from .world import Attributes, Relationships, Resource, World, to_many


class Documents:
    """Writes the resources of `world`; `url` below is the one that was asked for, without its query."""

    def __init__(self, world: World) -> None:
        self.world = world

    def one(self, resource: Resource, parent: Resource, kind: Kind, query: Query, url: str) -> dict[str, Any]:
        """A document of a single resource."""
        return {
            "data": self._resource(resource, query.include, query, url),
            "included": self._included([resource], query, url),
            "meta": {"can_include": list(kind.include), "parent": _parent(parent)},
        }

    def many(
        self, resources: list[Resource], parent: Resource, kind: Kind, edge: Edge, query: Query, url: str
    ) -> dict[str, Any]:
        """One page of `resources`, with the ways to the next and the previous one."""
        page = resources[query.offset : query.offset + query.per_page]
        offsets: dict[str, int] = {}
        if query.offset + query.per_page < len(resources):
            offsets["next"] = query.offset + query.per_page
        if query.offset > 0:
            offsets["prev"] = max(0, query.offset - query.per_page)
        here = urlencode(query.values)
        return {
            "links": {
                "self": f"{url}?{here}" if here else url,
                **{name: f"{url}?{urlencode({**query.values, 'offset': at})}" for name, at in offsets.items()},
            },
            "data": [self._resource(resource, query.include, query, f"{url}/{resource.id}") for resource in page],
            "included": self._included(page, query, url),
            "meta": {
                "total_count": len(resources),
                "count": len(page),
                **{name: {"offset": at} for name, at in offsets.items()},
                "can_order_by": list(kind.order),
                "can_query_by": list(kind.where),
                "can_include": list(kind.include),
                "can_filter": list(edge.filters),
                "parent": _parent(parent),
            },
        }

    def _resource(self, resource: Resource, include: Iterable[str], query: Query, url: str | None) -> dict[str, Any]:
        self.world.complete([resource])
        attributes = resource.attributes
        relationships = {**resource.relationships, **self._linkage(resource, include)}
        wanted = query.fields.get(resource.type)
        # JSON:API restricts relationships along with attributes; that Planning Center does too is inferred [inf].
        if wanted is not None:
            attributes = {name: value for name, value in attributes.items() if name in wanted}
            relationships = {name: value for name, value in relationships.items() if name in wanted}
        elif resource.on_request:
            attributes = {name: value for name, value in attributes.items() if name not in resource.on_request}
        written: dict[str, Any] = {
            "type": resource.type,
            "id": resource.id,
            "attributes": self._moved(resource, attributes),
            "relationships": relationships,
        }
        if url is not None:
            written["links"] = {"self": url}
        return written

    def _moved(self, resource: Resource, attributes: Attributes) -> Attributes:
        moving = resource.moving & attributes.keys()
        return {**attributes, **dict.fromkeys(moving, self.world.local_now())} if moving else attributes

    def _linkage(self, resource: Resource, include: Iterable[str]) -> Relationships:
        # JSON:API wants every included resource linked from its owner ("full linkage"); a PlanTime could not be
        # attributed to its plan otherwise, as it has no relationship to it (issue 928) [inf].
        return {
            name: to_many(related[0].type if related else "", [target.id for target in related])
            for name in include
            if name not in resource.relationships
            for related in [self.world.related(resource, name)]
        }

    def _included(self, resources: Iterable[Resource], query: Query, url: str) -> list[dict[str, Any]]:
        targets = {
            (target.type, target.id): target
            for resource in resources
            for name in query.include
            for target in self.world.related(resource, name)
        }
        return [self._resource(target, (), query, None) for target in targets.values()]


def _parent(resource: Resource) -> dict[str, str]:
    return {"id": resource.id, "type": resource.type}
