"""Completing the values of one field for all its parents at once: lists are flattened, objects grouped by type.

`Completion.complete` takes the values of a field at one depth of its lists, a function that locates a value, and
returns the completed values aligned. Values are looked at by class first: if all classes are known to be sound (no
null, no error), nothing is done per value. Each rule and message is that of graphql-core's ``complete_value``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from math import isfinite
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLString,
    Undefined,
    default_type_resolver,
    is_object_type,
)
from graphql.pyutils import inspect, is_awaitable, is_iterable

from .frame import Frame
from .plan import Field

Location: TypeAlias = tuple[int, tuple[int, ...]]  # index of the parent, indices in the field's lists
Locate: TypeAlias = Callable[[int], Location]

_UNTOUCHED: dict[Any, tuple[type, Callable[[Sequence[Any]], bool]]] = {
    GraphQLString: (str, lambda values: True),
    GraphQLID: (str, lambda values: True),
    GraphQLBoolean: (bool, lambda values: True),
    GraphQLInt: (int, lambda values: min(values) >= -(2**31) and max(values) < 2**31),
    GraphQLFloat: (float, lambda values: all(map(isfinite, values))),
}


class Completion:
    """The completion of one field of one frame; ``frames`` collects the frames of the objects it finds."""

    __slots__ = ("field", "frame", "frames", "run")

    def __init__(self, frame: Frame, field: Field) -> None:
        self.frame, self.field, self.run = frame, field, frame.run
        self.frames: list[Frame] = []

    def fail(self, location: Location, error: Exception) -> None:
        self.run.fail(self.frame, location[0], self.field, location[1], error)

    def complete(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        """Complete ``values``; those that are null or errors are set aside and stay None."""
        if not values:
            return []
        non_null, is_list = self.field.layers[depth]
        inner = self.lists if is_list else self.leaves if self.field.leaf else self.objects
        if self.run.sound.issuperset(map(type, values)):
            return inner(values, depth, locate)
        good: list[int] = []
        for index, value in enumerate(values):
            if value is None or value is Undefined:
                if non_null:
                    self.fail(locate(index), TypeError(self.field.null_message))
            elif isinstance(value, Exception):
                self.fail(locate(index), value)
            else:
                if type(value) not in self.run.sound:
                    self.run.learn(value)
                good.append(index)
        if len(good) == len(values):
            return inner(values, depth, locate)
        return self.part(inner, values, good, depth, locate)

    @staticmethod
    def part(
        inner: Callable[[Sequence[Any], int, Locate], list[Any]],
        values: Sequence[Any],
        good: Sequence[int],
        depth: int,
        locate: Locate,
    ) -> list[Any]:
        """Complete the ``good`` ones of ``values``; the others are None."""
        completed: list[Any] = [None] * len(values)
        if good:
            chosen = inner([values[index] for index in good], depth, lambda index: locate(good[index]))
            for index, value in zip(good, chosen, strict=True):
                completed[index] = value
        return completed

    def lists(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        """Complete lists: all their items as one flat list, which is then cut again."""
        if not {list, tuple}.issuperset(map(type, values)):
            values = [self.as_list(value, locate, index) for index, value in enumerate(values)]
            good = [index for index, value in enumerate(values) if value is not None]
            if len(good) < len(values):
                return self.part(self.lists, values, good, depth, locate)
        if len(values) == 1:
            return [self.complete(values[0], depth + 1, lambda index: _within(locate(0), index))]
        ends = list(accumulate(map(len, values)))
        starts = [0, *ends[:-1]]

        def locate_item(index: int) -> Location:
            number = bisect_right(ends, index)
            return _within(locate(number), index - starts[number])

        flat = self.complete(list(chain.from_iterable(values)), depth + 1, locate_item)
        return [flat[start:end] for start, end in zip(starts, ends, strict=True)]

    def as_list(self, value: Any, locate: Locate, index: int) -> Sequence[Any] | None:
        if isinstance(value, list | tuple):
            return value
        try:
            if not is_iterable(value):
                info = f"{self.field.parent_type}.{self.field.nodes[0].name.value}"
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{info}'.")
            return list(value)
        except Exception as error:  # raised by the iteration: the field's error
            self.fail(locate(index), error)
            return None

    def leaves(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        untouched = _UNTOUCHED.get(self.field.type)
        if untouched and {untouched[0]}.issuperset(map(type, values)) and untouched[1](values):
            return values if isinstance(values, list) else list(values)
        leaf = self.field.leaf
        assert leaf
        exact = leaf.native
        completed: list[Any] = []
        for index, value in enumerate(values):
            try:
                completed.append(value if type(value) in exact else leaf.slow(value))
            except Exception as error:  # raised by the type's own serialisation
                self.fail(locate(index), error)
                completed.append(None)
        return completed

    def objects(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        """Complete objects: those of one type become a frame, which projects them at once."""
        known = self.run.runtime_types
        type_ = self.field.type
        types: Iterable[GraphQLObjectType | None]
        if is_object_type(type_):
            if type_.is_type_of is None or all(known.get(cls) is type_ for cls in set(map(type, values))):
                return self.project(type_, values)
            types = [self.checked(type_, value, locate, index) for index, value in enumerate(values)]
        else:
            is_possible = self.run.schema.is_sub_type
            classes = {
                cls: one for cls in set(map(type, values)) if (one := known.get(cls)) and is_possible(type_, one)
            }
            types = [
                classes.get(type(value)) or self.resolved(value, locate, index) for index, value in enumerate(values)
            ]
        groups: dict[GraphQLObjectType, list[int]] = {}
        for index, one in enumerate(types):
            if one is not None:
                groups.setdefault(one, []).append(index)
        completed: list[Any] = [None] * len(values)
        for one, indices in groups.items():
            outs = self.project(one, values if len(indices) == len(values) else [values[index] for index in indices])
            for index, out in zip(indices, outs, strict=True):
                completed[index] = out
        return completed

    def project(self, type_: GraphQLObjectType, objects: Sequence[Any]) -> list[Any]:
        plan = self.field.plans.get(type_) or self.run.compiler.below(self.field, type_)
        frame = Frame(self.run, plan, self.frame, self.field, objects)
        if plan.edges:
            self.frames.append(frame)
        return frame.outs

    def resolved(self, value: Any, locate: Locate, index: int) -> GraphQLObjectType | None:
        """The object type of a value of an interface or union."""
        location, field, schema = locate(index), self.field, self.run.schema
        abstract = field.type
        try:
            info = self.run.info(self.frame, location[0], field)
            name: Any = (abstract.resolve_type or default_type_resolver)(value, info, abstract)
            where = f" for field '{info.parent_type}.{info.field_name}'"
            must = f"Abstract type '{abstract}' must resolve to an Object type at runtime{where}"
            resolved = f"Abstract type '{abstract}' was resolved to a"
            if is_awaitable(name):
                getattr(name, "close", lambda: None)()
                raise TypeError(f"The engine takes no asynchronous resolve_type or is_type_of, as of '{abstract}'.")
            if name is None:
                raise GraphQLError(
                    f"{must}. Either the '{abstract}' type should provide a 'resolve_type' function"
                    " or each possible type should provide an 'is_type_of' function.",
                    field.nodes,
                )
            if not isinstance(name, str):
                raise GraphQLError(
                    f"{must} with value {inspect(value)}, received '{inspect(name)}',"
                    " which is not a valid Object type name.",
                    field.nodes,
                )
            type_ = schema.get_type(name)
            if type_ is None:
                raise GraphQLError(f"{resolved} type '{name}' that does not exist inside the schema.", field.nodes)
            if not is_object_type(type_):
                raise GraphQLError(f"{resolved} non-object type '{name}'.", field.nodes)
            if not schema.is_sub_type(abstract, type_):
                raise GraphQLError(
                    f"Runtime Object type '{type_}' is not a possible type for '{abstract}'.", field.nodes
                )
        except Exception as error:  # raised by the type resolver, or just above
            self.fail(location, error)
            return None
        return self.checked(type_, value, locate, index) if type_.is_type_of else type_

    def checked(self, type_: GraphQLObjectType, value: Any, locate: Locate, index: int) -> GraphQLObjectType | None:
        """The type itself, if its ``is_type_of`` accepts the value."""
        location = locate(index)
        try:
            assert type_.is_type_of
            accepted: Any = type_.is_type_of(value, self.run.info(self.frame, location[0], self.field))
            if is_awaitable(accepted):
                getattr(accepted, "close", lambda: None)()
                raise TypeError(f"The engine takes no asynchronous resolve_type or is_type_of, as of '{type_}'.")
            if not accepted:
                raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", self.field.nodes)
        except Exception as error:  # raised by is_type_of, or just above
            self.fail(location, error)
            return None
        return type_


def _within(location: Location, index: int) -> Location:
    return location[0], (*location[1], index)
