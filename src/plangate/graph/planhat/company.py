"""Companies: the customers that projects, tasks and all the rest hang on."""

import strawberry

from plangate import model
from plangate.graph.node import Kind
from plangate.graph.planhat.edges import hanging, to_record
from plangate.graph.planhat.objects import OTHER, PlanhatEntry
from plangate.graph.planhat.refs import (
    AssetRef,
    ChurnRef,
    ConversationRef,
    CustomFieldRef,
    EndUserRef,
    InvoiceRef,
    IssueRef,
    LicenseRef,
    SaleRef,
)
from plangate.graph.planhat.revenue import PlanhatLicense, PlanhatSale
from plangate.graph.refs import PersonRef, PlanRef, TaskRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import planhat as records


@strawberry.type(description="What of a team is shown.")
class PlanhatTeam(Kind):
    record = records.Team

    fields: list[JSON | None] | None = strawberry.field(description="The fields that are shown.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="What of a company is shown in its portal.")
class PlanhatShareable(Kind):
    record = records.Shareable

    team: PlanhatTeam | None = strawberry.field(description="What is shown of the team.")
    enabled: bool | None = strawberry.field(description="Whether anything is shown.")
    eu_ids: list[JSON | None] | None = strawberry.field(description="The ids of the end users who see it.")
    sunits: bool | None = strawberry.field(description="Whether success units are shown.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="A score at a time.")
class PlanhatScore(Kind):
    record = records.Score

    date: DateTime | None = strawberry.field(description="When it was given.")
    score: float | None = strawberry.field(description="The score.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="A customer. Projects, tasks and all the rest hang on it.")
class PlanhatCompany(Kind):
    record = records.Company

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    name: str | None = strawberry.field(description="The name.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    owner_id: str | None = strawberry.field(description="The id of the user who owns it, `owner`.")
    co_owner_id: str | None = strawberry.field(description="The id of the second owner, `coOwner`.")
    head_id: str | None = strawberry.field(description="`headId`; what it points to is not documented.")
    status: str | None = strawberry.field(description="`prospect`, `coming`, `customer`, `canceled` or `lost`.")
    phase: str | None = strawberry.field(description="The phase of its life cycle.")
    phase_since: DateTime | None = strawberry.field(description="Since when it is in that phase.")
    description: str | None = strawberry.field(description="The description, in HTML.")
    country: str | None = strawberry.field(description="The country.")
    h: float | None = strawberry.field(description="The health score.")
    h_diff: float | None = strawberry.field(description="How the health score changed.")
    h_diff_date: DateTime | None = strawberry.field(description="When the health score changed.")
    h_profile: str | None = strawberry.field(description="The id of the health profile.")
    csm_score: float | None = strawberry.field(description="The score that its manager gave.")
    csm_score_log: list[PlanhatScore] | None = strawberry.field(
        description="The scores that its manager gave, over time."
    )
    nps: float | None = strawberry.field(description="The net promoter score.")
    mr: float | None = strawberry.field(description="The monthly revenue.")
    mrr: float | None = strawberry.field(description="Monthly recurring revenue.")
    nrr30: float | None = strawberry.field(description="Non-recurring revenue of 30 days.")
    mr_total: float | None = strawberry.field(description="The monthly revenue, that of its organisation included.")
    mrr_total: float | None = strawberry.field(
        description="Monthly recurring revenue, that of its organisation included."
    )
    nrr_total: float | None = strawberry.field(description="Non-recurring revenue, that of its organisation included.")
    renewal_mrr: float | None = strawberry.field(description="Monthly recurring revenue that is to be renewed.")
    renewal_date: DateTime | None = strawberry.field(description="When it is to be renewed.")
    renewal_days_from_now: float | None = strawberry.field(description="In how many days it is to be renewed.")
    last_renewal: DateTime | None = strawberry.field(description="When it last renewed.")
    auto_renews: bool | None = strawberry.field(description="Whether it renews itself.")
    customer_from: DateTime | None = strawberry.field(description="Since when it is a customer.")
    customer_to: DateTime | None = strawberry.field(description="Until when it is a customer.")
    org_count: float | None = strawberry.field(description="How many companies are below it.")
    org_path_count: float | None = strawberry.field(description="How many companies are above it.")
    domains: list[str] | None = strawberry.field(description="Its domains on the internet.")
    tags: list[str] | None = strawberry.field(description="Its tags.")
    products: list[JSON | None] | None = strawberry.field(description="The products that it has.")
    followers: list[JSON | None] | None = strawberry.field(description="Who follows it.")
    collaborators: list[JSON | None] | None = strawberry.field(description="The users who look after it too.")
    documents: list[JSON | None] | None = strawberry.field(description="Its documents.")
    links: list[JSON | None] | None = strawberry.field(description="Its links.")
    alerts: list[JSON | None] | None = strawberry.field(description="Its alerts.")
    last_performed_triggers: list[JSON | None] | None = strawberry.field(
        description="The automations that last ran on it."
    )
    last_touch_by_type: list[PlanhatEntry] | None = strawberry.field(
        description="When it was last in touch, by type of conversation."
    )
    sunits: list[PlanhatEntry] | None = strawberry.field(description="Its success units, by id.")
    features: list[PlanhatEntry] | None = strawberry.field(description="What it may use.")
    usage: list[PlanhatEntry] | None = strawberry.field(description="How much it uses.")
    shareable: PlanhatShareable | None = strawberry.field(description="What of it is shown in its portal.")
    sales: list[PlanhatSale] | None = strawberry.field(
        description="The copies of sales in the company itself; they can be behind. See allSales."
    )
    licenses: list[PlanhatLicense] | None = strawberry.field(
        description="The copies of licences in the company itself; they can be behind. See allLicenses."
    )
    create_date: DateTime | None = strawberry.field(description="When it was made.")
    last_updated: DateTime | None = strawberry.field(description="When it was last touched, computed values included.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    owner: PersonRef | None = to_record(model.Person, "owner_id", "The user who owns it.")
    co_owner: PersonRef | None = to_record(model.Person, "co_owner_id", "The second owner.")
    projects: list[PlanRef] | None = hanging("projects", "Its projects, by id.")
    tasks: list[TaskRef] | None = hanging("tasks", "Its tasks and events, by id.")
    end_users: list[EndUserRef] | None = hanging("end_users", "Its people.")
    assets: list[AssetRef] | None = hanging("assets", "What it has.")
    all_licenses: list[LicenseRef] | None = hanging("licenses", "Its licences.")
    all_sales: list[SaleRef] | None = hanging("sales", "Its sales.")
    invoices: list[InvoiceRef] | None = hanging("invoices", "Its invoices.")
    issues: list[IssueRef] | None = hanging("issues", "Its issues.")
    conversations: list[ConversationRef] | None = hanging("conversations", "Its conversations.")
    churn: list[ChurnRef] | None = hanging("churn", "Its losses.")
    custom_fields: list[CustomFieldRef] | None = hanging(
        "custom_fields", "The definitions of custom fields, those of all models."
    )
