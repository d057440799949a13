"""ServiceType: the kind of service that plans are instances of."""

import strawberry

from plangate import model
from plangate.graph.edge import to_plans
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.planning_center import PlanningCenterServiceType
from plangate.graph.refs import PlanRef
from plangate.graph.scalars import DateTime


@strawberry.federation.type(keys=["id"], description="A kind of recurring service, such as Sunday Morning.")
class ServiceType(Record, Kind):
    record = model.ServiceType

    name: str | None = strawberry.field(description="What it is called.")
    frequency: str | None = strawberry.field(description="How often it takes place, in the words of the system.")
    position: int | None = strawberry.field(description="Its place among the service types.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    native: PlanningCenterServiceType | None = strawberry.field(description="What only this system says.")
    plans: Connection[PlanRef] | None = to_plans(
        "plans_of_service_types", "Its plans, by sortDate unless ordered otherwise."
    )
