"""Every model's endpoints: list, read, create, update, bulk upsert, delete. They are the same for all models."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from .gate import refusal
from .writing import changed, new_id, upserted

Document = dict[str, Any]
Models = dict[str, dict[str, Document]]

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 2000
LEAN = ("_id", "name", "externalId", "sourceId")
_BULK = 5000
_NO_BULK = {"customfields"}


class Collections:
    """The paths of a tenant, whose documents are `models`, by collection and id."""

    def __init__(self, models: Models, strict_limit: bool, hide_archived: bool, missing: int) -> None:
        self.models = models
        self.strict_limit = strict_limit
        self.hide_archived = hide_archived
        self.missing = missing
        self.app = Router(
            [
                Route("/leancompanies", self._lean, methods=["GET"]),
                Route("/{model}/{id}", self._one, methods=["GET", "PUT", "DELETE"]),
                Route("/{model}", self._all, methods=["GET", "POST", "PUT"]),
            ],
            redirect_slashes=False,
            default=_nowhere,
        )

    async def _lean(self, request: Request) -> Response:
        return _json(
            [{name: each[name] for name in LEAN if name in each} for each in self.models["companies"].values()]
        )

    async def _all(self, request: Request) -> Response:
        documents = self.models.get(request.path_params["model"])
        if documents is None:
            return refusal(404)
        if request.method == "GET":
            return self._listed(request, documents)
        try:
            given = json.loads(await request.body())
        except ValueError:
            return refusal(400)
        if request.method == "POST":
            created = {"_id": new_id(documents), **changed({}, given), "__v": 0}
            documents[created["_id"]] = created
            return _json(created)
        if not isinstance(given, list) or len(given) > _BULK or request.path_params["model"] in _NO_BULK:
            return refusal(400)
        result = upserted(documents, given)
        return _json(result, 206 if result["createdErrors"] or result["updatedErrors"] else 200)

    async def _one(self, request: Request) -> Response:
        documents = self.models.get(request.path_params["model"], {})
        found = _found(documents, request.path_params["id"])
        if found is None:
            return refusal(404) if self.missing == 404 else _json(None)
        if request.method == "DELETE":
            del documents[found["_id"]]
            return Response()  # with an empty body [K]
        if request.method == "PUT":
            try:
                documents[found["_id"]] = found = changed(found, json.loads(await request.body()))
            except ValueError:
                return refusal(400)
        return _json(found)

    def _listed(self, request: Request, documents: dict[str, Document]) -> Response:
        asked = request.query_params
        try:
            limit, offset = int(asked.get("limit", DEFAULT_LIMIT)), int(asked.get("offset", 0))
        except ValueError:
            return refusal(400)
        if limit < 0 or offset < 0 or (self.strict_limit and limit > LARGEST_LIMIT):
            return refusal(400)
        found: Iterable[Document] = documents.values()
        if companies := asked.get("companyId"):
            wanted = set(companies.split(","))
            found = [each for each in found if wanted & _companies(each)]
        if self.hide_archived and request.path_params["model"] == "tasks":
            found = [each for each in found if not each.get("isArchived")]
        if sort := asked.get("sort"):
            found = sorted(found, key=_rank(sort.removeprefix("-")), reverse=sort.startswith("-"))
        page = list(found)[offset : offset + min(limit, LARGEST_LIMIT)]
        if select := asked.get("select"):
            # `_id` and `companyId` come along [S].
            names = {*select.split(","), "_id", "companyId"}
            page = [{name: value for name, value in each.items() if name in names} for each in page]
        return _json(page)


def _found(documents: dict[str, Document], id: str) -> Document | None:
    """By `_id`, or by another id with its prefix [V]."""
    for prefix, name in (("extid-", "externalId"), ("srcid-", "sourceId")):
        if id.startswith(prefix):
            return next((each for each in documents.values() if each.get(name) == id.removeprefix(prefix)), None)
    return documents.get(id)


def _companies(document: Document) -> set[str]:
    """An invoice has a `cId`, an issue several companies [S]; that `companyId` filters them too is inferred."""
    return {document.get("companyId", ""), document.get("cId", ""), *document.get("companyIds", ())}


def _rank(name: str) -> Callable[[Document], tuple[int, Any]]:
    """MongoDB's order, in which no value is the smallest, then numbers, then texts [inf]."""

    def rank(document: Document) -> tuple[int, Any]:
        value = document.get(name)
        if value is None:
            return 0, 0
        return (1, value) if isinstance(value, int | float) else (2, str(value).encode("utf-8", "replace"))

    return rank


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    await refusal(404)(scope, receive, send)


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, media_type="application/json")
