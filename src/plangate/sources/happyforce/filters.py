"""Filters and orders: what the list of plans can be asked, in Happyforce's words, and what is done here.

The list of plans is filtered by its actions only, and has one order. The list of actions comes whole, so any filter
and order can be applied to it; a part of the filter goes along, so that less comes.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeGuard

from plangate.errors import BadUserInput, FilterNotSupported, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, ListQuery, Not, Order
from plangate.model import Action, Plan, split
from plangate.native.happyforce import HappyforceAction

from .ids import is_id
from .mapping import moment, readable

OWN = "happyforce"
"""The field that holds the conditions of Happyforce alone; its operators are these, and what the API calls them."""
OF_PLANS = {
    "status": "status",
    "focus_type": "focusType",
    "hierarchy_id": "hierarchyId",
    "assignee_id": "assigneeId",
    "action_type": "actionType",
    "q": "q",
}
OF_ACTIONS = {"hierarchy_id": "hierarchyId", "action_type": "actionType", "q": "q"}

_ABSENT = frozenset({"sort_date", "start_date"})
"""No plan has one of these, so by them every order is right."""
_ORDERS = frozenset({"position", "due_date", "title", "created_at"})
_FIELDS = frozenset({"title", "status", "focus_type", "due_date", "created_at", "plan", "assignee"})
_OPERATORS = frozenset({"eq", "in", "contains", "lt", "lte", "gt", "gte", "is_null"})


def plan_params(source: str, filter: Filter | None) -> dict[str, str] | None:
    """The filter in the words of the list of plans, or FilterNotSupported; None if nothing can meet it."""
    params: dict[str, str] = {}
    for condition in _conditions(source, filter):
        match condition:
            case Condition(field, operator, str(value)) if field == OWN and operator in OF_PLANS:
                if params.setdefault(OF_PLANS[operator], value) != value:
                    raise FilterNotSupported(source, f"{OWN}.{operator} twice", "It takes one value for each.")
            case _:
                hint = "It filters plans by their actions only: use `happyforce` in the filter, or ask other sources."
                raise FilterNotSupported(source, f"{condition.field}.{condition.operator}", hint)
    return params if all(map(_sendable, params.values())) else None


def matches(source: str, plan: Plan, query: ListQuery) -> bool:
    """Whether the filter of a list of plans is met by an action of the plan that the query may see.

    Happyforce asks this of all actions that its session may read: a plan whose only matching action is private would
    tell what is in that action.
    """
    conditions = _conditions(source, query.filter)
    return any(
        readable(action, query) and all(_meets_own(action, each.operator, str(each.value)) for each in conditions)
        for action in plan.native.along["matching_actions"]
    )


def oldest_first(source: str, orders: tuple[Order, ...]) -> bool:
    """Whether the list of plans is to be read from its end. Newest first is its only order [S], by creation [inf]."""
    told = [order for order in orders if order.field not in _ABSENT]
    if told and told[0].field != "created_at":
        raise OrderNotSupported(source, told[0].field)
    if len(told) > 1:
        raise OrderNotSupported(source, "more than one field")
    return bool(told) and not told[0].descending


def action_params(source: str, filter: Filter | None) -> dict[str, str] | None:
    """What of the filter the list of actions can be asked; None if nothing can be right."""
    params: dict[str, str] = {}
    conditions = [filter] if isinstance(filter, Condition) else filter.of if isinstance(filter, AllOf) else ()
    for condition in conditions:
        match condition:
            case Condition("plan" | "assignee" as field, "eq", str(value)):
                where, local = split(value)  # type: ignore[arg-type]
                if where != source or not is_id(local):
                    return None
                params[{"plan": "planId", "assignee": "assigneeId"}[field]] = local
            case Condition("plan", "is_null", True):
                params["standaloneOnly"] = "true"
            case Condition(field, "hierarchy_id" | "q" as operator, str(value)) if field == OWN and _sendable(value):
                params[OF_ACTIONS[operator]] = value
            case AllOf():
                inner = action_params(source, condition)
                if inner is None:
                    return None
                params |= inner
    return params


def chosen(source: str, actions: Iterable[Action], query: ListQuery) -> list[Action]:
    """The actions that the query may see and asks for, in its order; in theirs if it asks for none."""
    check(source, query)
    found = [each for each in actions if readable(each, query) and _meets(each, query.filter)]
    for order in reversed(query.order):
        # A stable sort keeps the order of equal records, the reversed one too.
        valued = [each for each in found if getattr(each, order.field) is not None]
        rest = [each for each in found if getattr(each, order.field) is None]
        valued.sort(key=lambda each: _rank(getattr(each, order.field), order.field), reverse=order.descending)
        found = rest + valued if order.descending else valued + rest
    return found


def check(source: str, query: ListQuery) -> None:
    """Raise what cannot be applied to actions, before anything is asked."""
    for order in query.order:
        if order.field not in _ORDERS:
            raise OrderNotSupported(source, order.field)
    _check(source, query.filter)


def _check(source: str, filter: Filter | None) -> None:
    match filter:
        case AllOf(of) | AnyOf(of):
            for each in of:
                _check(source, each)
        case Not(of):
            _check(source, of)
        case Condition(field, operator, value):
            if field == OWN and operator in OF_ACTIONS and isinstance(value, str):
                return
            if field not in _FIELDS or operator not in _OPERATORS:
                raise FilterNotSupported(source, f"{field}.{operator}")
            values = value if isinstance(value, tuple) else (value,)
            if operator == "is_null" or (value is None and operator == "eq"):
                return
            if not _all_text(values):
                raise BadUserInput(f"{field} is compared with text.", argument=f"filter.{field}")
            if field == "created_at":
                for text in values:
                    _instant(text)


def _meets(action: Action, filter: Filter | None) -> bool:
    match filter:
        case None:
            return True
        case AllOf(of):
            return all(_meets(action, each) for each in of)
        case AnyOf(of):
            return any(_meets(action, each) for each in of)
        case Not(of):
            return not _meets(action, of)
        case Condition(field, operator, value) if field == OWN:
            return _meets_own(action, operator, str(value))
        case Condition(field, operator, value):
            found = [_comparable(each, field) for each in _values(action, field)]
            if operator == "is_null" or value is None:
                return (not found) == (value is not False)
            wanted = [_comparable(each, field) for each in (value if isinstance(value, tuple) else (value,))]
            return any(_compares(each, operator, wanted) for each in found)


def _meets_own(action: Action, operator: str, value: str) -> bool:
    native = action.native
    assert isinstance(native, HappyforceAction)
    match operator:
        case "status":
            return native.status_raw == value
        case "focus_type":
            return any(each.focus_type_raw == value for each in native.focus_items or ())
        case "hierarchy_id":
            return value in (native.hierarchy_ids or ())
        case "assignee_id":
            return any(each.id == value for each in native.assignees or ())
        case "action_type":
            return native.action_type_raw == value
    return any(value.casefold() in (text or "").casefold() for text in (native.title, native.description))


def _values(action: Action, field: str) -> list[str]:
    """What an action has of a field: of assignees and focus types, which a record can name one of only, all."""
    native = action.native
    if isinstance(native, HappyforceAction):
        if field == "assignee":
            return [each.person for each in native.assignees or () if each.person]
        if field == "focus_type":
            return [each.focus_type_raw for each in native.focus_items or () if each.focus_type_raw]
    value = getattr(action, field)
    return [] if value is None else [value]


def _compares(value: Any, operator: str, wanted: list[Any]) -> bool:
    if operator in ("eq", "in"):
        return value in wanted
    (limit,) = wanted
    match operator:
        case "contains":
            return str(limit).casefold() in str(value).casefold()
        case "lt":
            return bool(value < limit)
        case "lte":
            return bool(value <= limit)
        case "gt":
            return bool(value > limit)
    return bool(value >= limit)


def _comparable(value: Any, field: str) -> Any:
    return _instant(value) if field == "created_at" else value


def _rank(value: Any, field: str) -> Any:
    return moment(value) if field == "created_at" else value


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        message = "createdAt must be an instant, such as 2026-11-21T09:00:00Z."
        raise BadUserInput(message, argument="filter.createdAt") from None


def _all_text(values: Iterable[Any]) -> TypeGuard[Iterable[str]]:
    return all(isinstance(each, str) for each in values)


def _sendable(text: str) -> bool:
    """Whether the text can be in a query string; half a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _conditions(source: str, filter: Filter | None) -> list[Condition]:
    match filter:
        case None:
            return []
        case Condition():
            return [filter]
        case AllOf(of):
            return [condition for one in of for condition in _conditions(source, one)]
        case AnyOf():
            raise FilterNotSupported(source, "or")
        case _:
            raise FilterNotSupported(source, "not")
