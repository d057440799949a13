"""Times as Planning Center writes them: instants, and local times that look like instants.

The same plans are asked for again and again, so what is read of a text is kept for a while.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from plangate.model import instant

# fromisoformat takes more: weeks, and digits without dashes.
_DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
_LONGEST = 64


def time(text: Any) -> datetime | None:
    """A day and a time of it. In the first and in the last year not every time zone can say what day it is."""
    return _time(text) if _may_be_one(text) else None


def is_instant(text: Any) -> bool:
    """Whether it is a time with its offset."""
    found = time(text)
    return found is not None and found.tzinfo is not None


def true(local_time: Any, zone: ZoneInfo) -> datetime | None:
    """The instant meant by a time in the organisation's zone that is written as if it were UTC; None if none is.

    The seed says so of three attributes of a plan; planningcenter/developers issues 987 and 1198 show the `Z`.
    Of an hour that the clock goes through twice the first is meant, for want of better.
    """
    found = time(local_time)
    return found.replace(tzinfo=zone).astimezone(UTC) if found else None


def true_text(local_time: Any, zone: ZoneInfo) -> Any:
    """The same as text; what is no time at all is left as it came."""
    return _true_text(local_time, zone) if _may_be_one(local_time) else local_time


def _may_be_one(text: Any) -> bool:
    return isinstance(text, str) and len(text) < _LONGEST


@lru_cache(maxsize=4096)
def _time(text: str) -> datetime | None:
    if not _DAY_AND_TIME.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if 1 < found.year < 9999 else None


@lru_cache(maxsize=4096)
def _true_text(local_time: str, zone: ZoneInfo) -> str:
    found = true(local_time, zone)
    return instant(found) if found else local_time
