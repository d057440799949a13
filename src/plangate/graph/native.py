"""What only one system says of a record: per kind a union with one member per system."""

from typing import Annotated

import strawberry

from plangate.graph.happyforce import HappyforceAction, HappyforcePlan
from plangate.graph.planning_center import PlanningCenterPlan

PlanNative = Annotated[
    PlanningCenterPlan | HappyforcePlan,
    strawberry.union("PlanNative", description="What only the plan's own system says of it, in its own words."),
]

ActionNative = Annotated[
    HappyforceAction,
    strawberry.union("ActionNative", description="What only the action's own system says of it, in its own words."),
]
