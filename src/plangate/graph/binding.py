"""How the compiled executor reads Strawberry's schema: attributes as attributes, edges by their batch functions."""

from typing import cast

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType
from strawberry.schema import BaseSchema, Schema
from strawberry.types.field import StrawberryField

from plangate.documents import FieldCost
from plangate.engine import Attribute, Batch, Bind, Binding
from plangate.graph.arguments import arguments_of
from plangate.graph.node import Kind
from plangate.graph.paging import DEFAULT
from plangate.model import Record

NATIVE_SCALARS: dict[str, tuple[type, ...]] = {
    "DateTime": (str,),
    "Date": (str,),
    "URL": (str,),
    "JSON": (dict, list, str),
}
"""Scalars whose values are ready for JSON as they are."""


SLICING = ("first", "last", "ids", "representations")
"""Arguments that say how many records a field answers: by a number, or by as many ids.

`sources`, filters and orders are lists too, but only narrow what is answered; they are bounded where they are read.
"""


def field_cost(_: GraphQLNamedType, field: GraphQLField) -> FieldCost | None:
    """The cost of a field: a connection without `first` has a page of the usual size; None if nothing slices it."""
    slicing = tuple(name for name in SLICING if name in field.args)
    return FieldCost(assumed_size=DEFAULT, slicing=slicing) if slicing else None


def runtime_types(schema: BaseSchema) -> dict[type, str]:
    """Which GraphQL type a value of an interface or a union has: a record's class says it."""
    found = {}
    for name, concrete in cast("Schema", schema).schema_converter.type_map.items():
        declared = getattr(concrete.definition, "origin", None)
        if isinstance(declared, type) and issubclass(declared, Kind) and declared is not Kind:
            found[declared.record] = name
    return found


def bind_to(schema: BaseSchema) -> Bind:
    kinds = {name: record.__name__ for record, name in runtime_types(schema).items() if issubclass(record, Record)}

    def bind(type_: GraphQLObjectType, _: str, field: GraphQLField) -> Binding | None:
        declared = field.extensions.get("strawberry-definition")
        if not isinstance(declared, StrawberryField):
            return None
        if declared.is_basic_field:
            if declared.python_name == "id" and (kind := kinds.get(type_.name)):
                return Attribute("key", prefix=f"{kind}:")  # what `Record.id` says, without a call for each
            return Attribute(declared.python_name)
        if (batch := declared.metadata.get("batch")) is None:
            return None
        varied = declared.metadata["varied"]
        return Batch(varied or batch, arguments_of(declared, schema), varied=varied is not None)

    return bind
