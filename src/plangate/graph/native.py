"""What only one system says of a record: for each kind a union with one member per system."""

from typing import Annotated

import strawberry

from plangate.graph.planhat import PlanhatProject, PlanhatTask, PlanhatUser, PlanhatWorkflowStep
from plangate.graph.planning_center import PlanningCenterPerson, PlanningCenterPlan

PlanNative = Annotated[
    PlanningCenterPlan | PlanhatProject,
    strawberry.union("PlanNative", description="What only the plan's own system says of it, in its own words."),
]

StepNative = Annotated[
    PlanhatWorkflowStep,
    strawberry.union("StepNative", description="What only the step's own system says of it, in its own words."),
]

TaskNative = Annotated[
    PlanhatTask,
    strawberry.union("TaskNative", description="What only the task's own system says of it, in its own words."),
]

PersonNative = Annotated[
    PlanningCenterPerson | PlanhatUser,
    strawberry.union("PersonNative", description="What only the person's own system says of them, in its own words."),
]
