"""Frames: the objects of one type at one place of the answer, and how an object's path is found when it is needed.

A frame keeps its parents' frame and nothing per object but the object and its dict. A path is wanted only for an
error or for a resolver's info; then the parents' dicts are walked once, and each child dict is known by identity.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from graphql import GraphQLError, located_error

from .plan import Field, Location, ObjectPlan

Failure: TypeAlias = "tuple[Frame, Field, Location, Exception]"


class Frame:
    """All objects of one type at one place, what they become, and the fields that are still to be resolved."""

    __slots__ = ("_places", "failures", "fields", "objects", "origin", "outs")

    def __init__(
        self, plan: ObjectPlan, objects: Sequence[Any], failures: list[Failure],
        origin: "tuple[Frame, Field] | None" = None,
    ) -> None:  # fmt: skip
        self.objects, self.failures, self.origin = objects, failures, origin
        self._places: dict[int, Location] | None = None
        try:
            self.outs, self.fields = plan.project(objects), plan.edges
        except Exception:  # of some leaf of some object: field by field, so that each failure is noted
            self.outs, self.fields = [dict(plan.entries) for _ in objects], [*plan.leaves, *plan.edges]

    def fail(self, field: Field, location: Location, error: Exception) -> None:
        self.failures.append((self, field, location, error))

    def place(self, index: int) -> Location:
        """Where object ``index`` stands: the index of its parent, and its indices in the field's lists."""
        if self._places is None:
            assert self.origin
            parent, field = self.origin
            self._places = {
                id(out): (number, indices)
                for number, parent_out in enumerate(parent.outs)
                for out, indices in _dicts(parent_out[field.name], ())
            }
        return self._places[id(self.outs[index])]


def _dicts(value: Any, indices: tuple[int, ...]) -> Iterator[tuple[dict[str, Any], tuple[int, ...]]]:
    if type(value) is dict:
        yield value, indices
    elif type(value) is list:
        for number, item in enumerate(value):
            yield from _dicts(item, (*indices, number))


class Step(NamedTuple):
    """One key of a response path."""

    key: str | int
    order: int  # sorts steps as a depth-first execution proceeds
    type_name: str | None  # of the object, if the key is a field
    non_null: bool


def steps(frame: Frame, field: Field, location: Location) -> list[Step]:
    """The response path of a place in ``field`` of an object of ``frame``."""
    path: list[Step] = []
    while True:
        index, indices = location
        items = (Step(one, one, None, non_null) for one, (non_null, _) in zip(indices, field.layers[1:], strict=False))
        path[:0] = [Step(field.name, field.order, field.parent_type.name, field.layers[0][0]), *items]
        if frame.origin is None:
            return path
        location, (frame, field) = frame.place(index), frame.origin


def origin(frame: Frame, index: int) -> int:
    """The request that an object of a frame belongs to."""
    while frame.origin:
        index, frame = frame.place(index)[0], frame.origin[0]
    return index


def nulled(path: list[Step]) -> int:
    """How many steps lead to what an error at ``path`` makes null; 0 is all of the data."""
    return max((number for number, step in enumerate(path, 1) if not step.non_null), default=0)


def conclude(data: dict[str, Any], failures: Sequence[Failure]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """Propagate nulls through ``data`` and list the errors as a depth-first execution would.

    One below a position that an earlier one has nulled is left out, as graphql-core leaves it out.
    """
    located = [(steps(frame, field, location), field, error) for frame, field, location, error in failures]
    errors: list[GraphQLError] = []
    null: set[tuple[int, ...]] = set()
    for path, field, error in sorted(located, key=lambda each: [step.order for step in each[0]]):
        kept = nulled(path)
        order = tuple(step.order for step in path)
        if any(order[:length] in null for length in range(kept + 1)):
            continue
        null.add(order[:kept])
        errors.append(located_error(error, field.nodes, [step.key for step in path]))
        if kept:
            container: Any = data
            for step in path[: kept - 1]:
                container = container[step.key]
            container[path[kept - 1].key] = None
    return (None if () in null else data), errors
