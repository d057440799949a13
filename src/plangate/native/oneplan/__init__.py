"""OnePlan's own attributes: `OnePlanWorkPlan`, and WorkPlanTask, StageStep and Resource of tasks, steps and people.

Names and types are those of the API help (https://my.oneplan.ai/ApiHelp, seed 002), in snake case; JSON has them in
PascalCase, but for `id`. The help says of no attribute whether it may be null: all may. Where it is silent, a class
says so: [V] is another page of the help (scraped in July 2024), [inf] is inferred and could be wrong.

Enums come as integers, whose order is not published: each has the name that the settings give to the integer, and the
value as it came in `..._raw`. Instants have seven digits of a second and are kept to the last one.
"""

from .stage_gate import Approval, ApprovalState, RejectedRule, StageGateFlow, StageStep
from .task import StatusUpdate, TaskAssignment, TaskIntegration, WorkPlanTask
from .values import Comment, Entry, NumberEntry, Resource
from .vocabulary import (
    AccessLevel,
    AccessType,
    AssignmentType,
    DateSetType,
    GlobalLevel,
    ProcessState,
    StepState,
)
from .work_plan import (
    DateSet,
    FragmentInfo,
    IntegratedSystem,
    LockInfo,
    LookupSplit,
    OnePlanWorkPlan,
    RateMultiplier,
    RateTable,
    ResourceRate,
    Snapshot,
    TeamAccess,
    UserAccess,
)

__all__ = [
    "AccessLevel",
    "AccessType",
    "Approval",
    "ApprovalState",
    "AssignmentType",
    "Comment",
    "DateSet",
    "DateSetType",
    "Entry",
    "FragmentInfo",
    "GlobalLevel",
    "IntegratedSystem",
    "LockInfo",
    "LookupSplit",
    "NumberEntry",
    "OnePlanWorkPlan",
    "ProcessState",
    "RateMultiplier",
    "RateTable",
    "RejectedRule",
    "Resource",
    "ResourceRate",
    "Snapshot",
    "StageGateFlow",
    "StageStep",
    "StatusUpdate",
    "StepState",
    "TaskAssignment",
    "TaskIntegration",
    "TeamAccess",
    "UserAccess",
    "WorkPlanTask",
]
