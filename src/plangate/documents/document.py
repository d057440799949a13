"""Documents: text in, `Operation` out; parsed, held to the limits and validated."""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, parse, specified_rules, validate
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    VariableNode,
)
from graphql.validation import OverlappingFieldsCanBeMergedRule

from plangate.engine import Compiled

from .cost import Cost
from .limits import DOCUMENT_SHARE, Limits, RequestError, at_most, check_limits

RULES_WITHOUT_MERGES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]

INTROSPECTION = frozenset({"__schema", "__type", "_service"})
"""Fields that show the schema; `_service` is Federation's."""

BYTES_PER_TOKEN = 650
"""Memory that a parsed document takes per token, at most (names; strings and numbers take less)."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a viewer may learn of the schema: by introspection, and by suggestions ("Did you mean") in messages."""

    introspection: bool = True
    suggestions: bool = True


class Operation:
    """One operation of a valid document, ready to be run by the engine or by the stock executor.

    `key` is the text and the name by which it was chosen. `uses` says how often each variable is written, with
    fragments written out. `slicing` are the names of arguments that size lists. `size` is the memory of the document
    in bytes, without what was compiled.
    """

    def __init__(
        self, document: DocumentNode, definition: OperationDefinitionNode, key: tuple[str, str | None], *,
        uses: Mapping[str, int], slicing: Collection[str], size: int,
    ) -> None:  # fmt: skip
        self.key = key
        self.document, self.definition = document, definition
        self.name = definition.name.value if definition.name else None
        self.type: OperationType = definition.operation
        self.fragments = fragments_of(document.definitions)
        self.compilable = is_compilable(document, definition)
        selections = selections_of(document.definitions)
        self.introspects = any(isinstance(node, FieldNode) and node.name.value in INTROSPECTION for node in selections)
        directives = [directive for node in selections for directive in node.directives or ()]
        self.conditions = _variables(
            directives, ("if",)
        )  # of @skip and @include: each of their values has its own plan
        self.sizes = _variables(selections, slicing)  # what else the cost depends on
        self.compiled: dict[tuple[Any, ...], Compiled | None] = {}  # by the values of the conditions
        self.costs: dict[tuple[Any, ...], Cost] = {}  # by those and the sizes
        self.variables = tuple(each.variable.name.value for each in definition.variable_definitions or ())
        self.uses, self.size = uses, size

    def given(self, variables: Mapping[str, Any] | None) -> bytes | None:
        """The variables that are declared, as JSON: all of a request that one run can differ in from another.

        None if orjson cannot write them: they are nested too deeply, or hold integers over 64 bits.
        """
        try:
            return orjson.dumps(
                {name: variables[name] for name in self.variables if name in variables} if variables else {}
            )
        except TypeError:
            return None


def fragments_of(definitions: Iterable[Any]) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}


def selections_of(nodes: Iterable[Any]) -> list[Any]:
    """Every field, fragment spread and inline fragment that is written in these nodes."""
    found: list[Any] = []
    stack: list[Any] = list(nodes)
    while stack:
        if selection_set := getattr(stack.pop(), "selection_set", None):
            found += selection_set.selections
            stack += selection_set.selections
    return found


def _variables(nodes: Iterable[Any], arguments: Collection[str]) -> tuple[str, ...]:
    """The variables that are given to arguments of these names."""
    given = (each for node in nodes for each in getattr(node, "arguments", None) or () if each.name.value in arguments)
    return tuple(sorted({each.value.name.value for each in given if isinstance(each.value, VariableNode)}))


def is_compilable(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """The one rule of what the engine runs itself. All else goes to the stock executor:

    subscriptions, documents with @defer or @stream, operations with a directive of their own (graphql-core's
    experimental_disableErrorPropagation is one), fragments with variables, and introspection (__schema, __type).
    So does an operation whose @skip or @include gets a null at run time, which is an error of some field.
    """
    has_variables = any(fragment.variable_definitions for fragment in fragments_of(document.definitions).values())
    if operation.operation is OperationType.SUBSCRIPTION or operation.directives or has_variables:
        return False
    return not any(
        (isinstance(node, FieldNode) and node.name.value in ("__schema", "__type"))
        or any(directive.name.value in ("defer", "stream") for directive in node.directives or ())
        for node in selections_of(document.definitions)
    )


def load_operation(
    schema: GraphQLSchema, limits: Limits, text: str, name: str | None, *, slicing: Collection[str] = (),
    hide_suggestions: bool = False,
) -> Operation:  # fmt: skip
    """Parse `text`, choose the operation, hold it to the limits and validate it, or raise `RequestError`."""
    document = _parse(text, limits)
    definition = _choose_operation(document, name)
    document = _prune(document, definition)
    try:
        measures = check_limits(document, fragments_of(document.definitions), limits)
        rules = None if measures.has_merges else RULES_WITHOUT_MERGES
        errors = validate(schema, document, rules, max_errors=limits.errors, hide_suggestions=hide_suggestions)
    except RecursionError:
        raise RequestError("MAX_DEPTH_EXCEEDED", "The document is nested too deeply.") from None
    if errors:
        raise RequestError("GRAPHQL_VALIDATION_FAILED", *errors[: limits.errors])
    size = sys.getsizeof(text) + BYTES_PER_TOKEN * _unlink(document)
    return Operation(document, definition, (text, name), uses=measures.uses, slicing=slicing, size=size)


_TOKENS = re.compile(
    r'#[^\n\r]*+|("""(?:\\"""|[^"]|"(?!""))*+"""|"(?:\\.|[^"\\\n\r])*+"|\.\.\.|[_A-Za-z0-9.+-]++|[!$&():=@\[\]{|}])'
)
"""The tokens of a valid document, and an empty one for each comment; found in a small part of the parser's time."""


def _check_size(text: str, limits: Limits) -> None:
    """Refuse a text that is too long before it is parsed: one operation, or a document of several."""
    most = 50 * limits.tokens
    if len(text) > most:
        raise RequestError("MAX_TOKENS_EXCEEDED", f"The document is longer than {most} characters. Send a shorter one.")
    if len(text) <= limits.tokens:
        return
    tokens = _TOKENS.findall(text)
    count = len(tokens) - tokens.count("")
    if count > limits.tokens:
        most = limits.tokens * (DOCUMENT_SHARE if _operations(tokens) > 1 else 1)
        at_most(count, most, "TOKENS", "tokens", subject="document")


def _operations(tokens: Iterable[str]) -> int:
    """How many operations a document with these tokens has."""
    count, depth, is_fragment = 0, 0, False
    for each in tokens:
        if each in ("{", "("):
            count += each == "{" and not depth and not is_fragment
            depth += 1
        elif each in ("}", ")"):
            depth -= 1
            is_fragment = is_fragment and (depth > 0 or each == ")")
        elif each == "fragment" and not depth:
            is_fragment = True
    return count


def _parse(text: str, limits: Limits) -> DocumentNode:
    _check_size(text, limits)
    tokens = DOCUMENT_SHARE * limits.tokens
    try:
        return parse(text, max_lexical_tokens=tokens, max_comments=tokens)
    except GraphQLError as error:
        codes = {"contains more than": "MAX_TOKENS_EXCEEDED", "nested too deeply": "MAX_DEPTH_EXCEEDED"}
        code = next((codes[part] for part in codes if part in error.message), "GRAPHQL_PARSE_FAILED")
        raise RequestError(code, error) from None
    except (RecursionError, UnicodeError, ValueError) as error:
        raise RequestError("GRAPHQL_PARSE_FAILED", f"Syntax Error: {type(error).__name__}") from None


def _choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        found = [node for node in operations if node.name and node.name.value == name]
        message = f"Several operations are named '{name}'." if found else f"Unknown operation named '{name}'."
    else:
        found = operations
        several = "operation name if query contains multiple operations."
        message = f"Must provide {several if operations else 'an operation.'}"
    if len(found) == 1:
        return found[0]
    raise RequestError("OPERATION_RESOLUTION_FAILURE", message)


def _prune(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    """The document with this operation alone and the fragments that it uses; the same document if it has no other."""
    definitions = document.definitions
    if sum(isinstance(node, OperationDefinitionNode) for node in definitions) == 1:
        return document
    fragments: dict[str, list[Any]] = {}
    for node in definitions:
        if isinstance(node, FragmentDefinitionNode):
            fragments.setdefault(node.name.value, []).append(node)
    used, waiting = set[str](), [operation]
    while waiting:
        spreads = {node.name.value for node in selections_of([waiting.pop()]) if isinstance(node, FragmentSpreadNode)}
        waiting += [node for name in spreads - used for node in fragments.get(name, ())]
        used |= spreads
    kept = [
        node
        for node in definitions
        if node is operation
        or (isinstance(node, FragmentDefinitionNode) and node.name.value in used)
        or not isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    return DocumentNode(definitions=tuple(kept), loc=document.loc)


def _unlink(document: DocumentNode) -> int:
    """Take the tokens of a document apart and count them: linked, one would keep all of the text's tokens in memory."""
    count = 0
    for definition in document.definitions:
        assert definition.loc
        token: Any = definition.loc.start_token
        while token:
            is_last = token is definition.loc.end_token
            token.prev, token.next, token = None, None, None if is_last else token.next
            count += 1
    return count
