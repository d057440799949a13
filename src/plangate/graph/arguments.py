"""Coerced GraphQL arguments to Python's, for the compiled executor.

The result is that of Strawberry's `convert_arguments`, which finds its way through the types anew for each value; here
that is done once per field. What the schema does not use (`Maybe`, `GlobalID`, types that build themselves) is refused
when it is bound, not misread.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from strawberry.schema import BaseSchema
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

Convert = Callable[[Any], Any]


def arguments_of(field: StrawberryField, schema: BaseSchema) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The function that turns a field's coerced arguments into the keyword arguments of its batch function."""
    names = schema.config.name_converter
    table = {names.from_argument(each): (each.python_name, each.type) for each in field.arguments}

    @cache
    def conversions() -> dict[str, tuple[str, Convert | None]]:  # at the first call: types may be lazy
        return {name: (python_name, _conversion(type_, schema)) for name, (python_name, type_) in table.items()}

    return lambda given: _converted(given, conversions())


def _converted(given: Mapping[str, Any], table: Mapping[str, tuple[str, Convert | None]]) -> dict[str, Any]:
    converted = {}
    for name, value in given.items():
        python_name, convert = table[name]
        converted[python_name] = value if convert is None or value is None else convert(value)
    return converted


def _conversion(type_: Any, schema: BaseSchema) -> Convert | None:
    """What is done with a value of this type that is not null; None if it is passed on as it is."""
    if isinstance(type_, LazyType):
        return _conversion(type_.resolve_type(), schema)
    if isinstance(type_, StrawberryMaybe):
        raise TypeError("Maybe is not used in this schema: teach plangate.graph.arguments what becomes of it.")
    if isinstance(type_, StrawberryOptional):
        return _conversion(type_.of_type, schema)
    if isinstance(type_, StrawberryList):
        convert = _conversion(type_.of_type, schema)
        return list if convert is None else lambda values: [each if each is None else convert(each) for each in values]
    definition = get_object_definition(type_)
    return None if definition is None else _input(definition, schema)


def _input(definition: StrawberryObjectDefinition, schema: BaseSchema) -> Convert:
    if definition.from_input is not None:
        raise TypeError(f"{definition.name} builds itself: teach plangate.graph.arguments how.")

    @cache
    def table() -> dict[str, tuple[str, Convert | None]]:  # at the first value: an input may hold itself
        return {
            schema.config.name_converter.from_field(field): (
                field.python_name,
                _conversion(field.resolve_type(type_definition=definition), schema),
            )
            for field in definition.fields
        }

    return lambda given: definition.origin(**_converted(given, table()))
