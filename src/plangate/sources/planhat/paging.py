"""Pages of a list that has neither a total nor a link, with as few calls as that takes.

Planhat pages by offset, and its end is a page that is not full. Where it puts objects without the value that a list is
sorted by is not documented; its ObjectIds say MongoDB, which takes null for the smallest value [inf]. Plangate has them
last when ascending. So its list begins at a `pivot`, goes on to the end of Planhat's and then from its start to the
pivot; the pivot is 0 where no value is missing. A position is the pivot and the object's offset in Planhat's list.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from plangate.errors import InvalidCursor
from plangate.listing import Bound, ListQuery, Offset, Order, Slice
from plangate.model import Record

from .api import LONGEST_PAGE, Api, Fetch

R = TypeVar("R", bound=Record)
Span = tuple[int, int | None]
"""A part of Planhat's list: from an offset up to another, or to the end."""


class Entry(NamedTuple):
    """An object and where it stands."""

    value: Any
    position: Offset


class Found(NamedTuple):
    """An object and its offset in Planhat's list."""

    value: Any
    offset: int


class Survey(NamedTuple):
    """Where Plangate's list begins, and how many objects there are in all; None if that was not looked for."""

    pivot: int
    total: int | None


async def page_of(api: Api, collection: str, query: ListQuery, order: Order | None) -> tuple[list[Entry], bool]:
    """The page that `query` asks for, and whether the list goes on beyond it.

    One call; one or two more if the list is read from its end, downwards, or begins with objects without a value. Of
    lists of more than 2,000 these extra calls are one for each 2,000.
    """
    listing = _Listing(api, collection, order)
    low, high = _offset(api, query.after, start=True), _offset(api, query.before, start=False)
    wanted = query.limit + 1
    if low or high:
        pivot = (low or high or (0, 0, 0))[0]
    elif query.backward:
        pivot = (await listing.survey(whole=True)).pivot
    elif order is None:
        pivot = 0
    elif order.descending:
        pivot = (await listing.survey(whole=False)).pivot if await listing.lacks_values() else 0
    else:
        head = await listing.read((0, None), wanted)
        if not head or not listing.lacks(head[0].value):
            return _placed(0, head[: query.limit]), len(head) > query.limit
        pivot = (await listing.survey(whole=False)).pivot
    spans = _spans(pivot, low, high)
    found: list[Found] = []
    for span in reversed(spans) if query.backward else spans:
        missing = wanted - len(found)
        if missing and query.backward:
            found = [*await listing.read_back(span, missing), *found]
        elif missing:
            found = [*found, *await listing.read(span, missing)]
    page = found[max(0, len(found) - query.limit) :] if query.backward else found[: query.limit]
    return _placed(pivot, page), len(found) == wanted


def _placed(pivot: int, entries: list[Found]) -> list[Entry]:
    return [Entry(value, Offset((pivot, offset))) for value, offset in entries]


class _Listing:
    """One of Planhat's lists in its own order; positions are offsets in it."""

    def __init__(self, api: Api, collection: str, order: Order | None) -> None:
        self.field = order.field if order else "_id"
        self.per_page = api.per_page
        self._list: Callable[[dict[str, str]], Fetch] = lambda params: api.listing(collection, params)
        self.descending = order is not None and order.descending
        self._sort = f"-{self.field}" if self.descending else self.field
        self._fetch = self._list({"sort": self._sort})
        self._survey: Survey | None = None

    def lacks(self, value: Any) -> bool:
        return not isinstance(value, dict) or value.get(self.field) is None

    async def lacks_values(self) -> bool:
        """Whether the smallest value is none."""
        smallest = await self._list({"sort": self.field, "select": self.field})(0, 1)
        return bool(smallest) and self.lacks(smallest[0])

    async def survey(self, *, whole: bool) -> Survey:
        """Look through the list, for nothing but the values that it is sorted by; not `whole`: as far as the pivot."""
        if self._survey and (self._survey.total is not None or not whole):
            return self._survey
        fetch = self._list({"sort": self._sort, "select": self.field})
        lacking: list[bool] = []
        total = pivot = None
        while total is None and (whole or pivot is None):
            page = await fetch(len(lacking), LONGEST_PAGE)
            lacking += map(self.lacks, page)
            total = len(lacking) if len(page) < LONGEST_PAGE else None
            # Nothing is to be moved if what lacks the value is at the right end already.
            moved = bool(lacking) and lacking[0] != self.descending
            pivot = next((i for i, each in enumerate(lacking) if each != lacking[0]), None) if moved else 0
        self._survey = Survey(pivot or 0, total)
        return self._survey

    async def read(self, span: Span, count: int) -> list[Found]:
        """The first so many of a span."""
        start, stop = span
        wanted = count if stop is None else min(count, stop - start)
        found: list[Any] = []
        while len(found) < wanted:
            asked = min(wanted - len(found), self.per_page)
            page = (await self._fetch(start + len(found), asked))[:asked]
            found += page
            if len(page) < asked:
                break
        return [Found(value, start + i) for i, value in enumerate(found)]

    async def read_back(self, span: Span, count: int) -> list[Found]:
        """The last so many of a span."""
        start, stop = span
        if stop is None:
            stop = (await self.survey(whole=True)).total or 0
        first = max(start, stop - count)
        return await self.read((first, stop), count) if first < stop else []


def _spans(pivot: int, low: tuple[int, int, int] | None, high: tuple[int, int, int] | None) -> list[Span]:
    """The two parts of the list, cut to what is behind `low` and before `high`."""
    parts: dict[bool, Span] = {True: (pivot, None), False: (0, pivot)}  # by whether it is that from the pivot on
    if low:
        _, own, start = low
        if own < pivot:
            del parts[True]
        parts[own >= pivot] = (start, None if own >= pivot else pivot)
    if high:
        _, own, stop = high
        if own >= pivot:
            del parts[False]
        if (part := parts.get(own >= pivot)) is not None:
            parts[own >= pivot] = (part[0], stop)
    return list(parts.values())


def _offset(api: Api, bound: Bound | None, *, start: bool) -> tuple[int, int, int] | None:
    """The pivot, the offset of the bound's own object, and the offset where the range begins (or ends before)."""
    if bound is None:
        return None
    pivot, own = _numbers(api.upstream.source, bound, 2)
    return pivot, own, _edge(bound, own, start=start)


def _edge(bound: Bound, own: int, *, start: bool) -> int:
    return own + 1 if bound.inclusive != start else own


def _numbers(source: str, bound: Bound, count: int) -> tuple[int, ...]:
    match bound.position:
        case Offset(numbers, ()) if len(numbers) == count and all(0 <= number < 2**31 for number in numbers):
            return numbers
    raise InvalidCursor(f"This is not a cursor of {source}.", source=source)


class Part(NamedTuple):
    """The ids on a page of a list of ids that is known; a position is the place of an id in it."""

    ids: list[str]
    start: int
    more: bool

    def slice(self, found: Mapping[str, R]) -> Slice[R]:
        """The page with the records of its ids, as far as there are any."""
        here = [(self.start + i, found[id]) for i, id in enumerate(self.ids) if id in found]
        return Slice([record for _, record in here], self.more, lambda i: Offset((here[i][0],)))


def part_of(source: str, ids: list[str], query: ListQuery) -> Part:
    """The page of ids that `query` asks for."""
    low, high = 0, len(ids)
    if query.after:
        low = _edge(query.after, _numbers(source, query.after, 1)[0], start=True)
    if query.before:
        high = min(high, _edge(query.before, _numbers(source, query.before, 1)[0], start=False))
    first = max(low, high - query.limit) if query.backward else low
    last = high if query.backward else min(high, low + query.limit)
    return Part(ids[first:last], first, first > low if query.backward else last < high)
