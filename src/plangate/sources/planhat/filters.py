"""What Planhat's lists cannot be asked. Their only filter is by company, and they sort by one property."""

from collections.abc import Mapping

from plangate.errors import FilterNotSupported, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, Order

PLAN_ORDERS = {"sort_date": "startDate", "start_date": "startDate", "title": "name"}
TASK_ORDERS = {"title": "action", "start_time": "startTime", "due_time": "endTime", "position": "sortPosition"}


def refuse(source: str, filter: Filter | None) -> None:
    """For a list that cannot be filtered by anything that the graph can say."""
    match filter:
        case None:
            return
        case Condition(field, operator):
            raise FilterNotSupported(source, f"{field}.{operator}", "Its lists are found through a company.")
        case AllOf(of):
            for each in of:
                refuse(source, each)
        case AnyOf():
            raise FilterNotSupported(source, "or")
        case _:
            raise FilterNotSupported(source, "not")


def ordered(source: str, orders: tuple[Order, ...], fields: Mapping[str, str]) -> Order | None:
    """The one order that Planhat is asked for, with its own name for the property; None is the order of ids."""
    if not orders:
        return None
    if len(orders) > 1:
        raise OrderNotSupported(source, "more than one field")
    if orders[0].field not in fields:
        raise OrderNotSupported(source, orders[0].field)
    return Order(fields[orders[0].field], orders[0].descending)
