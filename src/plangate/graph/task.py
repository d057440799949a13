"""Task: a piece of work."""

import strawberry

from plangate import model
from plangate.graph.edge import to_many, to_one
from plangate.graph.native import TaskNative
from plangate.graph.node import Kind, Record
from plangate.graph.paging import Connection
from plangate.graph.refs import PersonRef, PlanRef, TaskRef
from plangate.graph.scalars import DateTime


@strawberry.federation.type(keys=["id"], description="A piece of work.")
class Task(Record, Kind):
    record = model.Task

    title: str | None = strawberry.field(description="What is to be done.")
    description: str | None = strawberry.field(description="More about it.")
    status: str | None = strawberry.field(description="The system's own word.")
    is_done: bool | None = strawberry.field(description="Whether it is done.")
    start_time: DateTime | None = strawberry.field(description="When it starts.")
    due_time: DateTime | None = strawberry.field(description="When it is due.")
    position: int | None = strawberry.field(description="Its place among the tasks of the plan.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    native: TaskNative | None = strawberry.field(description="What only this system says, in its own words.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan that it belongs to.")
    parent: TaskRef | None = to_one(model.Task, "parent", "The task that it is a part of.")
    assignee: PersonRef | None = to_one(model.Person, "assignee", "Who is to do it.")
    sub_tasks: Connection[TaskRef] | None = to_many(model.Task, "sub_tasks_of_tasks", "The tasks that it is made of.")
