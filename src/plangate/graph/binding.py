"""How the compiled executor reads Strawberry's schema: attributes as attributes, edges by their batch functions."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType
from strawberry import ID
from strawberry.schema import BaseSchema
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryContainer
from strawberry.types.field import StrawberryField

from plangate.engine import Attribute, Batch, Bind, Binding
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
    config, scalars = schema.config, schema.schema_converter.scalar_registry

    def bind(_: GraphQLObjectType, __: str, field: GraphQLField) -> Binding | None:
        declared = field.extensions.get("strawberry-definition")
        if not isinstance(declared, StrawberryField):
            return None
        if declared.is_basic_field:
            return Attribute(declared.python_name)
        if (batch := declared.metadata.get("batch")) is None:
            return None

        return Batch(batch, _converter(declared, config, scalars))

    return bind


def _converter(declared: StrawberryField, config: Any, scalars: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Coerced GraphQL arguments to Python's: Strawberry's own way is needed only for enums and input objects."""
    names = {config.name_converter.from_argument(each): each for each in declared.arguments}
    plain = {name: each.python_name for name, each in names.items() if _is_plain(each.type)}

    def convert(arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.keys() <= plain.keys():
            return {plain[name]: value for name, value in arguments.items()}
        return convert_arguments(arguments, declared.arguments, scalar_registry=scalars, config=config)

    return convert


def _is_plain(type_: Any) -> bool:
    while isinstance(type_, StrawberryContainer):
        type_ = type_.of_type
    return type_ in (str, int, bool, float, ID)
