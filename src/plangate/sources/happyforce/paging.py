"""Pages over the list of plans, which goes by index, and over lists that are here already.

A position is a record's index in Happyforce's own order, newest first. It drifts when plans are added or removed
meanwhile, as there is nothing else to go by.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from msgspec import structs

from plangate.errors import InvalidCursor
from plangate.listing import Bound, ListQuery, Offset, Slice
from plangate.model import Plan, Record
from plangate.upstream import together

from .api import Listed

R = TypeVar("R", bound=Record)

Fetch = Callable[[int, int], Awaitable[Listed]]
"""The part of a list from one index to another."""
Read = Callable[[Any], Plan | None]
"""Makes the plan of a document; None if it is not to be seen."""

END = 2**31 - 1
"""Beyond every list."""


class Reader:
    """Reads parts of one list, in calls for at most `longest` plans. `total` is known after the first call."""

    def __init__(self, fetch: Fetch, longest: int) -> None:
        self.fetch = fetch
        self.longest = longest
        self.total: int | None = None

    async def read(self, start: int, stop: int) -> list[Any]:
        """One call at first; when it is known how many there are, the rest is fetched at once."""
        found: list[Any] = []
        while (at := start + len(found)) < stop:
            last = min(stop, at + self.longest if self.total is None else self.total)
            spans = [(first, min(first + self.longest, last)) for first in range(at, last, self.longest)]
            parts = await together(self.fetch(*span) for span in spans)
            for (first, end), part in zip(spans, parts, strict=True):
                self.total = part.total
                found += part.result[: end - first]
                if 0 < len(part.result) < end - first and first + len(part.result) < part.total:
                    self.longest = len(part.result)  # it gives no more at a time
                if len(part.result) < end - first:
                    break
            if start + len(found) == at:
                break
        return found


async def page_of(source: str, reader: Reader, query: ListQuery, read: Read) -> Slice[Plan]:
    """The page that `query` asks for.

    Plans that the viewer may not see are passed over, and more are read in their place, a long page at a time, so that
    a page is full as long as there is more. Where there may be such plans, the total is not known, and one plan more
    than the page is looked for: `more` counts only what the viewer may see.
    """
    low, high = bounds(source, query)
    sees_all = query.scope.person is None
    count = query.limit if sees_all else query.limit + 1
    if query.backward and high == END:
        await reader.read(0, 1)
        high = reader.total or 0
    begin = at = high if query.backward else low
    found: list[tuple[int, Plan]] = []
    while reader.total is None or len(found) < count:
        left = max(at - low if query.backward else min(high, reader.total or high) - at, 0)
        missing = count - len(found)
        wanted = min(left, max(missing, reader.longest) if at != begin else missing)
        if not wanted and reader.total is not None:
            break
        start = at - wanted if query.backward else at
        documents = await reader.read(start, start + max(wanted, 1))  # even of nothing the total is to be known
        part = list(enumerate(documents[:wanted], start))
        if not part:
            at = low if query.backward else at
            break
        for index, document in reversed(part) if query.backward else part:
            if len(found) == count:
                break
            at = index if query.backward else index + 1
            if plan := read(document):
                found.append((index, plan))
    goes_on = at > low if query.backward else at < min(high, reader.total or 0)
    more = goes_on if sees_all else len(found) > query.limit
    del found[query.limit :]
    if query.backward:
        found.reverse()
    return Slice(
        [plan for _, plan in found],
        more,
        lambda i: Offset((found[i][0],)),
        reader.total if query.total and sees_all else None,
    )


async def reversed_page(source: str, reader: Reader, query: ListQuery, read: Read) -> Slice[Plan]:
    """The same of the list read from its end: oldest first."""
    mirrored = structs.replace(query, after=query.before, before=query.after, backward=not query.backward)
    page = await page_of(source, reader, mirrored, read)
    count = len(page.records)
    return structs.replace(page, records=page.records[::-1], position=lambda i: page.position(count - 1 - i))


def slice_of(source: str, records: Sequence[R], query: ListQuery) -> Slice[R]:
    """The page that `query` asks for, of a list that is here already."""
    low, high = bounds(source, query)
    high = max(low, min(high, len(records)))
    first = max(low, high - query.limit) if query.backward else low
    last = high if query.backward else min(high, low + query.limit)
    return Slice(
        records[first:last],
        first > low if query.backward else last < high,
        lambda i: Offset((first + i,)),
        len(records) if query.total else None,
    )


def bounds(source: str, query: ListQuery) -> tuple[int, int]:
    """The first index of the range to list, and the one after its last."""
    after, before = _index(source, query.after), _index(source, query.before)
    low = 0 if after is None or query.after is None else after if query.after.inclusive else after + 1
    high = END if before is None or query.before is None else before + 1 if query.before.inclusive else before
    return low, high


def _index(source: str, bound: Bound | None) -> int | None:
    if bound is None:
        return None
    match bound.position:
        case Offset((index,), ()) if 0 <= index < END:
            return index
    raise InvalidCursor(f"This is not a cursor of {source}.", source=source)
