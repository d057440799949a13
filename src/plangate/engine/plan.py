"""The compiled operation: a tree of `ObjectPlan`s, one for each selection of an object type.

Fields are collected by graphql-core's own ``collect_fields``, so merging, type conditions and @skip/@include are its
own. The plans of object types are made ahead; those below an interface or union when a concrete type is first met.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, OperationType, Undefined, print_ast
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import OperationDefinitionNode
from graphql.type import TypeNameMetaFieldDef, is_leaf_type, is_list_type, is_non_null_type, is_object_type

from .binding import Attribute, Batch, Bind, Binding
from .project import LeafType, generate
from .selection import Fragments, repeats, selected

PLAN_SIZE, FIELD_SIZE, NODE_SIZE, PATH_SIZE = 3_000, 1_500, 60, 60
"""Bytes of memory, measured: what a plan takes by itself, for a field, for a node of it and for a path below it."""

Location: TypeAlias = tuple[int, tuple[int, ...]]  # the index of an object, and indices in the lists of its field


class Field:
    """One response field of a selection: where it stands, what it returns and how it is resolved."""

    def __init__(
        self, parent: GraphQLObjectType, name: str, order: int, definition: GraphQLField,
        details: FieldDetailsList, binding: Binding | None,
    ) -> None:  # fmt: skip
        self.parent_type, self.name, self.order, self.definition = parent, name, order, definition
        self.details, self.binding = details, binding
        self.nodes = [detail.node for detail in details]
        self.schema_name = self.nodes[0].name.value
        self.null_message = f"Cannot return null for non-nullable field {parent}.{self.schema_name}."
        self.type: Any = definition.type  # without its lists, in the end
        self.layers: list[tuple[bool, bool]] = []  # from outside in: (is non-null, is a list)
        while True:
            if non_null := is_non_null_type(self.type):
                self.type = self.type.of_type
            self.layers.append((non_null, is_list_type(self.type)))
            if not is_list_type(self.type):
                break
            self.type = self.type.of_type
        self.leaf: Any = None  # a LeafType, if it is one
        self._arguments: dict[str, Any] | None = None
        self.variables = re.findall(r"\$(\w+)", " ".join(map(print_ast, self.nodes[0].arguments or ())))
        self.selection: frozenset[str] = frozenset()
        self.repeats = 0
        self.plans: dict[GraphQLObjectType, ObjectPlan] = {}

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """The coerced arguments; kept for all runs if they are without variables and mutable values."""
        if self._arguments is not None:
            return self._arguments.copy()
        arguments = get_argument_values(self.definition, self.nodes[0], variables)
        if not self.variables and not any(isinstance(value, list | dict) for value in arguments.values()):
            self._arguments = arguments
        return arguments

    def complete_leaf(self, value: Any) -> Any:
        """Complete a value of a leaf field that is not a list."""
        if value is None or value is Undefined:
            if self.layers[0][0]:
                raise TypeError(self.null_message)
            return None
        if isinstance(value, Exception):
            raise value
        return self.leaf.serialize(value)


class ObjectPlan:
    """What to do with all objects of one type at one place: project the leaves at once, then follow the edges.

    ``project`` turns objects into dicts like ``entries``, which holds the constants and a placeholder for all else.
    """

    def __init__(self, entries: dict[str, str | None], leaves: list[Field], edges: list[Field]) -> None:
        self.entries, self.leaves, self.edges = entries, leaves, edges
        self.project = generate(entries, leaves)


class Compiled:
    """One operation, compiled for the values that some variables give to its @skip and @include."""

    def __init__(
        self, schema: GraphQLSchema, bind: Bind, leaf_type: Callable[[Any], LeafType],
        operation: OperationDefinitionNode, fragments: Fragments, variables: VariableValues,
    ) -> None:  # fmt: skip
        self.schema, self.bind, self.leaf_type = schema, bind, leaf_type
        self.operation, self.fragments, self.variables = operation, fragments, variables
        self._details = {name: FragmentDetails(node) for name, node in fragments.items()}
        self.is_serial = operation.operation is OperationType.MUTATION  # each root field in its turn
        self.size = 0
        """Estimate of the memory that all plans take, in bytes; it grows when a type is first met."""
        self.counted = 0
        """For the host: how much of `size` it has taken into account."""
        root_type = schema.get_root_type(operation.operation)
        assert root_type  # validation refuses an operation whose type the schema has not
        fields = collect_fields(schema, self._details, variables, root_type, operation)
        self.root = self._plan(root_type, fields.grouped_field_set, is_root=True)

    def below(self, field: Field, type_: GraphQLObjectType) -> ObjectPlan:
        """The plan for objects of ``type_`` in ``field``, made when first asked for."""
        if (plan := field.plans.get(type_)) is None:
            fields = collect_subfields(self.schema, self._details, self.variables, self.operation, type_, field.details)
            plan = field.plans[type_] = self._plan(type_, fields.grouped_field_set)
        return plan

    def _plan(
        self, type_: GraphQLObjectType, fields: Mapping[str, FieldDetailsList], *, is_root: bool = False
    ) -> ObjectPlan:
        entries: dict[str, str | None] = {}
        leaves: list[Field] = []
        edges: list[Field] = []
        for order, (name, details) in enumerate(fields.items()):
            definition = self.schema.get_field(type_, details[0].node.name.value)
            assert definition  # validated
            entries[name] = type_.name if definition is TypeNameMetaFieldDef else None
            if definition is TypeNameMetaFieldDef:
                continue
            binding = self.bind(type_, details[0].node.name.value, definition)
            field = Field(type_, name, order, definition, details, binding)
            if is_leaf_type(field.type):
                field.leaf = self.leaf_type(field.type)
                if isinstance(binding, Attribute) and len(field.layers) == 1 and not (is_root and self.is_serial):
                    leaves.append(field)
                    continue
            edges.append(field)
            if isinstance(binding, Batch):
                asked = field.nodes, self.fragments, self.variables.coerced
                field.selection, field.repeats = selected(*asked), repeats(*asked)
            if is_object_type(field.type):
                self.below(field, field.type)
        edges.sort(key=lambda each: 0 if is_root else -each.repeats)  # a tree first: others may wait for what it tells
        nodes, paths = sum(map(len, fields.values())), sum(len(edge.selection) for edge in edges)
        self.size += PLAN_SIZE + FIELD_SIZE * len(entries) + NODE_SIZE * nodes + PATH_SIZE * paths
        self.size += sum(map(len, entries))
        return ObjectPlan(entries, leaves, edges)
