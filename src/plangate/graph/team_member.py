"""TeamMember: a person asked to serve in a plan."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PersonRef, PlanRef
from plangate.graph.scalars import URL, DateTime
from plangate.graph.vocabulary import MemberStatus


@strawberry.federation.type(keys=["id"], description="A person who was asked to serve in a plan.")
class TeamMember(Record, Kind):
    record = model.TeamMember

    name: str | None = strawberry.field(description="The name as it stands in the plan.")
    role: str | None = strawberry.field(description="What they were asked to do.")
    status: MemberStatus | None = strawberry.field(description="What they answered.")
    status_raw: str | None = strawberry.field(description="The answer in the system's own word.")
    notes: str | None = strawberry.field(description="Notes for them.")
    decline_reason: str | None = strawberry.field(description="Why they declined.")
    photo_url: URL | None = strawberry.field(description="A picture.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
    person: PersonRef | None = to_one(model.Person, "person", "Who it is.")
