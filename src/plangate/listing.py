"""The questions that can be asked of a list, and the shape of the answer: filter, order, range, page."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from plangate.model import Key, Record

Value = str | int | float | bool | None


class Condition(Struct, frozen=True):
    """`field operator value`; operators: eq in lt lte gt gte contains is_null. `field` is a record's attribute."""

    field: str
    operator: str
    value: Value | tuple[Value, ...]


class AllOf(Struct, frozen=True):
    of: "tuple[Filter, ...]"


class AnyOf(Struct, frozen=True):
    of: "tuple[Filter, ...]"


class Not(Struct, frozen=True):
    of: "Filter"


Filter = Condition | AllOf | AnyOf | Not


class Order(Struct, frozen=True):
    """Records without a value come last when ascending and first when descending, as in PostgreSQL."""

    field: str
    descending: bool = False


class Scope(Struct, frozen=True):
    """What the viewer may see, as a source may apply it: `person` None lifts only the rule on private records."""

    workspace: str
    person: Key | None


NOTHING = Scope(workspace="", person=Key(""))
"""Sees no record at all: what a question has until `access.narrow` says better."""


class Offset(Struct, frozen=True):
    """A position that counts the records before it, each number from 0 to 2**31 - 1. `lists`: what is counted, by name.

    Clients get it encrypted only (see graph.cursors): between two of them, numbers tell how many records a viewer may
    not read, and a number that a client makes up asks for them.
    """

    numbers: tuple[int, ...]
    lists: tuple[str, ...] = ()


Position = Any
"""Where a record stands in its list: an Offset, or JSON values of the record itself. Only its source understands it."""


class Bound(Struct, frozen=True):
    """An end of the range to list. `inclusive`: the record at the position belongs to the range."""

    position: Position
    inclusive: bool = False


class ListQuery(Struct, frozen=True):
    """One page of a list: the first `limit` records after `after`, or the last ones before `before` if `backward`.

    `wants` names attributes and edges that the answer will be asked for, so that a source may fetch them along.
    `repeats`: the same will be asked of the records, so often one below the other; a source may answer that along,
    for all that it finds on the way.
    """

    limit: int
    scope: Scope = NOTHING
    filter: Filter | None = None
    order: tuple[Order, ...] = ()
    after: Bound | None = None
    before: Bound | None = None
    backward: bool = False
    total: bool = False
    wants: frozenset[str] = frozenset()
    repeats: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is a list's first page, and nothing but that is asked."""
        return not self.total and self.after is None and self.before is None


R = TypeVar("R", bound=Record)


class Slice(Struct, Generic[R], frozen=True, gc=False):
    """A page in list order. `more`: the list goes on beyond the page, in the direction of the query.

    `position(i)` is where record i stands. `total` is None unless asked for and known. `also`: other records that came
    along, which the loaders remember for the rest of the request. `whole` False: only what `wants` names was read.
    """

    records: Sequence[R]
    more: bool
    position: Callable[[int], Position]
    total: int | None = None
    also: Sequence[Record] = ()
    whole: bool = True
