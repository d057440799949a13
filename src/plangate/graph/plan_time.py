"""PlanTime: when a plan takes place."""

import strawberry

from plangate import model
from plangate.graph.edge import to_many, to_one
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import NeededPositionRef, PlanRef
from plangate.graph.scalars import DateTime
from plangate.graph.vocabulary import PlanTimeKind


@strawberry.federation.type(keys=["id"], description="A time at which a plan, or its rehearsal, takes place.")
class PlanTime(Record, Kind):
    record = model.PlanTime

    name: str | None = strawberry.field(description="What it is called.")
    kind: PlanTimeKind | None = strawberry.field(description="What happens then.")
    kind_raw: str | None = strawberry.field(description="The kind in the system's own word.")
    starts_at: DateTime | None = strawberry.field(description="When it starts.")
    ends_at: DateTime | None = strawberry.field(description="When it ends.")
    live_starts_at: DateTime | None = strawberry.field(description="When it really started.")
    live_ends_at: DateTime | None = strawberry.field(description="When it really ended.")
    recorded: bool | None = strawberry.field(description="Whether it was recorded.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
    needed_positions: Connection[NeededPositionRef] | None = to_many(
        model.NeededPosition, "needed_positions_of_plan_times", "The places that nobody fills yet at this time."
    )
