"""Custom scalars. What a system wrote is passed on as it is; instants and days are text on both sides."""

import re
from datetime import date, datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from plangate.model import instant

DateTime = NewType("DateTime", str)
Date = NewType("Date", str)
URL = NewType("URL", str)
JSON = NewType("JSON", object)


def parse_date_time(value: object) -> str:
    """An RFC 3339 instant, as Plangate writes instants. ValueError (which graphql-core reports) for anything else."""
    try:
        parsed = (
            datetime.fromisoformat(value)
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]", value)
            else None
        )
        if parsed is None or parsed.tzinfo is None:
            raise ValueError
        return instant(parsed)
    except (ValueError, OverflowError):
        raise ValueError("An instant is written like 2026-11-20T09:30:00Z, with its offset.") from None


def parse_date(value: object) -> str:
    try:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("A day is written like 2026-11-20.") from None


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant in RFC 3339, e.g. `2026-11-20T09:30:00Z`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=str,
        parse_value=parse_date_time,
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A day, e.g. `2026-11-20`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=str,
        parse_value=parse_date,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute URL.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
        serialize=str,
        parse_value=str,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value, as the system wrote it.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
