"""OnePlan's routes. Ids are looked up in any case; a list is one bare array of full objects, without pages [V]."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .account import Account, Object
from .editions import of_2024
from .errors import error
from .stage_gate import decide
from .values import ProcessState, instant


class Api:
    """The routes below `/api` over one account."""

    def __init__(self, account: Account, edition: int, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.edition = edition
        self.clock = clock

    def app(self) -> Starlette:
        plan = "/api/workplan/{plan}"
        return Starlette(
            routes=[
                Route("/api/workplan", self.plans),
                Route("/api/workplan/fields", self.fields),
                Route("/api/workplan/find", self.find, methods=["POST"]),
                Route(plan, self.plan),
                Route(plan, self.update, methods=["POST"]),
                Route(f"{plan}/subplans", self.sub_plans),
                Route(f"{plan}/comments", self.comments),
                Route(f"{plan}/processhistory", self.history),
                Route(f"{plan}/step/approve", self.approve, methods=["POST"]),
                Route(f"{plan}/tasks", self.tasks),
                Route(f"{plan}/tasks/{{task}}", self.task),
                Route("/api/resources", self.resources),
                Route("/api/resources/{resource}", self.resource),
            ],
            exception_handlers={404: _refused, 405: _refused},
        )

    async def plans(self, request: Request) -> Response:
        """Both parameters of the filter must be there, empty or not [V, K]; the words of the refusal are a stand-in."""
        params = request.query_params
        if "FilterField" not in params or "FilterValue" not in params:
            return error(404, f"No HTTP resource was found that matches the request URI '{request.url.path}'.")
        shown = {
            name: params.get(f"Show{name.title()}", "false").lower() == "true" for name in ("archived", "templates")
        }
        found = self.account.listed(**shown)
        if field := params["FilterField"]:
            built_in = params.get("BuiltInField", "false").lower() == "true"
            found = [each for each in found if str(_value(each, field, built_in)) == params["FilterValue"]]
        return self._sent(found)

    async def find(self, request: Request) -> Response:
        """`MaxItems` and `MoreItems`, but no offset [V]."""
        asked = orjson.loads(await request.body())
        found = self.account.listed(archived=False, templates=False)
        for each in asked.get("Filter") or ():
            if each.get("operator", "eq") != "eq":
                return error(400, "This emulator compares with eq only.")
            found = [plan for plan in found if str(_value(plan, each["field"], False)) == str(each["value"])]
        most = asked.get("MaxItems") or len(found)
        return self._sent({"Items": found[:most], "MoreItems": len(found) > most})

    async def plan(self, request: Request) -> Response:
        found = self._plan(request)
        return error(404) if found is None else self._sent(found)

    async def update(self, request: Request) -> Response:
        """The answer has no entity [V]. That a locked plan refuses with 409 is a stand-in."""
        found = self._plan(request)
        if found is None:
            return error(404)
        if found.get("LockInfo"):
            return error(409, "The plan is locked by another user.")
        changes: Object = orjson.loads(await request.body())["WorkPlan"]
        for name, value in changes.items():
            found[name] = {**found[name], **value} if isinstance(found.get(name), dict) else value
        found["Modified"] = instant(self.clock(), 1)
        return _json({})

    async def sub_plans(self, request: Request) -> Response:
        found = self._plan(request)
        named = (self.account.plans.get(id) for id in found["SubPlans"]) if found else ()
        return error(404) if found is None else self._sent([each for each in named if each])

    async def comments(self, request: Request) -> Response:
        found = self._plan(request)
        if found is None:
            return error(404)
        authors = {comment["UPN"] for comment in found["Comments"]}
        resources = [each for id, each in self.account.resources.items() if id in authors]
        return _json({"Comments": found["Comments"], "Resources": resources})

    async def history(self, request: Request) -> Response:
        found = self._plan(request)
        return error(404) if found is None else self._sent(self.account.history.get(_id(request, "plan"), []))

    async def approve(self, request: Request) -> Response:
        """`state` takes the name [V]; a rejection is answered with 200 and the plan."""
        found = self._plan(request)
        if found is None or not found.get("StageGateFlow"):
            return error(404)
        state = ProcessState.__members__.get(request.query_params.get("state", ""))
        if state is None:
            return error(400)
        comment = request.query_params.get("comment", "")
        decide(self.account, found, state, comment, instant(self.clock()))
        return self._sent(found)

    async def tasks(self, request: Request) -> Response:
        found = self._plan(request)
        return error(404) if found is None else _json(self.account.tasks.get(_id(request, "plan"), []))

    async def task(self, request: Request) -> Response:
        tasks = self.account.tasks.get(_id(request, "plan"), [])
        found = next((each for each in tasks if isinstance(each, dict) and each["id"] == _id(request, "task")), None)
        return error(404) if found is None else _json(found)

    async def fields(self, request: Request) -> Response:
        return _json(self.account.fields)

    async def resources(self, request: Request) -> Response:
        return _json(list(self.account.resources.values()))

    async def resource(self, request: Request) -> Response:
        found = self.account.resources.get(_id(request, "resource"))
        return error(404) if found is None else _json(found)

    def _plan(self, request: Request) -> Any:
        return self.account.plans.get(_id(request, "plan"))

    def _sent(self, given: Any) -> Response:
        if self.edition > 2024:
            return _json(given)
        items = {**given, "Items": of_2024(given["Items"])} if isinstance(given, dict) and "Items" in given else None
        return _json(items or of_2024(given))


def _id(request: Request, name: str) -> str:
    return str(request.path_params[name]).lower()


def _value(plan: Any, field: str, built_in: bool) -> Any:
    """Of an attribute, or of one of the tenant's fields."""
    return plan.get(field) if built_in else (plan.get("Fields") or {}).get(field)


def _json(given: Any) -> Response:
    return Response(orjson.dumps(given), media_type="application/json; charset=utf-8")


async def _refused(request: Request, failure: Exception) -> Response:
    return error(getattr(failure, "status_code", 500))
