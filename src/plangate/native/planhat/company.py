"""Companies: the customers that projects, tasks and all the rest hang on."""

from typing import Any

from msgspec import field

from .model import Entries, Model, Part
from .revenue import License, Sale


class Team(Part, frozen=True, gc=False, kw_only=True):
    fields: tuple[Any, ...] | None = None


class Shareable(Part, frozen=True, gc=False, kw_only=True):
    """What of a company is shown in its portal."""

    team: Team | None = None
    enabled: bool | None = None
    eu_ids: tuple[Any, ...] | None = None
    sunits: bool | None = None


class Score(Part, frozen=True, gc=False, kw_only=True):
    date: str | None = None
    score: float | None = None


class Company(Model, frozen=True, gc=False, kw_only=True):
    """A customer of the tenant. `sales` and `licenses` are the copies in the company itself; they can be behind."""

    name: str | None = None
    external_id: str | None = None
    source_id: str | None = None
    owner_id: str | None = field(default=None, name="owner")
    co_owner_id: str | None = field(default=None, name="coOwner")
    head_id: str | None = None
    status: str | None = None
    phase: str | None = None
    phase_since: str | None = None
    description: str | None = None
    country: str | None = None
    h: float | None = None
    h_diff: float | None = None
    h_diff_date: str | None = None
    h_profile: str | None = None
    csm_score: float | None = None
    csm_score_log: tuple[Score, ...] | None = None
    nps: float | None = None
    mr: float | None = None
    mrr: float | None = None
    nrr30: float | None = None
    mr_total: float | None = None
    mrr_total: float | None = None
    nrr_total: float | None = None
    renewal_mrr: float | None = None
    renewal_date: str | None = None
    renewal_days_from_now: float | None = None
    last_renewal: str | None = None
    auto_renews: bool | None = None
    customer_from: str | None = None
    customer_to: str | None = None
    org_count: float | None = None
    org_path_count: float | None = None
    domains: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    products: tuple[Any, ...] | None = None
    followers: tuple[Any, ...] | None = None
    collaborators: tuple[Any, ...] | None = None
    documents: tuple[Any, ...] | None = None
    links: tuple[Any, ...] | None = None
    alerts: tuple[Any, ...] | None = None
    last_performed_triggers: tuple[Any, ...] | None = None
    last_touch_by_type: Entries | None = None
    sunits: Entries | None = None
    features: Entries | None = None
    usage: Entries | None = None
    shareable: Shareable | None = None
    sales: tuple[Sale, ...] | None = None
    licenses: tuple[License, ...] | None = None
    create_date: str | None = None
    last_updated: str | None = None
    updated_at: str | None = None
