"""Frames: the objects of one type at one place of the answer, and how an object's path is found when it is needed.

A frame keeps its parents' frame and nothing per object but the object and its dict. A path is wanted only for an
error or for a resolver's info; then the parents' dicts are walked once, and each child dict is known by identity.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from .plan import Field, ObjectPlan

if TYPE_CHECKING:
    from .execute import Run


class Frame:
    """All objects of one type at one place, and the dicts that they become."""

    __slots__ = ("_places", "field", "objects", "outs", "parent", "plan", "run")

    def __init__(
        self, run: "Run", plan: ObjectPlan, parent: "Frame | None", field: Field | None, objects: Sequence[Any]
    ) -> None:
        self.run, self.plan, self.parent, self.field, self.objects = run, plan, parent, field, objects
        self._places: dict[int, tuple[int, tuple[int, ...]]] | None = None
        self.outs: list[dict[str, Any]] = plan.project(objects, self)

    def place(self, index: int) -> tuple[int, tuple[int, ...]]:
        """Where object ``index`` stands: the index of its parent, and its indices in the field's lists."""
        if self._places is None:
            assert self.parent
            assert self.field
            name = self.field.name
            self._places = {
                id(out): (number, indices)
                for number, parent_out in enumerate(self.parent.outs)
                for out, indices in _dicts(parent_out[name], ())
            }
        return self._places[id(self.outs[index])]

    def path(self, index: int) -> Path | None:
        """The response path of object ``index``, as a resolver's info has it."""
        if self.parent is None:
            return None
        assert self.field
        number, indices = self.place(index)
        path = Path(self.parent.path(number), self.field.name, self.parent.plan.type.name)
        for one in indices:
            path = path.add_key(one)
        return path


def _dicts(value: Any, indices: tuple[int, ...]) -> Iterator[tuple[dict[str, Any], tuple[int, ...]]]:
    if type(value) is dict:
        yield value, indices
    elif type(value) is list:
        for number, item in enumerate(value):
            yield from _dicts(item, (*indices, number))


class Failure(NamedTuple):
    """A field error: at list ``indices`` of ``field`` of object ``number`` of ``frame``."""

    frame: Frame
    number: int
    field: Field
    indices: tuple[int, ...]
    error: Exception

    def keys(self) -> tuple[list[str | int], tuple[int, ...]]:
        """The response path, and the same as numbers that sort as a depth-first execution proceeds."""
        path: list[str | int] = [self.field.name, *self.indices]
        order: tuple[int, ...] = (self.field.order, *self.indices)
        frame, index = self.frame, self.number
        while frame.parent:
            assert frame.field
            index, indices = frame.place(index)
            path[:0] = [frame.field.name, *indices]
            order = (frame.field.order, *indices, *order)
            frame = frame.parent
        return path, order

    def nulled(self) -> int | None:
        """How many last steps of the path to leave out to reach what becomes null; None for all of the data."""
        frame, index, field, indices = self.frame, self.number, self.field, self.indices
        steps = 0
        while True:
            for depth in range(len(indices), -1, -1):
                if not field.layers[depth][0]:
                    return steps
                steps += 1
            if frame.parent is None:
                return None
            assert frame.field
            field = frame.field
            index, indices = frame.place(index)
            frame = frame.parent


def conclude(data: dict[str, Any], failures: Sequence[Failure]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """Propagate nulls through ``data`` and list the errors as a depth-first execution would.

    Errors are taken in depth-first order; one below a position that an earlier error has nulled is left out, as
    graphql-core leaves it out. So the list is that of graphql-core with synchronous resolvers. With asynchronous ones
    graphql-core's depends on timing, within what the specification leaves open: which errors below one nulled
    position are listed, at least the one that nulled it.
    """
    located = sorted(((*failure.keys(), failure) for failure in failures), key=lambda each: each[1])
    errors: list[GraphQLError] = []
    nulled: set[tuple[int, ...]] = set()
    result: dict[str, Any] | None = data
    for path, order, failure in located:
        steps = failure.nulled()
        kept = 0 if steps is None else len(order) - steps
        if any(order[:length] in nulled for length in range(kept + 1)):
            continue
        nulled.add(order[:kept])
        errors.append(located_error(failure.error, failure.field.nodes, path))
        if not kept:
            result = None
            continue
        container: Any = data
        for step in path[: kept - 1]:
            container = container[step]
        container[path[kept - 1]] = None
    return result, errors
