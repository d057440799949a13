"""What other objects of Planhat's are made of."""

import strawberry

from plangate import model
from plangate.graph.node import Kind
from plangate.graph.planhat.edges import to_object, to_record
from plangate.graph.planhat.refs import CompanyRef, EndUserRef
from plangate.graph.refs import PersonRef
from plangate.graph.scalars import JSON
from plangate.native import planhat as records

OTHER = "What is in no documentation, or not of the documented type, as it came."


@strawberry.type(description="One entry of an object whose keys are free.")
class PlanhatEntry(Kind):
    record = records.Entry

    key: str = strawberry.field(description="The key, as it is: it may hold spaces, `#`, anything.")
    value: JSON | None = strawberry.field(description="The value, as it is.")


@strawberry.type(description="A task that another one is made of, by id.")
class PlanhatChild(Kind):
    record = records.Child

    id: strawberry.ID | None = strawberry.field(description="Planhat's id.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="A company, by id and name.")
class PlanhatCompanyReference(Kind):
    record = records.CompanyReference

    id: str | None = strawberry.field(description="Planhat's id.")
    name: str | None = strawberry.field(description="The name.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "id", "The company.")


@strawberry.type(description="An end user, by id and name.")
class PlanhatEndUserReference(Kind):
    record = records.EndUserReference

    id: str | None = strawberry.field(description="Planhat's id.")
    name: str | None = strawberry.field(description="The name.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    end_user: EndUserRef | None = to_object("end_user", "id", "The end user.")


@strawberry.type(description="A user, by id and name.")
class PlanhatUserReference(Kind):
    record = records.UserReference

    id: str | None = strawberry.field(description="Planhat's id.")
    name: str | None = strawberry.field(description="The name.")
    is_owner: bool | None = strawberry.field(description="Whether the conversation is theirs.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    user: PersonRef | None = to_record(model.Person, "id", "The user.")
