"""The URL tree under `/api/v1/company`: plans, one plan, its export, and the list of actions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .company import Company, Document
from .errors import Refused, error
from .words import ACTION_TYPES, FOCUS_TYPES, STATUSES, VISIBILITIES

ROOT = "/api/v1/company"
_INT32 = 2**31
_ENUMS = {"status": STATUSES, "focusType": FOCUS_TYPES, "actionType": ACTION_TYPES}


class Resources:
    """Answers those whose `SessionId` is in `sessions`, as the user that it stands for.

    A PRIVATE plan is its creator's alone [S], a PRIVATE action its creator's and assignees' [V]. What one may not see
    is left out of lists before they are counted, and by id is 403 as for a delete: both are stand-ins.
    `longest` caps a page without a word (no cap is documented); `content_type` None leaves the header out.
    """

    def __init__(
        self,
        company: Company,
        sessions: Mapping[str, str],
        admins: frozenset[str],
        longest: int | None,
        content_type: str | None,
    ) -> None:
        self.company = company
        self.sessions = sessions
        self.admins = admins
        self.longest = longest
        self.content_type = content_type
        plans = f"{ROOT}/action-plans"
        self.app = Starlette(
            routes=[
                Route(plans, self._answering(self.list_plans), methods=["GET"]),
                Route(plans, self._answering(self.create_plan), methods=["POST"]),
                Route(plans + "/{id}", self._answering(self.read_plan), methods=["GET"]),
                Route(plans + "/{id}", self._answering(self.update_plan), methods=["PATCH"]),
                Route(plans + "/{id}", self._answering(self.delete_plan), methods=["DELETE"]),
                Route(plans + "/{id}/excel", self._answering(self.export_plan), methods=["POST"]),
                Route(f"{ROOT}/actions", self._answering(self.list_actions), methods=["GET"]),
            ],
            exception_handlers=dict.fromkeys((404, 405), _worded),
        )

    def _answering(self, answer: Callable[[Request, str], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            user = self.sessions.get(request.headers.get("SessionId", ""))
            try:
                if user is None:
                    raise Refused(401)
                return await answer(request, user)
            except Refused as refused:
                return refused.response()

        return endpoint

    async def list_plans(self, request: Request, user: str) -> Response:
        """Newest first, from an index to another that is exclusive. A filter also trims the actions inside [S]."""
        given = request.query_params
        start, stop = _index(given, "from", 0), _index(given, "to", 10)
        matches = _filter(given)
        everything = self.company.newest_actions()
        found = []
        for plan in self.company.newest_plans():
            if self._reads(plan, user):
                actions = self._inside(plan, everything, user)
                kept = [each for each in actions if matches(each)] if matches else actions
                if kept or not matches:
                    found.append((plan, kept))
        last = min(stop, start + self.longest) if self.longest else stop
        page = [self.company.shown_plan(plan, everything, kept) for plan, kept in found[start:last]]
        return self._json({"from": start, "to": stop, "total": len(found), "result": page})

    async def create_plan(self, request: Request, user: str) -> Response:
        """An empty plan; 200, not 201 [S]."""
        body = await _body(request)
        title, description = body.get("title"), body.get("description")
        if not title or not description:
            raise Refused(400, "Validation failed: missing title or description")
        visibility = _visibility(body) or "PRIVATE"
        plan = self.company.new_plan(title, description, visibility, user, self.company.clock())
        return self._json(self.company.shown_plan(plan, (), ()))

    async def read_plan(self, request: Request, user: str) -> Response:
        return self._shown(self._plan(request, user), user)

    async def update_plan(self, request: Request, user: str) -> Response:
        """Only what is not null is applied, so nothing can be cleared [S]. Who may: as for a delete [inf]."""
        plan = self._plan(request, user)
        self._allow(plan, user)
        body = await _body(request)
        _visibility(body)
        changes = {name: body[name] for name in ("title", "description", "visibility") if body.get(name) is not None}
        plan |= changes
        return self._shown(plan, user)

    async def delete_plan(self, request: Request, user: str) -> Response:
        plan = self.company.plans.get(request.path_params["id"])
        if plan is None:
            raise Refused(404)
        self._allow(plan, user)
        self.company.delete_plan(plan["id"])
        return Response(status_code=204)

    async def export_plan(self, request: Request, user: str) -> Response:
        """The workbook comes by e-mail: the answer has no body, and so no content type [S]."""
        self._plan(request, user)
        return Response(status_code=200)

    async def list_actions(self, request: Request, user: str) -> Response:
        """A bare list, whole and newest first [V]. The path itself is inferred [inf]."""
        given = request.query_params
        found = [each for each in self.company.newest_actions() if self._reads_action(each, user)]
        if given.get("standaloneOnly") == "true":  # wins over planId [V]
            found = [each for each in found if each.get("planId") is None]
        elif plan := given.get("planId"):
            found = [each for each in found if each.get("planId") == plan]
        matches = _filter(given)
        shown = [self.company.shown_action(each) for each in found]
        return self._json([each for each in shown if matches is None or matches(each)])

    # -------------------------------------------------------------------------------------------------------------

    def _plan(self, request: Request, user: str) -> Document:
        plan = self.company.plans.get(request.path_params["id"])
        if plan is None:
            raise Refused(404)
        if not self._reads(plan, user):
            raise Refused(403)
        return plan

    def _shown(self, plan: Document, user: str) -> Response:
        everything = self.company.newest_actions()
        return self._json(self.company.shown_plan(plan, everything, self._inside(plan, everything, user)))

    def _inside(self, plan: Document, everything: list[Document], user: str) -> list[Document]:
        actions = self.company.actions_of(plan, everything)
        if "actions" in plan:  # as it was put
            return actions
        return [self.company.shown_action(each) for each in actions if self._reads_action(each, user)]

    def _reads(self, plan: Document, user: str) -> bool:
        return plan.get("visibility") != "PRIVATE" or plan.get("createdBy") in (None, user)

    def _reads_action(self, action: Document, user: str) -> bool:
        mine = action.get("createdBy") == user or user in (action.get("assignees") or ())
        return action.get("visibility") != "PRIVATE" or mine

    def _allow(self, plan: Document, user: str) -> None:
        """The creator and admins, and anybody where no creator is recorded [S]."""
        if plan.get("createdBy") not in (None, user) and user not in self.admins:
            raise Refused(403)

    def _json(self, body: object) -> Response:
        response = Response(orjson.dumps(body))
        if self.content_type is not None:
            response.headers["content-type"] = self.content_type
        return response


def _filter(given: QueryParams) -> Callable[[Document], bool] | None:
    """Whether an action matches all filters; None if there is none."""
    for name, words in _ENUMS.items():
        if given.get(name) and given[name] not in words:
            raise Refused(400, f"{name} has no value {given[name]}")  # what an unknown word gets is inferred [inf]
    tests: dict[str, Callable[[Document, str], bool]] = {
        "status": lambda action, status: action.get("status") == status,
        "actionType": lambda action, type: action.get("actionType") == type,
        "focusType": lambda action, type: any(each.get("focusType") == type for each in action.get("focusItems") or ()),
        "hierarchyId": lambda action, id: id in (action.get("hierarchyIds") or ()),
        "assigneeId": lambda action, id: id in (action.get("assignees") or ()),
        "q": lambda action, q: any(q.lower() in str(action.get(n) or "").lower() for n in ("title", "description")),
    }
    asked = [(test, given[name]) for name, test in tests.items() if given.get(name)]
    if not asked:
        return None
    return lambda action: isinstance(action, dict) and all(test(action, value) for test, value in asked)


def _index(given: QueryParams, name: str, default: int) -> int:
    """An int32; what is none is refused with 400, which is inferred [inf]."""
    text = given.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or int(text) >= _INT32:
        raise Refused(400, f"{name} must be an index")
    return int(text)


def _visibility(body: Mapping[str, Any]) -> str | None:
    visibility = body.get("visibility")
    if visibility is not None and visibility not in VISIBILITIES:
        raise Refused(400, "visibility must be PUBLIC or PRIVATE")
    return visibility


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "Malformed JSON")
    return body


async def _worded(_: Request, refused: Any) -> Response:
    return error(refused.status_code)
