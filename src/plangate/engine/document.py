"""Documents: text in, `Operation` out; parsed, held to the limits and validated, all once, in one bounded cache."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    parse,
    validate,
)

from .limits import LimitExceededError, Limits, check_limits


class RequestError(Exception):
    """A request that is not executed: each of its errors says why in ``extensions["code"]``."""

    def __init__(self, errors: Sequence[GraphQLError], code: str) -> None:
        super().__init__(errors[0].message)
        self.code = code
        self.errors = [
            GraphQLError(
                error.message, error.nodes, error.source, error.positions, error.path, error.original_error,
                {"code": code, **(error.extensions or {})},
            )
            for error in errors
        ]  # fmt: skip


class Operation:
    """One operation of a valid document, ready to be run by the engine or by the stock executor."""

    def __init__(
        self, document: DocumentNode, definition: OperationDefinitionNode, key: Hashable, characters: int
    ) -> None:
        self.document, self.definition, self.key, self.characters = document, definition, key, characters
        self.name = definition.name.value if definition.name else None
        self.type: OperationType = definition.operation
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.flags = condition_variables(document)
        self.compilable = is_compilable(document, definition)
        self.compiled: Any = None  # of an operation without flags; see Engine.compiled


def is_compilable(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """The one rule of what the engine runs itself. All else goes to the stock executor:

    subscriptions, documents with @defer or @stream, operations with a directive of their own (graphql-core's
    experimental_disableErrorPropagation is one), fragments with variables, and introspection (__schema, __type).
    """
    if operation.operation is OperationType.SUBSCRIPTION or operation.directives:
        return False
    for node in _selections(document):
        if isinstance(node, FieldNode) and node.name.value in ("__schema", "__type"):
            return False
        if any(directive.name.value in ("defer", "stream") for directive in node.directives or ()):
            return False
    return not any(getattr(node, "variable_definitions", None) for node in document.definitions if node is not operation
                   and isinstance(node, FragmentDefinitionNode))  # fmt: skip


def condition_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide over @skip and @include."""
    return tuple(
        sorted(
            {
                argument.value.name.value
                for node in _selections(document)
                for directive in node.directives or ()
                if directive.name.value in ("skip", "include")
                for argument in directive.arguments or ()
                if isinstance(argument.value, VariableNode)
            }
        )
    )


def _selections(document: DocumentNode) -> list[FieldNode | InlineFragmentNode | FragmentSpreadNode]:
    found: list[Any] = []
    stack: list[Any] = [getattr(node, "selection_set", None) for node in document.definitions]
    while stack:
        if selection_set := stack.pop():
            found += selection_set.selections
            stack += [getattr(node, "selection_set", None) for node in selection_set.selections]
    return found


def load_operation(schema: GraphQLSchema, limits: Limits, text: str, name: str | None, key: Hashable) -> Operation:
    """Parse ``text``, hold it to the limits, validate it and choose the operation, or raise `RequestError`."""
    document = _parsed(text, limits)
    try:
        check_limits(document, limits)
    except LimitExceededError as error:
        raise RequestError([error], error.extensions["code"]) from None  # type: ignore[index]
    try:
        errors = validate(schema, document, max_errors=limits.errors)
    except RecursionError:
        errors = [GraphQLError("The document is nested too deeply.", extensions={"code": "MAX_DEPTH_EXCEEDED"})]
    if errors:
        raise RequestError(errors[: limits.errors], "GRAPHQL_VALIDATION_FAILED")
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) != 1:
        message = "Must provide an operation."
        if name is not None:
            message = f"Unknown operation named '{name}'."
        elif operations:
            message = "Must provide operation name if query contains multiple operations."
        raise RequestError([GraphQLError(message)], "OPERATION_RESOLUTION_FAILURE")
    return Operation(document, operations[0], key, len(text))


def _parsed(text: str, limits: Limits) -> DocumentNode:
    if len(text) > limits.characters:
        error = LimitExceededError(
            "MAX_TOKENS_EXCEEDED", f"The document is longer than {limits.characters} characters."
        )
        raise RequestError([error], "MAX_TOKENS_EXCEEDED")
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        code = "GRAPHQL_PARSE_FAILED"
        if "Document contains more than" in error.message:
            code = "MAX_TOKENS_EXCEEDED"
        elif "nested too deeply" in error.message:
            code = "MAX_DEPTH_EXCEEDED"
        raise RequestError([error], code) from None
    except (RecursionError, UnicodeError, ValueError) as error:
        raise RequestError([GraphQLError(f"Syntax Error: {type(error).__name__}")], "GRAPHQL_PARSE_FAILED") from None


class Cache:
    """A least-recently-used map, bounded by its number of entries and by the characters of their documents."""

    __slots__ = ("_entries", "most", "most_characters", "weight")

    def __init__(self, most: int, most_characters: int) -> None:
        self.most, self.most_characters, self.weight = most, most_characters, 0
        self._entries: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Any:
        if (entry := self._entries.get(key)) is None:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: Hashable, value: Any, characters: int) -> None:
        if characters > self.most_characters // 8:
            return  # one giant does not drive out all others
        if old := self._entries.pop(key, None):
            self.weight -= old[0]
        self._entries[key] = (characters, value)
        self.weight += characters
        while len(self._entries) > self.most or self.weight > self.most_characters:
            self.weight -= self._entries.popitem(last=False)[1][0]
