"""Attachment: a file that belongs to a plan."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PersonRef, PlanRef
from plangate.graph.scalars import URL, DateTime


@strawberry.federation.type(keys=["id"], description="A file that belongs to a plan.")
class Attachment(Record, Kind):
    record = model.Attachment

    name: str | None = strawberry.field(description="The file name.")
    content_type: str | None = strawberry.field(description="The media type.")
    size: float | None = strawberry.field(description="The size in bytes; a Float, since files outgrow a 32-bit Int.")
    url: URL | None = strawberry.field(description="Where it is; some systems ask for their own credential there.")
    thumbnail_url: URL | None = strawberry.field(description="A small picture of it.")
    downloadable: bool | None = strawberry.field(description="Whether it may be downloaded.")
    streamable: bool | None = strawberry.field(description="Whether it can be played in place.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
    created_by: PersonRef | None = to_one(model.Person, "created_by", "Who added it.")
