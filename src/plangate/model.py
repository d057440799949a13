"""The records that every part of Plangate speaks.

A record is immutable. `None` means "this system does not say". A reference to another record is that record's key, so
it may point into another system; the loaders follow it. Instants are RFC 3339 text with an offset and days are
`YYYY-MM-DD`, as the system wrote them: no digit of a fraction is lost, and nothing is parsed on the way to JSON.
What cannot be unified without lying stays in `native`: a struct of the record's own system (plangate.native), or None.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType

from msgspec import Struct

from plangate.native.planning_center import PlanningCenterPlan

Key = NewType("Key", str)
"""`source:local`, e.g. `store:42` or `planning_center:12/345`: which system, and its own id there."""


def key(source: str, local: str) -> Key:
    """A slash in a local id is ours: it parts what a system needs to find the record again from its own id there."""
    return Key(f"{source}:{local}")


def split(key: Key) -> tuple[str, str]:
    """The source and the local id of a key."""
    source, _, local = key.partition(":")
    return source, local


def instant(value: datetime) -> str:
    """The one form in which Plangate itself writes an instant: UTC, so that texts sort as the instants do."""
    return value.astimezone(UTC).isoformat()


# --------------------------------------------------------------------------------------------------------- vocabularies


class Visibility(StrEnum):
    """Who may read a plan through Plangate. Only the store says so; an upstream applies its own rules.

    A plan below a private one is private to the same person, whatever this says: see `Record.private_to`.
    """

    PRIVATE = "PRIVATE"
    TEAM = "TEAM"
    PUBLIC = "PUBLIC"


class PlanTimeKind(StrEnum):
    SERVICE = "SERVICE"
    REHEARSAL = "REHEARSAL"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class MemberStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"


class ItemPosition(StrEnum):
    PRE = "PRE"
    DURING = "DURING"
    POST = "POST"
    UNKNOWN = "UNKNOWN"


# ------------------------------------------------------------------------------------------------------------- records


class Record(Struct, frozen=True, gc=False):
    """What all records have. The class name is the kind; `Kind:source:local` is the id that the graph hands out.

    `workspace` None: not bound to one. `private_to`: the one person who may read the record (besides admins), an empty
    text if that person is unknown, None if the record is not private.
    """

    key: Key
    workspace: str | None = None
    private_to: str | None = None

    @property
    def id(self) -> str:
        return f"{type(self).__name__}:{self.key}"

    @property
    def source(self) -> str:
        return self.key.partition(":")[0]

    @property
    def external_id(self) -> str:
        """The system's own id."""
        return self.key.rpartition("/")[2] if "/" in self.key else self.key.partition(":")[2]


class Plan(Record, frozen=True, gc=False):
    title: str | None = None
    description: str | None = None
    status: str | None = None
    visibility: Visibility | None = None
    start_date: str | None = None
    end_date: str | None = None
    sort_date: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None
    completion_percent: int | None = None
    service_type: Key | None = None
    series: Key | None = None
    parent: Key | None = None
    created_by: Key | None = None
    updated_by: Key | None = None
    external_url: str | None = None
    native: Any = None

    @property
    def display_title(self) -> str | None:
        """The title, or what a person would call a plan without one."""
        if not self.title and isinstance(native := self.native, PlanningCenterPlan):
            return native.series_title or native.dates or self.sort_date
        return self.title or self.sort_date


class Action(Record, frozen=True, gc=False):
    title: str | None = None
    description: str | None = None
    status: str | None = None
    focus_type: str | None = None
    completion_percent: int | None = None
    due_date: str | None = None
    position: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    assignee: Key | None = None
    native: Any = None


class Step(Record, frozen=True, gc=False):
    name: str | None = None
    status: str | None = None
    position: int | None = None
    started_at: str | None = None
    ended_at: str | None = None
    plan: Key | None = None
    parent: Key | None = None
    native: Any = None


class Task(Record, frozen=True, gc=False):
    title: str | None = None
    description: str | None = None
    status: str | None = None
    is_done: bool | None = None
    start_time: str | None = None
    due_time: str | None = None
    position: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    parent: Key | None = None
    assignee: Key | None = None
    native: Any = None


class ServiceType(Record, frozen=True, gc=False):
    name: str | None = None
    frequency: str | None = None
    position: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    native: Any = None


class Person(Record, frozen=True, gc=False):
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    photo_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    native: Any = None


class Series(Record, frozen=True, gc=False):
    title: str | None = None
    artwork_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class PlanTime(Record, frozen=True, gc=False):
    name: str | None = None
    kind: PlanTimeKind | None = None
    kind_raw: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    live_starts_at: str | None = None
    live_ends_at: str | None = None
    recorded: bool | None = None
    plan: Key | None = None


class Item(Record, frozen=True, gc=False):
    title: str | None = None
    description: str | None = None
    item_type: str | None = None
    service_position: ItemPosition | None = None
    service_position_raw: str | None = None
    length: int | None = None
    position: int | None = None
    key_name: str | None = None
    details_html: str | None = None
    arrangement: tuple[str, ...] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None


class Note(Record, frozen=True, gc=False):
    category: str | None = None
    body: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    author: Key | None = None


class Attachment(Record, frozen=True, gc=False):
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    downloadable: bool | None = None
    streamable: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    created_by: Key | None = None


class TeamMember(Record, frozen=True, gc=False):
    name: str | None = None
    role: str | None = None
    status: MemberStatus | None = None
    status_raw: str | None = None
    notes: str | None = None
    decline_reason: str | None = None
    photo_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    person: Key | None = None


class NeededPosition(Record, frozen=True, gc=False):
    role: str | None = None
    quantity: int | None = None
    scheduled_to: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    plan: Key | None = None
    plan_time: Key | None = None


KINDS: tuple[type[Record], ...] = (
    Plan, Action, Step, Task, ServiceType, Person, Series, PlanTime, Item, Note, Attachment, TeamMember, NeededPosition,
)  # fmt: skip
