"""What a company has, buys and pays, and what is lost when it leaves."""

from datetime import date, timedelta
from typing import Any

from msgspec import field

from .model import Entries, Model, Part


def day(days: int | None) -> str | None:
    """The day so many days after 1970-01-01, which is how invoices count [S]; None if no calendar has it."""
    try:
        return None if days is None else (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


class Asset(Model, frozen=True, gc=False, kw_only=True):
    """Something that a company has; `usage` counts by user id [S]."""

    company_id: str | None = None
    company_name: str | None = None
    name: str | None = None
    external_id: str | None = None
    source_id: str | None = None
    usage: Entries | None = None


class License(Model, frozen=True, gc=False, kw_only=True):
    """A subscription. `currency` is sent as `_currency`, a code; a sale's is an object [S]."""

    company_id: str | None = None
    company_name: str | None = None
    product: str | None = None
    value: float | None = None
    mrr: float | None = None
    arr: float | None = None
    currency: str | None = field(default=None, name="_currency")
    from_date: str | None = None
    to_date: str | None = None
    to_date_included: bool | None = None
    length: float | None = None
    fixed_period: bool | None = None
    sales_date: str | None = None
    renewal_status: str | None = None
    renewal_date: str | None = None
    renewal_days_from_now: float | None = None
    renewal_period: float | None = None
    renewal_unit: str | None = None
    auto_renews: bool | None = None
    notice_period: float | None = None
    notice_unit: str | None = None
    is_overdue: bool | None = None
    issues: tuple[Any, ...] | None = None
    invoices_generated: bool | None = None
    invoice_cycle_interval: float | None = None
    external_id: str | None = None
    source_id: str | None = None


class Currency(Part, frozen=True, gc=False, kw_only=True):
    id: str | None = None
    version: int | None = None
    rate: float | None = None
    symbol: str | None = None
    is_base: bool | None = None
    overrides: Entries | None = None


class Sale(Model, frozen=True, gc=False, kw_only=True):
    """Revenue that does not recur. `currency` is sent as `_currency`, an object [S]."""

    company_id: str | None = None
    company_name: str | None = None
    product: str | None = None
    value: float | None = None
    currency: Currency | None = field(default=None, name="_currency")
    sales_date: str | None = None
    external_id: str | None = None
    source_id: str | None = None


class LineItem(Part, frozen=True, gc=False, kw_only=True):
    """A line of an invoice; its dates are days since 1970-01-01 [S]."""

    id: str | None = None
    license_id: str | None = None
    product: str | None = None
    amount: float | None = None
    date_from: int | None = None
    date_to: int | None = None

    @property
    def day_from(self) -> str | None:
        return day(self.date_from)

    @property
    def day_to(self) -> str | None:
        return day(self.date_to)


class Invoice(Model, frozen=True, gc=False, kw_only=True):
    """A bill. Its company is `c_id`, and its dates are days since 1970-01-01 [S]."""

    c_id: str | None = None
    c_name: str | None = None
    invoice_no: int | None = None
    invoice_cycle: str | None = None
    invoice_date: int | None = None
    due_date: int | None = None
    paid_date: int | None = None
    amount_due: float | None = None
    amount_paid: float | None = None
    amount_total: float | None = None
    currency: str | None = None
    status: str | None = None
    line_items: tuple[LineItem, ...] | None = None
    comments: tuple[Any, ...] | None = None
    emails: tuple[Any, ...] | None = None
    external_id: str | None = None
    source_id: str | None = None
    last_updated: str | None = None
    updated_at: str | None = None

    @property
    def company_id(self) -> str | None:
        return self.c_id

    @property
    def invoice_day(self) -> str | None:
        return day(self.invoice_date)

    @property
    def due_day(self) -> str | None:
        return day(self.due_date)

    @property
    def paid_day(self) -> str | None:
        return day(self.paid_date)


class Churn(Model, frozen=True, gc=False, kw_only=True):
    """A loss. The seed shows no churn: these attributes are from the vendor's page, which calls itself a
    placeholder [V]; whatever else comes is in `other`.
    """

    company_id: str | None = None
    company_name: str | None = None
    is_churn: bool | None = None
    churn_reason: str | None = None
    external_id: str | None = None
    create_date: str | None = None
