"""Planning Center Services' own attributes, named and typed as its documentation has them (snake case kept).

Sources: the Plan page of the API documentation (https://developer.planning.center/docs/#/apps/services/2018-11-01/vertices/plan)
for plans; the sibling vertex pages of the same version for the rest. Nothing there says what may be null: all may.
Local times (`sort_date`, `last_time_at`, `files_expire_at`) are already converted to true instants.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Attendance(Struct, frozen=True, gc=False):
    id: str
    checked_in_at: str | None = None
    check_ins_event_id: str | None = None
    check_ins_event_period_id: str | None = None


class Contributor(Struct, frozen=True, gc=False):
    id: str
    full_name: str | None = None
    contributable_action: str | None = None
    contributable_category: str | None = None
    contributable_type: str | None = None
    photo_thumbnail_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Live(Struct, frozen=True, gc=False):
    id: str
    title: str | None = None
    series_title: str | None = None
    dates: str | None = None
    can_chat: bool | None = None
    can_control: bool | None = None
    can_take_control: bool | None = None


class Schedule(Struct, frozen=True, gc=False):
    """A scheduled person's own view of a plan (`my_schedules`): of the person whose credential is used."""

    id: str
    status: str | None = None
    dates: str | None = None
    sort_date: str | None = None
    short_dates: str | None = None
    team_name: str | None = None
    team_position_name: str | None = None
    position_display_times: str | None = None
    service_type_name: str | None = None
    organization_name: str | None = None
    organization_time_zone: str | None = None
    person_name: str | None = None
    plan_visible: bool | None = None


class Team(Struct, frozen=True, gc=False):
    id: str
    name: str | None = None
    sequence: int | None = None
    schedule_to: str | None = None
    rehearsal_team: bool | None = None
    default_status: str | None = None
    stage_color: str | None = None
    archived_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class PlanningCenterPlan(Struct, frozen=True, gc=False):
    """All 25 attributes that Planning Center documents for a plan, and its relationships.

    `key` is the plan's own. `along` holds the edges that were fetched with the plan, by their name in the API.
    """

    key: str
    can_view_order: bool | None = None
    created_at: str | None = None
    dates: str | None = None
    files_expire_at: str | None = None
    items_count: int | None = None
    last_time_at: str | None = None
    multi_day: bool | None = None
    needed_positions_count: int | None = None
    other_time_count: int | None = None
    permissions: str | None = None
    plan_notes_count: int | None = None
    plan_people_count: int | None = None
    planning_center_url: str | None = None
    prefers_order_view: bool | None = None
    public: bool | None = None
    rehearsable: bool | None = None
    rehearsal_time_count: int | None = None
    reminders_disabled: bool | None = None
    series_title: str | None = None
    service_time_count: int | None = None
    short_dates: str | None = None
    sort_date: str | None = None
    title: str | None = None
    total_length: int | None = None
    updated_at: str | None = None

    previous_plan_id: str | None = None
    next_plan_id: str | None = None
    linked_publishing_episode_id: str | None = None
    attachment_type_ids: tuple[str, ...] = ()
    along: Mapping[str, tuple[Any, ...]] = {}


class PlanningCenterServiceType(Struct, frozen=True, gc=False):
    permissions: str | None = None
    last_plan_from: str | None = None
    archived_at: str | None = None
    deleted_at: str | None = None
    attachment_types_enabled: bool | None = None
    background_check_permissions: str | None = None
    comment_permissions: str | None = None
    scheduled_publish: bool | None = None
    parent_folder_id: str | None = None


class PlanningCenterPerson(Struct, frozen=True, gc=False):
    status: str | None = None
    archived: bool | None = None
    permissions: str | None = None
