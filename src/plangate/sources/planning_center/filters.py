"""Filters and orders of plans, in the words of Planning Center's query string.

It compares `created_at` and `updated_at`, tests `title` for equality and has lists by service type. Its named filters
`after` and `before` go by any time of a plan, rehearsals included, and so say nothing exact of `sort_date`: that is
looked for in the order (see `ranges`).
https://developer.planning.center/docs/#/apps/services/2018-11-01/vertices/plan and, for `where`, /overview/querying
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from plangate.errors import BadUserInput, FilterNotSupported, OrderNotSupported
from plangate.listing import AllOf, Condition, Filter, Order, Value
from plangate.model import Key, split

from .ids import segments
from .ranges import Between

_COMPARED = ("created_at", "updated_at")
_COMPARISONS = {"eq": "", "gt": "[gt]", "gte": "[gte]", "lt": "[lt]", "lte": "[lte]"}

PLAN_ORDERS = {name: name for name in ("sort_date", "title", "created_at", "updated_at")}


class PlanFilter(Struct):
    """What is left of a filter: the service types to look at (None: all), the parameters of the query string, and a
    range of `sort_date` (None: any), which only a list in that order has.
    """

    source: str
    service_types: frozenset[str] | None = None
    params: dict[str, str] = {}
    between: Between | None = None

    def only(self, service_types: frozenset[str]) -> None:
        self.service_types = service_types if self.service_types is None else self.service_types & service_types

    def where(self, condition: Condition, parameter: str, value: str) -> None:
        if self.params.setdefault(parameter, value) != value:
            hint = "It takes one value for each comparison."
            raise FilterNotSupported(self.source, f"{condition.field}.{condition.operator} twice", hint)


def plan_filter(source: str, filter: Filter | None) -> PlanFilter:
    """The filter in Planning Center's words, or FilterNotSupported."""
    plain = PlanFilter(source)
    for condition in conditions(source, filter):
        match condition:
            case Condition("service_type", "eq" | "in", value):
                keys = value if isinstance(value, tuple) else (value,)
                plain.only(frozenset(local for local in (_local(source, key) for key in keys) if segments(local, 1)))
            case Condition("title", "eq", str(value)):
                plain.where(condition, "where[title]", value)
                if not sendable(value):
                    plain.only(frozenset())
            case Condition(field, operator, str(value)) if field in _COMPARED and operator in _COMPARISONS:
                plain.where(condition, f"where[{field}]{_COMPARISONS[operator]}", _utc(field, value))
            case Condition("sort_date", operator, str(value)) if operator in _COMPARISONS:
                plain.between = plain.between or Between()
                plain.between.narrow(operator, _instant("sort_date", value))
            case _:
                raise FilterNotSupported(source, f"{condition.field}.{condition.operator}")
    return plain


def ordered(source: str, orders: tuple[Order, ...], fields: Mapping[str, str], default: Order | None) -> Order | None:
    """The one order that Planning Center is asked for, with its own name for the field."""
    if not orders:
        return default
    if len(orders) > 1:
        raise OrderNotSupported(source, "more than one field")
    if orders[0].field not in fields:
        raise OrderNotSupported(source, orders[0].field)
    return Order(fields[orders[0].field], orders[0].descending)


def order_param(order: Order | None) -> dict[str, str]:
    return {"order": f"-{order.field}" if order.descending else order.field} if order else {}


def refuse(source: str, filter: Filter | None) -> None:
    """For a list that cannot be filtered at all."""
    for condition in conditions(source, filter):
        raise FilterNotSupported(source, f"{condition.field}.{condition.operator}")


def conditions(source: str, filter: Filter | None) -> list[Condition]:
    match filter:
        case None:
            return []
        case Condition():
            return [filter]
        case AllOf(of):
            return [condition for one in of for condition in conditions(source, one)]
        case _:
            raise FilterNotSupported(source, "or" if hasattr(filter, "of") and isinstance(filter.of, tuple) else "not")


def sendable(text: str) -> bool:
    """Whether the text can be in a query string; half a surrogate pair cannot, and so is nobody's title."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _local(source: str, key: Value | tuple[Value, ...]) -> str:
    """The local id in a key; empty if it is another system's."""
    where, local = split(Key(str(key)))
    return local if where == source else ""


def _utc(field: str, value: str) -> str:
    # An offset is ignored by `gte` and `lte`, so it is always `Z`: planningcenter/developers issue 713.
    return _instant(field, value).isoformat().replace("+00:00", "Z")


def _instant(field: str, value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadUserInput(f"{field} must be an instant, such as 2026-11-21T09:00:00Z.") from None
