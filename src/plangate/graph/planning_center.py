"""Planning Center's own types: every attribute of its documentation, and the edges that only it has."""

from collections.abc import Sequence
from typing import Any

import strawberry

from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge
from plangate.graph.node import Kind
from plangate.graph.refs import AttachmentRef
from plangate.graph.scalars import URL, DateTime
from plangate.native import planning_center as records


def _native(name: str, description: str) -> Any:
    """An edge by the name that Planning Center gives it; all of its records."""

    async def batch(parents: Sequence[records.PlanningCenterPlan], call: Call) -> Answers:
        return await call.context.loaders.native(name, parents)

    return edge(batch, description)


@strawberry.type(name="PlanningCenterAttendance", description="Somebody who came, from Check-Ins.")
class PlanningCenterAttendance(Kind):
    record = records.Attendance

    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    checked_in_at: DateTime | None = strawberry.field(description="When they were checked in.")
    check_ins_event_id: str | None = strawberry.field(description="The id of the event in Check-Ins.")
    check_ins_event_period_id: str | None = strawberry.field(description="The id of the event's period in Check-Ins.")


@strawberry.type(name="PlanningCenterContributor", description="Somebody who worked on a plan.")
class PlanningCenterContributor(Kind):
    record = records.Contributor

    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    full_name: str | None = strawberry.field(description="Their full name.")
    contributable_action: str | None = strawberry.field(description="What they did, e.g. `added`.")
    contributable_category: str | None = strawberry.field(description="What sort of thing they did it to.")
    contributable_type: str | None = strawberry.field(description="The type of the record that they did it to.")
    photo_thumbnail_url: URL | None = strawberry.field(description="A small picture of them.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")


@strawberry.type(name="PlanningCenterLive", description="The live view of a plan.")
class PlanningCenterLive(Kind):
    record = records.Live

    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    title: str | None = strawberry.field(description="The title.")
    series_title: str | None = strawberry.field(description="The title of its series, even one without a record.")
    dates: str | None = strawberry.field(description="The dates of all service times, in words.")
    can_chat: bool | None = strawberry.field(description="Whether the token's person may chat during the service.")
    can_control: bool | None = strawberry.field(description="Whether they may move the live view on.")
    can_take_control: bool | None = strawberry.field(description="Whether they may take that over from somebody else.")


@strawberry.type(
    name="PlanningCenterSchedule",
    description="What the token's own person was asked to do in a plan.",
)
class PlanningCenterSchedule(Kind):
    record = records.Schedule

    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    status: str | None = strawberry.field(description="The status, in the system's own word.")
    dates: str | None = strawberry.field(description="The dates of all service times, in words.")
    sort_date: DateTime | None = strawberry.field(
        description="The first service time, else another, else now; a true instant."
    )
    short_dates: str | None = strawberry.field(description="The dates, months abbreviated.")
    team_name: str | None = strawberry.field(description="The team that they were asked to serve in.")
    team_position_name: str | None = strawberry.field(description="The position that they were asked to fill.")
    position_display_times: str | None = strawberry.field(description="The times of the position, in words.")
    service_type_name: str | None = strawberry.field(description="What the service type is called.")
    organization_name: str | None = strawberry.field(description="What the organisation is called.")
    organization_time_zone: str | None = strawberry.field(description="The time zone of the organisation.")
    person_name: str | None = strawberry.field(description="Whose schedule it is.")
    plan_visible: bool | None = strawberry.field(description="Whether they may see the plan.")


@strawberry.type(name="PlanningCenterTeam", description="A team that people serve in.")
class PlanningCenterTeam(Kind):
    record = records.Team

    id: strawberry.ID = strawberry.field(description="Planning Center's id.")
    name: str | None = strawberry.field(description="What it is called.")
    sequence: int | None = strawberry.field(description="Its place among its siblings.")
    schedule_to: str | None = strawberry.field(description="What people are scheduled to: `plan` or `time`.")
    rehearsal_team: bool | None = strawberry.field(description="Whether the team is for rehearsals.")
    default_status: str | None = strawberry.field(description="The status that people start with: C, U or D.")
    stage_color: str | None = strawberry.field(description="The colour that the team has in the stage layout.")
    archived_at: DateTime | None = strawberry.field(description="When it was put away.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")


@strawberry.type(
    name="PlanningCenterPlan",
    description="Every attribute of a plan there, and the edges that only it has.",
)
class PlanningCenterPlan(Kind):
    record = records.PlanningCenterPlan

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


@strawberry.type(name="PlanningCenterServiceType", description="What Planning Center alone says of a service type.")
class PlanningCenterServiceType(Kind):
    record = records.PlanningCenterServiceType

    permissions: str | None = strawberry.field(description="The token's permissions.")
    last_plan_from: str | None = strawberry.field(description="Which plan a new one takes its team from.")
    archived_at: DateTime | None = strawberry.field(description="When it was put away.")
    deleted_at: DateTime | None = strawberry.field(description="When it was deleted.")
    attachment_types_enabled: bool | None = strawberry.field(description="Whether attachments can be of types.")
    background_check_permissions: str | None = strawberry.field(description="Who may see background checks.")
    comment_permissions: str | None = strawberry.field(description="Who may comment (deprecated by the vendor).")
    scheduled_publish: bool | None = strawberry.field(description="Whether plans are published at a set time.")
    parent_folder_id: str | None = strawberry.field(description="The id of the folder that it is in.")


@strawberry.type(name="PlanningCenterPerson", description="What Planning Center alone says of a person.")
class PlanningCenterPerson(Kind):
    record = records.PlanningCenterPerson

    status: str | None = strawberry.field(description="The status, in the system's own word.")
    archived: bool | None = strawberry.field(description="Whether the person was put away.")
    permissions: str | None = strawberry.field(description="The token's permissions.")
