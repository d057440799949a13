"""Planning Center's own types: every attribute of its documentation, and the edges that only it has."""

from collections.abc import Sequence
from typing import Any

import strawberry

from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge
from plangate.graph.refs import AttachmentRef
from plangate.graph.scalars import URL, DateTime
from plangate.native import planning_center as records


def _native(name: str, description: str) -> Any:
    """An edge by the name that Planning Center gives it; all of its records."""

    async def batch(parents: Sequence[records.PlanningCenterPlan], call: Call) -> Answers:
        return await call.context.loaders.native(name, parents)

    return edge(batch, description)


@strawberry.type(name="PlanningCenterAttendance", description="Somebody who came, from Check-Ins.")
class PlanningCenterAttendance:
    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    checked_in_at: DateTime | None = strawberry.field(description="Checked in at.")
    check_ins_event_id: str | None = strawberry.field(description="Check ins event id.")
    check_ins_event_period_id: str | None = strawberry.field(description="Check ins event period id.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.Attendance


@strawberry.type(name="PlanningCenterContributor", description="Somebody who worked on a plan.")
class PlanningCenterContributor:
    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    full_name: str | None = strawberry.field(description="Full name.")
    contributable_action: str | None = strawberry.field(description="Contributable action.")
    contributable_category: str | None = strawberry.field(description="Contributable category.")
    contributable_type: str | None = strawberry.field(description="Contributable type.")
    photo_thumbnail_url: URL | None = strawberry.field(description="Photo thumbnail url.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.Contributor


@strawberry.type(name="PlanningCenterLive", description="The live view of a plan.")
class PlanningCenterLive:
    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    title: str | None = strawberry.field(description="The title.")
    series_title: str | None = strawberry.field(description="The title of its series, even one without a record.")
    dates: str | None = strawberry.field(description="The dates of all service times, in words.")
    can_chat: bool | None = strawberry.field(description="Can chat.")
    can_control: bool | None = strawberry.field(description="Can control.")
    can_take_control: bool | None = strawberry.field(description="Can take control.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.Live


@strawberry.type(
    name="PlanningCenterSchedule",
    description="What the token's own person was asked to do in a plan.",
)
class PlanningCenterSchedule:
    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    status: str | None = strawberry.field(description="Status.")
    dates: str | None = strawberry.field(description="The dates of all service times, in words.")
    sort_date: DateTime | None = strawberry.field(
        description="The first service time, else another, else now; a true instant."
    )
    short_dates: str | None = strawberry.field(description="The dates, months abbreviated.")
    team_name: str | None = strawberry.field(description="Team name.")
    team_position_name: str | None = strawberry.field(description="Team position name.")
    position_display_times: str | None = strawberry.field(description="Position display times.")
    service_type_name: str | None = strawberry.field(description="Service type name.")
    organization_name: str | None = strawberry.field(description="Organization name.")
    organization_time_zone: str | None = strawberry.field(description="Organization time zone.")
    person_name: str | None = strawberry.field(description="Person name.")
    plan_visible: bool | None = strawberry.field(description="Plan visible.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.Schedule


@strawberry.type(name="PlanningCenterTeam", description="A team that people serve in.")
class PlanningCenterTeam:
    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    name: str | None = strawberry.field(description="Name.")
    sequence: int | None = strawberry.field(description="Sequence.")
    schedule_to: str | None = strawberry.field(description="Schedule to.")
    rehearsal_team: bool | None = strawberry.field(description="Rehearsal team.")
    default_status: str | None = strawberry.field(description="Default status.")
    stage_color: str | None = strawberry.field(description="Stage color.")
    archived_at: DateTime | None = strawberry.field(description="Archived at.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.Team


@strawberry.type(
    name="PlanningCenterPlan",
    description="Every attribute of a plan there, and the edges that only it has.",
)
class PlanningCenterPlan:
    can_view_order: bool | None = strawberry.field(description="Whether the token may see the order of service.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    dates: str | None = strawberry.field(description="The dates of all service times, in words.")
    files_expire_at: DateTime | None = strawberry.field(description="15 days after the last service time.")
    items_count: int | None = strawberry.field(description="How many items the token may see.")
    last_time_at: DateTime | None = strawberry.field(description="The last time of the plan.")
    multi_day: bool | None = strawberry.field(description="Whether it spans several days.")
    needed_positions_count: int | None = strawberry.field(description="How many positions are still needed.")
    other_time_count: int | None = strawberry.field(description="How many other times it has.")
    permissions: str | None = strawberry.field(description="The token's permissions.")
    plan_notes_count: int | None = strawberry.field(description="How many notes it has.")
    plan_people_count: int | None = strawberry.field(description="How many people are scheduled.")
    planning_center_url: URL | None = strawberry.field(description="The plan in Planning Center.")
    prefers_order_view: bool | None = strawberry.field(description="Whether the order is the preferred view.")
    public: bool | None = strawberry.field(description="Whether Public Access is on.")
    rehearsable: bool | None = strawberry.field(description="Whether it can be rehearsed.")
    rehearsal_time_count: int | None = strawberry.field(description="How many rehearsals it has.")
    reminders_disabled: bool | None = strawberry.field(description="Whether reminders are off; schedulers only.")
    series_title: str | None = strawberry.field(description="The title of its series, even one without a record.")
    service_time_count: int | None = strawberry.field(description="How many services it has.")
    short_dates: str | None = strawberry.field(description="The dates, months abbreviated.")
    sort_date: DateTime | None = strawberry.field(
        description="The first service time, else another, else now; a true instant."
    )
    title: str | None = strawberry.field(description="The title.")
    total_length: int | None = strawberry.field(description="Seconds that all items during the service take.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    previous_plan_id: str | None = strawberry.field(description="The id of the plan before.")
    next_plan_id: str | None = strawberry.field(description="The id of the next plan.")
    linked_publishing_episode_id: str | None = strawberry.field(description="The id of the episode in Publishing.")
    attachment_type_ids: list[str] = strawberry.field(description="The ids of its attachment types.")
    attendances: list[PlanningCenterAttendance] | None = _native("attendances", "Who came, from Check-Ins.")
    contributors: list[PlanningCenterContributor] | None = _native("contributors", "Who worked on it.")
    live: list[PlanningCenterLive] | None = _native("live", "Its live view.")
    my_schedules: list[PlanningCenterSchedule] | None = _native("my_schedules", "What the token's person does.")
    signup_teams: list[PlanningCenterTeam] | None = _native("signup_teams", "The teams that people may sign up for.")
    all_attachments: list[AttachmentRef] | None = _native("all_attachments", "Its files and those of its items.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.PlanningCenterPlan


@strawberry.type(name="PlanningCenterServiceType", description="What Planning Center alone says of a service type.")
class PlanningCenterServiceType:
    permissions: str | None = strawberry.field(description="The token's permissions.")
    last_plan_from: str | None = strawberry.field(description="Last plan from.")
    archived_at: DateTime | None = strawberry.field(description="Archived at.")
    deleted_at: DateTime | None = strawberry.field(description="Deleted at.")
    attachment_types_enabled: bool | None = strawberry.field(description="Attachment types enabled.")
    background_check_permissions: str | None = strawberry.field(description="Background check permissions.")
    comment_permissions: str | None = strawberry.field(description="Comment permissions.")
    scheduled_publish: bool | None = strawberry.field(description="Scheduled publish.")
    parent_folder_id: str | None = strawberry.field(description="Parent folder id.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.PlanningCenterServiceType


@strawberry.type(name="PlanningCenterPerson", description="What Planning Center alone says of a person.")
class PlanningCenterPerson:
    status: str | None = strawberry.field(description="Status.")
    archived: bool | None = strawberry.field(description="Archived.")
    permissions: str | None = strawberry.field(description="The token's permissions.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return type(value) is records.PlanningCenterPerson
