"""What one execution carries through the graph."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from weakref import ReferenceType, ref

from aiodataloader import DataLoader
from graphql import FieldNode, GraphQLResolveInfo

from plangate.access import Viewer
from plangate.engine import selected
from plangate.graph.cursors import Cursors
from plangate.loaders import Loaders


class Context:
    """Made per execution, inside the event loop. `request_id` is that of the request, or of the first of several.

    `cursors` live as long as the process.
    """

    def __init__(self, loaders: Loaders, cursors: Cursors, request_id: str = "") -> None:
        self.loaders = loaders
        self.cursors = cursors
        self.request_id = request_id
        self.edges: dict[Any, DataLoader[Any, Any]] = {}

    @property
    def viewer(self) -> Viewer:
        return self.loaders.viewer


class Call:
    """One call of a batch function: the request's context and what is selected below the field (see engine)."""

    __slots__ = ("context", "repeats", "selection")

    def __init__(self, context: Context, selection: frozenset[str]) -> None:
        self.context = context
        self.selection = selection
        self.repeats = 0

    def below(self, name: str) -> tuple[Any, dict[str, Any]] | None:
        """None: the stock executor looks at one level at a time."""
        return None


Answers = Sequence[Any]
"""Aligned with the parents; an exception is the error of this one parent's field."""


_recent: OrderedDict[tuple[Any, ...], tuple[list[ReferenceType[FieldNode]], frozenset[str]]] = OrderedDict()


def selection_of(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """`Call.selection` for a resolver on the stock executor, so that one batch function serves both executors.

    The few hundred most recent answers are kept, but not the documents: an answer is of nodes that still exist.
    """
    nodes, variables = info.field_nodes, info.variable_values.coerced
    key = (*map(id, nodes), *((name, value) for name, value in variables.items() if value in (True, False)))
    known = _recent.get(key)
    if known is None or any(reference() is not node for reference, node in zip(known[0], nodes, strict=True)):
        known = _recent[key] = [ref(node) for node in nodes], selected(nodes, info.fragments, variables)
        if len(_recent) > 256:
            _recent.popitem(last=False)
    return known[1]
