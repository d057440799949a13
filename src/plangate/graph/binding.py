"""How the compiled executor reads Strawberry's schema: attributes as attributes, edges by their batch functions."""

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType
from strawberry.schema import BaseSchema
from strawberry.types.field import StrawberryField

from plangate.engine import Attribute, Batch, Bind, Binding
from plangate.graph.arguments import arguments_of
from plangate.graph.paging import DEFAULT
from plangate.model import KINDS
from plangate.native import planning_center

RUNTIME_TYPES: dict[type, str] = {
    **{kind: kind.__name__ for kind in KINDS},
    planning_center.PlanningCenterPlan: "PlanningCenterPlan",
}
"""Which GraphQL type a value of an interface or a union has."""

NATIVE_SCALARS: dict[str, tuple[type, ...]] = {"DateTime": (str,), "Date": (str,), "URL": (str,)}
"""Scalars whose values are text already, ready for JSON."""


def weigh(_: GraphQLNamedType, field: GraphQLField) -> tuple[int, int] | None:
    """What a field counts in the cost of an operation: a connection without `first` has a page of the usual size."""
    return (1, DEFAULT) if "first" in field.args else None


def bind_to(schema: BaseSchema) -> Bind:
    def bind(_: GraphQLObjectType, __: str, field: GraphQLField) -> Binding | None:
        declared = field.extensions.get("strawberry-definition")
        if not isinstance(declared, StrawberryField):
            return None
        if declared.is_basic_field:
            return Attribute(declared.python_name)
        if (batch := declared.metadata.get("batch")) is None:
            return None

        return Batch(batch, arguments_of(declared, schema))

    return bind
