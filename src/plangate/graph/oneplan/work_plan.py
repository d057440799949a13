"""OnePlanWorkPlan: every attribute that OnePlan documents of a plan, and the edges that only it has."""

from collections.abc import Sequence

import strawberry

from plangate import model
from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge, to_one
from plangate.graph.node import Kind
from plangate.graph.oneplan.parts import (
    OnePlanDateSet,
    OnePlanFragmentInfo,
    OnePlanIntegratedSystem,
    OnePlanLockInfo,
    OnePlanLookupSplit,
    OnePlanRateTable,
    OnePlanSnapshot,
    OnePlanTeamAccess,
    OnePlanUserAccess,
)
from plangate.graph.oneplan.stage_gate import OnePlanStageGateFlow
from plangate.graph.oneplan.values import OnePlanComment, OnePlanEntry
from plangate.graph.refs import PlanRef
from plangate.graph.scalars import DateTime
from plangate.native import oneplan as records


async def _portfolio_plans(parents: Sequence[records.OnePlanWorkPlan], call: Call) -> Answers:
    return await call.context.loaders.native("portfolio_plans", parents)


@strawberry.type(name="OnePlanWorkPlan", description="Every attribute of a plan there, and the edges that only it has.")
class OnePlanWorkPlan(Kind):
    record = records.OnePlanWorkPlan

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    config_id: str | None = strawberry.field(description="The id of the group of OnePlan that it belongs to.")
    name: str | None = strawberry.field(description="What it is called.")
    archived: bool | None = strawberry.field(description="Whether it was put away.")
    author: str | None = strawberry.field(description="The guid of who made it.")
    created: DateTime | None = strawberry.field(description="When it was made.")
    modified: DateTime | None = strawberry.field(description="When it was last changed.")
    editor: str | None = strawberry.field(description="The guid of who last changed it.")
    planner_type_id: str | None = strawberry.field(description="The id of its plan type.")
    parent_plan_id: str | None = strawberry.field(description="The id of the plan that it is a part of.")
    portfolio_parent_id: str | None = strawberry.field(
        description="The id of the portfolio that it is in, which is another hierarchy."
    )
    portfolio_order: int | None = strawberry.field(description="Its place in the portfolio.")
    user_list: list[OnePlanUserAccess] | None = strawberry.field(description="What users may do.")
    inherit_user_list: list[OnePlanUserAccess] | None = strawberry.field(
        description="What users may do by what is above."
    )
    team_list: list[OnePlanTeamAccess] | None = strawberry.field(description="What teams may do.")
    inherit_team_list: list[OnePlanTeamAccess] | None = strawberry.field(
        description="What teams may do by what is above."
    )
    fields: list[OnePlanEntry] | None = strawberry.field(
        description="The tenant's own fields: dates, status, owner, budget; values of choices are ids."
    )
    summary_fields: list[OnePlanEntry] | None = strawberry.field(
        description="The tenant's own fields that are computed from plans below."
    )
    folder: bool | None = strawberry.field(description="Whether it only holds other plans.")
    fragment: bool | None = strawberry.field(description="Whether it is a fragment.")
    fragment_info: OnePlanFragmentInfo | None = strawberry.field(description="What the fragment is for.")
    hidden: bool | None = strawberry.field(description="Whether it is hidden.")
    comments: list[OnePlanComment] | None = strawberry.field(description="What was said about it.")
    last_comment: DateTime | None = strawberry.field(description="When something was last said.")
    integrations: list[OnePlanIntegratedSystem] | None = strawberry.field(
        description="The items that it is in other systems."
    )
    snapshots: list[OnePlanSnapshot] | None = strawberry.field(description="Its fields as they were at status reports.")
    sub_plans: list[str] | None = strawberry.field(description="The ids of the plans that it is made of.")
    plan_number: str | None = strawberry.field(description="The number that people know it by.")
    rate_tables: list[OnePlanRateTable] | None = strawberry.field(description="Its rates.")
    splits: list[OnePlanLookupSplit] | None = strawberry.field(description="How values of lookup fields share in it.")
    lock_info: OnePlanLockInfo | None = strawberry.field(description="Who edits it now; null when nobody does.")
    last_location: str | None = strawberry.field(description="Where it was last looked at.")
    stage_gate_flow: OnePlanStageGateFlow | None = strawberry.field(
        description="Where it stands among its gates and steps."
    )
    date_sets: list[OnePlanDateSet] | None = strawberry.field(description="Its dates, as OnePlan had them in 2024.")
    other: list[OnePlanEntry] = strawberry.field(description="What else OnePlan said.")
    portfolio_parent: PlanRef | None = to_one(model.Plan, "portfolio_parent", "The portfolio that it is in.")
    portfolio_plans: list[PlanRef] | None = edge(_portfolio_plans, "The plans of the portfolio that it is, in order.")
