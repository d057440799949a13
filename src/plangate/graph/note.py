"""Note: something written down about a plan."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PersonRef, PlanRef
from plangate.graph.scalars import DateTime


@strawberry.federation.type(keys=["id"], description="Something written down about a plan.")
class Note(Record, Kind):
    record = model.Note

    category: str | None = strawberry.field(description="What kind of note it is.")
    body: str | None = strawberry.field(description="The text.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
    author: PersonRef | None = to_one(model.Person, "author", "Who wrote it.")
