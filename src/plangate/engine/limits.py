"""Limits of a document, measured before it is validated.

Every fragment is measured once and its figures are reused at each spread, so a document whose fragments fan out
to 2^30 fields is counted in microseconds and refused. Only a document within these limits reaches validation,
whose rules are quadratic and worse, and compilation.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)

from .selection import Fragments, flattened


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may ask. Each limit has its own error code."""

    depth: int = 10  # MAX_DEPTH_EXCEEDED: nested fields, leaves included
    introspection_depth: int = 15  # the same below __schema and __type
    aliases: int = 30  # MAX_ALIASES_EXCEEDED
    root_fields: int = 20  # MAX_ROOT_FIELDS_EXCEEDED
    directives: int = 50  # MAX_DIRECTIVES_EXCEEDED
    tokens: int = 5_000  # MAX_TOKENS_EXCEEDED
    characters: int = 100_000  # MAX_TOKENS_EXCEEDED
    fields: int = 1_000  # MAX_FIELDS_EXCEEDED: selected fields, with every fragment written out
    spreads: int = 200  # MAX_FIELDS_EXCEEDED: fragment spreads in the document
    merges: int = 50  # MAX_FIELDS_EXCEEDED: selections merged into one response field
    cost: int = 10_000  # COST_LIMIT_EXCEEDED, see cost.py
    errors: int = 5  # errors listed in the answer to a refused request


class LimitExceededError(GraphQLError):
    """A document asks for more than one of the `Limits`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def check_limits(document: DocumentNode, limits: Limits) -> None:
    """Raise `LimitExceededError` for the first limit that the document exceeds."""
    try:
        _check(document, limits)
    except RecursionError:
        too_deep = True
    else:
        too_deep = False
    if too_deep:
        raise LimitExceededError("MAX_DEPTH_EXCEEDED", "The document is nested too deeply.")


def _check(document: DocumentNode, limits: Limits) -> None:
    counts = _census(document)
    _within(counts["aliases"], limits.aliases, "MAX_ALIASES_EXCEEDED", "aliases")
    _within(counts["directives"], limits.directives, "MAX_DIRECTIVES_EXCEEDED", "directives")
    _within(counts["spreads"], limits.spreads, "MAX_FIELDS_EXCEEDED", "fragment spreads")
    measure = _Measure(document)
    for name in measure.fragments:
        _within(measure.fragment(name)[1], limits.fields, "MAX_FIELDS_EXCEEDED", "selected fields")
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        roots = list(flattened(operation.selection_set, measure.fragments, None, set()))
        names = {node.alias.value if node.alias else node.name.value for node in roots}
        _within(len(names), limits.root_fields, "MAX_ROOT_FIELDS_EXCEEDED", "root fields")
        total = 0
        for node in roots:
            depth, fields = measure.field(node)
            most = limits.introspection_depth if node.name.value in ("__schema", "__type") else limits.depth
            _within(depth, most, "MAX_DEPTH_EXCEEDED", "nested fields")
            total += fields
        _within(total, limits.fields, "MAX_FIELDS_EXCEEDED", "selected fields")
        measure.check_merges([operation.selection_set], limits.merges)


def _within(number: int, most: int, code: str, what: str) -> None:
    if number > most:
        shown = str(number) if number < 10**9 else "far more"
        raise LimitExceededError(code, f"The document has {shown} {what}; at most {most} are allowed.")


def _census(document: DocumentNode) -> Counter[str]:
    """How often the document writes aliases, directives and fragment spreads."""
    counts: Counter[str] = Counter()
    stack: list[Any] = list(document.definitions)
    while stack:
        node: Node = stack.pop()
        counts["directives"] += len(getattr(node, "directives", None) or ())
        counts["aliases"] += getattr(node, "alias", None) is not None
        counts["spreads"] += isinstance(node, FragmentSpreadNode)
        for variable in getattr(node, "variable_definitions", None) or ():
            counts["directives"] += len(variable.directives or ())
        if selection_set := getattr(node, "selection_set", None):
            stack.extend(selection_set.selections)
    return counts


class _Measure:
    """Depth and number of selected fields, each fragment measured once."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments: Fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.known: dict[str, tuple[int, int] | None] = {}  # None while a fragment is being measured

    def fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = None
            fragment = self.fragments.get(name)
            self.known[name] = self.selections(fragment.selection_set) if fragment else (0, 0)
        if (known := self.known[name]) is None:  # every walk of the fragments relies on their having no cycle
            raise LimitExceededError("GRAPHQL_VALIDATION_FAILED", f"Cannot spread fragment '{name}' within itself.")
        return known

    def field(self, node: FieldNode) -> tuple[int, int]:
        depth, fields = self.selections(node.selection_set) if node.selection_set else (0, 0)
        return depth + 1, fields + 1

    def selections(self, selection_set: SelectionSetNode) -> tuple[int, int]:
        deepest = total = 0
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                depth, fields = self.field(node)
            elif isinstance(node, InlineFragmentNode):
                depth, fields = self.selections(node.selection_set)
            else:
                assert isinstance(node, FragmentSpreadNode)
                depth, fields = self.fragment(node.name.value)
            deepest = max(deepest, depth)
            total += fields
        return deepest, total

    def check_merges(self, selection_sets: list[SelectionSetNode], most: int) -> None:
        """Bound the fields merged into one: comparing them pair by pair is what makes validation quadratic."""
        merged: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            for node in flattened(selection_set, self.fragments, None, seen):
                merged.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        for name, nodes in merged.items():
            _within(len(nodes), most, "MAX_FIELDS_EXCEEDED", f"selections of '{name}' in one place")
            if inner := [node.selection_set for node in nodes if node.selection_set]:
                self.check_merges(inner, most)
