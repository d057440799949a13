"""Happyforce's own types: every attribute of its documentation, and the edges that only it has."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from plangate import model
from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge, to_one
from plangate.graph.node import Kind
from plangate.graph.refs import ActionRef, PersonRef
from plangate.graph.scalars import JSON, DateTime
from plangate.native import happyforce as records

_LATER = "Another word; see the raw one."


@strawberry.enum(description="Who may read a plan or an action there.")
class HappyforceVisibility(Enum):
    PUBLIC = strawberry.enum_value("PUBLIC", description="Any manager of the company.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="The creator; of an action, its assignees too.")
    UNKNOWN = strawberry.enum_value(records.UNKNOWN, description=_LATER)


@strawberry.enum(description="The scope of an action.")
class HappyforceActionType(Enum):
    MANAGER = strawberry.enum_value("MANAGER", description="An individual manager's.")
    COMPANY = strawberry.enum_value("COMPANY", description="Across teams, started by an admin.")
    UNKNOWN = strawberry.enum_value(records.UNKNOWN, description=_LATER)


@strawberry.enum(description="How an action came about.")
class HappyforceOrigin(Enum):
    MANUAL = strawberry.enum_value("MANUAL", description="Made by a user.")
    SUGGESTION = strawberry.enum_value("SUGGESTION", description="Proposed by a company action.")
    AI = strawberry.enum_value("AI", description="Made by the AI assistant.")
    UNKNOWN = strawberry.enum_value(records.UNKNOWN, description=_LATER)


@strawberry.enum(description="Where an action, or one of its assignees, stands.")
class HappyforceStatus(Enum):
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Begun.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Done.")
    UNKNOWN = strawberry.enum_value(
        records.UNKNOWN, description="Another word; see the raw one. Happyforce documents these two only."
    )


@strawberry.enum(description="What an action is to improve.")
class HappyforceFocusType(Enum):
    SCORE = strawberry.enum_value("SCORE", description="The score of a question.")
    HI = strawberry.enum_value("HI", description="The happiness index.")
    ENPS = strawberry.enum_value("ENPS", description="The employee net promoter score.")
    UNKNOWN = strawberry.enum_value(records.UNKNOWN, description=_LATER)


@strawberry.type(name="HappyforceAttribute", description="An attribute that has no field of its own here.")
class HappyforceAttribute(Kind):
    record = records.HappyforceAttribute

    key: str = strawberry.field(description="What Happyforce calls it.")
    value: JSON | None = strawberry.field(description="Its value, as it came.")


@strawberry.type(name="HappyforceAssignee", description="One of those who are to do an action.")
class HappyforceAssignee(Kind):
    record = records.HappyforceAssignee

    id: str | None = strawberry.field(description="Happyforce's id of the user.")
    status: HappyforceStatus | None = strawberry.field(description="Where they stand.")
    status_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    raw: JSON | None = strawberry.field(description="The entry as it came; what it looks like is not documented.")
    person: PersonRef | None = to_one(model.Person, "person", "Who it is. No more is known there than the id.")


@strawberry.type(name="HappyforceFocusItem", description="What an action is to improve.")
class HappyforceFocusItem(Kind):
    record = records.HappyforceFocusItem

    focus_type: HappyforceFocusType | None = strawberry.field(description="The kind of indicator.")
    focus_type_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    raw: JSON | None = strawberry.field(
        description="The entry as it came; what its target looks like is not documented."
    )


@strawberry.type(name="HappyforceAction", description="Every attribute of an action there.")
class HappyforceAction(Kind):
    record = records.HappyforceAction

    id: str | None = strawberry.field(description="Happyforce's id.")
    company_id: str | None = strawberry.field(description="The id of the company that owns it.")
    plan_id: str | None = strawberry.field(description="The id of its plan; null if it stands alone.")
    title: str | None = strawberry.field(description="The title.")
    description: str | None = strawberry.field(description="The description.")
    hierarchy_ids: list[str] | None = strawberry.field(
        description="The ids of the areas that it is for; none: the whole company."
    )
    group_ids: list[str] | None = strawberry.field(description="The ids of the groups that it is for.")
    action_type: HappyforceActionType | None = strawberry.field(description="Its scope.")
    action_type_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    origin: HappyforceOrigin | None = strawberry.field(description="How it came about.")
    origin_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    visibility: HappyforceVisibility | None = strawberry.field(description="Who may read it.")
    visibility_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    status: HappyforceStatus | None = strawberry.field(description="Where it stands, computed from all assignees.")
    status_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    completion_percent: int | None = strawberry.field(description="The share of assignees who are done, 0 to 100.")
    assignees: list[HappyforceAssignee] | None = strawberry.field(description="Who is to do it.")
    assignee_statuses: JSON | None = strawberry.field(
        description="Where each of them stands, as it came; what it looks like is not documented."
    )
    focus_items: list[HappyforceFocusItem] | None = strawberry.field(description="What it is to improve.")
    target_date: DateTime | None = strawberry.field(description="When it is to be done.")
    started_at: DateTime | None = strawberry.field(description="When the first assignee began.")
    completed_at: DateTime | None = strawberry.field(description="When all assignees were through with it.")
    created_by: str | None = strawberry.field(description="The id of the user who made it.")
    creator: PersonRef | None = to_one(model.Person, "creator", "Who made it.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    additional: list[HappyforceAttribute] = strawberry.field(
        description="What is not documented, or is not of the documented type."
    )


async def _matching_actions(parents: Sequence[records.HappyforcePlan], call: Call) -> Answers:
    return await call.context.loaders.native("matching_actions", parents)


@strawberry.type(name="HappyforcePlan", description="Every attribute of an action plan there.")
class HappyforcePlan(Kind):
    record = records.HappyforcePlan

    id: str | None = strawberry.field(description="Happyforce's id.")
    company_id: str | None = strawberry.field(description="The id of the company that owns it.")
    title: str | None = strawberry.field(description="The title.")
    description: str | None = strawberry.field(description="The description.")
    visibility: HappyforceVisibility | None = strawberry.field(description="Who may read it.")
    visibility_raw: str | None = strawberry.field(description="The same in Happyforce's own word.")
    completion_percent: int | None = strawberry.field(
        description="The share of its actions that are done, 0 to 100. In a filtered list perhaps of the matching "
        "ones, so null there for viewers who are not admins."
    )
    created_by: str | None = strawberry.field(description="The id of the user who made it; old plans have none.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    additional: list[HappyforceAttribute] = strawberry.field(
        description="What is not documented, or is not of the documented type."
    )
    matching_actions: list[ActionRef] | None = edge(
        _matching_actions,
        "The actions that met the filter of the list which the plan came from; all of them if there was none.",
    )
