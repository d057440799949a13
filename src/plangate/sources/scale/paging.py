"""Pages of a list that Scale pages by number, and of a list that is here already.

A position is the list (`plans`, or what the list hangs on) and the place in it, counted from nought. As places do, it
drifts when plans are added or removed before it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar

from plangate.errors import InvalidCursor
from plangate.listing import Bound, ListQuery, Offset, Slice
from plangate.model import Record
from plangate.upstream import together

from .api import Page

R = TypeVar("R", bound=Record)
Fetch = Callable[[int, int], Awaitable[Page]]
"""A list: gives the page of this number, of this size."""

LIST = "plans"


class Part(NamedTuple):
    """What stands from `start` on; `more`: the list goes on, in the direction of the query."""

    items: list[object]
    start: int
    more: bool
    total: int


async def part_of(source: str, fetch: Fetch, query: ListQuery, longest: int) -> Part:
    """The part that `query` asks for. From the end of the list it costs one call more, to learn where that is."""
    low, high = _bounds(source, LIST, query)
    if query.backward:
        if high is None:
            high = (await fetch(1, 1)).total_item_count
        start, stop = max(low, high - query.limit), high
    else:
        start, stop = low, low + query.limit if high is None else min(low + query.limit, high)
    # Even of nothing the total is to be known.
    items, total = await _read(fetch, start, max(stop, start + 1), longest)
    more = start > low if query.backward else stop < (total if high is None else min(total, high))
    return Part(items[: max(0, stop - start)], start, more, total)


async def _read(fetch: Fetch, start: int, stop: int, longest: int) -> tuple[list[object], int]:
    limit, numbers = pages_over(start, stop, longest)
    first = await fetch(numbers[0], limit)
    total = first.total_item_count
    rest = await together(fetch(number, limit) for number in numbers[1:] if (number - 1) * limit < total)
    items = [item for page in (first, *rest) for item in page.items]
    skipped = start - (numbers[0] - 1) * limit
    return items[skipped : skipped + stop - start], total


def pages_over(start: int, stop: int, longest: int) -> tuple[int, range]:
    """The size and the numbers of the pages that these places are on: as few pages as can be, and as short."""
    shortest = min(stop - start, longest)
    for limit in range(shortest, longest + 1):
        if start // limit == (stop - 1) // limit:
            break
    else:
        limit = shortest
    return limit, range(start // limit + 1, (stop - 1) // limit + 2)


def slice_of(source: str, name: str, records: Sequence[R], query: ListQuery) -> Slice[R]:
    """The page that `query` asks for, of a list that is here already."""
    low, bound = _bounds(source, name, query)
    high = len(records) if bound is None else min(bound, len(records))
    start = max(low, high - query.limit) if query.backward else low
    stop = high if query.backward else min(high, low + query.limit)
    return Slice(
        records[start:stop],
        start > low if query.backward else stop < high,
        lambda i: Offset((start + i,), (name,)),
        len(records) if query.total else None,
    )


def _bounds(source: str, name: str, query: ListQuery) -> tuple[int, int | None]:
    """The first place after `after`, and the one where `before` ends the list."""
    low = 0 if query.after is None else _place(source, name, query.after) + (not query.after.inclusive)
    high = None if query.before is None else _place(source, name, query.before) + query.before.inclusive
    return low, high


def _place(source: str, name: str, bound: Bound) -> int:
    match bound.position:
        case Offset((place,), (list,)) if list == name and 0 <= place < 2**31:
            return place
    raise InvalidCursor(f"This is not a cursor of {source}.", source=source)
