"""What each column holds, and which row a row belongs to."""

from collections.abc import Iterator
from typing import NamedTuple

MAX_KEY = 480
"""Maximum characters of a key: an id in the graph is `Kind:key`, and has 512 at most."""

MANY = "created_at updated_at"

KINDS = {
    "plans": {
        "text": "title description status",
        "day": "start_date end_date",
        "instant": f"sort_date {MANY} archived_at",
        "percent": "completion_percent",
        "key": "service_type series parent created_by updated_by",
        "url": "external_url",
    },
    "actions": {
        "text": "title description status focus_type",
        "percent": "completion_percent",
        "day": "due_date",
        "integer": "position",
        "instant": MANY,
        "key": "plan assignee",
    },
    "steps": {"text": "name status", "integer": "position", "instant": "started_at ended_at", "key": "plan parent"},
    "tasks": {
        "text": "title description status",
        "boolean": "is_done",
        "instant": f"start_time due_time {MANY}",
        "integer": "position",
        "key": "plan parent assignee",
    },
    "service_types": {"text": "name frequency", "integer": "position", "instant": MANY},
    "people": {"text": "name first_name last_name email", "url": "photo_url", "instant": MANY},
    "series": {"text": "title", "url": "artwork_url", "instant": MANY},
    "plan_times": {
        "text": "name kind kind_raw",
        "instant": "starts_at ends_at live_starts_at live_ends_at",
        "boolean": "recorded",
        "key": "plan",
    },
    "items": {
        "text": "title description item_type service_position service_position_raw key_name details_html",
        "count": "length",
        "integer": "position",
        "texts": "arrangement",
        "instant": MANY,
        "key": "plan",
    },
    "notes": {"text": "category body", "instant": MANY, "key": "plan author"},
    "attachments": {
        "text": "name content_type",
        "count": "size",
        "url": "url thumbnail_url",
        "boolean": "downloadable streamable",
        "instant": MANY,
        "key": "plan created_by",
    },
    "team_members": {
        "text": "name role status status_raw notes decline_reason",
        "url": "photo_url",
        "instant": MANY,
        "key": "plan person",
    },
    "needed_positions": {"text": "role scheduled_to", "count": "quantity", "instant": MANY, "key": "plan plan_time"},
    "api_keys": {
        "text": "id hash role label",
        "workspace": "workspace",
        "person": "person",
        "instant": "created_at revoked_at",
    },
}
"""The columns of each table by what they hold. Tables of records also have those of RECORD."""

RECORD = {"key": "key", "workspace": "workspace", "private_to": "private_to"}

RECORDS = tuple(table for table in KINDS if table != "api_keys")

TREES = ("plans", "steps", "tasks")
"""Tables whose rows have a parent in the same table."""


class Owner(NamedTuple):
    """The row that a row belongs to, and takes workspace and private_to from: the one that `column` names.

    It counts only where the columns `before` it are null.
    """

    column: str
    table: str
    before: str | None = None


PLAN = Owner("plan", "plans")

OWNERS: dict[str, tuple[Owner, ...]] = {
    "plans": (Owner("parent", "plans"),),
    "actions": (PLAN,),
    "steps": (PLAN, Owner("parent", "steps", "plan")),
    "tasks": (PLAN, Owner("parent", "tasks", "plan")),
    "plan_times": (PLAN,),
    "items": (PLAN,),
    "notes": (PLAN,),
    "attachments": (PLAN,),
    "team_members": (PLAN,),
    "needed_positions": (PLAN, Owner("plan_time", "plan_times", "plan")),
}


def below(table: str) -> Iterator[tuple[str, Owner]]:
    """The tables whose rows belong to rows of this one, the table itself last."""
    found = [(each, owner) for each, owners in OWNERS.items() for owner in owners if owner.table == table]
    return iter(sorted(found, key=lambda pair: pair[0] == table))


def columns_of(table: str) -> Iterator[tuple[str, str]]:
    """Each column and what it holds."""
    for kind, names in [*(RECORD.items() if table in RECORDS else ()), *KINDS[table].items()]:
        for name in names.split():
            yield name, kind
