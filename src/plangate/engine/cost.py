"""The cost of an operation: how many objects it may touch, as a function of its variables.

An object field weighs 1, a leaf 0. A list counts its size times: the ``first`` or ``last`` argument of the field, or of
the connection it stands in (``plans(first: 50) { nodes { id } }`` costs 1 + 50), else an assumed size. The host may
answer ``(weight, assumed size)`` for a field. The cost is written as an expression of the variables and compiled with
the operation; without variables it is a number.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value

from .selection import Fragments, is_included

Weigh: TypeAlias = Callable[[GraphQLNamedType, GraphQLField], tuple[int, int] | None]
Cost: TypeAlias = Callable[[Mapping[str, Any]], int]
Selections: TypeAlias = Iterable[tuple[GraphQLNamedType, SelectionSetNode]]

ASSUMED_SIZE = 10
SLICING = ("first", "last")


def compile_cost(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments, variables: VariableValues,
    weigh: Weigh | None,
) -> Cost:  # fmt: skip
    """The cost of ``operation`` as a function of its coerced variables."""
    writer = _Writer(schema, fragments, variables, weigh)
    root = schema.get_root_type(operation.operation)
    assert root
    text = writer.selections([(root, operation.selection_set)], None)
    if text.isdecimal():
        number = int(text)
        return lambda variables: number
    cost: Cost = eval(f"lambda v: {text}", {"size": _size, "max": max, "sum": sum})  # noqa: S307 -- written below
    return cost


def _size(value: Any, otherwise: int) -> int:
    return max(value, 0) if isinstance(value, int) else otherwise


class _Writer:
    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, variables: VariableValues, weigh: Weigh | None
    ) -> None:
        self.schema, self.fragments, self.variables, self.weigh = schema, fragments, variables, weigh

    def selections(self, selections: Selections, slice_: str | None) -> str:
        """The cost of selection sets merged into one; ``slice_`` is the size of the lists directly in it."""
        merged: dict[str, list[tuple[GraphQLNamedType, FieldNode]]] = {}
        seen: set[str] = set()
        for type_, selection_set in selections:
            self.collect(type_, selection_set, merged, seen)
        return _total(self.field(fields, slice_) for fields in merged.values())

    def collect(
        self, type_: GraphQLNamedType, selection_set: SelectionSetNode,
        merged: dict[str, list[tuple[GraphQLNamedType, FieldNode]]], seen: set[str],
    ) -> None:  # fmt: skip
        for node in selection_set.selections:
            with suppress(GraphQLError):  # of a directive without a value: counted, and refused when it is run
                if not is_included(node, self.variables):  # type: ignore[arg-type]
                    continue
            if isinstance(node, FieldNode):
                merged.setdefault(node.alias.value if node.alias else node.name.value, []).append((type_, node))
                continue
            target: Any = node
            if isinstance(node, FragmentSpreadNode):
                target = self.fragments.get(node.name.value)
                if target is None or node.name.value in seen:
                    continue
                seen.add(node.name.value)
            narrowed = self.schema.get_type(target.type_condition.name.value) if target.type_condition else type_
            self.collect(narrowed or type_, target.selection_set, merged, seen)

    def field(self, fields: list[tuple[GraphQLNamedType, FieldNode]], slice_: str | None) -> str:
        """Fields merged into one response name; where types differ, the dearest is counted."""
        weight, assumed, is_list, sizes = 0, 0, False, list[str]()
        inner: list[tuple[GraphQLNamedType, SelectionSetNode]] = []
        for type_, node in fields:
            if node.name.value.startswith("__") or not is_composite_type(type_):
                continue
            definition = self.schema.get_field(type_, node.name.value)
            assert definition  # validated
            named = get_named_type(definition.type)
            own = (self.weigh and self.weigh(type_, definition)) or (int(not is_leaf_type(named)), ASSUMED_SIZE)
            weight, assumed = max(weight, own[0]), max(assumed, own[1])
            is_list = is_list or is_list_type(get_nullable_type(definition.type))
            sizes += _sizes(definition, node, own[1])
            if node.selection_set:
                inner.append((named, node.selection_set))
        sliced = _largest(sizes)
        below = self.selections(inner, None if is_list else sliced)
        if not is_list:
            return _total([str(weight), below])
        return _product(sliced or slice_ or str(assumed), _total([str(weight), below]))


def _sizes(definition: GraphQLField, node: FieldNode, assumed: int) -> list[str]:
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    sizes = []
    for name in SLICING:
        if name not in definition.args:
            continue
        value = given.get(name)
        argument = definition.args[name]
        default = coerce_default_value(argument)
        if isinstance(value, VariableNode):
            otherwise = default if isinstance(default, int) else assumed
            sizes.append(f"size(v.get({value.name.value!r}), {max(otherwise, 0)})")
        elif isinstance(value, IntValueNode):
            sizes.append(str(max(int(value.value), 0)))
        elif value is None and isinstance(default, int):
            sizes.append(str(max(default, 0)))
    if len(sizes) > 1 and any(name in given for name in SLICING):  # the one not given does not raise the other
        sizes = [size for name, size in zip(SLICING, sizes, strict=False) if name in given] or sizes
    return sizes


def _largest(sizes: list[str]) -> str | None:
    unique = sorted(set(sizes))
    return f"max({', '.join(unique)})" if len(unique) > 1 else (unique[0] if unique else None)


def _total(terms: Iterable[str]) -> str:
    constant, variable = 0, []
    for term in terms:
        if term.isdecimal():
            constant += int(term)
        else:
            variable.append(term)
    if not variable:
        return str(constant)
    return f"sum(({', '.join([str(constant), *variable])},))"


def _product(size: str, each: str) -> str:
    return str(int(size) * int(each)) if size.isdecimal() and each.isdecimal() else f"{size} * {each}"
