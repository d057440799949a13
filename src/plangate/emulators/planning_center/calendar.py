"""Instants and dates as Planning Center writes them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NO_DATES = "No dates"


def utc(instant: datetime) -> str:
    """A true UTC instant, as in `PlanTime.starts_at`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant: datetime, zone: ZoneInfo) -> str:
    """The organisation's wall-clock time with a `Z` that is not true, as in `Plan.sort_date` [S], issues 987, 1198."""
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def dates(days: Iterable[date]) -> str:
    """`Plan.dates`: "December 19 & 20, 2026". How dates of different months are joined is a stand-in."""
    return _joined(sorted(set(days)), "%B", year=True)


def short_dates(days: Iterable[date]) -> str:
    """`Plan.short_dates`: "Dec 19 & 20"."""
    return _joined(sorted(set(days)), "%b", year=False)


def _joined(days: list[date], month: str, *, year: bool) -> str:
    if not days:
        return NO_DATES
    parts: list[str] = []
    for previous, day in zip([None, *days], days, strict=False):
        same = previous is not None and (previous.year, previous.month) == (day.year, day.month)
        parts.append(str(day.day) if same else f"{day:{month}} {day.day}")
    return " & ".join(parts) + (f", {days[-1].year}" if year else "")
