"""Completing the values of one field for all its parents at once: lists are flattened, objects grouped by type.

Values are looked at by class first: if all classes are known to be sound (no null, no error), nothing is done per
value. What is null or an error becomes None in its place. Each rule and message is that of graphql-core's
``complete_value``.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError, GraphQLObjectType, Undefined, default_type_resolver, is_object_type
from graphql.execution.executor import Executor, invalid_return_type_error
from graphql.pyutils import is_awaitable, is_iterable

from .frame import Frame
from .plan import Field, Location

if TYPE_CHECKING:
    from .engine import Run

Locate: TypeAlias = Callable[[int], Location]


class Completion:
    """The completion of one field of one frame; ``frames`` collects the frames of the objects it finds."""

    def __init__(self, run: "Run", frame: Frame, field: Field) -> None:
        self.run, self.frame, self.field = run, frame, field
        self.frames: list[Frame] = []

    def complete(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        """The completed ``values``, at this depth of the field's lists; ``locate`` says where each stands."""
        sound = self.run.sound
        if not (all_sound := sound.issuperset(map(type, values))):
            values = [
                value if type(value) in sound else self.checked(value, depth, locate, index)
                for index, value in enumerate(values)
            ]
        if self.field.layers[depth][1]:
            return self.lists(values, depth, locate)
        return self.leaves(values, locate) if self.field.leaf else self.objects(values, locate, all_sound)

    def checked(self, value: Any, depth: int, locate: Locate, index: int) -> Any:
        """The value itself, or None if it is null or an error."""
        if value is None or value is Undefined:
            value = TypeError(self.field.null_message) if self.field.layers[depth][0] else None
        if isinstance(value, Exception):
            self.frame.fail(self.field, locate(index), value)
            return None
        if value is not None and len(self.run.sound) < 10_000:
            self.run.sound.add(type(value))
        return value

    def lists(self, values: Sequence[Any], depth: int, locate: Locate) -> list[Any]:
        """Complete lists: all their items as one flat list, which is then cut again."""
        if not {list, tuple}.issuperset(map(type, values)):
            values = [self.as_list(value, locate, index) for index, value in enumerate(values)]
        ends = list(accumulate(len(value or ()) for value in values))
        starts = [0, *ends]

        def locate_item(index: int) -> Location:
            number = bisect_right(ends, index)
            place, indices = locate(number)
            return place, (*indices, index - starts[number])

        items = list(chain.from_iterable(value or () for value in values))
        flat = self.complete(items, depth + 1, locate_item)
        cuts = zip(values, starts, ends, strict=False)
        return [None if value is None else flat[start:end] for value, start, end in cuts]

    def as_list(self, value: Any, locate: Locate, index: int) -> Sequence[Any] | None:
        if value is None or isinstance(value, list | tuple):
            return value
        try:
            if is_iterable(value):
                return list(value)
            name = f"{self.field.parent_type}.{self.field.schema_name}"
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
        except Exception as error:  # raised by the iteration: the field's error
            self.frame.fail(self.field, locate(index), error)
            return None

    def leaves(self, values: Sequence[Any], locate: Locate) -> list[Any]:
        serialize: Callable[[Sequence[Any]], list[Any]] = self.field.leaf.serialize_all
        try:
            return serialize(values)
        except Exception:  # of one of them: once more, one by one
            completed: list[Any] = [None] * len(values)
        for index, value in enumerate(values):
            try:
                [completed[index]] = serialize([value])
            except Exception as error:  # raised by the type's own serialisation
                self.frame.fail(self.field, locate(index), error)
        return completed

    def objects(self, values: Sequence[Any], locate: Locate, all_sound: bool) -> list[Any]:
        """Complete objects: those of one type become a frame, which projects them at once."""
        type_, known, is_possible = self.field.type, self.run.runtime_types, self.run.schema.is_sub_type
        if all_sound and is_object_type(type_) and not type_.is_type_of:
            return self.project(type_, values)
        classes = set(map(type, values))
        if not is_object_type(type_):
            sure = {cls: known[cls] for cls in classes if cls in known and is_possible(type_, known[cls])}
        else:
            sure = {cls: type_ for cls in classes - {NoneType} if not type_.is_type_of or known.get(cls) is type_}
        if len(sure) == len(classes) == 1:
            return self.project(next(iter(sure.values())), values)
        groups: dict[GraphQLObjectType, list[int]] = {}
        for index, value in enumerate(values):
            if value is not None and (one := sure.get(type(value)) or self.resolved(value, locate(index))):
                groups.setdefault(one, []).append(index)
        completed: list[Any] = [None] * len(values)
        for one, indices in groups.items():
            outs = self.project(one, [values[index] for index in indices])
            for index, out in zip(indices, outs, strict=True):
                completed[index] = out
        return completed

    def project(self, type_: GraphQLObjectType, objects: Sequence[Any]) -> list[Any]:
        plan = self.field.plans.get(type_) or self.run.compiled.below(self.field, type_)
        frame = Frame(plan, objects, self.frame.failures, (self.frame, self.field))
        self.run.objects += len(objects)
        if frame.fields and objects:
            self.frames.append(frame)
        return frame.outs

    def resolved(self, value: Any, location: Location) -> GraphQLObjectType | None:
        """The object type of a value, found and checked as by graphql-core."""
        type_, details = self.field.type, self.field.details
        try:
            info = self.run.info(self.frame, self.field, location[0])
            if not is_object_type(type_):
                name = _answer((type_.resolve_type or default_type_resolver)(value, info, type_), type_)
                check: Any = Executor.ensure_valid_runtime_type  # which needs of an executor its schema alone
                type_ = check(self.run, name, type_, details, info, value)
            if type_.is_type_of and not _answer(type_.is_type_of(value, info), type_):
                raise invalid_return_type_error(type_, value, details)
        except Exception as error:  # raised by resolve_type or is_type_of, or just above
            self.frame.fail(self.field, location, error)
            return None
        return type_  # type: ignore[no-any-return]


def _answer(answer: Any, type_: Any) -> Any:
    if is_awaitable(answer):
        getattr(answer, "close", lambda: None)()
        raise TypeError(f"The engine takes no asynchronous resolve_type or is_type_of, as of '{type_}'.")
    return answer
