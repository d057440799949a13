"""Plan: what is going to be done; the one kind that every system has."""

import strawberry

from plangate import model
from plangate.graph.edge import neighbour, to_many, to_one, to_plans
from plangate.graph.native import PlanNative
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import (
    ActionRef,
    AttachmentRef,
    ItemRef,
    NeededPositionRef,
    NoteRef,
    PersonRef,
    PlanRef,
    PlanTimeRef,
    SeriesRef,
    ServiceTypeRef,
    StepRef,
    TaskRef,
    TeamMemberRef,
)
from plangate.graph.scalars import URL, Date, DateTime
from plangate.graph.vocabulary import Visibility


@strawberry.federation.type(
    keys=["id"],
    description="A service, a project, an action plan, a portfolio. Null: the system does not say.",
)
class Plan(Record, Kind):
    record = model.Plan

    title: str | None = strawberry.field(
        description="The title. Many systems allow a plan without one; see displayTitle."
    )
    description: str | None = strawberry.field(description="What it is about.")
    status: str | None = strawberry.field(
        description="The system's own word; there is no shared vocabulary, and most systems have none."
    )
    visibility: Visibility | None = strawberry.field(
        description="Who may read it through Plangate. Null for live systems, which apply their own rules."
    )
    start_date: Date | None = strawberry.field(
        description="The first day. Planning Center: derived from its service times."
    )
    end_date: Date | None = strawberry.field(
        description="The last day. Planning Center: derived from its service times."
    )
    sort_date: DateTime | None = strawberry.field(
        description="The instant that plans are ordered by: when it takes place."
    )
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    archived_at: DateTime | None = strawberry.field(description="When it was put away.")
    completion_percent: int | None = strawberry.field(
        description="How much is done, 0 to 100, as the system computes it."
    )
    external_url: URL | None = strawberry.field(description="The plan in its own system's web page.")
    native: PlanNative | None = strawberry.field(description="What only this system says, in its own words.")

    display_title: str | None = strawberry.field(
        description="The title, or what else tells the plan from others: its series and dates."
    )

    service_type: ServiceTypeRef | None = to_one(
        model.ServiceType, "service_type", "The kind of service that it is an instance of."
    )
    series: SeriesRef | None = to_one(model.Series, "series", "The series that it belongs to.")
    parent: PlanRef | None = to_one(model.Plan, "parent", "The plan that it is a part of.")
    created_by: PersonRef | None = to_one(model.Person, "created_by", "Who made it.")
    updated_by: PersonRef | None = to_one(model.Person, "updated_by", "Who last changed it.")
    next_plan: PlanRef | None = neighbour("next_plans", "The next plan of the same service type, by sortDate.")
    previous_plan: PlanRef | None = neighbour("previous_plans", "The one before, by sortDate.")
    sub_plans: Connection[PlanRef] | None = to_plans("sub_plans_of_plans", "The plans that it is made of.")
    actions: Connection[ActionRef] | None = to_many(
        model.Action, "actions_of_plans", "What was agreed to be done, in the order of the plan."
    )
    steps: Connection[StepRef] | None = to_many(
        model.Step, "steps_of_plans", "The steps that it goes through, top level first."
    )
    tasks: Connection[TaskRef] | None = to_many(
        model.Task, "tasks_of_plans", "The work that it needs, in the order of the plan."
    )
    plan_times: Connection[PlanTimeRef] | None = to_many(
        model.PlanTime, "plan_times_of_plans", "When it takes place, rehearsals too."
    )
    items: Connection[ItemRef] | None = to_many(model.Item, "items_of_plans", "The order of service.")
    notes: Connection[NoteRef] | None = to_many(model.Note, "notes_of_plans", "What was written down about it.")
    attachments: Connection[AttachmentRef] | None = to_many(
        model.Attachment, "attachments_of_plans", "The files that belong to it."
    )
    team_members: Connection[TeamMemberRef] | None = to_many(
        model.TeamMember, "team_members_of_plans", "Who was asked to serve, and what they answered."
    )
    needed_positions: Connection[NeededPositionRef] | None = to_many(
        model.NeededPosition, "needed_positions_of_plans", "The places that nobody fills yet."
    )
