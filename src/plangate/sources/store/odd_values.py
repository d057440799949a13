"""Values of SQLite that a column cannot have: null and a warning in the log, so that all else is read.

SQLite has no types, only constraints, and those can be switched off (PRAGMA ignore_check_constraints).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import Executable, Integer, Text

from .columns import Day, Instant

INSTANTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00", re.ASCII)
DAYS = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DIGITS = bytes.maketrans(b"123456789", b"000000000")
USUAL = {INSTANTS: b"0000-00-00T00:00:00+00:00\n", DAYS: b"0000-00-00\n"}
"""What the pattern matches most often, with zeros for digits. To compare a whole column takes a fifth of the time."""

IDENTITY = (".key", ".workspace")
"""A row without these is nobody's, or everybody's: it is not read at all."""
PRIVATE_TO = ".private_to"

log = structlog.get_logger(__name__)


Expected = tuple[int, str, type, "re.Pattern[str] | None"]
"""A column: where it is in the row, its name, the type of its values, and what they match."""


def without_odd_values(statement: Executable, rows: Sequence[Any]) -> Sequence[Any]:
    """The rows. Whole columns are checked at once, which costs little beside the statement."""
    columns = expected_of(statement)
    if not rows or not columns:
        return rows
    values_of = list(zip(*rows, strict=True))
    odd: dict[int, set[int]] = {}
    names: dict[int, str] = {}
    for i, name, type_, pattern in columns:
        if not _are_good(values_of[i], type_, pattern):
            names[i] = name
            odd[i] = {n for n, value in enumerate(values_of[i]) if not _are_good((value,), type_, pattern)}
            log.warning("odd_values", column=name, count=len(odd[i]))
    if not odd:
        return rows
    # Who may read a record is never null by mistake: then everybody could.
    unread = {n for i, found in odd.items() if names[i].endswith(IDENTITY) for n in found}
    instead = {i: "" if name.endswith(PRIVATE_TO) else None for i, name in names.items()}
    return [
        tuple(instead[i] if n in odd.get(i, ()) else value for i, value in enumerate(row))
        for n, row in enumerate(rows)
        if n not in unread
    ]


@lru_cache(maxsize=4096)
def expected_of(statement: Executable) -> tuple[Expected, ...]:
    """The columns of a statement whose values can be odd."""
    found: list[Expected] = []
    for i, column in enumerate(getattr(statement, "selected_columns", ())):
        pattern = INSTANTS if isinstance(column.type, Instant) else DAYS if isinstance(column.type, Day) else None
        type_ = str if pattern or isinstance(column.type, Text) else int if isinstance(column.type, Integer) else None
        if type_ is not None:
            found.append((i, str(column), type_, pattern))
    return tuple(found)


def _are_good(values: Sequence[Any], type_: type, pattern: "re.Pattern[str] | None") -> bool:
    types = set(map(type, values))
    if not types <= {type_, type(None)}:
        return False
    if pattern is None:
        return True
    known = [value for value in values if value is not None] if type(None) in types else values
    if "\n".join([*known, ""]).encode("utf-8", "replace").translate(DIGITS) == USUAL[pattern] * len(known):
        return True
    return all(map(pattern.fullmatch, known))
