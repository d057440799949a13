"""Orders and the places in them. A page starts at a position (the values of the order and the key), never at a number.

Every order ends with the key, so no two records stand in one place. Records without a value come last when ascending
and first when descending; PostgreSQL does so by itself, SQLite is told.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, UnaryExpression, and_, bindparam, false, tuple_

from plangate.errors import InvalidCursor, OrderNotSupported
from plangate.listing import Bound, Order, Position
from plangate.model import Record

from .filters import Columns, canonical, storable
from .tables import OFFERS, TABLES


class Place(Struct, frozen=True):
    """The shape of a bound: which of its values are null, and whether the record there is in the range."""

    nulls: tuple[bool, ...]
    inclusive: bool


def complete(order: Sequence[Order], kind: type[Record], source: str) -> tuple[Order, ...]:
    """The order that was asked for, or else the kind's own, made total by the key."""
    offer = OFFERS[kind]
    terms: dict[str, Order] = {}
    for one in order or [Order(field) for field in offer.order]:
        if one.field not in ("key", *offer.order, *offer.orders):
            raise OrderNotSupported(source, one.field)
        terms.setdefault(one.field, one)
        if one.field == "key":
            return tuple(terms.values())
    # In the direction of the last one, so that an index serves both.
    return *terms.values(), Order("key", next(reversed(terms.values())).descending)


def position(order: Sequence[Order], record: Record) -> list[Any]:
    return [getattr(record, one.field) for one in order]


def place(
    bound: Bound | None, order: Sequence[Order], kind: type[Record], name: str
) -> tuple[Place | None, dict[str, Any]]:
    """The shape of a bound and the values of its parameters."""
    if bound is None:
        return None, {}
    values = checked(bound.position, order, kind)
    shape = Place(tuple(value is None for value in values), bound.inclusive)
    return shape, {f"{name}{i}": value for i, value in enumerate(values) if value is not None}


def checked(position: Position, order: Sequence[Order], kind: type[Record]) -> list[Any]:
    wrong = InvalidCursor("This cursor does not belong to this list in this order.")
    if not isinstance(position, list | tuple) or len(position) != len(order) or position[-1] is None:
        raise wrong
    columns = TABLES[kind].c
    try:
        values = [
            None if value is None else canonical(columns[one.field].type, value)
            for one, value in zip(order, position, strict=True)
        ]
    except ValueError:
        raise wrong from None
    if not all(storable(value) for value in values if isinstance(value, str)):
        raise wrong
    return values


def sorting(order: Sequence[Order], columns: Columns, backward: bool) -> list[UnaryExpression[Any]]:
    terms = []
    for one in order:
        column = columns[one.field]
        descending = one.descending != backward
        term = column.desc() if descending else column.asc()
        if one.field != "key":
            term = term.nulls_first() if descending else term.nulls_last()
        terms.append(term)
    return terms


def beyond(
    place: Place, order: Sequence[Order], columns: Columns, name: str, *, before: bool = False
) -> list[ColumnElement[bool]]:
    """What is true of a row after the place (or before it), in the order: one of these.

    It equals the place in the first few terms and goes beyond it in the next one. Each is one range of an index.
    """
    options: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    last = len(order) - 1
    for i, (one, null) in enumerate(zip(order, place.nulls, strict=True)):
        column = columns[one.field]
        value = bindparam(f"{name}{i}", type_=column.type)
        descending = one.descending != before
        if null:
            options += [and_(*same, column.is_not(None))] if descending else []
            same.append(column.is_(None))
            continue
        if not descending and i < last:
            options.append(and_(*same, column.is_(None)))
        if i == last - 1 and order[last].descending == one.descending:
            # The last two terms as a pair are one range.
            pair = tuple_(column, columns["key"])
            mark = tuple_(value, bindparam(f"{name}{last}", type_=columns["key"].type))
            return [*options, and_(*same, further(pair, mark, descending, place.inclusive))]
        options.append(and_(*same, further(column, value, descending, place.inclusive and i == last)))
        same.append(column == value)
    return options or [false()]


def further(left: Any, right: Any, descending: bool, inclusive: bool) -> ColumnElement[bool]:
    compared: ColumnElement[bool]
    if descending:
        compared = left <= right if inclusive else left < right
    else:
        compared = left >= right if inclusive else left > right
    return compared
