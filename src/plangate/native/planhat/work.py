"""Projects, tasks and who does them."""

from typing import Any

from msgspec import Struct, field

from .model import EndUserReference, Entries, Model, Part, UserReference


class Project(Model, frozen=True, gc=False, kw_only=True):
    """A Plan. It says nothing of when it was made or changed, of its state, or of an owner [S]."""

    company_id: str | None = None
    company_name: str | None = None
    name: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    currency: str | None = None
    mrr: float | None = None
    arr: float | None = None
    nrr: float | None = None
    external_id: str | None = None
    source_id: str | None = None


class ChecklistItem(Part, frozen=True, gc=False, kw_only=True):
    """A line of a checklist; nothing says whether it is done [S]."""

    title: str | None = None


class Child(Part, frozen=True, gc=False, kw_only=True):
    """What a task says of a task that is a part of it."""

    id: str | None = None


class Task(Model, frozen=True, gc=False, kw_only=True):
    """A task or, by `main_type`, an event. A task that is done is archived [K]. `description` is HTML, `snippet` its
    plain text. `start_time` is shown as the due date of a task [inf]. The workflow attributes are those of tasks made
    by a workflow; a workflow itself has no endpoint.
    """

    main_type: str | None = None
    company_id: str | None = None
    company_name: str | None = None
    action: str | None = None
    description: str | None = None
    snippet: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    date_done: str | None = None
    status: str | None = None
    type: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    user_email: str | None = None
    no_specific_time: bool | None = None
    shared: bool | None = None
    overdue_notified: bool | None = None
    is_archived: bool | None = None
    activity_tags: tuple[Any, ...] | None = None
    endusers: tuple[EndUserReference, ...] | None = None
    users: tuple[UserReference, ...] | None = None
    comments: tuple[Any, ...] | None = None
    checklist: tuple[ChecklistItem, ...] | None = None
    children: tuple[Child, ...] | None = None
    parent_id: str | None = field(default=None, name="parent")
    sort_position: float | None = None
    repeat: str | None = None
    repeat_days: tuple[Any, ...] | None = None
    workflow_id: str | None = None
    workflow_name: str | None = None
    workflow_task_id: str | None = None
    workflow_template_id: str | None = None
    workflow_step_id: str | None = None
    source_id: str | None = None
    external_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class WorkflowStep(Struct, frozen=True, gc=False, kw_only=True):
    """A task as a step of its workflow: in every sample the step has the id of the task [S], which is relied on."""

    system: str
    id: str
    workflow_id: str | None = None
    workflow_name: str | None = None
    workflow_task_id: str | None = None
    workflow_template_id: str | None = None
    children: tuple[Child, ...] | None = None


class User(Model, frozen=True, gc=False, kw_only=True):
    """A Person: a member of the team that uses Planhat. All of it is from the vendor's table [V]."""

    email: str | None = None
    nick_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    roles: tuple[Any, ...] | None = None
    teams: tuple[Any, ...] | None = None
    managers: tuple[Any, ...] | None = None
    permissions: tuple[Any, ...] | None = None
    external_id: str | None = None
    inactive: bool | None = None
    is_hidden: bool | None = None
    notifications_enabled: bool | None = None
    is_exposed_as_sender_option: bool | None = None
    tz_offset: float | None = None
    image: Entries | None = None
    create_date: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class CustomField(Model, frozen=True, gc=False, kw_only=True):
    """The definition of a tenant's own field; `parent` is the model that has it. From the vendor's table [V]."""

    name: str | None = None
    type: str | None = None
    parent: str | None = None
    is_featured: bool | None = None
    is_hidden: bool | None = None
    is_shared: bool | None = None
    is_locked: bool | None = None
    is_mandatory: bool | None = None
    is_formula: bool | None = None
    treat_undefined_as_zero: bool | None = None
    formula: str | None = None
    formula_refs: tuple[Any, ...] | None = None
    list_values: tuple[Any, ...] | None = None
    filter: tuple[Any, ...] | None = None
    number_format: str | None = None
