"""The people at a company, and what is said with them."""

from typing import Any

from msgspec import field

from .model import CompanyReference, EndUserReference, Entries, Model, UserReference


class EndUser(Model, frozen=True, gc=False, kw_only=True):
    """Somebody at a company. The seed shows none: the attributes are from the vendor's table [V]."""

    company_id: str | None = None
    company_name: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    position: str | None = None
    phone: str | None = None
    tags: tuple[str, ...] | None = None
    featured: bool | None = None
    primary: bool | None = None
    archived: bool | None = None
    shared_notifications_prefs: Entries | None = None
    external_id: str | None = None
    source_id: str | None = None


class Issue(Model, frozen=True, gc=False, kw_only=True):
    """A bug or a wish, of several companies perhaps."""

    title: str | None = None
    description: str | None = None
    status: str | None = None
    priority: str | None = None
    archived: bool | None = None
    company_ids: tuple[str, ...] | None = None
    companies: tuple[CompanyReference, ...] | None = None
    company_matching_value: tuple[Any, ...] | None = None
    enduser_ids: tuple[str, ...] | None = None
    endusers: tuple[EndUserReference, ...] | None = None
    conversation_ids: tuple[str, ...] | None = None
    followers: tuple[Any, ...] | None = None
    mrr_combined: float | None = None
    arr_combined: float | None = None
    source: str | None = None
    source_url: str | None = None
    source_id: str | None = None
    external_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Conversation(Model, frozen=True, gc=False, kw_only=True):
    """A note, an e-mail, a call: `type` says which."""

    company_id: str | None = None
    company_name: str | None = None
    type: str | None = None
    subject: str | None = None
    description: str | None = None
    snippet: str | None = None
    note: str | None = None
    date: str | None = None
    create_date: str | None = None
    users: tuple[UserReference, ...] | None = None
    endusers: tuple[EndUserReference, ...] | None = None
    owner_id: str | None = field(default=None, name="owner")
    user_id: str | None = None
    nick_name: str | None = None
    sender: tuple[Any, ...] | None = None
    followers: tuple[Any, ...] | None = None
    history: tuple[Any, ...] | None = None
    tags: tuple[Any, ...] | None = None
    auto_tags: tuple[Any, ...] | None = None
    activity_tags: tuple[Any, ...] | None = None
    email_template_ids: tuple[Any, ...] | None = None
    time_bucket: tuple[Any, ...] | None = None
    starred: bool | None = None
    pinned: bool | None = None
    archived: bool | None = None
    is_open: bool | None = None
    waits_to_be_filtered: bool | None = None
    external_id: str | None = None
    source_id: str | None = None
