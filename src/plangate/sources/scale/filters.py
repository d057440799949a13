"""Filters and orders of plans, in the words of Scale's query string: as its other lists have them [K], so [inf]."""

from plangate.errors import FilterNotSupported, OrderNotSupported
from plangate.listing import AllOf, Condition, Filter, Order
from plangate.upstream import Params

_ORDERS = {
    "sort_date": "start_date",
    "start_date": "start_date",
    "title": "title",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


def plan_params(source: str, filter: Filter | None, order: tuple[Order, ...]) -> Params:
    """Scale's lists leave archived plans out unless told otherwise; Plangate's have them unless told otherwise."""
    live = False
    for condition in _conditions(source, filter):
        match condition:
            case Condition("archived_at", "is_null", True):
                live = True
            case _:
                raise FilterNotSupported(source, f"{condition.field}.{condition.operator}")
    return {**({} if live else {"include_archived": "true"}), **_sorted_by(source, order)}


def refuse(source: str, filter: Filter | None, order: tuple[Order, ...]) -> None:
    """For what can neither be filtered nor ordered."""
    for condition in _conditions(source, filter):
        raise FilterNotSupported(source, f"{condition.field}.{condition.operator}")
    for each in order:
        raise OrderNotSupported(source, each.field)


def _sorted_by(source: str, order: tuple[Order, ...]) -> Params:
    for each in order:
        if each.field not in _ORDERS:
            raise OrderNotSupported(source, each.field)
    for each in order[:-1]:
        # Scale's start_date is an instant, and Plangate's the day of it: that has ties which Scale would not see.
        if each.field == "start_date":
            raise OrderNotSupported(source, "start_date before another field", "Order by sortDate instead.")
    if not order:
        return {}
    names = [f"{_ORDERS[each.field]}:{'desc' if each.descending else 'asc'}" for each in order]
    return {"sort_by": ",".join([*names, "id:asc"])}  # several in one, with commas [K]; pages need one fixed order


def _conditions(source: str, filter: Filter | None) -> list[Condition]:
    match filter:
        case None:
            return []
        case Condition():
            return [filter]
        case AllOf(of):
            return [condition for one in of for condition in _conditions(source, one)]
        case _:
            raise FilterNotSupported(source, "or" if hasattr(filter, "of") and isinstance(filter.of, tuple) else "not")
