"""Leaf values: the tests that let a value go to JSON untouched, and the way of all others through graphql-core.

A leaf has a *fast test*, an expression in the generated projection that recognises values whose serialisation is
themselves (an exact ``str`` for String, an ``int`` of 32 bits for Int...). Whatever fails it goes to `LeafType.slow`,
which asks the type's own ``coerce_output_value``, so results and messages are graphql-core's.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

Native = Mapping[str, tuple[type, ...]]

_SLOW_IF = {
    GraphQLString: "type({v}) is not str",
    GraphQLID: "type({v}) is not str",
    GraphQLBoolean: "{v} is not True and {v} is not False",
    GraphQLInt: "type({v}) is not int or not -2147483648 <= {v} <= 2147483647",
    GraphQLFloat: "type({v}) is not float or not isfinite({v})",
}


class LeafType:
    """One scalar or enum type as the engine serialises it."""

    __slots__ = ("constants", "memo", "native", "slow_if", "type")

    def __init__(self, type_: GraphQLScalarType | GraphQLEnumType, native: Native) -> None:
        self.type = type_
        self.constants: dict[str, Any] = {"isfinite": isfinite}
        self.memo: dict[Any, str] | None = {} if isinstance(type_, GraphQLEnumType) else None
        self.slow_if = _SLOW_IF.get(type_, "True") if isinstance(type_, GraphQLScalarType) else "True"
        self.native = frozenset(exact := native.get(type_.name, ()))
        if exact:
            names = {f"{type_.name}_{number}": one for number, one in enumerate(exact)}
            self.constants.update(names)
            self.slow_if = " and ".join(f"type({{v}}) is not {name}" for name in names)

    def slow(self, value: Any) -> Any:
        """Serialise a value that is neither null nor an error, as graphql-core does."""
        result = self.type.coerce_output_value(value)
        if result is None or result is Undefined:
            raise TypeError(
                f"Expected `{inspect(self.type)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(result)}"
            )
        if self.memo is not None:
            if isinstance(value, Enum):  # a member lives as long as its class, which this reference keeps
                self.memo[id(value)] = result
                self.constants.setdefault("classes", set()).add(type(value))
            elif type(value) is str:
                self.memo[value] = result
        return result

    def statement(self, variable: str, slow: str, memo: str) -> str:
        """The line of a generated projection that completes ``variable`` in place."""
        if self.memo is not None:
            key = f"{variable} if type({variable}) is str else id({variable})"
            return f"{variable} = {memo}.get({key}) or {slow}({variable})"
        return f"if {self.slow_if.format(v=variable)}: {variable} = {slow}({variable})"


def completer(leaf: LeafType, null_message: str | None) -> Callable[[Any], Any]:
    """Complete one value of a leaf field; ``null_message`` is the error of a non-null field."""
    slow = leaf.slow

    def complete(value: Any) -> Any:
        if value is None or value is Undefined:
            if null_message is not None:
                raise TypeError(null_message)
            return None
        if isinstance(value, Exception):
            raise value
        return slow(value)

    return complete
