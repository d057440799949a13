"""The limits of a document, which hold before it is validated.

A fragment is counted once per spread without being walked again: `_multiplicities` says how often each definition is
written out, and all counts are multiplied by it. So a document whose fragments fan out to 2^30 fields is refused in
microseconds. Only a document within these limits is walked, validated and compiled.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import GraphQLError, ListValueNode, ObjectValueNode, VariableNode
from graphql.language import DocumentNode, FragmentSpreadNode, OperationDefinitionNode, TokenKind

from plangate.engine.selection import Fragments, below, merged


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may ask, with the fragments that it uses. Each limit has its own error code."""

    depth: int = 10  # MAX_DEPTH_EXCEEDED: nested fields, leaves included
    introspection_depth: int = 15  # the same below __schema and __type
    aliases: int = 30  # MAX_ALIASES_EXCEEDED
    root_fields: int = 20  # MAX_ROOT_FIELDS_EXCEEDED
    directives: int = 50  # MAX_DIRECTIVES_EXCEEDED
    tokens: int = 1_500  # MAX_TOKENS_EXCEEDED; a whole document may have DOCUMENT_SHARE times as many
    fields: int = 600  # MAX_FIELDS_EXCEEDED: selections, with every fragment written out
    merges: int = 2_000  # MAX_FIELDS_EXCEEDED: pairs of fields merged into one, and of fragments: all are compared
    values: int = 5_000  # MAX_VALUES_EXCEEDED: input values with every fragment written out; variables at each use
    value_depth: int = 32  # MAX_VALUE_DEPTH_EXCEEDED: nested lists and objects in one variable
    list_items: int = 1_000  # MAX_LIST_ITEMS_EXCEEDED: items of one list of the input
    cost: int = 10_000  # COST_LIMIT_EXCEEDED, see plangate.documents.cost
    errors: int = 5  # errors listed in the answer to a refused request


DOCUMENT_SHARE = 4
"""A document may have so many times the tokens of an operation: clients send files of several operations."""


class RequestError(Exception):
    """A request that is not executed: each of its errors says why in ``extensions["code"]``."""

    def __init__(self, code: str, *errors: GraphQLError | str, **details: Any) -> None:
        self.code = code
        self.errors = [GraphQLError(error) if isinstance(error, str) else error for error in errors]
        super().__init__(self.errors[0].message)
        for error in self.errors:
            error.extensions = {
                "code": code, "classification": "ValidationError", **details, **(error.extensions or {})
            }  # fmt: skip


class Measures(NamedTuple):
    """What was measured of a document within the limits."""

    has_merges: bool  # whether several fields share a response name somewhere
    uses: Counter[str]  # how often each variable is written, with every fragment written out


def at_most(number: int, most: int, code: str, what: str, subject: str = "operation") -> None:
    if number > most:
        shown = str(number) if number < 10**9 else "far more"
        message = f"The {subject} has {shown} {what}; at most {most} are allowed. Send a smaller one, or several."
        raise RequestError(f"MAX_{code}_EXCEEDED", message)


@dataclass(slots=True)
class _Counts:
    """What one definition writes itself."""

    selections: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0
    spreads: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)


def check_limits(document: DocumentNode, fragments: Fragments, limits: Limits) -> Measures:
    """Refuse a document, which has one operation, by the first limit that it exceeds."""
    definitions: list[Any] = [node for node in document.definitions if hasattr(node, "selection_set")]
    at_most(sum(map(_tokens, definitions)), limits.tokens, "TOKENS", "tokens")
    counts = [_count(node, limits) for node in definitions]
    at_most(sum(each.directives for each in counts), limits.directives, "DIRECTIVES", "directives")
    at_most(sum(each.aliases for each in counts), limits.aliases, "ALIASES", "aliases")

    times = _multiplicities(definitions, counts, fragments)
    selections, values, uses = 0, 0, Counter[str]()
    for own, number in zip(counts, times, strict=True):
        selections += own.selections * number
        values += own.values * number
        for name in own.variables:
            uses[name] += number
    at_most(selections, limits.fields, "FIELDS", "selections")
    at_most(values, limits.values, "VALUES", "input values")

    spread = {name for own in counts for name in own.spreads}
    hidden = {id(fragments[name]) for name in spread if name in fragments}
    pairs = 0
    for root in definitions:
        if id(root) in hidden:
            continue
        fields = merged([("", root.selection_set)], fragments)
        if isinstance(root, OperationDefinitionNode):
            at_most(len(fields), limits.root_fields, "ROOT_FIELDS", "root fields")
        stack = [(same, 1, limits.depth) for same in fields.values()]
        while stack:
            same, depth, most = stack.pop()
            if depth == 1 and same[0][1].name.value in ("__schema", "__type"):
                most = limits.introspection_depth
            at_most(depth, most, "DEPTH", "nested fields")
            pairs += len(same) * (len(same) - 1) // 2
            stack += [(inner, depth + 1, most) for inner in merged(below(same), fragments).values()]
    if pairs:  # then fragments are compared with one another, too
        pairs += len(spread) * (len(spread) - 1) // 2
    at_most(pairs, limits.merges, "FIELDS", "pairs of merged fields and fragments")
    return Measures(pairs > 0, uses)


def _count(definition: Any, limits: Limits) -> _Counts:
    """Count what a definition writes, without recursion."""
    counts = _Counts()
    inputs: list[Any] = []
    nodes: list[Any] = [definition, *(definition.variable_definitions or ())]
    inputs += [node.default_value for node in nodes[1:] if node.default_value]
    while nodes:
        node = nodes.pop()
        counts.directives += len(node.directives or ())
        for directive in node.directives or ():
            inputs += [each.value for each in directive.arguments or ()]
        if getattr(node, "alias", None):
            counts.aliases += 1
        inputs += [each.value for each in getattr(node, "arguments", None) or ()]
        if isinstance(node, FragmentSpreadNode):
            counts.spreads.append(node.name.value)
        elif selection_set := getattr(node, "selection_set", None):
            counts.selections += len(selection_set.selections)
            nodes += selection_set.selections
    while inputs:
        value = inputs.pop()
        counts.values += 1
        if isinstance(value, VariableNode):
            counts.variables.append(value.name.value)
        elif isinstance(value, ListValueNode):
            at_most(len(value.values), limits.list_items, "LIST_ITEMS", "items in one list")
            inputs += value.values
        elif isinstance(value, ObjectValueNode):
            inputs += [each.value for each in value.fields]
    return counts


def _tokens(definition: Any) -> int:
    token, last, count = definition.loc.start_token, definition.loc.end_token, 1
    while token is not last:
        token, count = token.next, count + (token.kind is not TokenKind.COMMENT)
    return count


def _multiplicities(definitions: Sequence[Any], counts: Sequence[_Counts], fragments: Fragments) -> list[int]:
    """How often each definition is written out: an operation once, a fragment once for each spread of it.

    A fragment that is not spread is written out once. Every later walk of fragments relies on their having no cycle.
    """
    index = {id(node): number for number, node in enumerate(definitions)}
    spreads = [[index[id(fragments[name])] for name in own.spreads if name in fragments] for own in counts]
    spread = {target for targets in spreads for target in targets}
    times = [0 if number in spread else 1 for number in range(len(definitions))]
    waiting = Counter(target for targets in spreads for target in targets)
    ready = [number for number in range(len(definitions)) if number not in spread]
    done = 0
    while ready:  # Kahn's order: a fragment's number is known when all that spread it have been visited
        number = ready.pop()
        done += 1
        for target in spreads[number]:
            times[target] += times[number]
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if done < len(definitions):
        name = next(node.name.value for number, node in enumerate(definitions) if waiting[number])
        message = f"A fragment must not spread itself: a cycle of fragments reaches '{name}'."
        raise RequestError("GRAPHQL_VALIDATION_FAILED", message)
    return times
