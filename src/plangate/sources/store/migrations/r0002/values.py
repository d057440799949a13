"""What becomes of a value that breaks a rule: what it most likely means, or null."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

STORE = "store:"
"""What a key without a source lacks: no other system is filled with SQL."""

KEY = re.compile(r"[^:\x00-\x1f\x7f]+")
URL = re.compile(r"https?://[^/\x00-\x20\x7f][^\x00-\x20\x7f]*", re.IGNORECASE)
TRUE, FALSE = {"1", "true", "t", "yes", "y", "on"}, {"0", "false", "f", "no", "n", "off"}
LARGEST = 2**31 - 1
LONGEST = 480 - len(STORE)


def as_text(value: Any) -> str | None:
    """A value of SQLite as text: it may be of any type, whatever the column's."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None if value is None else str(value)


def _text(old: str) -> str:
    return old.replace("\0", "\ufffd")


def _instant(old: str) -> str | None:
    """In UTC. Without an offset it is taken as UTC, which is what SQLite's own functions give."""
    try:
        found = datetime.fromisoformat(old.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def _day(old: str) -> str | None:
    try:
        return date.fromisoformat(old.strip()[:10]).isoformat()
    except ValueError:
        return None


def _whole(old: str) -> int | None:
    try:
        return round(float(old))
    except (ValueError, OverflowError):
        return None


def _percent(old: str) -> int | None:
    number = _whole(old)
    return None if number is None else min(max(number, 0), 100)


def _count(old: str) -> int | None:
    number = _whole(old)
    return number if number is not None and 0 <= number <= LARGEST else None


def _integer(old: str) -> int | None:
    number = _whole(old)
    return number if number is not None and -LARGEST - 1 <= number <= LARGEST else None


def _boolean(old: str) -> int | None:
    said = old.strip().lower()
    if said in TRUE or said in FALSE:
        return int(said in TRUE)
    number = _whole(said)
    return None if number is None else int(number != 0)


def _key(old: str) -> str | None:
    return STORE + old if KEY.fullmatch(old) and len(old) <= LONGEST else None


def _private_to(old: str) -> str:
    """Of somebody who is not known if need be: then only admins read the row."""
    return _key(old) or ""


def _url(old: str) -> str | None:
    return found if URL.fullmatch(found := old.strip()) else None


def _texts(old: str) -> str | None:
    try:
        found = json.loads(old)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    texts = [_storable(each if isinstance(each, str) else json.dumps(each)) for each in found]
    return old if texts == found else json.dumps(texts, ensure_ascii=False)


def _storable(text: str) -> str:
    """Without NUL and half surrogate pairs, which JSON can escape and PostgreSQL cannot hold."""
    return _text(text).encode("utf-8", "replace").decode()


mended: dict[str, tuple[str, Callable[[str], str | int | None]]] = {
    "key": ("is no key of a record", _key),
    "private_to": ("is no key of a person", _private_to),
    "person": ("is no key of a person", _key),
    "text": ("is not text", _text),
    "day": ("is not a day, as 2026-11-20", _day),
    "instant": ("is not an instant in UTC, as 2026-11-20T09:30:00+00:00", _instant),
    "percent": ("is not a whole number from 0 to 100", _percent),
    "count": ("is not a whole number from 0", _count),
    "integer": ("is not a whole number", _integer),
    "boolean": ("is neither true nor false", _boolean),
    "url": ("is not a URL of http or https", _url),
    "texts": ("is not a list of texts", _texts),
}
"""What is wrong with a value of each kind, and what to make of it; null if nothing can be made of it."""
