"""What a record's attributes are compared as: text, instants, days, references, numbers."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

_COMPARISONS = ("eq", "in", "lt", "lte", "gt", "gte", "is_null")
# fromisoformat takes more: weeks, and digits without dashes.
_DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?![0-9])", re.ASCII)


class Column(NamedTuple):
    """`value` makes two attributes comparable; ValueError if it is no such value. `operators`: what is offered."""

    value: Callable[[Any], Any]
    operators: tuple[str, ...]


def instant(given: Any) -> datetime:
    """An instant with its offset; of seven digits of a second the last one does not count."""
    if not isinstance(given, str) or not _DAY_AND_TIME.match(given):
        raise ValueError
    found = datetime.fromisoformat(given)
    if found.tzinfo is None or not 1 < found.year < 9999:
        raise ValueError
    return found.astimezone(UTC)


def day(given: Any) -> date:
    """The day that a day, or an instant where it was written, is."""
    if not isinstance(given, str) or not (match := _DAY.match(given)):
        raise ValueError
    return date.fromisoformat(match[0])


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError
    return given


def _number(given: Any) -> int:
    if not isinstance(given, int):
        raise ValueError
    return given


TEXT = Column(_text, ("eq", "in", "contains", "is_null"))
REFERENCE = Column(_text, ("eq", "in", "is_null"))
INSTANT = Column(instant, _COMPARISONS)
DAY = Column(day, _COMPARISONS)
NUMBER = Column(_number, _COMPARISONS)

Columns = Mapping[str, Column]


def told(column: Column, given: Any) -> Any:
    """The value itself where it is one, else None: in a record it would break a list of several systems."""
    try:
        column.value(given)
    except ValueError:
        return None
    return given
