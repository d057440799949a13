"""NeededPosition: a place in a plan that nobody fills yet."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PlanRef, PlanTimeRef
from plangate.graph.scalars import DateTime


@strawberry.federation.type(keys=["id"], description="A place in a plan that nobody fills yet.")
class NeededPosition(Record, Kind):
    record = model.NeededPosition

    role: str | None = strawberry.field(description="What is to be done.")
    quantity: int | None = strawberry.field(description="How many people are needed.")
    scheduled_to: str | None = strawberry.field(description="What people are asked for: the plan or a time.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
    plan_time: PlanTimeRef | None = to_one(model.PlanTime, "plan_time", "The time, if they are needed at one only.")
