"""Happyforce's own attributes, in snake case, as its documentation has them.

Provenance: [S] the documented page of action plans, [V] the vendor's page of actions, [inf] inferred, [?] unknown.
Everything there is optional, so everything here may be null. Its vocabularies are open: a word that is not known reads
UNKNOWN, and is in `..._raw`. What is not documented, or is not of the documented type, is in `additional`, as it came.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

Int32 = Annotated[int, Meta(ge=-(2**31), lt=2**31)]

UNKNOWN = "UNKNOWN"
VISIBILITIES = frozenset({"PUBLIC", "PRIVATE"})
ACTION_TYPES = frozenset({"MANAGER", "COMPANY"})
ORIGINS = frozenset({"MANUAL", "SUGGESTION", "AI"})
FOCUS_TYPES = frozenset({"SCORE", "HI", "ENPS"})
"""Those of the page of templates [V]; perhaps not all that actions have."""
STATUSES = frozenset({"IN_PROGRESS", "COMPLETED"})
"""Only these are certain [V]. There is at least one more, for what is overdue, whose name is unknown [?]."""


def _known(words: frozenset[str], raw: str | None) -> str | None:
    return raw if raw is None or raw in words else UNKNOWN


class HappyforceAttribute(Struct, frozen=True, gc=False):
    """An attribute by the name that Happyforce gives it, with its value as it came: JSON."""

    key: str
    value: Any


class HappyforcePlan(Struct, frozen=True, gc=False):
    """All that is documented of an action plan [S]; `title` and `description` by the words of an error only [V].

    `key` is the plan's own. `along` holds `matching_actions`, those that met the filter of the list that the plan came
    from, and `actions`, all of them, unless there was a filter. `completion_percent` is the share of actions that are
    COMPLETED; whether that of a filtered list counts the matching ones only is unknown [?].
    """

    key: str
    id: str | None = None
    company_id: str | None = None
    title: str | None = None
    description: str | None = None
    visibility_raw: str | None = None
    completion_percent: Int32 | None = None
    created_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    additional: tuple[HappyforceAttribute, ...] = ()
    along: Mapping[str, tuple[Any, ...]] = {}

    @property
    def visibility(self) -> str | None:
        return _known(VISIBILITIES, self.visibility_raw)


class HappyforceAssignee(Struct, frozen=True, gc=False):
    """One of those who are to do an action. What an entry looks like is unknown [?]: an id, or an object with one.

    `person` is the key of the person; `raw` is the entry as it came.
    """

    id: str | None = None
    person: str | None = None
    status_raw: str | None = None
    raw: Any = None

    @property
    def status(self) -> str | None:
        return _known(STATUSES, self.status_raw)


class HappyforceFocusItem(Struct, frozen=True, gc=False):
    """What an action is to improve: a focus type [V] and a target, whose name is unknown [?]. `raw`: as it came."""

    focus_type_raw: str | None = None
    raw: Any = None

    @property
    def focus_type(self) -> str | None:
        return _known(FOCUS_TYPES, self.focus_type_raw)


class HappyforceAction(Struct, frozen=True, gc=False):
    """All that is documented of an action [V]. `origin`, `target_date` and `completed_at` are documented without their
    names: those are inferred [inf], and can be set. `status` and `completion_percent` are computed from the states of
    the assignees. `creator` is the key of the person `created_by`.
    """

    key: str
    id: str | None = None
    company_id: str | None = None
    plan_id: str | None = None
    title: str | None = None
    description: str | None = None
    hierarchy_ids: tuple[str, ...] | None = None
    group_ids: tuple[str, ...] | None = None
    action_type_raw: str | None = None
    origin_raw: str | None = None
    visibility_raw: str | None = None
    status_raw: str | None = None
    completion_percent: Int32 | None = None
    assignees: tuple[HappyforceAssignee, ...] | None = None
    assignee_statuses: Any = None
    focus_items: tuple[HappyforceFocusItem, ...] | None = None
    target_date: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    created_by: str | None = None
    creator: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    additional: tuple[HappyforceAttribute, ...] = ()

    @property
    def action_type(self) -> str | None:
        return _known(ACTION_TYPES, self.action_type_raw)

    @property
    def origin(self) -> str | None:
        return _known(ORIGINS, self.origin_raw)

    @property
    def visibility(self) -> str | None:
        return _known(VISIBILITIES, self.visibility_raw)

    @property
    def status(self) -> str | None:
        return _known(STATUSES, self.status_raw)
