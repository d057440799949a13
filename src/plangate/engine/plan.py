"""The compiled operation: a tree of `ObjectPlan`s, one for each selection of an object type.

Fields are collected by graphql-core's own ``collect_fields``, so merging, type conditions and @skip/@include are its
own. The plans of object types are made ahead; those below an interface or union when a concrete type is first met.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeNameMetaFieldDef,
    VariableNode,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from .binding import Attribute, Batch, Bind, Binding, Method
from .leaf import LeafType, Native, completer
from .project import Projection, generate
from .selection import Fragments, selected


class Field:
    """One response field of a selection: where it stands, what it returns and how it is resolved."""

    def __init__(
        self, parent: GraphQLObjectType, name: str, order: int, definition: GraphQLField, details: FieldDetailsList
    ) -> None:
        self.parent_type, self.name, self.order, self.definition, self.details = (
            parent,
            name,
            order,
            definition,
            details,
        )
        self.nodes = [detail.node for detail in details]
        self.null_message = f"Cannot return null for non-nullable field {parent}.{self.nodes[0].name.value}."
        self.layers: list[tuple[bool, bool]] = []  # from outside in: (is non-null, is a list)
        type_: GraphQLOutputType = definition.type
        while True:
            if non_null := is_non_null_type(type_):
                type_ = type_.of_type
            self.layers.append((non_null, is_list_type(type_)))
            if not is_list_type(type_):
                break
            type_ = type_.of_type
        self.type: Any = type_
        self.binding: Binding | None = None
        self.leaf: LeafType | None = None
        self.complete_leaf: Callable[[Any], Any] | None = None
        self.constant_arguments: dict[str, Any] | None = None
        self.plans: dict[GraphQLObjectType, ObjectPlan] = {}
        self.path: tuple[str, ...] = ()
        self.selection: frozenset[str] = frozenset()


class ObjectPlan:
    """What to do with all objects of one type at one place: project the leaves at once, then follow the edges."""

    __slots__ = ("edges", "entries", "leaves", "project", "type")

    def __init__(
        self, type_: GraphQLObjectType, entries: list[tuple[str, str | None]], leaves: list[Field], edges: list[Field]
    ) -> None:
        self.type, self.entries, self.leaves, self.edges = type_, entries, leaves, edges
        self.project: Projection = generate(
            [(leaf.name, leaf.binding, leaf.leaf, leaf.complete_leaf) for leaf in leaves],  # type: ignore[misc]
            entries,
            self.careful,
        )

    def careful(self, parent: Any, frame: Any, index: int) -> dict[str, Any]:
        """Project one object whose fast projection failed, recording the error of each field that fails."""
        out: dict[str, Any] = dict(self.entries)
        for field in self.leaves:
            binding = field.binding
            try:
                if isinstance(binding, Attribute):
                    value = getattr(parent, binding.name)
                else:
                    assert isinstance(binding, Method)
                    value = binding.function(parent)
                assert field.leaf
                assert field.complete_leaf
                out[field.name] = field.complete_leaf(value)
            except Exception as error:  # the error of this field, whatever it is
                frame.run.fail(frame, index, field, (), error)
        return out


class Compiler:
    """Makes the plans of one operation, for given values of the variables in its @skip and @include."""

    def __init__(
        self, schema: GraphQLSchema, bind: Bind, leaf_types: "LeafTypes", fragments: Fragments,
        operation: OperationDefinitionNode, variables: VariableValues,
    ) -> None:  # fmt: skip
        self.schema, self.bind, self.leaf_types = schema, bind, leaf_types
        self.operation, self.variables = operation, variables
        self.fragments = fragments
        self.details = {name: FragmentDetails(node) for name, node in fragments.items()}

    def root(self) -> ObjectPlan:
        root_type = self.schema.get_root_type(self.operation.operation)
        assert root_type  # validation refuses an operation whose type the schema has not
        grouped = collect_fields(self.schema, self.details, self.variables, root_type, self.operation)
        serial = self.operation.operation is OperationType.MUTATION
        return self.plan(root_type, grouped.grouped_field_set, (), inline=not serial)

    def below(self, field: Field, type_: GraphQLObjectType) -> ObjectPlan:
        """The plan for objects of ``type_`` in ``field``, made when first asked for."""
        if (plan := field.plans.get(type_)) is None:
            grouped = collect_subfields(self.schema, self.details, self.variables, self.operation, type_, field.details)
            plan = field.plans[type_] = self.plan(type_, grouped.grouped_field_set, field.path, inline=True)
        return plan

    def plan(
        self, type_: GraphQLObjectType, grouped: Mapping[str, FieldDetailsList], path: tuple[str, ...], *, inline: bool
    ) -> ObjectPlan:
        entries: list[tuple[str, str | None]] = []
        leaves: list[Field] = []
        edges: list[Field] = []
        for order, (name, details) in enumerate(grouped.items()):
            definition = self.schema.get_field(type_, details[0].node.name.value)
            assert definition  # validated
            entries.append((name, type_.name if definition is TypeNameMetaFieldDef else None))
            if definition is TypeNameMetaFieldDef:
                continue
            field = Field(type_, name, order, definition, details)
            field.path = (*path, name)
            field.binding = self.bind(type_, details[0].node.name.value, definition)
            if isinstance(field.type, GraphQLScalarType | GraphQLEnumType):
                field.leaf = self.leaf_types[field.type]
                field.complete_leaf = completer(field.leaf, field.null_message if field.layers[0][0] else None)
            if inline and field.leaf and len(field.layers) == 1 and isinstance(field.binding, Attribute | Method):
                leaves.append(field)
                continue
            edges.append(field)
            if not any(
                _uses_variables(argument.value) for node in field.nodes[:1] for argument in node.arguments or ()
            ):
                field.constant_arguments = self.arguments(field, self.variables)
            if isinstance(field.binding, Batch):
                field.selection = selected(field.nodes, self.fragments, self.variables)
            if is_object_type(field.type):
                self.below(field, field.type)
        return ObjectPlan(type_, entries, leaves, edges)

    @staticmethod
    def arguments(field: Field, variables: VariableValues) -> dict[str, Any] | None:
        """The coerced arguments, if they can be shared by all runs: without errors and mutable values."""
        try:
            coerced = get_argument_values(field.definition, field.nodes[0], variables)
        except Exception:  # met again, and located, in each run
            return None
        return None if any(isinstance(value, list | dict) for value in coerced.values()) else coerced


def _uses_variables(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    inner = getattr(node, "values", None) or [field.value for field in getattr(node, "fields", None) or ()]
    return any(_uses_variables(value) for value in inner)


class LeafTypes(dict[Any, LeafType]):
    """The `LeafType` of each scalar and enum, made when first asked for."""

    def __init__(self, native: Native) -> None:
        super().__init__()
        self.native = native

    def __missing__(self, type_: GraphQLScalarType | GraphQLEnumType) -> LeafType:
        assert is_leaf_type(type_)
        leaf = self[type_] = LeafType(type_, self.native)
        return leaf
