"""The graph as a subgraph: type names with a prefix, and root fields that the subgraph SDL leaves out.

A router composes the subgraphs' SDL and then sends operations with the names of that SDL: in fragments, in the types of
variables, and in `__typename`. So the prefix is part of the schema that is served. Root fields that the SDL leaves out
are never sent by a router, and stay there for other clients.
"""

import copy
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLSchema, is_scalar_type
from strawberry.directive import StrawberryDirective
from strawberry.federation.schema_directives import Key
from strawberry.schema.name_converter import NameConverter
from strawberry.tools import create_type
from strawberry.types.base import StrawberryType, get_object_definition
from strawberry.types.scalar import ScalarDefinition

from plangate.errors import SettingsError
from plangate.settings import Settings, variable
from plangate.settings.federation import FederationSettings

SHARED = frozenset({"Query", "Mutation", "Subscription", "Node", "PageInfo"})
"""Types that subgraphs have in common: the operations' roots, and Relay's types, which all define alike."""

SYSTEMS = tuple(name.replace("_", "") for name in Settings.upstream_names())
"""How the names of types of one system begin, in lower case: such a name has a prefix already."""


class TypeNames(NameConverter):
    """The names of the graph's types. With a prefix, every type gets it except those that subgraphs share.

    Without it remain: SHARED, entities, scalars, and types of one system. `prefixed_types` adds it to some of these.
    """

    def __init__(self, federation: FederationSettings) -> None:
        super().__init__()
        self._prefix = federation.type_prefix
        self._also = federation.prefixed_types

    def from_type(self, type_: StrawberryType | StrawberryDirective[Any]) -> str:
        name = super().from_type(type_)
        return f"{self._prefix}{name}" if self._prefix and self._is_prefixed(name, type_) else name

    def _is_prefixed(self, name: str, type_: Any) -> bool:
        origin = getattr(getattr(type_, "concrete_of", None) or type_, "origin", None)
        own = getattr(origin, "__module__", "").startswith("strawberry.")
        if own or name.startswith("_") or isinstance(type_, StrawberryDirective):
            return False  # part of the federation specification
        if name in self._also:
            return True
        shared = name in SHARED or isinstance(type_, ScalarDefinition) or is_entity(type_)
        return not shared and not name.lower().startswith(SYSTEMS)


def is_entity(definition: Any) -> bool:
    """Whether other subgraphs can refer to a type of this definition by a key."""
    return any(isinstance(directive, Key) for directive in getattr(definition, "directives", None) or ())


def without_fields(query: type[Any], names: Sequence[str]) -> type[Any]:
    """The query type without these fields."""
    definition = get_object_definition(query, strict=True)
    converter = NameConverter()
    kept = [copy.copy(field) for field in definition.fields if converter.from_field(field) not in names]
    return create_type("Query", kept, description=definition.description)


def check(federation: FederationSettings, schema: GraphQLSchema) -> None:
    """Raise SettingsError if the settings name what the graph's schema without them does not have."""
    roots = {type_.name for type_ in (schema.query_type, schema.mutation_type, schema.subscription_type) if type_}
    types = [name for name, type_ in schema.type_map.items() if not is_scalar_type(type_) and name not in roots]
    fields = {name for name in schema.query_type.fields if not name.startswith("_")} if schema.query_type else set()
    for name in federation.prefixed_types:
        if name not in types:
            raise _mistake("prefixed_types", f"the graph has no type {name} that could get a prefix")
    for name in federation.omitted_root_fields:
        if name not in fields:
            raise _mistake("omitted_root_fields", f"Query has no field {name}")
    if fields <= set(federation.omitted_root_fields):
        raise _mistake("omitted_root_fields", "at least one field of Query must remain")
    for name in sorted(types):
        if f"{federation.type_prefix}{name}" in types:
            raise _mistake("type_prefix", f"the graph has a type {federation.type_prefix}{name} already")


def _mistake(setting: str, reason: str) -> SettingsError:
    name = f"federation.{setting}"
    return SettingsError(f"The setting {name} ({variable(name)}) is not right: {reason}. Correct it and start again.")
