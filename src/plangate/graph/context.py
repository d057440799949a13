"""What one request carries through the graph."""

from collections.abc import Sequence
from typing import Any

from aiodataloader import DataLoader

from plangate.access import Viewer
from plangate.loaders import Loaders


class Context:
    """Made per request, inside the event loop. `request_id` is the one in the logs and in the response header."""

    def __init__(self, loaders: Loaders, request_id: str = "") -> None:
        self.loaders = loaders
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


Answers = Sequence[Any]
"""Aligned with the parents; an exception is the error of this one parent's field."""
