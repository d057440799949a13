"""The one walk of selections: what is selected below a place, with all fragments written out and fields merged.

Limits and cost measure an operation by it, and it tells a batch function which fields are wanted below.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo, print_ast
from graphql.language import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode, VariableNode

Fragments: TypeAlias = Mapping[str, FragmentDefinitionNode]
Fields: TypeAlias = list[tuple[str, FieldNode]]  # each with the name of the type that it is selected on


def is_included(node: Any, variables: Mapping[str, Any]) -> bool:
    """Whether @skip and @include leave a selection of a valid document in."""
    for directive in node.directives or ():
        if (name := directive.name.value) in ("skip", "include"):
            value = directive.arguments[0].value
            flag = variables.get(value.name.value) if isinstance(value, VariableNode) else value.value
            if flag is (name == "skip"):
                return False
    return True


def merged(
    sets: Iterable[tuple[str, SelectionSetNode]], fragments: Fragments, variables: Mapping[str, Any] | None = None,
    *, by_alias: bool = True,
) -> dict[str, Fields]:  # fmt: skip
    """The fields of selection sets, each given with its type's name, by response name; without variables, all."""
    fields: dict[str, Fields] = {}
    seen: set[str] = set()
    stack = list(sets)
    while stack:
        type_name, selection_set = stack.pop()
        for node in selection_set.selections:
            if variables is not None and not is_included(node, variables):
                continue
            if isinstance(node, FieldNode):
                name = (by_alias and node.alias) or node.name
                fields.setdefault(name.value, []).append((type_name, node))
                continue
            target: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen or node.name.value not in fragments:
                    continue
                seen.add(node.name.value)
                target = fragments[node.name.value]
            condition = target.type_condition
            stack.append((condition.name.value if condition else type_name, target.selection_set))
    return fields


def below(fields: Fields) -> list[tuple[str, SelectionSetNode]]:
    """The selection sets of fields, for `merged`, where types are not asked for."""
    return [("", node.selection_set) for _, node in fields if node.selection_set]


def selected(nodes: Iterable[FieldNode], fragments: Fragments, variables: Mapping[str, Any]) -> frozenset[str]:
    """Dotted paths of the schema fields below ``nodes`` (which are merged into one response field)."""
    paths: set[str] = set()
    stack: list[tuple[str, Fields]] = [("", [("", node) for node in nodes])]
    while stack:
        prefix, fields = stack.pop()
        for name, same in merged(below(fields), fragments, variables, by_alias=False).items():
            if not name.startswith("__"):
                paths.add(prefix + name)
                stack.append((f"{prefix}{name}.", same))
    return frozenset(paths)


def repeats(nodes: Iterable[FieldNode], fragments: Fragments, variables: Mapping[str, Any]) -> int:
    """How often a field is selected again below itself through one other field, with the same arguments: a tree."""
    fields: Fields = [("", node) for node in nodes]
    name, arguments, count = fields[0][1].name.value, _written(fields[0][1]), 0
    while True:
        between = merged(below(fields), fragments, variables, by_alias=False).values()
        inner = [merged(below(same), fragments, variables, by_alias=False).get(name, []) for same in between]
        fields = [each for some in inner for each in some]
        if not fields or any(_written(node) != arguments for _, node in fields):
            return count
        count += 1


def _written(node: FieldNode) -> frozenset[str]:
    return frozenset(print_ast(argument) for argument in node.arguments or ())


_recent: OrderedDict[tuple[Any, ...], tuple[list[FieldNode], frozenset[str]]] = OrderedDict()


def selection_of(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """`Call.selection` for a resolver on the stock executor, so that one function serves both executors.

    The few hundred most recent answers are kept (with their nodes, so that an id is never met again).
    """
    variables = info.variable_values.coerced
    key = (*map(id, info.field_nodes), *((name, value) for name, value in variables.items() if value in (True, False)))
    if (known := _recent.get(key)) is None:
        known = _recent[key] = (info.field_nodes, selected(info.field_nodes, info.fragments, variables))
        if len(_recent) > 256:
            _recent.popitem(last=False)
    return known[1]
