"""What a company has, buys and pays, and what is lost when it leaves."""

import strawberry

from plangate.graph.node import Kind
from plangate.graph.planhat.edges import to_object
from plangate.graph.planhat.objects import OTHER, PlanhatEntry
from plangate.graph.planhat.refs import CompanyRef, LicenseRef
from plangate.graph.scalars import JSON, Date, DateTime
from plangate.native import planhat as records


@strawberry.type(description="Something that a company has.")
class PlanhatAsset(Kind):
    record = records.Asset

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    name: str | None = strawberry.field(description="The name.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    usage: list[PlanhatEntry] | None = strawberry.field(description="How much it is used, by id.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A subscription of a company.")
class PlanhatLicense(Kind):
    record = records.License

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    product: str | None = strawberry.field(description="The product.")
    value: float | None = strawberry.field(description="What it is worth.")
    mrr: float | None = strawberry.field(description="Monthly recurring revenue.")
    arr: float | None = strawberry.field(description="Annual recurring revenue.")
    currency: str | None = strawberry.field(description="The currency, as a code; `_currency`.")
    from_date: DateTime | None = strawberry.field(description="When it begins.")
    to_date: DateTime | None = strawberry.field(description="When it ends.")
    to_date_included: bool | None = strawberry.field(description="Whether the last day belongs to it.")
    length: float | None = strawberry.field(description="How many months it lasts.")
    fixed_period: bool | None = strawberry.field(description="Whether it has an end.")
    sales_date: DateTime | None = strawberry.field(description="When it was sold.")
    renewal_status: str | None = strawberry.field(description="`ongoing`, `renewed` or another word of the system.")
    renewal_date: DateTime | None = strawberry.field(description="When it is to be renewed.")
    renewal_days_from_now: float | None = strawberry.field(description="In how many days it is to be renewed.")
    renewal_period: float | None = strawberry.field(description="For how long it renews.")
    renewal_unit: str | None = strawberry.field(description="The unit of that time.")
    auto_renews: bool | None = strawberry.field(description="Whether it renews itself.")
    notice_period: float | None = strawberry.field(description="How long before its end notice is to be given.")
    notice_unit: str | None = strawberry.field(description="The unit of that time.")
    is_overdue: bool | None = strawberry.field(description="Whether its renewal is overdue.")
    issues: list[JSON | None] | None = strawberry.field(description="What is wrong with it.")
    invoices_generated: bool | None = strawberry.field(description="Whether invoices are made of it.")
    invoice_cycle_interval: float | None = strawberry.field(description="How often invoices are made.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A currency.")
class PlanhatCurrency(Kind):
    record = records.Currency

    id: strawberry.ID | None = strawberry.field(description="The code.")
    rate: float | None = strawberry.field(description="What one of it is worth in the base currency.")
    symbol: str | None = strawberry.field(description="The sign.")
    is_base: bool | None = strawberry.field(description="Whether others are counted in it.")
    overrides: list[PlanhatEntry] | None = strawberry.field(description="Other rates, by time.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="Revenue that does not recur.")
class PlanhatSale(Kind):
    record = records.Sale

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    product: str | None = strawberry.field(description="The product.")
    value: float | None = strawberry.field(description="What it is worth.")
    currency: PlanhatCurrency | None = strawberry.field(description="The currency and its rate; `_currency`.")
    sales_date: DateTime | None = strawberry.field(description="When it was sold.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A line of an invoice.")
class PlanhatLineItem(Kind):
    record = records.LineItem

    id: strawberry.ID | None = strawberry.field(description="Planhat's id.")
    license_id: str | None = strawberry.field(description="The id of the licence.")
    product: str | None = strawberry.field(description="The product.")
    amount: float | None = strawberry.field(description="The amount.")
    date_from: int | None = strawberry.field(description="The first day, in days since 1970-01-01.")
    date_to: int | None = strawberry.field(description="The last day, in days since 1970-01-01.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    day_from: Date | None = strawberry.field(description="The first day.")
    day_to: Date | None = strawberry.field(description="The last day.")
    license: LicenseRef | None = to_object("license", "license_id", "The licence.")


@strawberry.type(description="A bill.")
class PlanhatInvoice(Kind):
    record = records.Invoice

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    c_id: str | None = strawberry.field(description="The id of the company, `cId`.")
    c_name: str | None = strawberry.field(description="The name of the company, `cName`.")
    invoice_no: int | None = strawberry.field(description="The number.")
    invoice_cycle: str | None = strawberry.field(description="How often it comes, e.g. `once`.")
    invoice_date: int | None = strawberry.field(description="The day of it, in days since 1970-01-01.")
    due_date: int | None = strawberry.field(description="The day by which it is due, in days since 1970-01-01.")
    paid_date: int | None = strawberry.field(description="The day on which it was paid, in days since 1970-01-01.")
    amount_due: float | None = strawberry.field(description="What is due.")
    amount_paid: float | None = strawberry.field(description="What was paid.")
    amount_total: float | None = strawberry.field(description="What it comes to.")
    currency: str | None = strawberry.field(description="The currency, as a code.")
    status: str | None = strawberry.field(description="The status, in the system's own word.")
    line_items: list[PlanhatLineItem] | None = strawberry.field(description="Its lines.")
    comments: list[JSON | None] | None = strawberry.field(description="Its comments.")
    emails: list[JSON | None] | None = strawberry.field(description="The e-mails that it was sent by.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    last_updated: DateTime | None = strawberry.field(description="When it was last touched, computed values included.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    invoice_day: Date | None = strawberry.field(description="The day of it.")
    due_day: Date | None = strawberry.field(description="The day by which it is due.")
    paid_day: Date | None = strawberry.field(description="The day on which it was paid.")
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A loss of revenue, in part or whole.")
class PlanhatChurn(Kind):
    record = records.Churn

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    is_churn: bool | None = strawberry.field(description="Whether it is a loss.")
    churn_reason: str | None = strawberry.field(description="Why.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    create_date: DateTime | None = strawberry.field(description="When it was made.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")
