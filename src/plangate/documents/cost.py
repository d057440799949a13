"""The cost of an operation with its variables: how many objects it may touch.

The model is that of the IBM cost specification (https://ibm.github.io/graphql-specs/cost-spec.html): weights, slicing
arguments and assumed sizes. Introspection is counted like all else: its objects are the types and fields of the schema.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    ValueNode,
    VariableNode,
)
from graphql.language import FieldNode, OperationDefinitionNode, SelectionSetNode
from graphql.type import (
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from plangate.engine.selection import Fields, Fragments, merged


class FieldCost(NamedTuple):
    """What a field costs: its own weight, and if it is a list, how it is sized.

    The number of items is the largest of the `slicing` arguments (an integer, or the length of a list), else the
    `assumed_size`.
    """

    weight: int = 1
    assumed_size: float = 10
    slicing: tuple[str, ...] = ("first", "last")


GetFieldCost: TypeAlias = Callable[[GraphQLNamedType, GraphQLField], FieldCost | None]
"""The host's cost of a field; None for the usual one: 1 for an object, 0 for a leaf."""

_OBJECT, _LEAF = FieldCost(), FieldCost(weight=0)

INTROSPECTION_WEIGHT = 2
"""Weight of an object of introspection: graphql-core takes several times as long for it as the engine for a record."""

_HUGE = 1e18
"""Where counting ends: no limit is higher, and products of 32-bit sizes must not overflow."""


class Cost(NamedTuple):
    """What an operation costs in total; the path of the field whose own objects cost most, and their cost."""

    total: int
    top_field: str
    top_cost: int


class CostModel:
    """Costs of operations on one schema."""

    def __init__(self, schema: GraphQLSchema, field_cost: GetFieldCost | None = None) -> None:
        self._schema = schema
        self._host = field_cost
        self._introspection = _introspection_sizes(schema)
        fields = [
            self._field_cost(type_, field)
            for type_ in schema.type_map.values()
            for field in getattr(type_, "fields", {}).values()
            if isinstance(field, GraphQLField)
        ]
        self.slicing = frozenset(name for each in fields for name in each.slicing)
        """The names of all slicing arguments."""

    def cost_of(self, operation: OperationDefinitionNode, fragments: Fragments, variables: Mapping[str, Any]) -> Cost:
        """How many objects `operation` may touch with these coerced variables.

        An object field weighs 1, a leaf 0. A list counts its size times: that of its slicing arguments, or those of
        the connection it stands in (``plans(first: 50) { nodes { id } }`` costs 1 + 50), else its assumed size. Where
        fields of several types are merged, the most expensive one is counted.
        """
        root = self._schema.get_root_type(operation.operation)
        assert root
        total, top_field, top_cost = 0.0, "", 0.0
        # Selection sets to merge, the size of lists directly in them, how often they are executed, and their path.
        stack: list[tuple[list[tuple[str, SelectionSetNode]], int | None, float, tuple[str, ...]]]
        stack = [([(root.name, operation.selection_set)], None, 1, ())]
        while stack:
            sets, outer, times, path = stack.pop()
            for name, same in merged(sets, fragments, variables).items():
                cost, is_list, sizes, inner = self._merged(same, variables)
                given = max(sizes, default=None)
                number = times
                if is_list:
                    size = outer if given is None else given
                    number, given = min(times * (cost.assumed_size if size is None else size), _HUGE), None
                total += number * cost.weight
                if number * cost.weight > top_cost:
                    top_field, top_cost = ".".join((*path, name)), number * cost.weight
                if inner:
                    stack.append((inner, given, number, (*path, name)))
        return Cost(ceil(total), top_field, ceil(top_cost))

    def _merged(
        self, same: Fields, variables: Mapping[str, Any]
    ) -> tuple[FieldCost, bool, list[int], list[tuple[str, SelectionSetNode]]]:
        """Of fields merged into one: the cost, whether it is a list, the sizes asked for, and the sets below."""
        weight, assumed, is_list, sizes = 0, 0.0, False, list[int]()
        inner: list[tuple[str, SelectionSetNode]] = []
        for type_name, node in same:
            type_: Any = self._schema.get_type(type_name)
            field = self._schema.get_field(type_, node.name.value)
            if field is None or node.name.value == "__typename":
                continue
            cost = self._field_cost(type_, field, node.name.value)
            weight, assumed = max(weight, cost.weight), max(assumed, cost.assumed_size)
            is_list = is_list or is_list_type(get_nullable_type(field.type))
            sizes += _sizes(field, node, cost.slicing, variables)
            if node.selection_set:
                inner.append((get_named_type(field.type).name, node.selection_set))
        return FieldCost(weight, assumed), is_list, sizes, inner

    def _field_cost(self, type_: GraphQLNamedType, field: GraphQLField, name: str = "") -> FieldCost:
        if type_.name.startswith("__") or name in ("__schema", "__type"):
            weighs = not is_leaf_type(get_named_type(field.type)) and name != "ofType"  # that only unwraps a type
            return FieldCost(INTROSPECTION_WEIGHT * weighs, self._introspection.get(name, 1), ())
        usual = _LEAF if is_leaf_type(get_named_type(field.type)) else _OBJECT
        return (self._host and self._host(type_, field)) or usual


def size_of(value: Any) -> int | None:
    """The size that a value of a slicing argument asks for: an integer, or the length of a list."""
    if isinstance(value, list):
        return len(value)
    return max(value, 0) if isinstance(value, int) else None


def _sizes(field: GraphQLField, node: FieldNode, slicing: Iterable[str], variables: Mapping[str, Any]) -> Iterator[int]:
    given = {each.name.value: each.value for each in node.arguments or () if each.name.value in slicing}
    for name in given or slicing:
        if argument := field.args.get(name):
            size = _written_size(argument, given[name], variables) if name in given else None
            if size is None:
                size = size_of(coerce_default_value(argument))
            if size is not None:
                yield size


def _written_size(argument: GraphQLArgument, value: ValueNode, variables: Mapping[str, Any]) -> int | None:
    if isinstance(value, VariableNode):
        return size_of(variables.get(value.name.value))
    if isinstance(value, ListValueNode):
        return len(value.values)
    if is_list_type(get_nullable_type(argument.type)):
        return 1  # a single value is a list of one
    return max(int(value.value), 0) if isinstance(value, IntValueNode) else None


def _introspection_sizes(schema: GraphQLSchema) -> dict[str, float]:
    """Sizes of the lists of introspection: those of this schema, on average where there are several lists."""
    types = schema.type_map.values()
    composite = [type_ for type_ in types if is_object_type(type_) or is_interface_type(type_)]
    fields = [field for type_ in composite for field in type_.fields.values()]
    args = sum(len(field.args) for field in fields)
    each = {
        "fields": len(fields),
        "inputFields": sum(len(type_.fields) for type_ in types if is_input_object_type(type_)),
        "enumValues": sum(len(type_.values) for type_ in types if is_enum_type(type_)),
        "interfaces": sum(len(type_.interfaces) for type_ in composite),
        "possibleTypes": sum(len(schema.get_possible_types(type_)) for type_ in types if is_abstract_type(type_)),
    }
    means = {name: total / len(types) for name, total in each.items()}
    return {**means, "args": args / len(fields), "types": len(types), "directives": len(schema.directives)}
