"""Scale's own types: every attribute that it documents for a plan, and the nodes of a plan's tree."""

import strawberry

from plangate.graph.node import Kind
from plangate.graph.scalars import JSON, DateTime
from plangate.native import scale as records


@strawberry.type(name="ScalePlan", description="Every attribute of a plan there.")
class ScalePlan(Kind):
    record = records.ScalePlan

    id: strawberry.ID = strawberry.field(description="Scale's id.")
    title: str | None = strawberry.field(description="The title.")
    associated_file_ids: list[str] | None = strawberry.field(
        description="The ids of the files and reports that the plan refers to."
    )
    steps: JSON | None = strawberry.field(
        description="The tree of steps and their state, as it is; it has no documented schema."
    )
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    created_by_user_id: str | None = strawberry.field(description="Who made it, a user or a service account.")
    created_by_identity_type: str | None = strawberry.field(
        description="Which of the two: `user` or `service_account`."
    )
    account_id: str | None = strawberry.field(description="The account that owns it.")
    start_date: DateTime | None = strawberry.field(
        description="The instant that the planning window starts at; the plan's startDate is its day in UTC."
    )
    end_date: DateTime | None = strawberry.field(
        description="The instant that it ends at; the plan's endDate is its day in UTC."
    )
    archived_at: DateTime | None = strawberry.field(description="When it was put away.")


@strawberry.type(name="ScaleStep", description="A node of a plan's tree of steps.")
class ScaleStep(Kind):
    record = records.ScaleStep

    pointer: str = strawberry.field(description="Its place in the tree, a JSON Pointer (RFC 6901).")
    state: JSON | None = strawberry.field(description="All that is there, as it is, with the steps within it.")
    thread_ids: list[str] | None = strawberry.field(
        description="The ids of its threads: `threadIds` of the state, if that is a list of texts."
    )
