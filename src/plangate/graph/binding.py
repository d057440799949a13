"""How the compiled executor reads Strawberry's schema: attributes as attributes, edges by their batch functions."""

from typing import cast

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType
from strawberry.schema import BaseSchema, Schema
from strawberry.types.field import StrawberryField

from plangate.engine import Attribute, Batch, Bind, Binding
from plangate.graph.arguments import arguments_of
from plangate.graph.ids import KIND_BY_NAME
from plangate.graph.node import Kind
from plangate.graph.paging import DEFAULT

NATIVE_SCALARS: dict[str, tuple[type, ...]] = {
    "DateTime": (str,),
    "Date": (str,),
    "URL": (str,),
    "JSON": (dict, list, str),
}
"""Scalars whose values are ready for JSON as they are."""


def weigh(_: GraphQLNamedType, field: GraphQLField) -> tuple[int, int] | None:
    """What a field counts in the cost of an operation: a connection without `first` has a page of the usual size."""
    return (1, DEFAULT) if "first" in field.args else None


def runtime_types(schema: BaseSchema) -> dict[type, str]:
    """Which GraphQL type a value of an interface or a union has: a record's class says it."""
    found = {}
    for name, concrete in cast("Schema", schema).schema_converter.type_map.items():
        declared = getattr(concrete.definition, "origin", None)
        if isinstance(declared, type) and issubclass(declared, Kind) and declared is not Kind:
            found[declared.record] = name
    return found


def bind_to(schema: BaseSchema) -> Bind:
    def bind(type_: GraphQLObjectType, _: str, field: GraphQLField) -> Binding | None:
        declared = field.extensions.get("strawberry-definition")
        if not isinstance(declared, StrawberryField):
            return None
        if declared.is_basic_field:
            if declared.python_name == "id" and type_.name in KIND_BY_NAME:
                return Attribute("key", prefix=f"{type_.name}:")  # what `Record.id` says, without a call for each
            return Attribute(declared.python_name)
        if (batch := declared.metadata.get("batch")) is None:
            return None
        varied = declared.metadata["varied"]
        return Batch(varied or batch, arguments_of(declared, schema), varied=varied is not None)

    return bind
