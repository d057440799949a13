"""The part of a list of plans whose `sort_date` lies between two instants.

Planning Center cannot filter by `sort_date` but orders by it, so that such a part is what stands between two offsets.
They are found a whole page at a time: calls are what Planning Center counts, and most service types fit into one page.
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from plangate.upstream import together

from .api import Fetch
from .jsonapi import Collection, Meta, Resource

Mark = tuple[datetime, bool]
"""Just before an instant, or (True) just after it."""


class Between(Struct):
    """From `low` to `high`; None: without end."""

    low: Mark | None = None
    high: Mark | None = None

    def narrow(self, operator: str, at: datetime) -> None:
        if operator in ("gt", "gte", "eq"):
            mark = (at, operator == "gt")
            self.low = max(self.low or mark, mark)
        if operator in ("lt", "lte", "eq"):
            mark = (at, operator != "lt")
            self.high = min(self.high or mark, mark)


async def part(
    fetch: Fetch, between: Between, when: Callable[[Resource], datetime], *, descending: bool, longest: int
) -> Fetch:
    """The part as a list of its own: its offsets and its total are those within the part.

    It costs one call if the whole list fits into a page. Of n pages it costs at most 1 + log2(n), rounded up, and with
    two ends at most log2(n) more. What has been read on the way is not read again when the part is.
    """
    pages = _Pages(fetch, longest)
    total = (await pages(0)).meta.total_count

    async def end(mark: Mark | None, otherwise: int) -> int:
        if mark is None:
            return otherwise
        return await pages.first(lambda plan: ((when(plan), False) >= mark) != descending, total)

    ends = (between.high, between.low) if descending else (between.low, between.high)
    # Both at once: a page that both look at is one call.
    start, stop = await together([end(ends[0], 0), end(ends[1], total)])

    async def within(offset: int, count: int) -> Collection:
        return await pages.cut(min(start + offset, stop), min(start + offset + count, stop), max(0, stop - start))

    return within


class _Pages:
    """A list page by page, each of which is read once."""

    def __init__(self, fetch: Fetch, longest: int) -> None:
        self.fetch = fetch
        self.longest = longest
        self.read: dict[int, Collection] = {}

    async def __call__(self, number: int) -> Collection:
        if number not in self.read:
            self.read[number] = await self.fetch(number * self.longest, self.longest)
        return self.read[number]

    async def first(self, beyond: Callable[[Resource], bool], total: int) -> int:
        """The offset of the first plan that is beyond, as are all after it; the list's end if none is."""
        low, high, looked_at = 0, -(-total // self.longest), 0
        while low < high:
            plans = (await self(looked_at)).data
            if plans and not beyond(plans[-1]):
                low = looked_at + 1
            elif not plans or beyond(plans[0]):  # none: the list became shorter meanwhile
                high = looked_at
            else:
                return looked_at * self.longest + bisect_left(plans, True, key=beyond)
            looked_at = (low + high) // 2
        return min(low * self.longest, total)

    async def cut(self, start: int, stop: int, total: int) -> Collection:
        """What stands between two offsets, as an answer that says `total`."""
        numbers = range(start // self.longest, -(-stop // self.longest)) if start < stop else range(0)
        pages = await together(self(number) for number in numbers)
        plans = [plan for page in pages for plan in page.data]
        skip = start % self.longest
        included = [each for page in pages for each in page.included]
        return Collection(plans[skip : skip + max(0, stop - start)], Meta(total), included)
