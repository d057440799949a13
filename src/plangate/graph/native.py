"""What only one system says of a record: a union for each kind, with one member per system."""

from typing import Annotated

import strawberry

from plangate.graph.happyforce import HappyforceAction, HappyforcePlan
from plangate.graph.oneplan import OnePlanResource, OnePlanStageStep, OnePlanWorkPlan, OnePlanWorkPlanTask
from plangate.graph.planhat import PlanhatProject, PlanhatTask, PlanhatUser, PlanhatWorkflowStep
from plangate.graph.planning_center import PlanningCenterPerson, PlanningCenterPlan
from plangate.graph.scale import ScalePlan, ScaleStep

PlanNative = Annotated[
    PlanningCenterPlan | ScalePlan | HappyforcePlan | OnePlanWorkPlan | PlanhatProject,
    strawberry.union("PlanNative", description="What only the plan's own system says of it, in its own words."),
]

ActionNative = Annotated[
    HappyforceAction,
    strawberry.union("ActionNative", description="What only the action's own system says of it, in its own words."),
]

StepNative = Annotated[
    ScaleStep | OnePlanStageStep | PlanhatWorkflowStep,
    strawberry.union("StepNative", description="What only the step's own system says of it, in its own words."),
]

TaskNative = Annotated[
    OnePlanWorkPlanTask | PlanhatTask,
    strawberry.union("TaskNative", description="What only the task's own system says of it, in its own words."),
]

PersonNative = Annotated[
    PlanningCenterPerson | OnePlanResource | PlanhatUser,
    strawberry.union("PersonNative", description="What only the person's own system says of them, in its own words."),
]
