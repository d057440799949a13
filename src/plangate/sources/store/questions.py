"""The four shapes of question that the store is asked, for every kind: by id, a list, an edge, next and previous."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from msgspec import structs

from plangate.listing import ListQuery, Order, Scope, Slice
from plangate.model import Key, Plan, Record, key
from plangate.source import Ids

from . import statements
from .database import Database, Statement
from .filters import all_keys, bound, is_key, storable
from .keyset import complete, place, position
from .records import maker
from .statements import WORKSPACE, Shape

R = TypeVar("R", bound=Record)
Values = dict[str, Any]


class Questions:
    """Each is one statement, and one more where a total is asked for. What becomes of its rows: `records.maker`."""

    def __init__(self, database: Database, source: str) -> None:
        self.database = database
        self.source = source

    async def by_id(self, kind: type[R], ids: Ids) -> dict[str, R]:
        if not (keys := self.keys(ids)):
            return {}
        shape = Shape(kind, self.database.dialect)
        [rows] = await self.database.fetch((statements.by_key(shape), {"keys": keys}))
        return self.by_local_id(maker(shape)(rows))

    def keys(self, ids: Ids) -> list[Key]:
        return [key(self.source, local) for local in (ids if all_keys(ids) else filter(is_key, ids))]

    def by_local_id(self, records: Sequence[R]) -> dict[str, R]:
        start = len(self.source) + 1
        return {record.key[start:]: record for record in records}

    async def list(self, kind: type[R], query: ListQuery) -> Slice[R]:
        shape, values = self.shape(kind, query)
        asked: list[Statement] = [(statements.page(shape), values | {"limit": query.limit + 1})]
        if query.total:
            asked.append((statements.count(unbounded(shape)), values))
        rows, *counted = await self.database.fetch(*asked)
        total = counted[0][0][0] if counted else None
        records = maker(shape, *WORKSPACE)(rows, values["workspace"])
        return slice_of(records, query, shape.order, total)

    async def children(
        self, kind: type[R], reference: str, parents: Sequence[Record], query: ListQuery
    ) -> dict[Key, Slice[R]]:
        """A page of the records that hang on each parent. The parents' own source does not matter."""
        keys = list(dict.fromkeys([parent.key for parent in parents]))
        if not all_keys(keys):
            keys = [key for key in keys if is_key(key)]
        if not keys:
            return {}
        shape, values = self.shape(kind, query, reference)
        values["parents"] = keys
        if query.repeats and reference == "parent" and shape.dialect == "postgresql" and query.is_whole:
            return await self.tree(shape, values, query)
        asked: list[Statement] = [(statements.page_by_parent(shape), values | {"limit": query.limit + 1})]
        if query.total:
            asked.append((statements.count_by_parent(unbounded(shape)), values))
        rows, *counted = await self.database.fetch(*asked)
        records = maker(shape, *WORKSPACE, reference, more=True)(rows, values["workspace"], keys)
        families: dict[Key, list[R]] = {}
        start = 0
        for number, same in groupby([row[-1] for row in rows]):
            end = start + len(list(same))
            families.setdefault(keys[number], []).extend(records[start:end])
            start = end
        if not counted:
            return {parent: slice_of(records, query, shape.order) for parent, records in families.items()}
        return {parent: slice_of(families.get(parent, []), query, shape.order, total) for parent, total in counted[0]}

    async def tree(self, shape: Shape, values: Values, query: ListQuery) -> dict[Key, Slice[Any]]:
        """The same as `children`, and the children's pages too, as far down as they will be asked for."""
        asked = values | {"limit": query.limit + 1, "levels": query.repeats + 1}
        [rows] = await self.database.fetch((statements.tree_by_parent(shape), asked))
        records = maker(shape, *WORKSPACE, more=True)(rows, values["workspace"])
        return pages(shape, query, values["parents"], records, [row[-1] for row in rows])

    async def with_tree(
        self, kind: type[R], reference: str, ids: Ids, query: ListQuery
    ) -> tuple[dict[str, R], dict[Key, Slice[R]]]:
        """The records with these ids, within the query's scope, and what `tree` gives for them."""
        if not (keys := self.keys(ids)) or not query.is_whole:
            return await self.by_id(kind, ids), {}
        shape, values = self.shape(kind, query, reference)
        asked = values | {"parents": keys, "limit": query.limit + 1, "levels": query.repeats + 1}
        [rows] = await self.database.fetch((statements.tree_by_key(shape), asked))
        records = maker(shape, *WORKSPACE, more=True)(rows, values["workspace"])
        levels = [row[-1] for row in rows]
        start = levels.count(0)
        return self.by_local_id(records[:start]), pages(shape, query, keys, records[start:], levels[start:])

    async def neighbours(self, plans: Sequence[Plan], query: ListQuery, *, backward: bool) -> dict[Key, Plan | Key]:
        keys = [plan.key for plan in plans if is_key(plan.key)]
        if not keys:
            return {}
        alone = ListQuery(limit=1, scope=query.scope, filter=query.filter, backward=backward, wants=query.wants)
        shape, values = self.shape(Plan, alone)
        [rows] = await self.database.fetch((statements.neighbours(shape), values | {"keys": keys}))
        found = maker(shape, *WORKSPACE, more=True)(rows, values["workspace"])
        return dict(zip(map(itemgetter(-1), rows), found, strict=True))

    def shape(self, kind: type[Record], query: ListQuery, reference: str = "") -> tuple[Shape, Values]:
        order = complete(query.order, kind, self.source)
        after, after_values = place(query.after, order, kind, "after")
        before, before_values = place(query.before, order, kind, "before")
        filter, filter_values = bound(query.filter, kind, self.source) if query.filter else (None, {})
        shape = Shape(
            kind=kind,
            dialect=self.database.dialect,
            order=order,
            reference=reference,
            filter=filter,
            after=after,
            before=before,
            backward=query.backward,
            everyone=query.scope.person is None,
            wanted=wanted(kind, query),
        )
        return shape, viewer(query.scope) | after_values | before_values | filter_values


def pages(
    shape: Shape, query: ListQuery, parents: Sequence[Key], records: Sequence[Any], levels: Sequence[int]
) -> dict[Key, Slice[Any]]:
    """The pages that a tree is made of, by parent. Its records come level by level, and of each parent in order."""
    found: dict[Key, list[Any]] = {key: [] for key in parents}
    parent_of = attrgetter(shape.reference)
    level_of: dict[Key, int] = {}
    for record, level in zip(records, levels, strict=True):
        parent = parent_of(record)
        # A parent that is asked about may also be found below another one, and its children with it.
        if level_of.setdefault(parent, level) != level:
            continue
        found.setdefault(parent, []).append(record)
        if level <= query.repeats:
            found.setdefault(record.key, [])
    return {parent: slice_of(children, query, shape.order) for parent, children in found.items()}


MADE_OF: dict[type[Record], frozenset[str]] = {Plan: frozenset({"title", "sort_date"})}
"""What a record's title to display is made of."""


def viewer(scope: Scope) -> Values:
    """The parameters of the scope. Null equals nothing: neither an empty text nor one that no database can hold."""
    workspace, person = (value if value and storable(value) else None for value in (scope.workspace, scope.person))
    return {"workspace": workspace} if scope.person is None else {"workspace": workspace, "person": person}


def unbounded(shape: Shape) -> Shape:
    """The shape of all that is counted: the whole list, whatever the page."""
    return structs.replace(shape, order=(), after=None, before=None, backward=False, wanted=None)


def wanted(kind: type[Record], query: ListQuery) -> frozenset[str] | None:
    """The fields to read: those that will be asked of the records, if the question says so."""
    if not query.wants:
        return None
    fields = query.wants.intersection(kind.__struct_fields__)
    return fields | MADE_OF[kind] if kind in MADE_OF and "display_title" in query.wants else fields


def slice_of(records: list[R], query: ListQuery, order: Sequence[Order], total: int | None = None) -> Slice[R]:
    """The page of the records that were fetched, one more than the limit, from the end where the query starts."""
    more = len(records) > query.limit
    del records[query.limit :]
    if query.backward:
        records.reverse()
    return Slice(records, more=more, position=lambda i: position(order, records[i]), total=total, whole=not query.wants)
