"""What a document may ask: limits, measured before it is validated, and the cost of an operation with its variables.

Every fragment is counted once and its number is reused at each spread, so a document whose fragments fan out to 2^30
fields is refused in microseconds. Only a document within these limits is walked, validated and compiled.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLField, GraphQLNamedType, GraphQLSchema, IntValueNode, VariableNode
from graphql.language import DocumentNode, FieldNode, FragmentSpreadNode, OperationDefinitionNode, SelectionSetNode
from graphql.type import get_named_type, get_nullable_type, is_leaf_type, is_list_type
from graphql.utilities.coerce_input_value import coerce_default_value

from plangate.engine.selection import Fields, Fragments, below, merged

Weigh: TypeAlias = Callable[[GraphQLNamedType, GraphQLField], tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may ask. Each limit has its own error code."""

    depth: int = 10  # MAX_DEPTH_EXCEEDED: nested fields, leaves included
    introspection_depth: int = 15  # the same below __schema and __type
    aliases: int = 30  # MAX_ALIASES_EXCEEDED
    root_fields: int = 20  # MAX_ROOT_FIELDS_EXCEEDED
    directives: int = 50  # MAX_DIRECTIVES_EXCEEDED
    tokens: int = 1_500  # MAX_TOKENS_EXCEEDED, also for more than 75,000 characters
    fields: int = 600  # MAX_FIELDS_EXCEEDED: selections, with every fragment written out
    merges: int = 2_000  # MAX_FIELDS_EXCEEDED: pairs of fields merged into one, and of fragments: all are compared
    cost: int = 10_000  # COST_LIMIT_EXCEEDED, see cost_of
    errors: int = 5  # errors listed in the answer to a refused request


class RequestError(Exception):
    """A request that is not executed: each of its errors says why in ``extensions["code"]``."""

    def __init__(self, code: str, *errors: GraphQLError | str) -> None:
        self.code = code
        self.errors = [GraphQLError(error) if isinstance(error, str) else error for error in errors]
        super().__init__(self.errors[0].message)
        for error in self.errors:
            error.extensions = {"code": code, **(error.extensions or {})}


def check_limits(document: DocumentNode, fragments: Fragments, selections: list[Any], limits: Limits) -> bool:
    """Refuse a document by the first limit that it exceeds, and say whether fields are merged in it."""
    definitions: list[Any] = [node for node in document.definitions if hasattr(node, "selection_set")]
    variables = [each for node in definitions for each in node.variable_definitions or ()]
    directives = sum(len(node.directives or ()) for node in (*definitions, *variables, *selections))
    _at_most(directives, limits.directives, "DIRECTIVES", "directives")
    _at_most(sum(bool(getattr(node, "alias", None)) for node in selections), limits.aliases, "ALIASES", "aliases")

    spreads = {node.name.value: node for node in selections if isinstance(node, FragmentSpreadNode)}
    spread = [fragments[name] for name in spreads if name in fragments]
    roots = [node for node in definitions if not any(node is each for each in spread)]
    sizes: dict[str, int | None] = {}

    def size(node: Any) -> int:
        """How many selections a node is, written out; a fragment's number is None while it is being counted."""
        if not isinstance(node, FragmentSpreadNode):
            return 1 + sum(map(size, node.selection_set.selections if node.selection_set else ()))
        if (name := node.name.value) not in sizes:
            sizes[name] = None
            sizes[name] = size(fragments[name]) if name in fragments else 1
        if (known := sizes[name]) is None:  # every walk of fragments relies on their having no cycle
            raise RequestError("GRAPHQL_VALIDATION_FAILED", f"Cannot spread fragment '{name}' within itself.")
        return known

    sum(map(size, spreads.values()))  # also of those that are spread only by one another
    _at_most(sum(map(size, roots)), limits.fields, "FIELDS", "selections")

    pairs = 0
    for root in roots:
        fields = merged([("", root.selection_set)], fragments)
        if isinstance(root, OperationDefinitionNode):
            _at_most(len(fields), limits.root_fields, "ROOT_FIELDS", "root fields")
        stack = [(same, 1, limits.depth) for same in fields.values()]
        while stack:
            same, depth, most = stack.pop()
            if depth == 1 and same[0][1].name.value in ("__schema", "__type"):
                most = limits.introspection_depth
            _at_most(depth, most, "DEPTH", "nested fields")
            pairs += len(same) * (len(same) - 1) // 2
            stack += [(inner, depth + 1, most) for inner in merged(below(same), fragments).values()]
    if pairs:  # then fragments are compared with one another, too
        pairs += len(spreads) * (len(spreads) - 1) // 2
    _at_most(pairs, limits.merges, "FIELDS", "pairs of merged fields and fragments")
    return pairs > 0


def _at_most(number: int, most: int, code: str, what: str) -> None:
    if number > most:
        shown = str(number) if number < 10**9 else "far more"
        raise RequestError(f"MAX_{code}_EXCEEDED", f"The document has {shown} {what}; at most {most} are allowed.")


def cost_of(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments, variables: Mapping[str, Any],
    weigh: Weigh | None,
) -> int:  # fmt: skip
    """How many objects ``operation`` may touch with these coerced variables.

    An object field weighs 1, a leaf 0. A list counts its size times: the ``first`` or ``last`` argument of the field,
    or of the connection it stands in (``plans(first: 50) { nodes { id } }`` costs 1 + 50), else an assumed size. The
    host may answer ``(weight, assumed size)`` for a field.
    """

    def total(sets: list[tuple[str, SelectionSetNode]], size: int | None) -> int:
        """The cost of selection sets merged into one; ``size`` is that of the lists directly in it."""
        return sum(cost(same, size) for same in merged(sets, fragments, variables).values())

    def cost(same: Fields, size: int | None) -> int:
        """The cost of fields merged into one; where types differ, the dearest is counted."""
        weight, assumed, is_list, sliced = 0, 0, False, list[int]()
        inner: list[tuple[str, SelectionSetNode]] = []
        for type_name, node in same:
            type_: Any = schema.get_type(type_name)
            if node.name.value.startswith("__") or not (field := schema.get_field(type_, node.name.value)):
                continue
            named = get_named_type(field.type)
            own = (weigh and weigh(type_, field)) or (int(not is_leaf_type(named)), 10)
            weight, assumed = max(weight, own[0]), max(assumed, own[1])
            is_list = is_list or is_list_type(get_nullable_type(field.type))
            sliced += _sizes(field, node, variables)
            if node.selection_set:
                inner.append((named.name, node.selection_set))
        given = max(sliced, default=None)
        if not is_list:
            return weight + total(inner, given)
        count = next(number for number in (given, size, assumed) if number is not None)
        return count * (weight + total(inner, None))

    root = schema.get_root_type(operation.operation)
    assert root
    return total([(root.name, operation.selection_set)], None)


def _sizes(field: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> Iterator[int]:
    given = {each.name.value: each.value for each in node.arguments or () if each.name.value in ("first", "last")}
    for name in given or ("first", "last"):
        if argument := field.args.get(name):
            value = given.get(name)
            number: Any = int(value.value) if isinstance(value, IntValueNode) else None
            if isinstance(value, VariableNode):
                number = variables.get(value.name.value)
            if not isinstance(number, int):
                number = coerce_default_value(argument)
            if isinstance(number, int):
                yield max(number, 0)
