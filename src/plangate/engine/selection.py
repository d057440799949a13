"""Which schema fields are selected below a field: `Call.selection`, and the same for the stock executor."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues, get_directive_values

Fragments = Mapping[str, FragmentDefinitionNode]


def is_included(node: FieldNode | FragmentSpreadNode | InlineFragmentNode, variables: VariableValues) -> bool:
    """Whether @skip and @include leave this selection in."""
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not include or bool(include["if"])


def flattened(
    selection_set: SelectionSetNode, fragments: Fragments, variables: VariableValues | None, seen: set[str]
) -> Iterator[FieldNode]:
    """The fields of a selection set, through fragments, whatever the object's type is; without variables, all."""
    for node in selection_set.selections:
        if variables and not is_included(node, variables):  # type: ignore[arg-type]
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from flattened(node.selection_set, fragments, variables, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            if fragment := fragments.get(node.name.value):
                yield from flattened(fragment.selection_set, fragments, variables, seen)


def selected(nodes: Iterable[FieldNode], fragments: Fragments, variables: VariableValues) -> frozenset[str]:
    """Dotted paths of the schema fields below ``nodes`` (which are merged into one response field)."""
    paths: set[str] = set()
    stack = [(node, "") for node in nodes]
    while stack:
        parent, prefix = stack.pop()
        if parent.selection_set:
            for node in flattened(parent.selection_set, fragments, variables, set()):
                if not node.name.value.startswith("__"):
                    path = prefix + node.name.value
                    paths.add(path)
                    stack.append((node, path + "."))
    return frozenset(paths)


_recent: OrderedDict[tuple[Any, ...], tuple[list[FieldNode], frozenset[str]]] = OrderedDict()


def selection_of(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """`Call.selection` for a resolver on the stock executor, so that one function serves both executors.

    The few hundred most recent answers are kept (with their nodes, so that an id is never met again).
    """
    flags = tuple((name, value) for name, value in info.variable_values.coerced.items() if value in (True, False))
    key = (*map(id, info.field_nodes), flags)
    if (known := _recent.get(key)) is None:
        known = _recent[key] = (info.field_nodes, selected(info.field_nodes, info.fragments, info.variable_values))
        if len(_recent) > 256:
            _recent.popitem(last=False)
    return known[1]
