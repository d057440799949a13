"""Person: somebody in one of the systems."""

import strawberry

from plangate import model
from plangate.graph.edge import to_many, to_plans
from plangate.graph.native import PersonNative
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import ActionRef, AttachmentRef, NoteRef, PlanRef, TaskRef, TeamMemberRef
from plangate.graph.scalars import URL, DateTime


@strawberry.federation.type(
    keys=["id"], description="Somebody in one system. The same human in two systems is two people."
)
class Person(Record, Kind):
    record = model.Person

    name: str | None = strawberry.field(description="The full name.")
    first_name: str | None = strawberry.field(description="The given name.")
    last_name: str | None = strawberry.field(description="The family name.")
    email: str | None = strawberry.field(description="The e-mail address.")
    photo_url: URL | None = strawberry.field(description="A picture.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    native: PersonNative | None = strawberry.field(description="What only this system says.")
    created_plans: Connection[PlanRef] | None = to_plans("created_plans_of_people", "The plans that they made.")
    updated_plans: Connection[PlanRef] | None = to_plans("updated_plans_of_people", "The plans that they changed last.")
    actions: Connection[ActionRef] | None = to_many(
        model.Action, "actions_of_people", "The actions that are theirs to do."
    )
    tasks: Connection[TaskRef] | None = to_many(model.Task, "tasks_of_people", "The tasks that are theirs to do.")
    team_members: Connection[TeamMemberRef] | None = to_many(
        model.TeamMember, "team_members_of_people", "The places in teams that they were asked to fill."
    )
    notes: Connection[NoteRef] | None = to_many(model.Note, "notes_of_people", "The notes that they wrote.")
    attachments: Connection[AttachmentRef] | None = to_many(
        model.Attachment, "attachments_of_people", "The files that they added."
    )
