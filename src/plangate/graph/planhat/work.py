"""Projects, tasks and who does them."""

import strawberry

from plangate import model
from plangate.graph.node import Kind
from plangate.graph.planhat.edges import to_object, to_record
from plangate.graph.planhat.objects import (
    OTHER,
    PlanhatChild,
    PlanhatEndUserReference,
    PlanhatEntry,
    PlanhatUserReference,
)
from plangate.graph.planhat.refs import CompanyRef
from plangate.graph.refs import PersonRef, StepRef, TaskRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import planhat as records


@strawberry.type(description="What Planhat alone says of a project.")
class PlanhatProject(Kind):
    record = records.Project

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    name: str | None = strawberry.field(description="The name.")
    start_date: DateTime | None = strawberry.field(description="When it starts.")
    end_date: DateTime | None = strawberry.field(description="When it ends.")
    currency: str | None = strawberry.field(description="The currency, as a code.")
    mrr: float | None = strawberry.field(description="Monthly recurring revenue.")
    arr: float | None = strawberry.field(description="Annual recurring revenue.")
    nrr: float | None = strawberry.field(description="Non-recurring revenue.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")


@strawberry.type(description="A line of a checklist.")
class PlanhatChecklistItem(Kind):
    record = records.ChecklistItem

    title: str | None = strawberry.field(description="What is to be done; nothing says whether it is.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="What Planhat alone says of a task or event.")
class PlanhatTask(Kind):
    record = records.Task

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    main_type: str | None = strawberry.field(description="`task` or `event`.")
    company_id: str | None = strawberry.field(description="The id of the company that it hangs on.")
    company_name: str | None = strawberry.field(description="The name of that company.")
    action: str | None = strawberry.field(description="The title.")
    description: str | None = strawberry.field(description="The description, in HTML.")
    snippet: str | None = strawberry.field(description="The description as plain text.")
    start_time: DateTime | None = strawberry.field(
        description="When it starts; Planhat shows it as the due date of a task."
    )
    end_time: DateTime | None = strawberry.field(description="When it ends.")
    date_done: DateTime | None = strawberry.field(description="When it was done.")
    status: str | None = strawberry.field(description="The status, in the system's own word.")
    type: str | None = strawberry.field(description="What sort it is, in the system's own word.")
    owner_id: str | None = strawberry.field(description="The id of the user who owns it.")
    owner_name: str | None = strawberry.field(description="The name of the user who owns it.")
    user_email: str | None = strawberry.field(description="The e-mail address of the user who made it.")
    no_specific_time: bool | None = strawberry.field(description="Whether it has a day but no time.")
    shared: bool | None = strawberry.field(description="Whether it is shared with the company.")
    overdue_notified: bool | None = strawberry.field(description="Whether somebody was told that it is overdue.")
    is_archived: bool | None = strawberry.field(description="Whether it was put away, which a done task is.")
    activity_tags: list[JSON | None] | None = strawberry.field(description="Its activity tags.")
    endusers: list[PlanhatEndUserReference] | None = strawberry.field(description="The end users who take part.")
    users: list[PlanhatUserReference] | None = strawberry.field(description="The users who take part.")
    comments: list[JSON | None] | None = strawberry.field(description="Its comments.")
    checklist: list[PlanhatChecklistItem] | None = strawberry.field(description="Its checklist.")
    children: list[PlanhatChild] | None = strawberry.field(description="The tasks that it is made of; see subTasks.")
    parent_id: str | None = strawberry.field(description="The id of the task that it is a part of, `parent`.")
    sort_position: float | None = strawberry.field(description="Its place among its siblings.")
    repeat: str | None = strawberry.field(description="How often it comes again, e.g. `daily`.")
    repeat_days: list[JSON | None] | None = strawberry.field(description="The days on which it comes again.")
    workflow_id: str | None = strawberry.field(description="The id of the workflow that made it.")
    workflow_name: str | None = strawberry.field(description="The name of that workflow.")
    workflow_task_id: str | None = strawberry.field(description="The id of the workflow's template of this task.")
    workflow_template_id: str | None = strawberry.field(description="The id of the workflow's template.")
    workflow_step_id: str | None = strawberry.field(description="The id of the step; see workflowStep.")
    source_id: str | None = strawberry.field(description="The id in an integrated system, such as a CRM.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
    company: CompanyRef | None = to_object("company", "company_id", "The company that it hangs on.")
    owner: PersonRef | None = to_record(model.Person, "owner_id", "The user who owns it.")
    workflow_step: StepRef | None = to_record(model.Step, "workflow_step_id", "The task as a step of its workflow.")


@strawberry.type(description="What Planhat alone says of a step: a task that a workflow made.")
class PlanhatWorkflowStep(Kind):
    record = records.WorkflowStep

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    workflow_id: str | None = strawberry.field(description="The id of the workflow.")
    workflow_name: str | None = strawberry.field(description="The name of the workflow.")
    workflow_task_id: str | None = strawberry.field(description="The id of the template of this step.")
    workflow_template_id: str | None = strawberry.field(description="The id of the workflow's template.")
    task: TaskRef | None = to_record(model.Task, "id", "The task.")


@strawberry.type(description="What Planhat alone says of a user.")
class PlanhatUser(Kind):
    record = records.User

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    email: str | None = strawberry.field(description="The e-mail address.")
    nick_name: str | None = strawberry.field(description="What Planhat calls them.")
    first_name: str | None = strawberry.field(description="The given name.")
    last_name: str | None = strawberry.field(description="The family name.")
    roles: list[JSON | None] | None = strawberry.field(description="The ids of their roles.")
    teams: list[JSON | None] | None = strawberry.field(description="The ids of their teams.")
    managers: list[JSON | None] | None = strawberry.field(description="The ids of their managers.")
    permissions: list[JSON | None] | None = strawberry.field(description="What they may do.")
    external_id: str | None = strawberry.field(description="The id in the tenant's own system.")
    inactive: bool | None = strawberry.field(description="Whether they cannot log in.")
    is_hidden: bool | None = strawberry.field(description="Whether they are hidden.")
    notifications_enabled: bool | None = strawberry.field(description="Whether they are notified.")
    is_exposed_as_sender_option: bool | None = strawberry.field(description="Whether e-mails can be sent as from them.")
    tz_offset: float | None = strawberry.field(description="How far their time zone is from UTC.")
    image: list[PlanhatEntry] | None = strawberry.field(description="Their picture: where it is, and more.")
    create_date: DateTime | None = strawberry.field(description="When it was made.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)


@strawberry.type(description="The definition of a tenant's own field.")
class PlanhatCustomField(Kind):
    record = records.CustomField

    id: strawberry.ID = strawberry.field(description="Planhat's id.")
    name: str | None = strawberry.field(description="The name.")
    type: str | None = strawberry.field(description="The type of its values, e.g. `multipicklist`.")
    parent: str | None = strawberry.field(description="The model that has it.")
    is_featured: bool | None = strawberry.field(description="Whether it is shown at the top.")
    is_hidden: bool | None = strawberry.field(description="Whether it is hidden.")
    is_shared: bool | None = strawberry.field(description="Whether the portal shows it.")
    is_locked: bool | None = strawberry.field(description="Whether it cannot be changed by hand.")
    is_mandatory: bool | None = strawberry.field(description="Whether it must be filled in.")
    is_formula: bool | None = strawberry.field(description="Whether it is computed.")
    treat_undefined_as_zero: bool | None = strawberry.field(description="Whether a formula without result is zero.")
    formula: str | None = strawberry.field(description="The formula.")
    formula_refs: list[JSON | None] | None = strawberry.field(description="What the formula refers to.")
    list_values: list[JSON | None] | None = strawberry.field(description="The values to choose from.")
    filter: list[JSON | None] | None = strawberry.field(description="The parts of its filter.")
    number_format: str | None = strawberry.field(description="How numbers are shown.")
    version: int | None = strawberry.field(description="The document's version, `__v`.")
    custom: list[PlanhatEntry] | None = strawberry.field(description="The tenant's own fields.")
    other: list[PlanhatEntry] = strawberry.field(description=OTHER)
