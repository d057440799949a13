"""OnePlan's own types: every attribute of its API help, and the edges that only it has."""

from .stage_gate import OnePlanStageStep
from .task import OnePlanWorkPlanTask
from .values import OnePlanResource
from .work_plan import OnePlanWorkPlan

__all__ = ["OnePlanResource", "OnePlanStageStep", "OnePlanWorkPlan", "OnePlanWorkPlanTask"]
