"""The URL tree under `/services/v2`: a path is walked edge by edge through the account."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from .documents import Documents
from .errors import Refused
from .filters import Filters
from .kinds import EDGES, KINDS, Edge, Kind
from .query import Query
from .world import Resource, World

ROOT = "/services/v2"
_SELF = Edge("Organization", one=True)


class Resources:
    """The ASGI app behind the gate. It reads; writing is answered with 405 until there is an emulation of it."""

    def __init__(self, world: World, organization: Resource, *, strict: bool) -> None:
        self.world = world
        self.filters = Filters(world)
        self.organization = organization
        self.strict = strict
        self.documents = Documents(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            response = self._answer(request)
        except Refused as refused:
            response = refused.response()
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path.rstrip("/")
        if path != ROOT and not path.startswith(f"{ROOT}/"):
            raise Refused(404)
        if request.method != "GET":
            raise Refused(405)
        segments = path.removeprefix(ROOT).split("/")[1:]
        if len(segments) == 2 and segments[0] == "plans":
            return self._redirected(segments[1], request)
        parent, edge, found = self._walk(segments)
        kind = KINDS.get(edge.type, Kind())
        query = Query.parse(request.query_params, kind, edge, strict=self.strict)
        url = str(request.url.replace(query="", path=path))
        if isinstance(found, Resource):
            return _json(self.documents.one(found, parent, kind, query, url))
        kept = self.filters.keep(found, query)
        chosen = query.select(kept, self.world.local_now())
        return _json(self.documents.many(chosen, parent, kind, edge, query, url))

    def _redirected(self, plan_id: str, request: Request) -> Response:
        """A plan asked for without its service type is elsewhere [I]. The status, 302, is a stand-in."""
        plan = self.world.get("Plan", plan_id)
        if plan is None:
            raise Refused(404)
        path = f"{ROOT}/service_types/{plan.related_id('service_type')}/plans/{plan_id}"
        return RedirectResponse(str(request.url.replace(path=path)), 302)

    def _walk(self, segments: list[str]) -> tuple[Resource, Edge, Resource | list[Resource]]:
        """What a path leads to: a resource or a collection, with its parent and the last edge that was taken."""
        parent, edge, found = self.organization, _SELF, self.organization
        remaining = iter(segments)
        for name in remaining:
            taken = EDGES.get(found.type, {}).get(name)
            # Beyond a single resource there are no paths, except from one that was named by its id.
            if taken is None or (edge is not _SELF and edge.one):
                raise Refused(404)
            parent, edge = found, taken
            if edge.one:
                found = self._single(parent, name)
                continue
            members = self.world.members(parent, name)
            id = next(remaining, None)
            if id is None:
                return parent, edge, members
            found = self._member(members, id, edge)
        return parent, edge, found

    def _single(self, parent: Resource, name: str) -> Resource:
        related = self.world.related(parent, name)
        if not related:
            raise Refused(404)
        return related[0]

    def _member(self, members: list[Resource], id: str, edge: Edge) -> Resource:
        found = next((member for member in members if member.id == id), None) if edge.by_id else None
        if found is None:
            raise Refused(404)
        return found


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
