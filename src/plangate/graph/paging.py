"""Relay connections over the model's slices (https://relay.dev/graphql/connections.htm)."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

import strawberry
from msgspec import Struct
from strawberry.federation.schema_directives import Shareable

from plangate.errors import PaginationLimit
from plangate.graph.cursors import Cursors
from plangate.graph.ids import wants
from plangate.listing import Filter, ListQuery, Order
from plangate.merge import Listed
from plangate.model import Record

DEFAULT = 25
NESTED_MAXIMUM = 100
ROOT_MAXIMUM = 1000

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.", directives=[Shareable()])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether records follow this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether records precede this page; paging forward, true if `after` was given."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge.")


@strawberry.type(description="How one source took part in an answer.")
class SourceAnswer:
    source: str = strawberry.field(description="The source's name.")
    answered: bool = strawberry.field(description="Whether its records are in this page.")
    code: str | None = strawberry.field(description="If not: the error code, the same as in `errors.extensions`.")
    message: str | None = strawberry.field(description="If not: why, in plain words.")
    retryable: bool | None = strawberry.field(description="If not: whether asking again may help.")
    retry_after: float | None = strawberry.field(description="If known: in how many seconds to ask again.")


@strawberry.type(description="A record in a list, and its place there.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The place, for `after` and `before` of the same list.")
    node: T = strawberry.field(description="The record.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The records with their cursors.")
    nodes: list[T] = strawberry.field(description="The records alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int | None = strawberry.field(
        description="How many records the whole list has, counted only when asked for; null where a system cannot say."
    )
    sources: list[SourceAnswer] = strawberry.field(description="Which sources answered, which did not and why.")


class PageQuery(Struct, frozen=True):
    """The page that a field's arguments ask for: the query, the decoded cursors, and the list they belong to."""

    query: ListQuery
    ends: Mapping[str, Any]
    name: str
    cursors: Cursors

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self.name, self.query.filter, self.query.order)


@lru_cache(256)
def _fingerprint(name: str, filter: Filter | None, order: tuple[Order, ...]) -> str:
    """What a cursor of this list carries, so that others refuse it: too long to find another list with the same."""
    return hashlib.blake2s(repr((name, filter, order)).encode("utf-8", "replace"), digest_size=10).hexdigest()


def page_query(
    name: str,
    selection: frozenset[str],
    cursors: Cursors,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: Filter | None = None,
    order: tuple[Order, ...] = (),
    maximum: int = NESTED_MAXIMUM,
    repeats: int = 0,
) -> PageQuery:
    """Check a connection's arguments. `name` tells this list from others, so that it refuses their cursors."""
    if first is not None and last is not None:
        raise PaginationLimit("Give `first` or `last`, not both.")
    limit = first if first is not None else last if last is not None else DEFAULT
    if not 0 <= limit <= maximum:
        raise PaginationLimit(f"`first` and `last` must be from 0 to {maximum} here.", maximum=maximum)
    ends = {end: cursor for end, cursor in (("after", after), ("before", before)) if cursor is not None}
    return PageQuery(
        ListQuery(
            limit,
            filter=filter,
            order=order,
            backward=last is not None,
            total="totalCount" in selection,
            wants=wants(selection, ("nodes.", "edges.node.")),
            repeats=repeats,
        ),
        {end: cursors.decode(_fingerprint(name, filter, order), cursor) for end, cursor in ends.items()},
        name,
        cursors,
    )


class _Edge(Struct, frozen=True):
    cursor: str
    node: Record


class _PageInfo(Struct, frozen=True):
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class _SourceAnswer(Struct, frozen=True):
    source: str
    answered: bool
    code: str | None = None
    message: str | None = None
    retryable: bool | None = None
    retry_after: float | None = None


class Page:
    """What a connection's fields are read from. Cursors are made only if they are asked for."""

    __slots__ = ("_asked", "_listed", "_slice")

    def __init__(self, listed: Listed, asked: PageQuery) -> None:
        self._listed = listed
        self._slice = listed.slice
        self._asked = asked

    @property
    def nodes(self) -> Sequence[Record]:
        return self._slice.records

    @property
    def edges(self) -> list[_Edge]:
        return [_Edge(self._cursor(i), record) for i, record in enumerate(self._slice.records)]

    @property
    def total_count(self) -> int | None:
        return self._slice.total

    @property
    def page_info(self) -> _PageInfo:
        count, ends, backward = len(self._slice.records), self._asked.ends, self._asked.query.backward
        return _PageInfo(
            has_next_page="before" in ends if backward else self._slice.more,
            has_previous_page=self._slice.more if backward else "after" in ends,
            start_cursor=self._cursor(0) if count else None,
            end_cursor=self._cursor(count - 1) if count else None,
        )

    @property
    def sources(self) -> list[_SourceAnswer]:
        failures = self._listed.failures.items()
        return [
            *(_SourceAnswer(source, True) for source in self._listed.sources),
            *(_SourceAnswer(source, False, e.code, e.message, e.retryable, e.retry_after) for source, e in failures),
        ]

    def _cursor(self, i: int) -> str:
        return self._asked.cursors.encode(self._asked.fingerprint, self._listed.cursor(i))
