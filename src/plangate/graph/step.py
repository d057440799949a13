"""Step: a stage that a plan goes through."""

import strawberry

from plangate import model
from plangate.graph.edge import to_many, to_one
from plangate.graph.native import StepNative
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import PlanRef, StepRef
from plangate.graph.scalars import DateTime


@strawberry.federation.type(keys=["id"], description="A stage of a plan. Steps form a tree.")
class Step(Record, Kind):
    record = model.Step

    name: str | None = strawberry.field(description="What it is called.")
    status: str | None = strawberry.field(description="The system's own word.")
    position: int | None = strawberry.field(description="Its place among its siblings.")
    started_at: DateTime | None = strawberry.field(description="When it began.")
    ended_at: DateTime | None = strawberry.field(description="When it ended.")
    native: StepNative | None = strawberry.field(description="What only this system says, in its own words.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan that it belongs to.")
    parent: StepRef | None = to_one(model.Step, "parent", "The step that it is a part of.")
    sub_steps: Connection[StepRef] | None = to_many(model.Step, "sub_steps_of_steps", "The steps that it is made of.")
