"""What several of OnePlan's objects are made of: entries of a dictionary, comments, resources."""

from typing import Any

from msgspec import Struct, field

from .vocabulary import GlobalLevel


def reference(guid: str | None) -> str | None:
    """The key of the plan or person that a guid names; .NET's empty guid names none [inf]."""
    return f"oneplan:{guid.lower()}" if guid and guid.strip("0-") else None


class Entry(Struct, frozen=True, gc=False, rename="pascal"):
    """One of a dictionary whose keys are the tenant's own (internal names, with whatever signs); the value is JSON."""

    key: str
    value: Any = None


class NumberEntry(Struct, frozen=True, gc=False, rename="pascal"):
    key: str
    value: float | None = None


class Comment(Struct, frozen=True, gc=False, rename="pascal"):
    """`TaskComment`. Its author is `upn`, which is a guid and no user principal name [V]."""

    id: str | None = None
    upn: str | None = field(default=None, name="UPN")
    post_date: str | None = None
    comment: str | None = None
    cc: tuple[str, ...] | None = field(default=None, name="CC")
    users: tuple[str, ...] | None = None

    @property
    def author(self) -> str | None:
        return reference(self.upn)


class Resource(Struct, frozen=True, gc=False, rename="pascal"):
    """Somebody, or something generic that work is planned for [V]. Name and address are among the tenant's `fields`.

    `notifications` has no documented shape. `other`: what else the answer said.
    """

    id: str | None = field(default=None, name="id")
    config_id: str | None = None
    userid: str | None = field(default=None, name="userid")
    office365_id: str | None = field(default=None, name="Office365Id")
    profile_picture: str | None = None
    generic: bool | None = None
    inactive: bool | None = None
    can_login: bool | None = None
    user_only: bool | None = None
    global_permissions: GlobalLevel | None = None
    global_permissions_raw: Any = None
    one_plan_security_group: str | None = None
    last_login: str | None = None
    fields: tuple[Entry, ...] | None = None
    time_zone: str | None = None
    external_id: str | None = None
    delegates: tuple[str, ...] | None = None
    notifications: Any = None
    other: tuple[Entry, ...] = ()
