"""Pages over one upstream list, or over several that are merged by their order, with as few calls as that takes.

Planning Center pages by offset. So a position is the list that a record came from (by what it hangs on: a service type,
a plan) and, for every list, how many records stand before what follows; as offsets do, it drifts when plans are added
or removed before it.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from plangate.errors import InvalidCursor, UpstreamBadResponse
from plangate.listing import Bound, ListQuery, Offset, Order, Slice
from plangate.model import Record
from plangate.upstream import together

from .api import LONGEST_PAGE, Fetch
from .jsonapi import Resource

R = TypeVar("R", bound=Record)

_MANY = 10_000


class Entry(NamedTuple):
    """A resource, the list that it came from, and where it stands."""

    resource: Resource
    list: str
    position: Offset


class Page(NamedTuple):
    """`spare` was fetched but is not on the page; `included` holds what `include` brought along for all of them."""

    entries: list[Entry]
    spare: list[tuple[str, Resource]]
    included: list[Resource]
    more: bool
    total: int

    def slice(self, records: Sequence[R], query: ListQuery, also: Sequence[Record] = ()) -> Slice[R]:
        """The page with the records that its entries became."""
        total = self.total if query.total else None
        return Slice(records, self.more, lambda i: self.entries[i].position, total, also)


async def page_of(
    source: str,
    lists: Mapping[str, Fetch],
    query: ListQuery,
    *,
    order: Order | None = None,
    longest: int = LONGEST_PAGE,
    ahead: int = 0,
) -> Page:
    """The page that `query` asks for. `order` is the one that all lists have; `ahead` records more cost no call."""
    low = _offsets(source, query.after, lists, start=True)
    high = _offsets(source, query.before, lists, start=False)
    streams = [_Stream(name, fetch, low.get(name, 0), high.get(name), query.backward, longest)
               for name, fetch in lists.items()]  # fmt: skip
    wanted = query.limit + ahead if query.limit + ahead <= longest else query.limit
    # Of several lists nobody knows which one the records will be from, so each is read a page at a time.
    await together(stream.fill(wanted if len(streams) == 1 else min(wanted, longest)) for stream in streams)
    if query.backward:
        streams.reverse()  # so that of equal records the later one goes first
    largest_first = query.backward != bool(order and order.descending)
    entries: list[Entry] = []
    while len(entries) < query.limit:
        missing = query.limit - len(entries) if len(streams) == 1 else longest
        if empty := [stream for stream in streams if not stream.ready and stream.goes_on]:
            await together(stream.fill(missing) for stream in empty)
        ready = [stream for stream in streams if stream.ready]
        if not ready:
            break
        if len(streams) == 1 and not query.backward:
            entries += streams[0].run(query.limit - len(entries))
            continue
        stream = (max if largest_first else min)(ready, key=lambda stream: stream.rank(order))
        # Where every list stands once this record is behind, which reading backward is the case before it is taken.
        offsets = _standing(streams) if query.backward else {}
        resource = stream.take()
        entries.append(Entry(resource, stream.name, _position(stream.name, offsets or _standing(streams))))
    if query.backward:
        entries.reverse()
    return Page(
        entries,
        spare=[(stream.name, resource) for stream in streams for resource in stream.ready],
        included=[resource for stream in streams for resource in stream.included],
        more=any(stream.goes_on for stream in streams),
        total=sum(stream.total for stream in streams),
    )


class _Stream:
    """The part of one list between two offsets, read from its start or, `backward`, from its end.

    `at` is where reading stands: the offset of the next record, or one more than it when reading backward.
    """

    def __init__(self, name: str, fetch: Fetch, low: int, high: int | None, backward: bool, longest: int) -> None:
        self.name = name
        self.fetch = fetch
        self.low = low
        self.high = high
        self.backward = backward
        self.longest = longest
        self.at = low
        self.total = -1
        self.ready: deque[Resource] = deque()
        self.included: list[Resource] = []

    @property
    def goes_on(self) -> bool:
        return self.at > self.low if self.backward else self.high is not None and self.at < self.high

    def rank(self, order: Order | None) -> tuple[bool, Any]:
        value = self.ready[0].attributes.get(order.field) if order else None
        return value is None, "" if value is None else str(value)  # what is no text is refused when it is read

    def take(self) -> Resource:
        self.at += -1 if self.backward else 1
        return self.ready.popleft()

    def run(self, most: int) -> list[Entry]:
        """The next records, as entries of a page that has no other list."""
        start, count = self.at + 1, min(most, len(self.ready))
        self.at += count
        return [Entry(self.ready.popleft(), self.name, Offset((start + i,), (self.name,))) for i in range(count)]

    async def fill(self, wanted: int) -> None:
        """Fetch the next so many records: in one call at first, in several at once when it is known how many exist."""
        if self.total < 0 and self.backward:
            if self.high is None:
                self._learn((await self.fetch(0, 1)).meta.total_count)
            self.at = self.high = max(self.high or 0, self.low)
        if self.high is None:
            room = min(wanted, self.longest)
        else:
            room = max(0, min(wanted, self.at - self.low if self.backward else self.high - self.at))
        if not room and self.total >= 0:
            return
        start = self.at - room if self.backward else self.at
        stop = start + max(room, 1)  # even of nothing the total is to be known
        spans = [(offset, min(self.longest, stop - offset)) for offset in range(start, stop, self.longest)]
        pages = await together(self.fetch(offset, count) for offset, count in spans)
        self._learn(pages[0].meta.total_count)
        found = [resource for page in pages for resource in page.data]
        if self.backward:
            self.at = start + len(found[:room])
        elif not found:
            self.high = self.at  # the list became shorter while it was read
        self.ready.extend(reversed(found[:room]) if self.backward else found[:room])
        self.included.extend(resource for page in pages for resource in page.included)

    def _learn(self, total: int) -> None:
        self.total = total
        self.high = total if self.high is None else min(self.high, total)


def _standing(streams: list[_Stream]) -> dict[str, int]:
    return {stream.name: stream.at for stream in streams}


def _position(own: str, offsets: Mapping[str, int]) -> Offset:
    """A record's position: the list that it is from comes first."""
    names = (own, *(name for name in offsets if name != own))
    return Offset(tuple(offsets[name] for name in names), names)


def _offsets(source: str, bound: Bound | None, lists: Collection[str], *, start: bool) -> dict[str, int]:
    """Where each list begins after a bound, or ends before it.

    A position may name lists that are gone, and miss new ones; one that names none of these is of something else.
    """
    if bound is None:
        return {}
    match bound.position:
        case Offset((own, *_) as numbers, (name, *_) as names) if own > 0 and len(numbers) == len(names):
            offsets = dict(zip(names, numbers, strict=True))
            foreign = lists and offsets.keys().isdisjoint(lists)
            if not foreign and all(0 <= offset < 2**31 for offset in numbers):
                return {**offsets, name: own - 1} if bound.inclusive == start else offsets
    raise InvalidCursor(f"This is not a cursor of {source}.", source=source)


def slice_of(source: str, name: str, records: Sequence[R], query: ListQuery) -> Slice[R]:
    """The page that `query` asks for, of a list that is here already; its positions are those of `page_of`."""
    low = _offsets(source, query.after, (name,), start=True).get(name, 0)
    high = min(len(records), _offsets(source, query.before, (name,), start=False).get(name, len(records)))
    first = max(low, high - query.limit) if query.backward else low
    last = high if query.backward else min(high, low + query.limit)
    return Slice(
        records[first:last],
        first > low if query.backward else last < high,
        lambda i: Offset((first + i + 1,), (name,)),
        len(records) if query.total else None,
    )


async def everything(source: str, fetch: Fetch, longest: int) -> list[Resource]:
    """All resources of a list that is never long: in one call, or in two rounds of calls if it has several pages."""
    page = await page_of(source, {"": fetch}, ListQuery(_MANY), longest=longest)
    if page.more:
        raise UpstreamBadResponse(source, f"{source} has more than {_MANY} of what there are never so many.")
    return [entry.resource for entry in page.entries]
