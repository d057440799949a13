"""One page out of the pages of several sources, and the cursor that holds a position in each of them.

A cursor of a record names, for every source, the last record that stands at or before it in the merged list. So paging
goes on without loss or repetition, forward and backward, as far as each source's own positions hold (those of Planning
Center are offsets), even where a source was away when the cursor was made.
"""

import heapq
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import total_ordering
from typing import Any

from msgspec import Struct, structs

from plangate.errors import SourceError
from plangate.listing import Bound, ListQuery, Order, Position, Slice
from plangate.model import Record


class Listed(Struct, frozen=True, gc=False):
    """A page over several sources. `failures`: who did not answer."""

    slice: Slice[Any]
    sources: tuple[str, ...]
    failures: Mapping[str, SourceError] = {}
    own: str | None = None
    """The source, if the page is of one alone: its positions become cursors as they are."""

    def cursor(self, i: int) -> dict[str, Any]:
        """What the cursor of record i holds."""
        position = self.slice.position(i)
        return position if self.own is None else cursor(self.own, {self.own: position})


def cursor(own: str, positions: Mapping[str, Position]) -> dict[str, Any]:
    return {"own": own, "at": dict(positions)}


def query_for(name: str, query: ListQuery, ends: Mapping[str, Any]) -> ListQuery:
    """The query that one source is asked: `ends` holds the decoded `after` and `before` cursors."""
    after, before = ends.get("after"), ends.get("before")
    changes: dict[str, Any] = {}
    if after and name in after["at"]:
        changes["after"] = Bound(after["at"][name])
    if before and name in before["at"]:
        changes["before"] = Bound(before["at"][name], inclusive=name != before["own"])
    if _is_done(name, ends):
        changes["limit"] = 0  # asked all the same: it may have to count
    return structs.replace(query, **changes) if changes else query


def _is_done(name: str, ends: Mapping[str, Any]) -> bool:
    """Whether no record of this source stands before the `before` cursor."""
    before = ends.get("before")
    return before is not None and name not in before["at"]


def merge(
    slices: Mapping[str, Slice[Any]],
    failures: Mapping[str, SourceError],
    query: ListQuery,
    ends: Mapping[str, Any],
) -> Listed:
    """The first (backward: the last) `query.limit` records of all slices, in the order of the query."""
    entries = list(
        heapq.merge(
            *(
                [(_rank(record, query.order), number, i, name) for i, record in enumerate(slice.records)]
                for number, (name, slice) in enumerate(slices.items())
            )
        )
    )
    start = max(0, len(entries) - query.limit) if query.backward else 0
    page = entries[start : start + query.limit]

    reached: dict[str, Position] = dict((ends.get("after") or {"at": {}})["at"])
    for _, _, i, name in entries[:start]:
        reached[name] = slices[name].position(i)
    cursors: list[dict[str, Any]] = []
    for _, _, i, name in page:
        reached[name] = slices[name].position(i)
        cursors.append(cursor(name, reached))

    totals = [slice.total for slice in slices.values()]
    return Listed(
        Slice(
            [slices[name].records[i] for _, _, i, name in page],
            more=len(entries) > len(page)
            or any(slice.more for name, slice in slices.items() if not _is_done(name, ends)),
            position=cursors.__getitem__,
            total=None if failures or None in totals else sum(total for total in totals if total is not None),
        ),
        tuple(slices),
        failures,
    )


@total_ordering
class _Rank:
    """A value in the direction of its order; no value comes last ascending and first descending."""

    __slots__ = ("descending", "value")

    def __init__(self, value: Any, descending: bool) -> None:
        self.value = (value is None, "" if value is None else value)
        self.descending = descending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rank) and self.value == other.value

    def __lt__(self, other: "_Rank") -> bool:
        return other.value < self.value if self.descending else self.value < other.value


def _rank(record: Record, order: tuple[Order, ...]) -> tuple[_Rank, ...]:
    return tuple(_Rank(_comparable(getattr(record, each.field), each.field), each.descending) for each in order)


def _comparable(value: Any, field: str) -> Any:
    """Instants and days of several systems are written in several ways; compare what they mean.

    One that means nothing counts as missing: it must not fail the list of all systems.
    """
    if isinstance(value, str) and field.endswith(("_at", "_date", "_time")):
        try:
            if len(value) == len("2026-11-20"):
                return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC).timestamp()
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            return None
    return value
