"""Filter, order and page of a list that OnePlan answers whole, in one call: it has no pages and no order to ask for.

A position is what a record is ordered by and its local id, so that paging goes on rightly when others come or go.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import cmp_to_key, partial
from typing import Any, TypeVar

from plangate.errors import FilterNotSupported, InvalidCursor, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, ListQuery, Not, Order, Position, Slice
from plangate.model import Key, Record, split

from .columns import Columns
from .ids import hanging, is_guid

R = TypeVar("R", bound=Record)
Test = Callable[[Record], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: wanted.lower() in value.lower(),
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
}


class WholeList:
    """How records of one kind are listed: `columns` can be filtered and ordered by, `default` is the usual order.

    What is equal in the order of a query is in the usual one, and then in that of ids.
    """

    def __init__(self, source: str, columns: Columns, default: str) -> None:
        self.source = source
        self.columns = columns
        self.default = (Order(default),)

    def check(self, query: ListQuery) -> None:
        """Refuse what cannot be applied, before anything is asked for."""
        self._test(query.filter)
        self._orders(query)

    def page(self, records: Iterable[R], query: ListQuery) -> Slice[R]:
        """The page that `query` asks for; of records with the same key there is one."""
        test, orders = self._test(query.filter), self._orders(query)
        found = [each for each in {each.key: each for each in records}.values() if test(each)]
        found.sort(key=lambda record: split(record.key)[1])
        for order in reversed(orders):
            found.sort(key=lambda record: self._rank(order, getattr(record, order.field)), reverse=order.descending)
        rank = cmp_to_key(partial(self._compare, orders))
        low, high = 0, len(found)
        if query.after:
            cut = bisect_left if query.after.inclusive else bisect_right
            position = self._checked(orders, query.after.position)
            low = cut(found, rank(position), key=lambda record: rank(self._position(orders, record)))
        if query.before:
            cut = bisect_right if query.before.inclusive else bisect_left
            position = self._checked(orders, query.before.position)
            high = cut(found, rank(position), key=lambda record: rank(self._position(orders, record)))
        high = max(low, high)
        first = max(low, high - query.limit) if query.backward else low
        last = high if query.backward else min(high, low + query.limit)
        return Slice(
            found[first:last],
            first > low if query.backward else last < high,
            lambda i: self._position(orders, found[first + i]),
            len(found) if query.total else None,
        )

    # ------------------------------------------------------------------------------------------------------- order

    def _orders(self, query: ListQuery) -> tuple[Order, ...]:
        for order in query.order:
            if order.field not in self.columns:
                raise OrderNotSupported(self.source, order.field)
        return (*query.order, *self.default)

    def _rank(self, order: Order, value: Any) -> tuple[bool, Any]:
        return (True, 0) if value is None else (False, self.columns[order.field].value(value))

    def _position(self, orders: tuple[Order, ...], record: Record) -> list[Any]:
        return [*(getattr(record, order.field) for order in orders), split(record.key)[1]]

    def _compare(self, orders: tuple[Order, ...], a: list[Any], b: list[Any]) -> int:
        for order, one, other in zip(orders, a, b, strict=False):
            mine, its = self._rank(order, one), self._rank(order, other)
            if mine != its:
                return 1 if (mine > its) != order.descending else -1
        return int(a[-1] > b[-1]) - int(a[-1] < b[-1])

    def _checked(self, orders: tuple[Order, ...], position: Position) -> list[Any]:
        """The position, if this list could have given it."""
        try:
            *values, local = position
            for order, value in zip(orders, values, strict=True):
                self._rank(order, value)
            if isinstance(position, list) and isinstance(local, str) and (is_guid(local) or hanging(local)):
                return position
        except (TypeError, ValueError):
            pass
        raise InvalidCursor(f"This is not a cursor of {self.source}.", source=self.source)

    # ------------------------------------------------------------------------------------------------------ filter

    def _test(self, filter: Filter | None) -> Test:
        """Whether a record meets the filter. One without a value meets no condition but `is_null`."""
        match filter:
            case None:
                return lambda record: True
            case AllOf(of):
                tests = [self._test(one) for one in of]
                return lambda record: all(test(record) for test in tests)
            case AnyOf(of):
                tests = [self._test(one) for one in of]
                return lambda record: any(test(record) for test in tests)
            case Not(of):
                test = self._test(of)
                return lambda record: not test(record)
            case Condition(field, operator, wanted):
                return self._condition(field, operator, wanted)

    def _condition(self, field: str, operator: str, wanted: Any) -> Test:
        column = self.columns.get(field)
        if column is None or operator not in column.operators:
            raise FilterNotSupported(self.source, f"{field}.{operator}")
        if operator == "is_null":
            return lambda record: (getattr(record, field) is None) == wanted
        value, compare = column.value, _COMPARE[operator]
        try:
            meant = [value(one) for one in wanted] if operator == "in" else value(wanted)
        except (TypeError, ValueError):
            raise FilterNotSupported(self.source, f"{field}.{operator} with this value") from None
        return lambda record: (own := getattr(record, field)) is not None and compare(value(own), meant)


def by_parent(records: Iterable[R], reference: str) -> dict[Key, list[R]]:
    """The records by the key that they refer to."""
    found: dict[Key, list[R]] = {}
    for record in records:
        if (parent := getattr(record, reference)) is not None:
            found.setdefault(parent, []).append(record)
    return found
