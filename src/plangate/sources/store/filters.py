"""Filters: checked against what is offered, split into a shape (a filter whose values are parameter names) and values.

Equal shapes are equal statements, so each is built once. A condition on a missing value is false and `not` of it true.
A text that no database can hold (NUL, half a surrogate pair) equals nothing and is in nothing.
"""

import operator
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    collate,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from plangate.errors import BadUserInput, FilterNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, Not
from plangate.model import Record, instant

from .columns import Day, Instant, JsonList, Keys, moment_of
from .tables import OFFERS, TABLES

Column = ColumnElement[Any]
Columns = Any
"""Where columns are looked up by name: of a table, an alias or a subquery."""

MOST_CONDITIONS = 200
"""SQLite refuses expressions a few times as large; nobody writes one by hand."""

NOTHING = Condition("key", "nothing", None)


KEYS = ("keys", "parents")
"""Parameters that hold keys."""


def storable(text: str) -> bool:
    """Whether a database can hold the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def is_key(text: str) -> bool:
    """Whether a record can have the text as its key, or as its local id."""
    return storable(text) and Keys.separator not in text


def all_keys(texts: Collection[str]) -> bool:
    """`is_key` of every text, at the price of one."""
    return is_key("".join(texts))


def canonical(type_: Any, value: Any) -> Any:
    """The value as a column of this type holds it; ValueError if it cannot."""
    if isinstance(type_, Boolean):
        good = isinstance(value, bool)
    elif isinstance(type_, Integer):
        good = isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
    else:
        good = isinstance(value, str)
    if not good:
        raise ValueError
    try:
        if isinstance(type_, Instant):
            return instant(moment_of(value))
        if isinstance(type_, Day):
            return date.fromisoformat(value).isoformat()
    except OverflowError as error:
        raise ValueError from error
    return value


def bound(filter: Filter, kind: type[Record], source: str) -> tuple[Filter, dict[str, Any]]:
    """The shape of a filter and the values of its parameters."""
    values: dict[str, Any] = {}
    offered, columns = OFFERS[kind].filters, TABLES[kind].c
    conditions = 0

    def shape(filter: Filter, depth: int) -> Filter:
        nonlocal conditions
        conditions += 1
        if conditions > MOST_CONDITIONS or depth > 20:
            raise BadUserInput(f"The filter is too large: {MOST_CONDITIONS} conditions are the most, 20 levels deep.")
        match filter:
            case AllOf(of):
                return AllOf(tuple(shape(one, depth + 1) for one in of))
            case AnyOf(of):
                return AnyOf(tuple(shape(one, depth + 1) for one in of))
            case Not(of):
                return Not(shape(of, depth + 1))
            case Condition(field, operator, value):
                if field not in offered:
                    raise FilterNotSupported(source, field)
                return condition(field, operator, value)

    def condition(field: str, operator: str, value: Any) -> Filter:
        type_ = columns[field].type
        if operator not in OPERATORS or (operator == "contains" and isinstance(type_, Boolean | Instant | Day)):
            raise FilterNotSupported(source, f"{field} {operator}")
        if operator == "is_null" or (operator == "eq" and value is None):
            return Condition(field, "is_null", value is None or bool(value))
        name = f"f{len(values)}"
        try:
            if operator == "in":
                if not isinstance(value, tuple | list):
                    raise ValueError
                known = [canonical(type_, one) for one in value if one is not None]
                values[name] = [one for one in known if not isinstance(one, str) or storable(one)]
                some = Condition(field, "in", name)
                return AnyOf((some, Condition(field, "is_null", True))) if None in value else some
            values[name] = canonical(type_, value)
        except ValueError as error:
            raise BadUserInput(f"{field} {operator}: not a value that {field} can have.", argument=field) from error
        if isinstance(value, str) and not storable(value):
            del values[name]
            return NOTHING
        return Condition(field, operator, name)

    return shape(filter, 0), values


def clause(shape: Filter, columns: Columns, dialect: str) -> ColumnElement[bool]:
    """The shape as SQL."""
    match shape:
        case AllOf(of):
            return and_(true(), *(clause(one, columns, dialect) for one in of))
        case AnyOf(of):
            return or_(false(), *(clause(one, columns, dialect) for one in of))
        case Not(of):
            # Of a missing value SQL says "unknown", and of its negation too.
            return not_(func.coalesce(clause(of, columns, dialect), false(), type_=Boolean()))
        case Condition(_, "nothing", _):
            return false()
        case Condition(field, "in", name):
            return among(columns[field], str(name), dialect)
        case Condition(field, operator, value):
            return OPERATORS[operator](columns[field], value, dialect)


def keys_in(name: str) -> ColumnElement[Any]:
    """A parameter of keys as an array of PostgreSQL.

    It is a subquery so that no plan depends on how many there are: PostgreSQL would plan the statement anew each time,
    because for one key that looks cheaper than the generic plan for ten (tests/sources/store/test_statements.py).
    """
    keys = func.string_to_array(bindparam(name, type_=Keys()), Keys.separator, type_=ARRAY(Text()))
    return cast(select(keys).scalar_subquery(), ARRAY(Text()))


def among(column: Column, name: str, dialect: str) -> ColumnElement[bool]:
    """One parameter however many values, so that their number does not make another statement."""
    type_ = column.type if isinstance(column.type, Instant | Day | Integer | Boolean) else Text()
    if dialect == "postgresql":
        return column == any_(keys_in(name) if name in KEYS else bindparam(name, type_=ARRAY(type_)))
    listed = func.json_each(bindparam(name, type_=JsonList())).table_valued("value")
    return column.in_(select(listed.c.value))


def contains(column: Column, name: str, dialect: str) -> ColumnElement[bool]:
    # Not LIKE: it has wildcards to escape, and SQLite refuses long patterns. In PostgreSQL "C" knows the case of ASCII
    # only; the database's own collation knows it of all letters.
    text = collate(column, "default") if dialect == "postgresql" else column
    position = func.strpos if dialect == "postgresql" else func.instr
    found: ColumnElement[bool] = position(func.lower(text), func.lower(bindparam(name, type_=Text()))) > 0
    return found


def compare(comparing: Callable[[Any, Any], Any]) -> Callable[[Column, Any, str], ColumnElement[bool]]:
    def comparison(column: Column, name: str, _: str) -> ColumnElement[bool]:
        compared: ColumnElement[bool] = comparing(column, bindparam(name, type_=column.type))
        return compared

    return comparison


OPERATORS: dict[str, Callable[[Column, Any, str], ColumnElement[bool]]] = {
    "eq": compare(operator.eq),
    "in": among,
    "lt": compare(operator.lt),
    "lte": compare(operator.le),
    "gt": compare(operator.gt),
    "gte": compare(operator.ge),
    "contains": contains,
    "is_null": lambda column, null, _: column.is_(None) if null else column.is_not(None),
}
