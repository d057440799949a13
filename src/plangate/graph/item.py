"""Item: a part of an order of service."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind, Record
from plangate.graph.refs import PlanRef
from plangate.graph.scalars import DateTime
from plangate.graph.vocabulary import ItemPosition


@strawberry.federation.type(keys=["id"], description="A part of an order of service: a song, a header, a reading.")
class Item(Record, Kind):
    record = model.Item

    title: str | None = strawberry.field(description="What it is called.")
    description: str | None = strawberry.field(description="More about it.")
    item_type: str | None = strawberry.field(
        description="What it is, in the system's own word: song, header, media, item."
    )
    service_position: ItemPosition | None = strawberry.field(description="Before, during or after the service.")
    service_position_raw: str | None = strawberry.field(description="The same in the system's own word.")
    length: int | None = strawberry.field(description="Its length in seconds.")
    position: int | None = strawberry.field(description="Its place in the order.")
    key_name: str | None = strawberry.field(description="The musical key.")
    details_html: str | None = strawberry.field(
        description="Details, as HTML of the system: clean it before you show it."
    )
    arrangement: list[str] | None = strawberry.field(description="The parts of a song in the order they are sung.")
    created_at: DateTime | None = strawberry.field(description="When it was made.")
    updated_at: DateTime | None = strawberry.field(description="When it was last changed.")
    plan: PlanRef | None = to_one(model.Plan, "plan", "The plan.")
