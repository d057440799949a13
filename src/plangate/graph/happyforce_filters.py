"""Conditions that Happyforce alone can apply, as its API has them. Ids here are its own, without kind and source."""

import strawberry
from strawberry import UNSET

_TEXT = "A part of an action's title or description, in upper or lower case."


@strawberry.input(
    description="""Conditions on the actions of a plan there: plans with at least one action that meets all of them.

Name `happyforce` in `sources`, as no other system can apply them. The actions that meet them are in
`native { ... on HappyforcePlan { matchingActions } }`; `actions` has all of the plan."""
)
class HappyforcePlanFilter:
    status: str | None = strawberry.field(default=UNSET, description="The status of an action, in its own word.")
    focus_type: str | None = strawberry.field(default=UNSET, description="What an action is to improve.")
    hierarchy_id: str | None = strawberry.field(default=UNSET, description="The id of an area that an action is for.")
    assignee_id: str | None = strawberry.field(default=UNSET, description="The id of one who is to do an action.")
    action_type: str | None = strawberry.field(default=UNSET, description="MANAGER or COMPANY.")
    q: str | None = strawberry.field(default=UNSET, description=_TEXT)


@strawberry.input(description="Conditions on an action there. Name `happyforce` in `sources`.")
class HappyforceActionFilter:
    hierarchy_id: str | None = strawberry.field(default=UNSET, description="The id of an area that it is for.")
    action_type: str | None = strawberry.field(default=UNSET, description="MANAGER or COMPANY.")
    q: str | None = strawberry.field(default=UNSET, description=_TEXT)
