"""The gates and steps that a plan of OnePlan goes through, and who approves what."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind
from plangate.graph.oneplan.values import OnePlanComment
from plangate.graph.oneplan.vocabulary import OnePlanProcessState, OnePlanStepState
from plangate.graph.refs import PersonRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import oneplan as records


@strawberry.type(name="OnePlanApprovalState", description="What one of those who are asked has decided.")
class OnePlanApprovalState(Kind):
    record = records.ApprovalState

    key: str = strawberry.field(description="A guid, most likely of the resource who is to approve (inferred).")
    task_id: str | None = strawberry.field(description="The id of the task to approve.")
    status: OnePlanProcessState | None = strawberry.field(description="What they decided.")
    status_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    comments: list[OnePlanComment] | None = strawberry.field(description="What they said.")
    approver: PersonRef | None = to_one(model.Person, "approver", "Who is to approve, if the key is of a resource.")


@strawberry.type(name="OnePlanApproval", description="The approval of a step.")
class OnePlanApproval(Kind):
    record = records.Approval

    step_id: str | None = strawberry.field(description="The id of the step.")
    auto_approved: bool | None = strawberry.field(description="Whether nobody had to approve.")
    completed: bool | None = strawberry.field(description="Whether all have decided.")
    expired: bool | None = strawberry.field(description="Whether it is too late.")
    expired_reason: str | None = strawberry.field(description="Why it is too late.")
    approval_states: list[OnePlanApprovalState] | None = strawberry.field(
        description="What each of those who are asked has decided."
    )


@strawberry.type(name="OnePlanRejectedRule", description="A rule of the gate that the plan does not meet.")
class OnePlanRejectedRule(Kind):
    record = records.RejectedRule

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    name: str | None = strawberry.field(description="What it is called.")
    failure_text: str | None = strawberry.field(description="What to tell who wanted to pass.")
    filter: str | None = strawberry.field(description="The condition, in the words of OnePlan.")


@strawberry.type(name="OnePlanStageGateFlow", description="Where a plan stands among its gates and steps.")
class OnePlanStageGateFlow(Kind):
    record = records.StageGateFlow

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    current_gate_id: str | None = strawberry.field(description="The id of the gate that it is at.")
    entered_gate: DateTime | None = strawberry.field(description="When it came to the gate.")
    exited_gate: DateTime | None = strawberry.field(description="When it left the gate.")
    gate_closed: bool | None = strawberry.field(description="Whether the gate is closed.")
    step_starter: str | None = strawberry.field(description="The guid of who started the step.")
    step_approver: str | None = strawberry.field(description="The guid of who is to approve the step.")
    approval_state: OnePlanProcessState | None = strawberry.field(description="What was decided.")
    approval_state_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    step_state: OnePlanStepState | None = strawberry.field(description="Whether the step goes on.")
    step_state_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    comments: str | None = strawberry.field(description="What was said at the step.")
    approvals: list[OnePlanApproval] | None = strawberry.field(description="The approvals that are asked for now.")
    approvals_log: list[OnePlanApproval] | None = strawberry.field(description="Those of before.")
    rules_rejected: list[OnePlanRejectedRule] | None = strawberry.field(
        description="The rules that the plan does not meet."
    )
    approval_rejection_or_fail_reason: str | None = strawberry.field(description="Why it was rejected, or has failed.")
    starter: PersonRef | None = to_one(model.Person, "starter", "Who started the step.")
    approver: PersonRef | None = to_one(model.Person, "approver", "Who is to approve the step.")


@strawberry.type(
    name="OnePlanStageStep", description="A step of the process history: what OnePlan alone says of a step."
)
class OnePlanStageStep(Kind):
    record = records.StageStep

    step_id: str | None = strawberry.field(description="The id of the step.")
    step_name: str | None = strawberry.field(description="What it is called.")
    start: DateTime | None = strawberry.field(description="When it began.")
    end: DateTime | None = strawberry.field(description="When it ended.")
    step_starter: str | None = strawberry.field(description="The guid of who started the step.")
    step_approver: str | None = strawberry.field(description="The guid of who is to approve the step.")
    approval_state: OnePlanProcessState | None = strawberry.field(description="What was decided.")
    approval_state_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    step_state: OnePlanStepState | None = strawberry.field(description="Whether it goes on.")
    step_state_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    comments: str | None = strawberry.field(description="What was said at the step.")
    starter: PersonRef | None = to_one(model.Person, "starter", "Who started the step.")
    approver: PersonRef | None = to_one(model.Person, "approver", "Who is to approve the step.")
