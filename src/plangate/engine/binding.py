"""How a field is resolved, and what a batch function is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType


@dataclass(frozen=True, slots=True)
class Attribute:
    """A plain, synchronous read of ``getattr(parent, name)``: a leaf, an object or a list.

    With a ``prefix`` it is a leaf, and the text that is read goes behind it.
    """

    name: str
    prefix: str = ""

    def read(self, parent: Any) -> Any:
        value = getattr(parent, self.name)
        return self.prefix + value if self.prefix else value


@dataclass(frozen=True, slots=True)
class Call:
    """What a batch function is told besides its parents and arguments."""

    context: Any
    selection: frozenset[str]  # dotted schema field names selected below this field
    field_name: str
    repeats: int = 0  # how often the field is selected again below itself, through one other, with equal arguments
    below: "Callable[[str], tuple[Call, dict[str, Any]] | None]" = lambda _: None  # how an edge below is asked


@dataclass(frozen=True, slots=True)
class Batch:
    """``async function(parents, call, **arguments)``: one call for all parents of a level with the same arguments.

    If ``varied``, ``async function(parents, call, arguments)``: one call for all, with a dict of arguments for each.
    The answers are aligned to the parents; an answer that is an exception is that parent's field error.
    ``convert_arguments`` turns coerced GraphQL arguments into Python ones.
    """

    function: Callable[..., Awaitable[Sequence[Any]]]
    convert_arguments: Callable[[dict[str, Any]], dict[str, Any]] = dict
    varied: bool = False


Binding: TypeAlias = Attribute | Batch
Bind: TypeAlias = Callable[[GraphQLObjectType, str, GraphQLField], Binding | None]
