"""OnePlan's enums. They are open: an integer or a word that has no name here reads UNKNOWN, and stands in `...Raw`."""

from enum import Enum

import strawberry


@strawberry.enum(name="OnePlanProcessState", description="What was decided of a step, or of a change.")
class OnePlanProcessState(Enum):
    PENDING = strawberry.enum_value("PENDING", description="Nothing yet.")
    APPROVED = strawberry.enum_value("APPROVED", description="Yes.")
    REJECTED = strawberry.enum_value("REJECTED", description="No.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanStepState", description="Whether a step goes on.")
class OnePlanStepState(Enum):
    STARTED = strawberry.enum_value("STARTED", description="It goes on.")
    ENDED = strawberry.enum_value("ENDED", description="It is over.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanAccessLevel", description="What somebody may do in a plan.")
class OnePlanAccessLevel(Enum):
    NONE = strawberry.enum_value("NONE", description="Nothing.")
    READER = strawberry.enum_value("READER", description="Read.")
    MY_WORK = strawberry.enum_value("MY_WORK", description="Work on tasks of their own.")
    PLANNER = strawberry.enum_value("PLANNER", description="Plan.")
    OWNER = strawberry.enum_value("OWNER", description="All, as its owner.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanAccessType", description="Whom an access is for.")
class OnePlanAccessType(Enum):
    USER = strawberry.enum_value("USER", description="One user.")
    GROUP = strawberry.enum_value("GROUP", description="A group.")
    OTHER = strawberry.enum_value("OTHER", description="Somebody else.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanAssignmentType", description="Who is assigned.")
class OnePlanAssignmentType(Enum):
    RESOURCE = strawberry.enum_value("RESOURCE", description="One resource.")
    TEAM = strawberry.enum_value("TEAM", description="A team.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanDateSetType", description="What dates are of.")
class OnePlanDateSetType(Enum):
    BASELINE = strawberry.enum_value("BASELINE", description="The baseline.")
    COSTS = strawberry.enum_value("COSTS", description="The costs.")
    NORMAL = strawberry.enum_value("NORMAL", description="The plan itself.")
    RES_PLAN = strawberry.enum_value("RES_PLAN", description="The resource plan.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")


@strawberry.enum(name="OnePlanGlobalLevel", description="What somebody may do in OnePlan as a whole.")
class OnePlanGlobalLevel(Enum):
    NONE = strawberry.enum_value("NONE", description="Nothing.")
    REQUESTOR = strawberry.enum_value("REQUESTOR", description="Ask for plans.")
    TEAM_MEMBER = strawberry.enum_value("TEAM_MEMBER", description="Work in teams.")
    CONTRIBUTOR = strawberry.enum_value("CONTRIBUTOR", description="Contribute.")
    MANAGER = strawberry.enum_value("MANAGER", description="Manage plans.")
    EXECUTIVE = strawberry.enum_value("EXECUTIVE", description="See all of them.")
    OWNER = strawberry.enum_value("OWNER", description="Own the group.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value without a name here; see the raw one.")
