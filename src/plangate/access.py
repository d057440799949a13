"""Every yes or no on access.

A viewer reads the records of one workspace, and uses the sources of that workspace. A private record is for one person
and for admins; if that person is unknown, for admins only. A record below a private plan is at least as private as the
plan. Unreadable is the same as absent.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct, structs

from plangate.listing import ListQuery, Scope
from plangate.model import Key, Record


class _Source(Protocol):
    workspace: str | None


R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=_Source)

KEY_PREFIX = "plg_"
"""What this gateway's own API keys begin with."""


class Role(StrEnum):
    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"


class Viewer(Struct, frozen=True):
    """Who asks. `id` is the key of a Person, e.g. `store:ada`; `anonymous` where the settings allow it."""

    id: Key
    workspace: str
    role: Role = Role.VIEWER

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN


def usable_sources(viewer: Viewer, sources: Mapping[str, S]) -> dict[str, S]:
    """The sources that the viewer's workspace may use, by name: its own, and those that serve every workspace.

    No other source is called for this viewer, or named to them.
    """
    return {
        name: source
        for name, source in sources.items()
        if source.workspace is None or source.workspace == viewer.workspace
    }


def scope(viewer: Viewer) -> Scope:
    """What the viewer may see, for a source to apply to its lists."""
    return Scope(viewer.workspace, None if viewer.is_admin else viewer.id)


def narrow(viewer: Viewer, query: ListQuery) -> ListQuery:
    """The same question about what the viewer may see only, so that pages are never half empty."""
    return structs.replace(query, scope=scope(viewer))


def readable(viewer: Viewer, records: Iterable[R]) -> list[R]:
    """Those records that the viewer can read: `can_read` for many at once."""
    mine = [each for each in records if each.workspace is None or each.workspace == viewer.workspace]
    return mine if viewer.is_admin else [each for each in mine if each.private_to is None or can_read(viewer, each)]


def private_below(own: str | None, above: str | None) -> str | None:
    """`private_to` of a record that is itself private to `own`, below a plan that is private to `above`.

    Both rules hold: if they name two people, nobody but admins may read the record.
    """
    if own is None or own == above:
        return above
    return own if above is None else ""


def can_read(viewer: Viewer, record: Record) -> bool:
    """Whether the record exists, as far as this viewer is concerned."""
    if record.workspace is not None and record.workspace != viewer.workspace:
        return False
    return record.private_to is None or viewer.is_admin or (record.private_to == viewer.id != "")
