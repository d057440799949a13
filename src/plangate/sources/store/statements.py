"""The statements. Each shape is built once; the values are parameters. All that differs between databases is here.

No statement grows with the number of its parents or keys: they are one array in PostgreSQL, one JSON list in SQLite.
"""

from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Text, bindparam, func, or_, select, true, tuple_

from plangate.listing import Filter, Order
from plangate.model import Plan, Record

from .filters import Columns, among, clause
from .keyset import Place, beyond, sorting
from .tables import TABLES

LIMIT: Any = bindparam("limit", type_=Integer())


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


def fields(kind: type[Record], columns: Columns) -> list[Any]:
    """The columns in the order of the record's fields, so that a row makes a record as it stands."""
    return [columns[name] for name in kind.__struct_fields__ if name != "native"]


@lru_cache(maxsize=64)
def by_key(kind: type[Record], dialect: str) -> Select[Any]:
    table = TABLES[kind]
    return select(*fields(kind, table.c)).where(among(table.c.key, "keys", dialect))


@lru_cache(maxsize=1024)
def page(shape: Shape) -> Select[Any]:
    """One page of the whole list."""
    table = TABLES[shape.kind]
    return (
        select(*fields(shape.kind, table.c))
        .where(*scope(shape, table.c), *bounds(shape, table.c))
        .order_by(*sorting(shape.order, table.c, shape.backward))
        .limit(LIMIT)
    )


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
    """One page for each parent, in one statement."""
    return lateral(shape) if shape.dialect == "postgresql" else numbered(shape)


def lateral(shape: Shape) -> Select[Any]:
    """For PostgreSQL: a walk along the index for each parent, ended by its LIMIT. The walks' rows come in turn."""
    table = TABLES[shape.kind]
    parents = (
        func.unnest(bindparam("parents", type_=ARRAY(Text()))).table_valued("key", name="parents").render_derived()
    )
    children = (
        select(*fields(shape.kind, table.c))
        .where(table.c[shape.reference] == parents.c.key, *scope(shape, table.c), *bounds(shape, table.c))
        .order_by(*sorting(shape.order, table.c, shape.backward))
        .limit(LIMIT)
        .lateral("children")
    )
    return select(*fields(shape.kind, children.c)).select_from(parents.join(children, true()))


def numbered(shape: Shape) -> Select[Any]:
    """For SQLite, which has no LATERAL: the children of all parents, numbered in each family, up to the limit."""
    table = TABLES[shape.kind]
    reference = table.c[shape.reference]
    number = func.row_number().over(partition_by=reference, order_by=sorting(shape.order, table.c, shape.backward))
    families = (
        select(*fields(shape.kind, table.c), number.label("number"))
        .where(among(reference, "parents", shape.dialect), *scope(shape, table.c), *bounds(shape, table.c))
        .subquery("families")
    )
    return select(*fields(shape.kind, families.c)).where(families.c.number <= LIMIT).order_by(families.c.number)


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
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(*fields(Plan, found.c), given.c.key)
        .select_from(given.join(found, found.c.key == nearest))
        .where(among(given.c.key, "keys", shape.dialect))
    )


def tuple_of(columns: Columns) -> Any:
    return tuple_(columns.sort_date, columns.key)


def scope(shape: Shape, columns: Columns) -> list[ColumnElement[bool]]:
    """What the viewer may see, and the filter. The person is null where nobody is meant, which equals no one."""
    allowed = [columns.workspace == bindparam("workspace", type_=Text())]
    if not shape.everyone:
        person = bindparam("person", type_=Text())
        allowed.append(or_(columns.private_to.is_(None), columns.private_to == person))
    if shape.filter is not None:
        allowed.append(clause(shape.filter, columns, shape.dialect))
    return allowed


def bounds(shape: Shape, columns: Columns) -> list[ColumnElement[bool]]:
    found = []
    if shape.after is not None:
        found.append(beyond(shape.after, shape.order, columns, "after"))
    if shape.before is not None:
        found.append(beyond(shape.before, shape.order, columns, "before", before=True))
    return found
