"""The tables: one for each kind, its columns in the order of the record's fields, and the indexes of what is offered.

A reference is a full key and may point into another system (a task here may belong to a Planning Center plan), so there
are no foreign keys: the database could not check half of them. `workspace` and `private_to` are repeated on all rows
below a plan, so that every statement is restricted in its own table, without a join; triggers keep them equal to the
plan's. Constraints and triggers are in the migrations alone (r0002), because no statement needs to know them.
"""

from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table
from sqlalchemy.types import TypeEngine

from plangate.model import (
    Action,
    Attachment,
    Item,
    ItemPosition,
    MemberStatus,
    NeededPosition,
    Note,
    Person,
    Plan,
    PlanTime,
    PlanTimeKind,
    Record,
    Series,
    ServiceType,
    Step,
    Task,
    TeamMember,
    Visibility,
)

from .columns import TEXT, Day, Instant, Texts, Word

REVISIONS = ("0001", "0002")
"""The migrations, oldest first. The last one makes the tables below."""

REVISION = REVISIONS[-1]

REVISION_TABLE = "alembic_version"
"""Where a database says its revision."""

metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey", "ck": "%(table_name)s_%(constraint_name)s"})


class Offer(NamedTuple):
    """What can be asked about the records of a kind, besides their keys. `order` is the one they have by themselves."""

    order: tuple[str, ...]
    orders: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """References back along an edge: all can be followed, those in `filters` can be filtered by."""
    filters: frozenset[str] = frozenset()


def offer(order: str, orders: str = "", equals: str = "", references: str = "", filters: str = "") -> Offer:
    split = tuple(order.split()), tuple(orders.split()), tuple(equals.split()), tuple(references.split())
    return Offer(*split, frozenset(filters.split()))


OFFERS: dict[type[Record], Offer] = {
    Plan: offer(
        order="sort_date",
        orders="title start_date created_at updated_at",
        equals="status visibility",
        references="service_type series parent created_by updated_by",
        filters="title status visibility start_date end_date sort_date created_at updated_at archived_at "
        "service_type series parent created_by",
    ),
    Action: offer(
        order="position",
        orders="title due_date created_at",
        equals="status focus_type",
        references="plan assignee",
        filters="title status focus_type due_date created_at plan assignee",
    ),
    Task: offer(
        order="position",
        orders="title start_time due_time",
        equals="status is_done",
        references="plan parent assignee",
        filters="title status is_done start_time due_time plan parent assignee",
    ),
    ServiceType: offer(
        order="position", orders="name", filters="name",
    ),
    Step: offer(order="position", references="plan parent"),
    PlanTime: offer(order="starts_at", references="plan"),
    Item: offer(order="position", references="plan"),
    Note: offer(order="created_at", references="plan author"),
    Attachment: offer(order="created_at", references="plan created_by"),
    TeamMember: offer(order="name", references="plan person"),
    NeededPosition: offer(order="role", references="plan plan_time"),
    Person: offer(order="name"),
    Series: offer(order="title"),
}  # fmt: skip


def column(type_: TypeEngine[Any]) -> Any:
    return lambda *names: [Column(name, type_) for name in names]


text, integer, boolean = column(TEXT), column(Integer()), column(Boolean())
instant, day, texts = column(Instant()), column(Day()), column(Texts())


def table(name: str, kind: type[Record], *parts: Any) -> Table:
    made = Table(
        name,
        metadata,
        Column("key", TEXT, primary_key=True),
        Column("workspace", TEXT, nullable=False),
        Column("private_to", TEXT),
        *(column for part in parts for column in (part if isinstance(part, list) else [part])),
    )
    for index, names in indexes(name, OFFERS[kind]).items():
        Index(index, *(made.c[one] for one in names))
    return made


def indexes(table: str, offer: Offer) -> dict[str, tuple[str, ...]]:
    """An index for every order and every filter that is offered, each of which ends as its list does."""
    found: dict[str, tuple[str, ...]] = {}
    if offer.filters:
        found[f"{table}_in_order"] = ("workspace", *offer.order, "key")
    for field in offer.orders:
        found[f"{table}_by_{field}"] = ("workspace", field, "key")
    for field in offer.equals:
        found[f"{table}_of_{field}"] = ("workspace", field, *offer.order, "key")
    for field in offer.references:
        found[f"{table}_of_{field}"] = (field, *offer.order, "key")
    return found


TABLES: dict[type[Record], Table] = {
    Plan: table(
        "plans", Plan,
        text("title", "description", "status"),
        Column("visibility", Word(Visibility)),
        day("start_date", "end_date"),
        instant("sort_date", "created_at", "updated_at", "archived_at"),
        integer("completion_percent"),
        text("service_type", "series", "parent", "created_by", "updated_by", "external_url"),
    ),
    Action: table(
        "actions", Action,
        text("title", "description", "status", "focus_type"),
        integer("completion_percent"),
        day("due_date"),
        integer("position"),
        instant("created_at", "updated_at"),
        text("plan", "assignee"),
    ),
    Step: table(
        "steps", Step,
        text("name", "status"),
        integer("position"),
        instant("started_at", "ended_at"),
        text("plan", "parent"),
    ),
    Task: table(
        "tasks", Task,
        text("title", "description", "status"),
        boolean("is_done"),
        instant("start_time", "due_time"),
        integer("position"),
        instant("created_at", "updated_at"),
        text("plan", "parent", "assignee"),
    ),
    ServiceType: table(
        "service_types", ServiceType,
        text("name", "frequency"),
        integer("position"),
        instant("created_at", "updated_at"),
    ),
    Person: table(
        "people", Person,
        text("name", "first_name", "last_name", "email", "photo_url"),
        instant("created_at", "updated_at"),
    ),
    Series: table("series", Series, text("title", "artwork_url"), instant("created_at", "updated_at")),
    PlanTime: table(
        "plan_times", PlanTime,
        text("name"),
        Column("kind", Word(PlanTimeKind)),
        text("kind_raw"),
        instant("starts_at", "ends_at", "live_starts_at", "live_ends_at"),
        boolean("recorded"),
        text("plan"),
    ),
    Item: table(
        "items", Item,
        text("title", "description", "item_type"),
        Column("service_position", Word(ItemPosition)),
        text("service_position_raw"),
        integer("length", "position"),
        text("key_name", "details_html"),
        texts("arrangement"),
        instant("created_at", "updated_at"),
        text("plan"),
    ),
    Note: table("notes", Note, text("category", "body"), instant("created_at", "updated_at"), text("plan", "author")),
    Attachment: table(
        "attachments", Attachment,
        text("name", "content_type"),
        integer("size"),
        text("url", "thumbnail_url"),
        boolean("downloadable", "streamable"),
        instant("created_at", "updated_at"),
        text("plan", "created_by"),
    ),
    TeamMember: table(
        "team_members", TeamMember,
        text("name", "role"),
        Column("status", Word(MemberStatus)),
        text("status_raw", "notes", "decline_reason", "photo_url"),
        instant("created_at", "updated_at"),
        text("plan", "person"),
    ),
    NeededPosition: table(
        "needed_positions", NeededPosition,
        text("role"),
        integer("quantity"),
        text("scheduled_to"),
        instant("created_at", "updated_at"),
        text("plan", "plan_time"),
    ),
}  # fmt: skip

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("hash", TEXT, nullable=False),
    Column("person", TEXT, nullable=False),
    Column("workspace", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("label", TEXT),
    Column("created_at", Instant(), nullable=False),
    Column("revoked_at", Instant()),
    Index("api_keys_by_hash", "hash", unique=True),
)

migration_log = Table(
    "migration_log",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("revision", TEXT, nullable=False),
    Column("table_name", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("column_name", TEXT),
    Column("old_value", TEXT),
    Column("new_value", TEXT),
    Column("reason", TEXT, nullable=False),
)
"""What a migration changed in the rows. Without a column a whole row was set aside, and `old_value` is that row."""
