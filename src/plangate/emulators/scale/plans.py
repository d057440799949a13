"""The resources: `/v4/plans` and `/users`."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .accounts import Accounts, Plan, opaque
from .errors import Refused, error, mistake
from .gate import Gate

_Types = Mapping[str, tuple[type, str]]

_REQUIRED: _Types = {
    "title": (str, "str"), "associated_file_ids": (list, "list"), "steps": (dict, "dict"), "account_id": (str, "str"),
}  # fmt: skip
_OPTIONAL: _Types = {"start_date": (str, "str"), "end_date": (str, "str")}
_SORTABLE = (
    "id", "title", "created_at", "updated_at", "created_by_user_id", "created_by_identity_type", "account_id",
    "start_date", "end_date", "archived_at",
)  # fmt: skip
_LIMIT = 100


class Plans:
    """Answers requests on plans. All but `create` is inferred.

    A page has at most `longest` plans. Whether a `limit` above that is refused or clamped is not known.
    """

    def __init__(self, accounts: Accounts, gate: Gate, longest: int, *, clamps: bool) -> None:
        self.accounts = accounts
        self.gate = gate
        self.longest = longest
        self.clamps = clamps

    async def create(self, request: Request) -> Response:
        """200, as the other resources answer: the reference says "Successful Response" and no number [S]."""
        self.gate.account(request)
        given = await _body(request)
        if wrong := [*_mistakes(given, _REQUIRED, required=True), *_mistakes(given, _OPTIONAL)]:
            raise Refused(422, wrong)
        account = self.gate.account(request, given["account_id"])
        if account is None:
            raise Refused(403)
        now, number = self.accounts.now(), len(self.accounts.plans)
        return _json(
            self.accounts.add({
                "id": opaque(account, "made", number),
                **{name: given[name] for name in (*_REQUIRED, *_OPTIONAL) if name in given},
                "account_id": account,
                "created_at": now, "updated_at": now,
                "created_by_user_id": opaque("user", 0), "created_by_identity_type": "user",
            })
        )  # fmt: skip

    async def list(self, request: Request) -> Response:
        """Without archived plans, unless `include_archived`; oldest first, unless `sort_by`: a stand-in."""
        params = request.query_params
        account = self.gate.account(request, params.get("account_id"))
        page, limit = _integer(params, "page", 1), _integer(params, "limit", min(_LIMIT, self.longest))
        if limit > self.longest and not self.clamps:
            message = f"Input should be less than or equal to {self.longest}"
            raise Refused(422, [mistake("less_than_equal", message, "query", "limit")])
        limit = min(limit, self.longest)
        found = self.accounts.of(account)
        if params.get("include_archived", "false").lower() not in ("true", "1"):
            found = [plan for plan in found if plan.get("archived_at") is None]
        for name, descending in reversed(_order(params)):
            found.sort(key=lambda plan: _rank(plan.get(name)), reverse=descending)
        items = found[(page - 1) * limit : page * limit]
        return _json({"items": items, "current_page": page, "items_per_page": limit, "total_item_count": len(found)})

    async def read(self, request: Request) -> Response:
        return _json(self._known(request))

    async def update(self, request: Request) -> Response:
        """A part of a plan. `restore`, or an `archived_at` of null, brings an archived one back: both are seen [K]."""
        plan, given = self._known(request), await _body(request)
        if wrong := _mistakes(given, {**_REQUIRED, **_OPTIONAL}):
            raise Refused(422, wrong)
        plan.update({name: given[name] for name in (*_REQUIRED, *_OPTIONAL) if name in given})
        if given.get("restore") or given.get("archived_at", "") is None:
            plan.pop("archived_at", None)
        plan["updated_at"] = self.accounts.now()
        return _json(plan)

    async def delete(self, request: Request) -> Response:
        """Archives: what has an `archived_at` elsewhere is not gone when it is deleted [inf]."""
        self._known(request)["archived_at"] = self.accounts.now()
        return _json({"count": 1, "success": True})

    async def user(self, request: Request) -> Response:
        self.gate.account(request)
        user = self.accounts.users.get(request.path_params["user_id"])
        if user is None:
            raise Refused(404)
        return _json(user)

    def _known(self, request: Request) -> Plan:
        """The plan of the path. One of another account is not to be found [inf]."""
        account = self.gate.account(request)
        plan = self.accounts.plans.get(request.path_params["plan_id"])
        if plan is None or account not in (None, plan.get("account_id")):
            raise Refused(404)
        return plan


def application(plans: Plans, *, inferred: bool, doubled: bool) -> Starlette:
    """Everything below the root; only what is documented, and users, if not `inferred`."""

    async def refused(_: Request, reason: Exception) -> Response:
        assert isinstance(reason, Refused)
        return reason.response(doubled=doubled)

    async def astray(_: Request, reason: Exception) -> Response:
        assert isinstance(reason, HTTPException)
        return error(reason.status_code, doubled=doubled)

    routes: list[tuple[str, str, Callable[[Request], Any]]] = [
        ("POST", "/v4/plans", plans.create),
        ("GET", "/users/{user_id}", plans.user),
    ]
    if inferred:
        routes += [
            ("GET", "/v4/plans", plans.list),
            ("GET", "/v4/plans/{plan_id:path}", plans.read),
            ("PATCH", "/v4/plans/{plan_id:path}", plans.update),
            ("DELETE", "/v4/plans/{plan_id:path}", plans.delete),
        ]
    return Starlette(
        routes=[Route(path, answer, methods=[method]) for method, path, answer in routes],
        exception_handlers={Refused: refused, HTTPException: astray},
    )


async def _body(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.body())
    except ValueError:
        raise Refused(422, [mistake("json_invalid", "JSON decode error", "body")]) from None
    if not isinstance(given, dict):
        raise Refused(422, [mistake("model_attributes_type", "Input should be a valid dictionary", "body")])
    return given


def _mistakes(given: dict[str, Any], types: _Types, *, required: bool = False) -> list[dict[str, Any]]:
    missing = [mistake("missing", "Field required", "body", name) for name in types if required and name not in given]
    return missing + [
        mistake(f"{word}_type", f"Input should be a valid {word}", "body", name)
        for name, (type, word) in types.items()
        if name in given and not isinstance(given[name], type)
    ]


def _integer(params: QueryParams, name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise Refused(422, [mistake("int_parsing", "Input should be a valid integer", "query", name)])
    if int(text) < 1:
        raise Refused(422, [mistake("greater_than_equal", "Input should be greater than or equal to 1", "query", name)])
    return int(text)


def _order(params: QueryParams) -> list[tuple[str, bool]]:
    """`sort_by=title:asc,id:desc`; the client library joins several with commas [K]."""
    order = []
    for each in ",".join(params.getlist("sort_by")).split(","):
        name, _, direction = each.partition(":")
        if each and (name not in _SORTABLE or direction not in ("asc", "desc")):
            raise Refused(422, [mistake("literal_error", f"{each} is not permitted", "query", "sort_by")])
        if each:
            order.append((name, direction == "desc"))
    return order


def _rank(value: Any) -> tuple[bool, str]:
    """Nulls last ascending and first descending, as in PostgreSQL: a stand-in."""
    return value is None, "" if value is None else str(value)


def _json(value: Any) -> Response:
    # Not orjson, which refuses integers of more than 64 bits: a tree may hold anything.
    return Response(json.dumps(value, ensure_ascii=False), media_type="application/json")
