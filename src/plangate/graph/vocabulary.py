"""Open vocabularies: a word that a system may add later is UNKNOWN here, and stands as it is in the field `...Raw`."""

import strawberry

from plangate import model

PlanTimeKind = strawberry.enum(model.PlanTimeKind, description="What happens at a plan time.")
MemberStatus = strawberry.enum(model.MemberStatus, description="What a person who was asked to serve has answered.")
ItemPosition = strawberry.enum(
    model.ItemPosition, description="Where an item stands: before, during or after the service."
)
