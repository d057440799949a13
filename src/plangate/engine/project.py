"""Leaves: one generated function per selection of an object type, which projects its leaf fields.

For ``{ id title series { id } }`` on Plan it is::

    lambda objects: [
        {"id": v if type(v := o.id) is str else slow0(v), "title": ..., "series": None} for o in objects
    ]

Edges have a placeholder that keeps the order of the keys. A value whose JSON is itself passes the inline test; any
other goes to the type's own ``coerce_output_value``, so results and messages are graphql-core's. Names enter the source
only as ``repr`` or after `str.isidentifier`; everything else is a named constant.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from keyword import iskeyword
from math import isfinite
from typing import Any, TypeAlias

from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from graphql.execution.executor import Executor
from graphql.type import GraphQLEnumType, GraphQLScalarType

Project: TypeAlias = Callable[[Sequence[Any]], list[dict[str, Any]]]

_TESTS: Mapping[Any, str] = {
    GraphQLString: "type(v := {read}) is str",
    GraphQLID: "type(v := {read}) is str",
    GraphQLBoolean: "type(v := {read}) is bool",
    GraphQLInt: "type(v := {read}) is int and -2147483648 <= v <= 2147483647",
    GraphQLFloat: "type(v := {read}) is float and isfinite(v)",
}


_compile = lru_cache(maxsize=1024)(compile)  # selections of the same shape share their code
_LONGEST_SHARED = 5_000  # characters of source; longer ones would make that cache large


class LeafType:
    """One scalar or enum type as the engine serialises it; values of ``native`` classes are left to orjson."""

    def __init__(self, type_: GraphQLScalarType | GraphQLEnumType, native: Sequence[type]) -> None:
        self.type = type_
        self.memo: dict[Any, Any] = {}  # of an enum
        self._classes: set[type] = set()  # of the members in the memo, kept so that no id is met again
        names = {f"{type_.name}_{number}": each for number, each in enumerate(native)}
        tests = [f"type(v) is {name}" for name in names]
        self._test = " or ".join(tests).replace("(v)", "(v := {read})", 1) if native else _TESTS.get(type_)
        self.constants: dict[str, Any] = {**names, "isfinite": isfinite, f"{type_.name}_memo": self.memo}
        source = f"lambda values: [{self.expression('o', 'slow')} for o in values]"
        self.serialize_all = eval(source, {**self.constants, "slow": self.serialize})  # noqa: S307 -- written above

    def expression(self, read: str, slow: str) -> str:
        """The source of what becomes of the value that ``read`` gives; ``slow`` names the function for the others."""
        if isinstance(self.type, GraphQLEnumType):
            return f"{self.type.name}_memo.get(v if type(v := {read}) is str else id(v)) or {slow}(v)"
        return f"v if {self._test.format(read=read)} else {slow}(v)" if self._test else f"{slow}({read})"

    def serialize(self, value: Any) -> Any:
        """What graphql-core makes of a value; null stays null."""
        if value is None:
            return None
        result = Executor.complete_leaf_value(self.type, value)
        if isinstance(self.type, GraphQLEnumType):
            if isinstance(value, Enum):
                self.memo[id(value)] = result
                self._classes.add(type(value))
            elif type(value) is str:
                self.memo[value] = result
        return result


def generate(entries: Mapping[str, str | None], leaves: Iterable[Any]) -> Project:
    """The projection of objects into dicts of ``entries``, some of them ``leaves``, which are bound to attributes."""
    constants: dict[str, Any] = {}
    values = {name: repr(constant) for name, constant in entries.items()}
    for number, field in enumerate(leaves):
        name: str = field.binding.name
        is_plain = name.isidentifier() and not iskeyword(name)
        read = f"o.{name}" if is_plain else f"getattr(o, {name!r})"
        prefixed = f"{field.binding.prefix!r} + {read}"  # is text, or raises
        values[field.name] = prefixed if field.binding.prefix else field.leaf.expression(read, f"slow{number}")
        constants |= {**field.leaf.constants, f"slow{number}": field.complete_leaf}
    literal = ", ".join(f"{name!r}: {value}" for name, value in values.items())
    source = f"lambda objects: [{{{literal}}} for o in objects]"
    code = (_compile if len(source) <= _LONGEST_SHARED else compile)(source, "<projection>", "eval")
    return eval(code, constants)  # type: ignore[no-any-return]  # noqa: S307
