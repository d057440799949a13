"""Stages: the history and the flow of a project, and what becomes of them when somebody decides."""

from datetime import datetime, timedelta
from random import Random

from .account import Account, Object
from .values import ProcessState, StepState, guid, instant
from .words import STEPS

RULE = {
    "Id": guid("rule", "budget"),
    "Name": "Budget is set",
    "FailureText": "Set a budget before this gate.",
    "Filter": "Budget # gt 0",
}


def pass_through(account: Account, plan: Object, people: list[str], now: datetime, random: Random) -> None:
    """Let a project have come some way. Every third one was sent back once, so that a step is there twice."""
    names = list(STEPS[: random.randint(2, len(STEPS))])
    if len(names) > 2 and random.random() < 0.5:
        names.insert(2, names[0])
    began = now - timedelta(days=30 * len(names))
    history: list[Object] = []
    for n, name in enumerate(names):
        last = n == len(names) - 1
        start = began + timedelta(days=30 * n)
        history.append({
            "StepId": guid("step", name),
            "StepName": name,
            "Start": instant(start),
            "End": None if last else instant(start + timedelta(days=30)),
            "StepStarter": people[n % len(people)],
            "StepApprover": None if last else people[(n + 1) % len(people)],
            "ApprovalState": ProcessState.Pending if last else ProcessState.Approved,
            "StepState": StepState.Started if last else StepState.Ended,
            "Comments": "",
        })  # fmt: skip
    account.history[plan["id"]] = history
    current = history[-1]
    plan["StageGateFlow"] = {
        "Id": guid("flow", plan["id"]),
        "CurrentGateId": current["StepId"],
        "EnteredGate": current["Start"],
        "ExitedGate": None,
        "GateClosed": False,
        "StepStarter": current["StepStarter"],
        "StepApprover": None,
        "ApprovalState": ProcessState.Pending,
        "StepState": StepState.Started,
        "Comments": "",
        "Approvals": [_approval(plan, current["StepId"], people[:2], ProcessState.Pending)],
        "ApprovalsLog": [_approval(plan, each["StepId"], people[:1], ProcessState.Approved) for each in history[:-1]],
        "RulesRejected": [],
        "ApprovalRejectionOrFailReason": None,
    }


def _approval(plan: Object, step: str, approvers: list[str], state: ProcessState) -> Object:
    return {
        "StepId": step,
        "AutoApproved": False,
        "Completed": state is not ProcessState.Pending,
        "Expired": False,
        "ExpiredReason": None,
        "ApprovalStates": {
            each: {"TaskId": guid("approval", plan["id"], step, each), "Status": state, "Comments": []}
            for each in approvers
        },
    }


def decide(account: Account, plan: Object, state: ProcessState, comment: str, when: str) -> None:
    """What somebody decides. A rejection moves the plan back to the step before [V], and is no error: the reason and
    the rules that failed come as data of the plan [S]. That one rule fails each time is a stand-in.
    """
    flow, history = plan["StageGateFlow"], account.history[plan["id"]]
    current = history[-1]
    current["ApprovalState"], current["Comments"] = state, comment
    flow["ApprovalState"], flow["Comments"] = state, comment
    flow["RulesRejected"], flow["ApprovalRejectionOrFailReason"] = [], None
    if state is ProcessState.Rejected:
        current["StepState"], current["End"] = StepState.Ended, when
        before = history[max(0, len(history) - 2)]
        again = {**before, "Start": when, "End": None, "ApprovalState": ProcessState.Pending}
        history.append({**again, "StepState": StepState.Started, "StepApprover": None, "Comments": ""})
        flow["CurrentGateId"], flow["EnteredGate"], flow["StepState"] = before["StepId"], when, StepState.Started
        flow["RulesRejected"], flow["ApprovalRejectionOrFailReason"] = [RULE], comment
