"""What several of OnePlan's types are made of: entries of a dictionary, comments; and the resource, who is a person."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind
from plangate.graph.oneplan.vocabulary import OnePlanGlobalLevel
from plangate.graph.refs import PersonRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import oneplan as records


@strawberry.type(name="OnePlanEntry", description="One of a dictionary whose keys are the tenant's own.")
class OnePlanEntry(Kind):
    record = records.Entry

    key: str = strawberry.field(description="The key: an internal name.")
    value: JSON | None = strawberry.field(description="The value, as it came.")


@strawberry.type(
    name="OnePlanNumberEntry", description="One of a dictionary of numbers whose keys are the tenant's own."
)
class OnePlanNumberEntry(Kind):
    record = records.NumberEntry

    key: str = strawberry.field(description="The key.")
    value: float | None = strawberry.field(description="The number.")


@strawberry.type(name="OnePlanComment", description="Something said about a plan, a task or an approval.")
class OnePlanComment(Kind):
    record = records.Comment

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    upn: str | None = strawberry.field(
        description="The guid of who wrote it; in spite of its name no user principal name."
    )
    post_date: DateTime | None = strawberry.field(description="When it was written.")
    comment: str | None = strawberry.field(description="The text.")
    cc: list[str] | None = strawberry.field(description="The guids of those who got a copy.")
    users: list[str] | None = strawberry.field(description="The guids of users; the documentation says no more.")
    author: PersonRef | None = to_one(model.Person, "author", "Who wrote it.")


@strawberry.type(name="OnePlanResource", description="What OnePlan alone says of a person.")
class OnePlanResource(Kind):
    record = records.Resource

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    config_id: str | None = strawberry.field(description="The id of the group of OnePlan that it belongs to.")
    userid: str | None = strawberry.field(description="The id of the user.")
    office365_id: str | None = strawberry.field(description="The id in Office 365.")
    profile_picture: str | None = strawberry.field(description="A picture, as it came.")
    generic: bool | None = strawberry.field(description="Whether it stands for anybody with a skill.")
    inactive: bool | None = strawberry.field(description="Whether it is inactive.")
    can_login: bool | None = strawberry.field(description="Whether it can log in.")
    user_only: bool | None = strawberry.field(description="Whether it is a user that no work is planned for.")
    global_permissions: OnePlanGlobalLevel | None = strawberry.field(
        description="What they may do in OnePlan as a whole."
    )
    global_permissions_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    one_plan_security_group: str | None = strawberry.field(description="The id of their security group.")
    last_login: DateTime | None = strawberry.field(description="When they last logged in.")
    fields: list[OnePlanEntry] | None = strawberry.field(
        description="The tenant's own fields: name and e-mail address are among them."
    )
    time_zone: str | None = strawberry.field(description="The time zone.")
    external_id: str | None = strawberry.field(description="The id in another system.")
    delegates: list[str] | None = strawberry.field(description="The guids of those who may act for them.")
    notifications: JSON | None = strawberry.field(description="What they are told about; its shape is not documented.")
    other: list[OnePlanEntry] = strawberry.field(description="What else OnePlan said.")
