"""What OnePlan alone says of a task."""

import strawberry

from plangate.graph.node import Kind
from plangate.graph.oneplan.values import OnePlanComment, OnePlanEntry
from plangate.graph.oneplan.vocabulary import OnePlanAssignmentType, OnePlanProcessState
from plangate.graph.scalars import JSON, URL, DateTime
from plangate.native import oneplan as records


@strawberry.type(name="OnePlanTaskAssignment", description="Who works on a task, and how much.")
class OnePlanTaskAssignment(Kind):
    record = records.TaskAssignment

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    type: OnePlanAssignmentType | None = strawberry.field(description="What is assigned.")
    type_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    resource_id: str | None = strawberry.field(description="The guid of the resource or team.")
    units: float | None = strawberry.field(description="How much of them.")


@strawberry.type(name="OnePlanTaskIntegration", description="The item that a task is in another system.")
class OnePlanTaskIntegration(Kind):
    record = records.TaskIntegration

    integration_id: str | None = strawberry.field(description="The id of the integration.")
    external_item_id: str | None = strawberry.field(description="The id there.")
    external_url: URL | None = strawberry.field(description="Where it is there.")
    read_only_fields: JSON | None = strawberry.field(description="The fields that are changed there only.")


@strawberry.type(name="OnePlanStatusUpdate", description="A change of a task that waits for approval.")
class OnePlanStatusUpdate(Kind):
    record = records.StatusUpdate

    state: OnePlanProcessState | None = strawberry.field(description="What was decided.")
    state_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    other: list[OnePlanEntry] = strawberry.field(description="The rest, which is not documented, as it came.")


@strawberry.type(name="OnePlanWorkPlanTask", description="Every attribute of a task there.")
class OnePlanWorkPlanTask(Kind):
    record = records.WorkPlanTask

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    work_plan_id: str | None = strawberry.field(description="The id of its plan.")
    name: str | None = strawberry.field(description="What is to be done.")
    work_type_id: str | None = strawberry.field(description="The id of its work type.")
    parent_id: str | None = strawberry.field(description="The id of the task that it is a part of.")
    work_type_parent_id: str | None = strawberry.field(description="The id of the parent among its work type.")
    work_type_index: int | None = strawberry.field(description="Its place among its work type.")
    index: int | None = strawberry.field(description="Its place among the tasks of the plan.")
    complete: bool | None = strawberry.field(description="Whether it is done.")
    start_date: DateTime | None = strawberry.field(description="When it starts.")
    due_date: DateTime | None = strawberry.field(description="When it is due.")
    is_scheduled: bool | None = strawberry.field(description="Whether it is scheduled.")
    task_schedule_type: JSON | None = strawberry.field(description="How it is scheduled, as it came.")
    assigned_to: list[str] | None = strawberry.field(description="The guids of those who are to do it.")
    assignments: list[OnePlanTaskAssignment] | None = strawberry.field(description="Who works on it, and how much.")
    fields: list[OnePlanEntry] | None = strawberry.field(description="The tenant's own fields.")
    comments: list[OnePlanComment] | None = strawberry.field(description="What was said about it.")
    last_comment: DateTime | None = strawberry.field(description="When something was last said.")
    status_update: OnePlanStatusUpdate | None = strawberry.field(description="A change that waits for approval.")
    integration: OnePlanTaskIntegration | None = strawberry.field(description="The item that it is in another system.")
    created: DateTime | None = strawberry.field(description="When it was made.")
    modified: DateTime | None = strawberry.field(description="When it was last changed.")
    author: str | None = strawberry.field(description="Who made it, a text.")
    editor: str | None = strawberry.field(description="Who last changed it, a text.")
    config_id: str | None = strawberry.field(description="The id of the group of OnePlan that it belongs to.")
    other: list[OnePlanEntry] = strawberry.field(description="What else OnePlan said.")
