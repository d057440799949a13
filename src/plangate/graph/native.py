"""What only one system says of a plan: a union with one member per system."""

from typing import Annotated

import strawberry

from plangate.graph.planning_center import PlanningCenterPlan

PlanNative = Annotated[
    PlanningCenterPlan,
    strawberry.union("PlanNative", description="What only the plan's own system says of it, in its own words."),
]
