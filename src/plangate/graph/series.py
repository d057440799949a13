"""Series: plans under one theme."""

import strawberry

from plangate import model
from plangate.graph.edge import to_plans
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import PlanRef
from plangate.graph.scalars import URL, DateTime


@strawberry.federation.type(keys=["id"], description="Plans under one theme.")
class Series(Record, Kind):
    record = model.Series

    title: str | None = strawberry.field(description="The theme.")
    artwork_url: URL | None = strawberry.field(description="A picture.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plans: Connection[PlanRef] | None = to_plans("plans_of_series", "Its plans.")
