"""The vocabularies. Those with UNKNOWN are open: a word that a system adds later reads so, and stands in `...Raw`."""

from typing import TypeAlias

import strawberry

from plangate import access, model, source

Circuit: TypeAlias = source.Circuit
ItemPosition: TypeAlias = model.ItemPosition
MemberStatus: TypeAlias = model.MemberStatus
PlanTimeKind: TypeAlias = model.PlanTimeKind
Role: TypeAlias = access.Role
Visibility: TypeAlias = model.Visibility

strawberry.enum(
    Circuit, description="Whether a system is asked: CLOSED yes; OPEN not for now, it keeps failing; HALF_OPEN to see."
)
strawberry.enum(ItemPosition, description="Where an item stands: before, during or after the service.")
strawberry.enum(MemberStatus, description="What a person who was asked to serve has answered.")
strawberry.enum(PlanTimeKind, description="What happens at a plan time.")
strawberry.enum(Role, description="What a viewer may do.")
strawberry.enum(Visibility, description="Who may read a plan through Plangate: its creator, or the whole workspace.")
