"""Action: an agreed measure, with someone to carry it out."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.native import ActionNative
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PersonRef, PlanRef
from plangate.graph.scalars import Date, DateTime


@strawberry.federation.type(
    keys=["id"], description="A measure that was agreed on. It may stand alone, without a plan."
)
class Action(Record, Kind):
    record = model.Action

    title: str | None = strawberry.field(description="What is to be done.")
    description: str | None = strawberry.field(description="More about it.")
    status: str | None = strawberry.field(description="The system's own word.")
    focus_type: str | None = strawberry.field(description="What it is about, in the words of the system.")
    completion_percent: int | None = strawberry.field(description="How much is done, 0 to 100.")
    due_date: Date | None = strawberry.field(description="The day by which it is due.")
    position: int | None = strawberry.field(description="Its place among the actions of the plan.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    native: ActionNative | None = strawberry.field(description="What only this system says, in its own words.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan that it belongs to.")
    assignee: PersonRef | None = to_one(model.Person, "assignee", "Who is to do it.")
