"""Column types: what a record holds is text, whatever the database keeps."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
import structlog
from sqlalchemy import Date, Dialect, Text, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from plangate.model import instant

log = structlog.get_logger(__name__)

# "C" sorts by code point as SQLite does, so that both databases give the same order, and it is the fastest to compare.
TEXT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


class as_instant(FunctionElement[str]):
    """RFC 3339 text made by PostgreSQL: half the time of a datetime object per row. No session setting matters."""

    inherit_cache = True


class as_day(FunctionElement[str]):
    inherit_cache = True


@compiles(as_instant)
@compiles(as_day)
def _as_it_is(element: FunctionElement[str], compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(as_instant, "postgresql")
def _instant_in_postgresql(element: FunctionElement[str], compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"replace(({column} AT TIME ZONE 'UTC')::text, ' ', 'T') || '+00:00'"


@compiles(as_day, "postgresql")
def _day_in_postgresql(element: FunctionElement[str], compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})::text"


class Instant(TypeDecorator[str]):
    """An instant: timestamptz in PostgreSQL; in SQLite the text of `model.instant`, which sorts as instants do."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = moment_of(value)
        return moment if dialect.name == "postgresql" else instant(moment)

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        return as_instant(column)


class Day(TypeDecorator[str]):
    """A day: date in PostgreSQL, `YYYY-MM-DD` in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        day = date.fromisoformat(value)
        return day if dialect.name == "postgresql" else day.isoformat()

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        return as_day(column)


class Word(TypeDecorator[str]):
    """A word of a vocabulary. An unheard-of one reads as UNKNOWN where the vocabulary has that."""

    impl = Text
    cache_ok = True

    def __init__(self, vocabulary: type[StrEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TEXT)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        # Called once per row: a dict's own method is several times faster than one of ours.
        return Words(self.vocabulary).__getitem__


class Words(dict[str | None, StrEnum | None]):
    def __init__(self, vocabulary: type[StrEnum]) -> None:
        super().__init__({word.value: word for word in vocabulary})
        self[None] = None
        self.unknown = vocabulary("UNKNOWN") if "UNKNOWN" in self else None

    def __missing__(self, word: str | None) -> StrEnum | None:
        return self.unknown


class Texts(TypeDecorator[tuple[str, ...]]):
    """A few texts in one column, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        try:
            return None if value is None else msgspec.json.decode(value, type=tuple[str, ...])
        except msgspec.MsgspecError:
            log.warning("odd_values", column="a list of texts", count=1)
            return None


def moment_of(value: str) -> datetime:
    """The instant that a text names; ValueError if it names none, or leaves the offset out."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment


class Keys(TypeDecorator[list[str]]):
    """Keys in one text, taken apart by `string_to_array`: the driver takes twice as long to write an array."""

    impl = Text
    cache_ok = True
    separator = "\x1f"

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else self.separator.join(value)


class JsonList(TypeDecorator[list[Any]]):
    """A list in one parameter of SQLite, which has no arrays; `json_each` takes it apart."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()
