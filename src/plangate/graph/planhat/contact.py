"""The people at a company, and what is said with them."""

import strawberry

from plangate import model
from plangate.graph.node import Kind
from plangate.graph.planhat.edges import to_object, to_objects, to_record
from plangate.graph.planhat.objects import (
    OTHER,
    PlanhatCompanyReference,
    PlanhatEndUserReference,
    PlanhatEntry,
    PlanhatUserReference,
)
from plangate.graph.planhat.refs import CompanyRef, ConversationRef
from plangate.graph.refs import PersonRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import planhat as records


@strawberry.type(description="Somebody at a company.")
class PlanhatEndUser(Kind):
    record = records.EndUser

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    email: str | None = strawberry.field(description="The e-mail address.")
    first_name: str | None = strawberry.field(description="The given name.")
    last_name: str | None = strawberry.field(description="The family name.")
    name: str | None = strawberry.field(description="The name.")
    position: str | None = strawberry.field(description="What they are at the company.")
    phone: str | None = strawberry.field(description="The telephone number.")
    tags: list[str] | None = strawberry.field(description="Its tags.")
    featured: bool | None = strawberry.field(description="Whether they are a featured contact.")
    primary: bool | None = strawberry.field(description="Whether they are the first contact.")
    archived: bool | None = strawberry.field(description="Whether it was put away.")
    shared_notifications_prefs: list[PlanhatEntry] | None = strawberry.field(description="What they are notified of.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A bug or a wish.")
class PlanhatIssue(Kind):
    record = records.Issue

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    title: str | None = strawberry.field(description="The title.")
    description: str | None = strawberry.field(description="The description.")
    status: str | None = strawberry.field(description="The status, in the system's own word.")
    priority: str | None = strawberry.field(description="The priority, in the system's own word.")
    archived: bool | None = strawberry.field(description="Whether it was put away.")
    company_ids: list[str] | None = strawberry.field(description="The ids of its companies.")
    companies: list[PlanhatCompanyReference] | None = strawberry.field(description="Its companies.")
    company_matching_value: list[JSON | None] | None = strawberry.field(description="What its companies were found by.")
    enduser_ids: list[str] | None = strawberry.field(description="The ids of its end users.")
    endusers: list[PlanhatEndUserReference] | None = strawberry.field(description="Its end users.")
    conversation_ids: list[str] | None = strawberry.field(description="The ids of its conversations.")
    followers: list[JSON | None] | None = strawberry.field(description="Who follows it.")
    mrr_combined: float | None = strawberry.field(description="Monthly recurring revenue of its companies.")
    arr_combined: float | None = strawberry.field(description="Annual recurring revenue of its companies.")
    source: str | None = strawberry.field(description="The system that it is from.")
    source_url: str | None = strawberry.field(description="Where it is in that system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    conversations: list[ConversationRef] | None = to_objects("conversation", "conversation_ids", "Its conversations.")


@strawberry.type(description="A note, an e-mail, a call.")
class PlanhatConversation(Kind):
    record = records.Conversation

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    type: str | None = strawberry.field(description="What sort it is, in the system's own word.")
    subject: str | None = strawberry.field(description="The subject.")
    description: str | None = strawberry.field(description="The text.")
    snippet: str | None = strawberry.field(description="The text as plain text.")
    note: str | None = strawberry.field(description="The subject and the text.")
    date: DateTime | None = strawberry.field(description="When it took place.")
    create_date: DateTime | None = strawberry.field(description="When it was made.")
    users: list[PlanhatUserReference] | None = strawberry.field(description="The users who take part.")
    endusers: list[PlanhatEndUserReference] | None = strawberry.field(description="The end users who take part.")
    owner_id: str | None = strawberry.field(description="The id of the user who owns it, `owner`.")
    user_id: str | None = strawberry.field(description="The id of the user who wrote it down.")
    nick_name: str | None = strawberry.field(description="What Planhat calls that user.")
    sender: list[JSON | None] | None = strawberry.field(description="Who sent it.")
    followers: list[JSON | None] | None = strawberry.field(description="Who follows it.")
    history: list[JSON | None] | None = strawberry.field(description="What happened to it.")
    tags: list[JSON | None] | None = strawberry.field(description="Its tags.")
    auto_tags: list[JSON | None] | None = strawberry.field(description="The tags that it was given automatically.")
    activity_tags: list[JSON | None] | None = strawberry.field(description="Its activity tags.")
    email_template_ids: list[JSON | None] | None = strawberry.field(
        description="The ids of the templates that it was written with."
    )
    time_bucket: list[JSON | None] | None = strawberry.field(description="The spans of time that it is counted in.")
    starred: bool | None = strawberry.field(description="Whether it has a star.")
    pinned: bool | None = strawberry.field(description="Whether it is pinned.")
    archived: bool | None = strawberry.field(description="Whether it was put away.")
    is_open: bool | None = strawberry.field(description="Whether it is open.")
    waits_to_be_filtered: bool | None = strawberry.field(description="Whether it is yet to be filtered.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")
    owner: PersonRef | None = to_record(model.Person, "owner_id", "The user who owns it.")
    user: PersonRef | None = to_record(model.Person, "user_id", "The user who wrote it down.")
