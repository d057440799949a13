"""The plan, and what comes with it: access, rates, splits, snapshots, integrations, the lock."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from .stage_gate import StageGateFlow
from .values import Comment, Entry, NumberEntry, reference
from .vocabulary import AccessLevel, AccessType, DateSetType


class UserAccess(Struct, frozen=True, gc=False, rename="pascal"):
    """Who may do what; the attributes are of the older help [V], the seed's sample shows `{}`."""

    upn: str | None = field(default=None, name="upn")
    level: AccessLevel | None = None
    level_raw: Any = None
    inherited: bool | None = None
    access_type: AccessType | None = None
    access_type_raw: Any = None

    @property
    def person(self) -> str | None:
        return reference(self.upn)


class TeamAccess(Struct, frozen=True, gc=False, rename="pascal"):
    """As UserAccess: `{}` in the seed, these attributes in the older help [V]."""

    team_id: str | None = None
    level: AccessLevel | None = None
    level_raw: Any = None
    inherited: bool | None = None


class FragmentInfo(Struct, frozen=True, gc=False, rename="pascal"):
    """What a fragment is for: a piece of a plan that is kept to be inserted into others."""

    name: str | None = None
    description: str | None = None
    category: str | None = None
    work_types: str | None = None
    personal: bool | None = None


class IntegratedSystem(Struct, frozen=True, gc=False, rename="pascal"):
    integration_id: str | None = None
    item_url: str | None = None
    item_id: str | None = None
    transaction_id: str | None = None
    last_export: str | None = None
    last_import: str | None = None
    integration_version: int | None = None
    properties: tuple[Entry, ...] | None = None


class Snapshot(Struct, frozen=True, gc=False, rename="pascal"):
    """The fields as they were at a status report. It has no id of its own."""

    date: str | None = None
    status_report_id: str | None = None
    fields: tuple[Entry, ...] | None = None


class RateMultiplier(Struct, frozen=True, gc=False, rename="pascal"):
    start: str | None = None
    end: str | None = None
    percent_revenue: float | None = None
    percent_cost: float | None = None


class ResourceRate(Struct, frozen=True, gc=False, rename="pascal"):
    resource_id: str | None = None
    base_rate: float | None = None

    @property
    def resource(self) -> str | None:
        return reference(self.resource_id)


class RateTable(Struct, frozen=True, gc=False, rename="pascal"):
    id: str | None = None
    name: str | None = None
    multipliers: tuple[RateMultiplier, ...] | None = None
    resource_rates: tuple[ResourceRate, ...] | None = None


class LookupSplit(Struct, frozen=True, gc=False, rename="pascal"):
    """How a lookup value shares in a plan; `values` by the tenant's keys. It has no id of its own."""

    field: str | None = None
    value: str | None = None
    split: float | None = None
    values: tuple[NumberEntry, ...] | None = None


class LockInfo(Struct, frozen=True, gc=False, rename="pascal"):
    """Who edits the plan now, so that others cannot; null when nobody does [inf]."""

    locked_sid: str | None = None
    locked_by: str | None = None
    locked_date: str | None = None

    @property
    def holder(self) -> str | None:
        return reference(self.locked_by)


class DateSet(Struct, frozen=True, gc=False, rename="pascal"):
    """In the help of 2024, gone from the seed."""

    cost_type_id: str | None = None
    set_type: DateSetType | None = None
    set_type_raw: Any = None
    start_date: str | None = None
    end_date: str | None = None


class OnePlanWorkPlan(Struct, frozen=True, gc=False, rename="pascal"):
    """All that the seed documents of a work plan. `fields` hold the business data: dates, status, owner, budget.

    `key` is the plan's own; `along` is what came with it. `other`: what else the answer said.
    """

    key: str = field(default="", name="plangate:key")
    id: str | None = field(default=None, name="id")
    config_id: str | None = None
    name: str | None = None
    archived: bool | None = None
    author: str | None = None
    created: str | None = None
    modified: str | None = None
    editor: str | None = None
    planner_type_id: str | None = None
    parent_plan_id: str | None = None
    portfolio_parent_id: str | None = None
    portfolio_order: int | None = None
    user_list: tuple[UserAccess, ...] | None = None
    inherit_user_list: tuple[UserAccess, ...] | None = None
    team_list: tuple[TeamAccess, ...] | None = None
    inherit_team_list: tuple[TeamAccess, ...] | None = None
    fields: tuple[Entry, ...] | None = None
    summary_fields: tuple[Entry, ...] | None = None
    folder: bool | None = None
    fragment: bool | None = None
    fragment_info: FragmentInfo | None = None
    hidden: bool | None = None
    comments: tuple[Comment, ...] | None = None
    last_comment: str | None = None
    integrations: tuple[IntegratedSystem, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    sub_plans: tuple[str, ...] | None = None
    plan_number: str | None = None
    rate_tables: tuple[RateTable, ...] | None = None
    splits: tuple[LookupSplit, ...] | None = None
    lock_info: LockInfo | None = None
    last_location: str | None = None
    stage_gate_flow: StageGateFlow | None = None
    date_sets: tuple[DateSet, ...] | None = None
    other: tuple[Entry, ...] = ()
    along: Mapping[str, tuple[Any, ...]] = field(default={}, name="plangate:along")

    @property
    def portfolio_parent(self) -> str | None:
        return reference(self.portfolio_parent_id)
