"""Documents: text in, `Operation` out; parsed, held to the limits and validated, all once, in one bounded cache."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, parse, specified_rules, validate
from graphql.language import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, VariableNode
from graphql.validation import OverlappingFieldsCanBeMergedRule

from plangate.engine import Compiled

from .limits import Limits, RequestError, check_limits

RULES_WITHOUT_MERGES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]


class Operation:
    """One operation of a valid document, ready to be run by the engine or by the stock executor."""

    def __init__(self, document: DocumentNode, definition: OperationDefinitionNode) -> None:
        self.document, self.definition = document, definition
        self.name = definition.name.value if definition.name else None
        self.type: OperationType = definition.operation
        self.fragments = fragments_of(document)
        self.compilable = is_compilable(document, definition)
        selections = selections_of(document)
        directives = [directive for node in selections for directive in node.directives or ()]
        self.conditions = _variables(directives, "if")  # of @skip and @include: each of their values has its own plan
        self.sizes = _variables(selections, "first", "last")  # what else the cost depends on
        self.compiled: dict[tuple[Any, ...], Compiled | None] = {}  # by the values of the conditions
        self.costs: dict[tuple[Any, ...], int] = {}  # by those and the sizes
        self._declared = [each.variable.name.value for each in definition.variable_definitions or ()]

    def given(self, variables: Mapping[str, Any] | None) -> bytes | None:
        """The variables that are declared, as JSON: all of a request that one run can differ in from another.

        None if orjson cannot write them: they are nested too deeply, or hold integers over 64 bits.
        """
        try:
            return orjson.dumps(
                {name: variables[name] for name in self._declared if name in variables} if variables else {}
            )
        except TypeError:
            return None


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def selections_of(document: DocumentNode) -> list[Any]:
    """Every field, fragment spread and inline fragment that the document writes."""
    found: list[Any] = []
    stack: list[Any] = list(document.definitions)
    while stack:
        if selection_set := getattr(stack.pop(), "selection_set", None):
            found += selection_set.selections
            stack += selection_set.selections
    return found


def _variables(nodes: Iterable[Any], *arguments: str) -> tuple[str, ...]:
    """The variables that are given to arguments of these names."""
    given = (each for node in nodes for each in getattr(node, "arguments", None) or () if each.name.value in arguments)
    return tuple(sorted({each.value.name.value for each in given if isinstance(each.value, VariableNode)}))


def is_compilable(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """The one rule of what the engine runs itself. All else goes to the stock executor:

    subscriptions, documents with @defer or @stream, operations with a directive of their own (graphql-core's
    experimental_disableErrorPropagation is one), fragments with variables, and introspection (__schema, __type).
    """
    has_variables = any(fragment.variable_definitions for fragment in fragments_of(document).values())
    if operation.operation is OperationType.SUBSCRIPTION or operation.directives or has_variables:
        return False
    return not any(
        (isinstance(node, FieldNode) and node.name.value in ("__schema", "__type"))
        or any(directive.name.value in ("defer", "stream") for directive in node.directives or ())
        for node in selections_of(document)
    )


def load_operation(schema: GraphQLSchema, limits: Limits, text: str, name: str | None) -> Operation:
    """Parse ``text``, hold it to the limits, validate it and choose the operation, or raise `RequestError`."""
    document = _parsed(text, limits)
    try:
        merges = check_limits(document, fragments_of(document), selections_of(document), limits)
        errors = validate(schema, document, None if merges else RULES_WITHOUT_MERGES, max_errors=limits.errors)
    except RecursionError:
        raise RequestError("MAX_DEPTH_EXCEEDED", "The document is nested too deeply.") from None
    if errors:
        raise RequestError("GRAPHQL_VALIDATION_FAILED", *errors[: limits.errors])
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
        message = f"Unknown operation named '{name}'."
    else:
        several = "operation name if query contains multiple operations."
        message = f"Must provide {several if operations else 'an operation.'}"
    if len(operations) == 1:
        return Operation(document, operations[0])
    raise RequestError("OPERATION_RESOLUTION_FAILURE", message)


def _parsed(text: str, limits: Limits) -> DocumentNode:
    most = 50 * limits.tokens
    if len(text) > most:
        raise RequestError("MAX_TOKENS_EXCEEDED", f"The document is longer than {most} characters.")
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        codes = {"contains more than": "MAX_TOKENS_EXCEEDED", "nested too deeply": "MAX_DEPTH_EXCEEDED"}
        code = next((codes[part] for part in codes if part in error.message), "GRAPHQL_PARSE_FAILED")
        raise RequestError(code, error) from None
    except (RecursionError, UnicodeError, ValueError) as error:
        raise RequestError("GRAPHQL_PARSE_FAILED", f"Syntax Error: {type(error).__name__}") from None


class Cache(OrderedDict[Hashable, tuple[int, Any]]):
    """A least-recently-used map, bounded by the thousands of characters of its documents (each at least one)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size, self.used = size, 0

    def find(self, key: Hashable) -> Any:
        if (entry := self.get(key)) is None:
            return None
        self.move_to_end(key)
        return entry[1]

    def keep(self, key: Hashable, value: Any, characters: int) -> None:
        weight = characters // 1_000 + 1
        self[key] = weight, value
        self.used += weight
        while self.used > self.size:
            self.used -= self.popitem(last=False)[1][0]
