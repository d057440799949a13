"""Guids, instants and enums as OnePlan writes them."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID, uuid5

_NAMESPACE = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
EMPTY = str(UUID(int=0))
"""What .NET has for no guid."""


class ProcessState(IntEnum):
    """The integers are a stand-in: their order is not published [V]; that 0 is Pending is inferred."""

    Pending = 0
    Approved = 1
    Rejected = 2


class StepState(IntEnum):
    """A stand-in, as ProcessState."""

    Started = 0
    Ended = 1


class AccessLevel(IntEnum):
    """A stand-in, as ProcessState."""

    None_ = 0
    Reader = 1
    MyWork = 2
    Planner = 3
    Owner = 4


def guid(*parts: object) -> str:
    """The same guid for the same words."""
    return str(uuid5(_NAMESPACE, " ".join(map(str, parts))))


def instant(value: datetime, ticks: int = 0) -> str:
    """Seven digits of a second and an offset [S]: `2025-09-03T18:05:54.1145769+00:00`."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.{ticks % 10_000_000:07}+00:00"
