"""How the same plan is sent by OnePlan of 2025, as the seed has it, and of 2024, as the older help has it [V]."""

from typing import Any

from .account import Object
from .values import ProcessState, StepState

_WORDS = {"ApprovalState": ProcessState, "StepState": StepState}


def of_2024(given: Any) -> Any:
    """Enums by name, `DateSets`, and no `StageGateFlow`."""
    if isinstance(given, list):
        return [of_2024(each) for each in given]
    if not isinstance(given, dict):
        return given
    found: Object = {name: _WORDS[name](value).name if name in _WORDS and value is not None else value
                     for name, value in given.items() if name != "StageGateFlow"}  # fmt: skip
    if "StageGateFlow" in given:
        fields = given.get("Fields") or {}
        dates = {"StartDate": fields.get("Start Date"), "EndDate": fields.get("Finish")}
        found["DateSets"] = [{"CostTypeId": None, "SetType": "Normal", **dates}]
    return found
