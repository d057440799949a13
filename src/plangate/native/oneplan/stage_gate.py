"""The gates and steps that a plan goes through, and who approves what."""

from typing import Any

from msgspec import Struct

from .values import Comment, reference
from .vocabulary import ProcessState, StepState


class ApprovalState(Struct, frozen=True, gc=False, rename="pascal"):
    """One entry of `ApprovalStates`. Its key is a guid, most likely of the resource who is to approve [inf].

    That `status` is a ProcessState is inferred too.
    """

    key: str
    task_id: str | None = None
    status: ProcessState | None = None
    status_raw: Any = None
    comments: tuple[Comment, ...] | None = None

    @property
    def approver(self) -> str | None:
        return reference(self.key)


class Approval(Struct, frozen=True, gc=False, rename="pascal"):
    step_id: str | None = None
    auto_approved: bool | None = None
    completed: bool | None = None
    expired: bool | None = None
    expired_reason: str | None = None
    approval_states: tuple[ApprovalState, ...] | None = None


class RejectedRule(Struct, frozen=True, gc=False, rename="pascal"):
    """A rule of the gate that the plan does not meet: a refusal that comes as data, with HTTP 200."""

    id: str | None = None
    name: str | None = None
    failure_text: str | None = None
    filter: str | None = None


class StageGateFlow(Struct, frozen=True, gc=False, rename="pascal"):
    """Where the plan stands; absent from the API of 2024."""

    id: str | None = None
    current_gate_id: str | None = None
    entered_gate: str | None = None
    exited_gate: str | None = None
    gate_closed: bool | None = None
    step_starter: str | None = None
    step_approver: str | None = None
    approval_state: ProcessState | None = None
    approval_state_raw: Any = None
    step_state: StepState | None = None
    step_state_raw: Any = None
    comments: str | None = None
    approvals: tuple[Approval, ...] | None = None
    approvals_log: tuple[Approval, ...] | None = None
    rules_rejected: tuple[RejectedRule, ...] | None = None
    approval_rejection_or_fail_reason: str | None = None

    @property
    def starter(self) -> str | None:
        return reference(self.step_starter)

    @property
    def approver(self) -> str | None:
        return reference(self.step_approver)


class StageStep(Struct, frozen=True, gc=False, rename="pascal"):
    """`WorkPlanStageStep` of the process history [V]: the one shape that names a step."""

    step_id: str | None = None
    step_name: str | None = None
    start: str | None = None
    end: str | None = None
    step_starter: str | None = None
    step_approver: str | None = None
    approval_state: ProcessState | None = None
    approval_state_raw: Any = None
    step_state: StepState | None = None
    step_state_raw: Any = None
    comments: str | None = None

    @property
    def starter(self) -> str | None:
        return reference(self.step_starter)

    @property
    def approver(self) -> str | None:
        return reference(self.step_approver)
