"""Filter and order inputs, and how they become the model's: small typed inputs combined by and/or/not."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from plangate import model
from plangate.errors import BadUserInput, camel
from plangate.graph.happyforce_filters import HappyforceActionFilter, HappyforcePlanFilter
from plangate.graph.ids import key_of
from plangate.graph.scalars import Date, DateTime
from plangate.graph.vocabulary import Visibility
from plangate.listing import AllOf, AnyOf, Condition, Filter, Not, Order

MAXIMUM_CONDITIONS = 50
MAXIMUM_VALUES = 100
MAXIMUM_DEPTH = 10
MAXIMUM_ORDERS = 3


@strawberry.input(description="Conditions on a text; all that are given must hold.")
class StringFilter:
    eq: str | None = strawberry.field(default=UNSET, description="Equal, case and all.")
    in_: list[str] | None = strawberry.field(default=UNSET, name="in", description="Equal to one of these.")
    contains: str | None = strawberry.field(default=UNSET, description="Has this part, in upper or lower case.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Whether there is no text.")


@strawberry.input(description="Conditions on a reference; all that are given must hold.")
class IdFilter:
    eq: strawberry.ID | None = strawberry.field(default=UNSET, description="This record.")
    in_: list[strawberry.ID] | None = strawberry.field(default=UNSET, name="in", description="One of these records.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Whether there is no such record.")


@strawberry.input(description="Conditions on an instant; all that are given must hold.")
class DateTimeFilter:
    eq: DateTime | None = strawberry.field(default=UNSET, description="At this instant.")
    lt: DateTime | None = strawberry.field(default=UNSET, description="Before.")
    lte: DateTime | None = strawberry.field(default=UNSET, description="Before or at.")
    gt: DateTime | None = strawberry.field(default=UNSET, description="After.")
    gte: DateTime | None = strawberry.field(default=UNSET, description="After or at.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Whether there is no instant.")


@strawberry.input(description="Conditions on a day; all that are given must hold.")
class DateFilter:
    eq: Date | None = strawberry.field(default=UNSET, description="On this day.")
    lt: Date | None = strawberry.field(default=UNSET, description="Before.")
    lte: Date | None = strawberry.field(default=UNSET, description="Before or on.")
    gt: Date | None = strawberry.field(default=UNSET, description="After.")
    gte: Date | None = strawberry.field(default=UNSET, description="After or on.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Whether there is no day.")


@strawberry.input(description="Conditions on a yes or no.")
class BooleanFilter:
    eq: bool | None = strawberry.field(default=UNSET, description="Equal.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Whether the system does not say.")


@strawberry.input(description="Conditions on a visibility.")
class VisibilityFilter:
    eq: Visibility | None = strawberry.field(default=UNSET, description="Equal.")
    in_: list[Visibility] | None = strawberry.field(default=UNSET, name="in", description="One of these.")


_AND = "All of these hold too."
_OR = "At least one of these holds too."
_NOT = "This does not hold."


@strawberry.input(description="Conditions on plans. A source that cannot apply one says so: FILTER_NOT_SUPPORTED.")
class PlanFilter:
    title: StringFilter | None = strawberry.field(default=UNSET, description="The title.")
    status: StringFilter | None = strawberry.field(default=UNSET, description="The system's own word.")
    visibility: VisibilityFilter | None = strawberry.field(default=UNSET, description="Who may read it.")
    start_date: DateFilter | None = strawberry.field(default=UNSET, description="The first day.")
    end_date: DateFilter | None = strawberry.field(default=UNSET, description="The last day.")
    sort_date: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it takes place.")
    created_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it was made.")
    updated_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it was last changed.")
    archived_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it was put away.")
    service_type: IdFilter | None = strawberry.field(default=UNSET, description="Its service type.")
    series: IdFilter | None = strawberry.field(default=UNSET, description="Its series.")
    parent: IdFilter | None = strawberry.field(default=UNSET, description="The plan that it is a part of.")
    created_by: IdFilter | None = strawberry.field(default=UNSET, description="Who made it.")
    happyforce: HappyforcePlanFilter | None = strawberry.field(default=UNSET, description="What it alone can apply.")
    and_: "list[PlanFilter] | None" = strawberry.field(default=UNSET, name="and", description=_AND)
    or_: "list[PlanFilter] | None" = strawberry.field(default=UNSET, name="or", description=_OR)
    not_: "PlanFilter | None" = strawberry.field(default=UNSET, name="not", description=_NOT)


@strawberry.input(description="Conditions on actions.")
class ActionFilter:
    title: StringFilter | None = strawberry.field(default=UNSET, description="The title.")
    status: StringFilter | None = strawberry.field(default=UNSET, description="The system's own word.")
    focus_type: StringFilter | None = strawberry.field(default=UNSET, description="What it is about.")
    due_date: DateFilter | None = strawberry.field(default=UNSET, description="The day by which it is due.")
    created_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it was made.")
    plan: IdFilter | None = strawberry.field(default=UNSET, description="Its plan.")
    assignee: IdFilter | None = strawberry.field(default=UNSET, description="Who is to do it.")
    happyforce: HappyforceActionFilter | None = strawberry.field(default=UNSET, description="What it alone can apply.")
    and_: "list[ActionFilter] | None" = strawberry.field(default=UNSET, name="and", description=_AND)
    or_: "list[ActionFilter] | None" = strawberry.field(default=UNSET, name="or", description=_OR)
    not_: "ActionFilter | None" = strawberry.field(default=UNSET, name="not", description=_NOT)


@strawberry.input(description="Conditions on tasks.")
class TaskFilter:
    title: StringFilter | None = strawberry.field(default=UNSET, description="The title.")
    status: StringFilter | None = strawberry.field(default=UNSET, description="The system's own word.")
    is_done: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether it is done.")
    start_time: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it starts.")
    due_time: DateTimeFilter | None = strawberry.field(default=UNSET, description="When it is due.")
    plan: IdFilter | None = strawberry.field(default=UNSET, description="Its plan.")
    parent: IdFilter | None = strawberry.field(default=UNSET, description="The task that it is a part of.")
    assignee: IdFilter | None = strawberry.field(default=UNSET, description="Who is to do it.")
    and_: "list[TaskFilter] | None" = strawberry.field(default=UNSET, name="and", description=_AND)
    or_: "list[TaskFilter] | None" = strawberry.field(default=UNSET, name="or", description=_OR)
    not_: "TaskFilter | None" = strawberry.field(default=UNSET, name="not", description=_NOT)


@strawberry.input(description="Conditions on service types.")
class ServiceTypeFilter:
    name: StringFilter | None = strawberry.field(default=UNSET, description="What it is called.")
    and_: "list[ServiceTypeFilter] | None" = strawberry.field(default=UNSET, name="and", description=_AND)
    or_: "list[ServiceTypeFilter] | None" = strawberry.field(default=UNSET, name="or", description=_OR)
    not_: "ServiceTypeFilter | None" = strawberry.field(default=UNSET, name="not", description=_NOT)


@strawberry.enum(description="The direction of an order.")
class Direction(Enum):
    ASC = strawberry.enum_value("ASC", description="Upwards; records without a value come last.")
    DESC = strawberry.enum_value("DESC", description="Downwards; records without a value come first.")


@strawberry.enum(description="What plans can be ordered by.")
class PlanOrderField(Enum):
    SORT_DATE = strawberry.enum_value("sort_date", description="When it takes place.")
    TITLE = strawberry.enum_value("title", description="The title.")
    CREATED_AT = strawberry.enum_value("created_at", description="When it was made.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="When it was last changed.")
    START_DATE = strawberry.enum_value("start_date", description="The first day.")


@strawberry.enum(description="What actions can be ordered by.")
class ActionOrderField(Enum):
    POSITION = strawberry.enum_value("position", description="The place among the actions of the plan.")
    DUE_DATE = strawberry.enum_value("due_date", description="The day by which it is due.")
    TITLE = strawberry.enum_value("title", description="The title.")
    CREATED_AT = strawberry.enum_value("created_at", description="When it was made.")


@strawberry.enum(description="What tasks can be ordered by.")
class TaskOrderField(Enum):
    POSITION = strawberry.enum_value("position", description="The place among the tasks of the plan.")
    START_TIME = strawberry.enum_value("start_time", description="When it starts.")
    DUE_TIME = strawberry.enum_value("due_time", description="When it is due.")
    TITLE = strawberry.enum_value("title", description="The title.")


@strawberry.enum(description="What service types can be ordered by.")
class ServiceTypeOrderField(Enum):
    POSITION = strawberry.enum_value("position", description="The place that the system gives it.")
    NAME = strawberry.enum_value("name", description="What it is called.")


@strawberry.input(description="An order of plans; later ones break ties of earlier ones.")
class PlanOrder:
    field: PlanOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


@strawberry.input(description="An order of actions.")
class ActionOrder:
    field: ActionOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


@strawberry.input(description="An order of tasks.")
class TaskOrder:
    field: TaskOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


@strawberry.input(description="An order of service types.")
class ServiceTypeOrder:
    field: ServiceTypeOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


AnyFilter = PlanFilter | ActionFilter | TaskFilter | ServiceTypeFilter
AnyOrder = PlanOrder | ActionOrder | TaskOrder | ServiceTypeOrder

_REFERENCES: dict[str, type[model.Record]] = {
    "service_type": model.ServiceType,
    "series": model.Series,
    "parent": model.Plan,
    "created_by": model.Person,
    "assignee": model.Person,
    "plan": model.Plan,
}


def to_filter(given: AnyFilter | None) -> Filter | None:
    """The model's filter, or None if there is nothing to filter by."""
    if given is None:
        return None
    conditions = _conditions(given, MAXIMUM_DEPTH)
    if sum(map(_count, conditions)) > MAXIMUM_CONDITIONS:
        raise BadUserInput(f"At most {MAXIMUM_CONDITIONS} conditions.", argument="filter")
    return AllOf(tuple(conditions)) if conditions else None


def to_order(given: Sequence[AnyOrder] | None) -> tuple[Order, ...]:
    if given is not None and len(given) > MAXIMUM_ORDERS:
        raise BadUserInput(f"At most {MAXIMUM_ORDERS} orders.", argument="orderBy")
    return tuple(Order(each.field.value, each.direction is Direction.DESC) for each in given or ())


def _count(filter: Filter) -> int:
    match filter:
        case AllOf(of) | AnyOf(of):
            return 1 + sum(map(_count, of))
        case Not(of):
            return 1 + _count(of)
    return 1


def _conditions(given: Any, levels: int) -> list[Filter]:
    if not levels:
        raise BadUserInput(f"Conditions may be nested {MAXIMUM_DEPTH} deep.", argument="filter")
    found: list[Filter] = []
    for name, value in vars(given).items():
        if value is UNSET:
            continue
        if value is None:
            raise BadUserInput("A condition is null. Leave it out, or use isNull.", argument=name.rstrip("_"))
        if name == "and_":
            found += [AllOf(tuple(_conditions(each, levels - 1))) for each in value]
        elif name == "or_":
            found.append(AnyOf(tuple(AllOf(tuple(_conditions(each, levels - 1))) for each in value)))
        elif name == "not_":
            found.append(Not(AllOf(tuple(_conditions(value, levels - 1)))))
        else:
            given_operators = ((name.rstrip("_"), each) for name, each in vars(value).items() if each is not UNSET)
            found += [_condition(given, name, operator, each) for operator, each in given_operators]
    return found


def _condition(given: Any, field: str, operator: str, value: Any) -> Condition:
    if value is None:
        raise BadUserInput("A condition is null. Leave it out, or use isNull.", argument=f"{camel(field)}.{operator}")
    if isinstance(value, list) and len(value) > MAXIMUM_VALUES:
        raise BadUserInput(f"At most {MAXIMUM_VALUES} values.", argument=f"{camel(field)}.{operator}")
    if field in _REFERENCES and operator != "is_null":
        kind = model.Task if field == "parent" and isinstance(given, TaskFilter) else _REFERENCES[field]
        value = tuple(key_of(each, kind) for each in value) if isinstance(value, list) else key_of(value, kind)
    elif isinstance(value, list):
        value = tuple(value)
    return Condition(field, operator, value)
