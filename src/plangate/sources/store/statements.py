"""The statements. Each shape is built once; the values are parameters. All that differs between databases is here.

No statement grows with the number of its parents or keys: they are one array in PostgreSQL, one JSON list in SQLite.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    UnaryExpression,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.operators import custom_op

from plangate.listing import Filter, Order
from plangate.model import Plan, Record

from .columns import JsonList
from .filters import Columns, among, clause, keys_in
from .keyset import Place, beyond, sorting
from .tables import TABLES

LIMIT: Any = bindparam("limit", type_=Integer())
ANY_LIMIT: Any = select(LIMIT).scalar_subquery()
"""As a subquery no plan depends on it (see `filters.keys_in`). For walks that have one plan anyhow, along an index."""


class Shape(Struct, frozen=True):
    """All of a question but its values. `reference`: the column by which the records hang on their parents."""

    kind: type[Record]
    dialect: str
    order: tuple[Order, ...] = ()
    reference: str = ""
    filter: Filter | None = None
    after: Place | None = None
    before: Place | None = None
    backward: bool = False
    everyone: bool = False
    """Whether the viewer may see private records, whoever they are for."""
    wanted: frozenset[str] | None = None
    """The record's fields to read; None for all."""


ALWAYS = ("key", "private_to")
"""What every record says: who it is, and for whom."""
WORKSPACE = ("workspace",)
"""What is given where a statement asks for the records of one workspace alone."""


def read(shape: Shape, given: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that are read, in the record's order: those asked for, and what says where the record stands.

    Those `given` are known before. See `records.maker` for what becomes of all.
    """
    fields = [name for name in shape.kind.__struct_fields__ if name not in ("native", *given)]
    if shape.wanted is None:
        return tuple(fields)
    wanted = {*ALWAYS, *(order.field for order in shape.order), shape.reference, *shape.wanted}
    return tuple(name for name in fields if name in wanted)


def fields(shape: Shape, columns: Columns, given: tuple[str, ...]) -> list[Any]:
    return [columns[name] for name in read(shape, given)]


@lru_cache(maxsize=64)
def by_key(shape: Shape) -> Select[Any]:
    table = TABLES[shape.kind]
    return select(*fields(shape, table.c, ())).where(among(table.c.key, "keys", shape.dialect))


@lru_cache(maxsize=1024)
def page(shape: Shape) -> Select[Any]:
    """One page of the whole list.

    What comes after a place is often several ranges (those with a later date, then those without any). Each is walked
    for itself, because with OR between them a database walks through all that comes before.
    """
    table = TABLES[shape.kind]
    found = (
        select(*fields(shape, table.c, WORKSPACE)).order_by(*sorting(shape.order, table.c, shape.backward)).limit(LIMIT)
    )
    walked = table.alias("walked")
    start, end = bounds(shape, walked.c)
    if len(start) < 2:
        start, end = bounds(shape, table.c)
        return found.where(*scope(shape, table.c), *start, *end)
    walks = (
        select(walked.c.key)
        .where(*scope(shape, walked.c), one, *end)
        .order_by(*sorting(shape.order, walked.c, shape.backward))
        .limit(LIMIT)
        .subquery()
        for one in start
    )
    return found.where(table.c.key.in_(union_all(*(select(walk.c.key) for walk in walks))))


@lru_cache(maxsize=1024)
def count(shape: Shape) -> Select[Any]:
    columns = TABLES[shape.kind].c
    return select(func.count()).select_from(TABLES[shape.kind]).where(*scope(shape, columns))


@lru_cache(maxsize=1024)
def count_by_parent(shape: Shape) -> Select[Any]:
    columns = TABLES[shape.kind].c
    reference = columns[shape.reference]
    among_parents = among(reference, "parents", shape.dialect)
    return select(reference, func.count()).where(among_parents, *scope(shape, columns)).group_by(reference)


@lru_cache(maxsize=1024)
def page_by_parent(shape: Shape) -> Select[Any]:
    """One page for each parent, in one statement: a walk along the index of each, ended by its LIMIT.

    The rows come parent by parent, with the parent's number at their end in place of the reference to it.
    """
    return lateral(shape) if shape.dialect == "postgresql" else correlated(shape)


def lateral(shape: Shape) -> Select[Any]:
    """For PostgreSQL. The walks' rows come one walk after the other."""
    unnested = func.unnest(keys_in("parents")).table_valued("key", with_ordinality="number")
    parents = unnested.render_derived(name="parents")
    table, given = TABLES[shape.kind], (*WORKSPACE, shape.reference)
    walk = children(shape, table.c, fields(shape, table.c, given), parents.c.key).lateral("children")
    return select(*fields(shape, walk.c, given), parents.c.number - literal_column("1")).select_from(
        parents.join(walk, true())
    )


@lru_cache(maxsize=1024)
def tree_by_parent(shape: Shape) -> Select[Any]:
    """For PostgreSQL: one page for each parent, and the same below each record, `levels` deep. The level comes last."""
    parents = func.unnest(keys_in("parents")).table_valued("key").render_derived(name="parents")
    columns = TABLES[shape.kind].c
    first = children(shape, columns, fields(shape, columns, WORKSPACE), parents.c.key).lateral("first")
    top = select(*fields(shape, first.c, WORKSPACE), level(1)).select_from(parents.join(first, true()))
    return tree(shape, top)


@lru_cache(maxsize=1024)
def tree_by_key(shape: Shape) -> Select[Any]:
    """For PostgreSQL: the records with these keys, whatever the filter, at level 0, and their tree."""
    columns = TABLES[shape.kind].c
    allowed = scope(structs.replace(shape, filter=None), columns)
    found = among(columns.key, "parents", shape.dialect)
    return tree(shape, select(*fields(shape, columns, WORKSPACE), level(0)).where(found, *allowed))


def level(number: int) -> Any:
    return literal_column(str(number), Integer()).label("level")


def tree(shape: Shape, top: Select[Any]) -> Select[Any]:
    """The top, and one page below each of its records, and so on."""
    columns = TABLES[shape.kind].c
    tree = top.cte("tree", recursive=True)
    below = children(shape, columns, fields(shape, columns, WORKSPACE), tree.c.key).lateral("below")
    deeper = (
        select(*fields(shape, below.c, WORKSPACE), (tree.c.level + 1).label("level"))
        .select_from(tree.join(below, true()))
        .where(tree.c.level < bindparam("levels", type_=Integer()))
    )
    tree = tree.union_all(deeper)
    return select(*fields(shape, tree.c, WORKSPACE), tree.c.level)


def correlated(shape: Shape) -> Select[Any]:
    """For SQLite, which has no LATERAL: the walk gives keys. To number whole families by a window function was slower
    the larger they are, because all of a family is read for its first few."""
    parents = func.json_each(bindparam("parents", type_=JsonList())).table_valued("key", "value", name="parents")
    table, given = TABLES[shape.kind], (*WORKSPACE, shape.reference)
    child = table.alias("child")
    walk = children(shape, child.c, [child.c.key], parents.c.value).correlate(parents)
    return (
        select(*fields(shape, table.c, given), parents.c.key)
        .select_from(parents.join(table, table.c.key.in_(walk)))
        .order_by(parents.c.key, *sorting(shape.order, table.c, shape.backward))
    )


def children(shape: Shape, columns: Columns, wanted: Sequence[Any], parent: ColumnElement[Any]) -> Select[Any]:
    start, end = bounds(shape, columns)
    both = [or_(*start), *end] if start else end
    return (
        select(*wanted)
        .where(columns[shape.reference] == parent, *scope(shape, columns), *both)
        .order_by(*sorting(shape.order, columns, shape.backward))
        .limit(ANY_LIMIT if shape.dialect == "postgresql" else LIMIT)
    )


@lru_cache(maxsize=64)
def neighbours(shape: Shape) -> Select[Any]:
    """The plan next to each of the plans, in its service type, and that plan's key last. `backward`: the one before.

    Derived from (sort_date, key) at each question, so it is right after any insert. Plans without a sort date are in
    no sequence.
    """
    plans = TABLES[Plan]
    given, found, candidate = plans.alias("given"), plans.alias("found"), plans.alias("candidate")
    order = (Order("sort_date"), Order("key"))
    place = tuple_of(given.c)
    nearest = (
        select(candidate.c.key)
        .where(
            candidate.c.service_type == given.c.service_type,
            tuple_of(candidate.c) < place if shape.backward else tuple_of(candidate.c) > place,
            *scope(shape, candidate.c),
        )
        .order_by(*(candidate.c[one.field].desc() if shape.backward else candidate.c[one.field] for one in order))
        .limit(literal_column("1"))  # as a parameter it would make the plan depend on it
        .scalar_subquery()
    )
    return (
        select(*fields(shape, found.c, WORKSPACE), given.c.key)
        .select_from(given.join(found, found.c.key == nearest))
        .where(among(given.c.key, "keys", shape.dialect))
    )


def tuple_of(columns: Columns) -> Any:
    return tuple_(columns.sort_date, columns.key)


def scope(shape: Shape, columns: Columns) -> list[ColumnElement[bool]]:
    """What the viewer may see, and the filter. The person is null where nobody is meant, which equals no one."""
    workspace: Any = columns.workspace
    if shape.reference and shape.dialect == "sqlite":
        # The plus keeps SQLite, which cannot know how large a workspace is, from walking through it for each parent.
        workspace = UnaryExpression(workspace, operator=custom_op("+"))
    allowed = [workspace == bindparam("workspace", type_=Text())]
    if not shape.everyone:
        person = bindparam("person", type_=Text())
        allowed.append(or_(columns.private_to.is_(None), columns.private_to == person))
    if shape.filter is not None:
        allowed.append(clause(shape.filter, columns, shape.dialect))
    return allowed


def bounds(shape: Shape, columns: Columns) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """Where the walk starts, one of several ranges, and what ends it."""
    after = beyond(shape.after, shape.order, columns, "after") if shape.after else []
    before = beyond(shape.before, shape.order, columns, "before", before=True) if shape.before else []
    start, end = (before, after) if shape.backward else (after, before)
    return start, [or_(*end)] if end else []
