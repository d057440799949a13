"""OnePlan's enums by name [V]. UNKNOWN: a value without a name here, or an integer that the settings do not name."""

from enum import StrEnum


class ProcessState(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


class StepState(StrEnum):
    STARTED = "STARTED"
    ENDED = "ENDED"
    UNKNOWN = "UNKNOWN"


class AccessLevel(StrEnum):
    NONE = "NONE"
    READER = "READER"
    MY_WORK = "MY_WORK"
    PLANNER = "PLANNER"
    OWNER = "OWNER"
    UNKNOWN = "UNKNOWN"


class AccessType(StrEnum):
    USER = "USER"
    GROUP = "GROUP"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class AssignmentType(StrEnum):
    RESOURCE = "RESOURCE"
    TEAM = "TEAM"
    UNKNOWN = "UNKNOWN"


class DateSetType(StrEnum):
    BASELINE = "BASELINE"
    COSTS = "COSTS"
    NORMAL = "NORMAL"
    RES_PLAN = "RES_PLAN"
    UNKNOWN = "UNKNOWN"


class GlobalLevel(StrEnum):
    """`OnePlanLevel` in the help."""

    NONE = "NONE"
    REQUESTOR = "REQUESTOR"
    TEAM_MEMBER = "TEAM_MEMBER"
    CONTRIBUTOR = "CONTRIBUTOR"
    MANAGER = "MANAGER"
    EXECUTIVE = "EXECUTIVE"
    OWNER = "OWNER"
    UNKNOWN = "UNKNOWN"
