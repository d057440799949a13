"""The tasks of a plan [V]: the seed has none."""

from typing import Any

from msgspec import Struct, field

from .values import Comment, Entry
from .vocabulary import AssignmentType, ProcessState


class TaskAssignment(Struct, frozen=True, gc=False, rename="pascal"):
    id: str | None = None
    type: AssignmentType | None = None
    type_raw: Any = None
    resource_id: str | None = None
    units: float | None = None


class TaskIntegration(Struct, frozen=True, gc=False, rename="pascal"):
    """The item that the task is in another system."""

    integration_id: str | None = None
    external_item_id: str | None = None
    external_url: str | None = None
    read_only_fields: Any = None


class StatusUpdate(Struct, frozen=True, gc=False, rename="pascal"):
    """A change that waits for approval. Only `State` is documented; `other` is the rest as it came."""

    state: ProcessState | None = None
    state_raw: Any = None
    other: tuple[Entry, ...] = ()


class WorkPlanTask(Struct, frozen=True, gc=False, rename="pascal"):
    """`author` and `editor` are texts here, guids on a plan. `other`: what else the answer said."""

    id: str | None = field(default=None, name="id")
    work_plan_id: str | None = None
    name: str | None = None
    work_type_id: str | None = None
    parent_id: str | None = None
    work_type_parent_id: str | None = None
    work_type_index: int | None = None
    index: int | None = None
    complete: bool | None = None
    start_date: str | None = None
    due_date: str | None = None
    is_scheduled: bool | None = None
    task_schedule_type: Any = None
    assigned_to: tuple[str, ...] | None = None
    assignments: tuple[TaskAssignment, ...] | None = None
    fields: tuple[Entry, ...] | None = None
    comments: tuple[Comment, ...] | None = None
    last_comment: str | None = None
    status_update: StatusUpdate | None = None
    integration: TaskIntegration | None = None
    created: str | None = None
    modified: str | None = None
    author: str | None = None
    editor: str | None = None
    config_id: str | None = None
    other: tuple[Entry, ...] = ()
