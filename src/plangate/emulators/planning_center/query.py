"""The query string of a list: `per_page`, `offset`, `order`, `where`, `include`, `fields`, `filter`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from starlette.datastructures import QueryParams

from .errors import Refused
from .kinds import Edge, Kind
from .world import Resource

_WHERE = re.compile(r"where\[(\w+)\](?:\[(\w+)\])?")
_FIELDS = re.compile(r"fields\[(\w+)\]")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"": eq, "gt": gt, "gte": ge, "lt": lt, "lte": le}


@dataclass(frozen=True)
class Query:
    """A list's query string, checked against what the list can do.

    `per_page` is clamped to 1..100 and an `offset` below zero is zero [inf]. Unknown names are refused with 400, as
    JSON:API asks; what Planning Center does is not documented, and a client library says that it ignores an unknown
    `where` [K], so `strict=False` ignores them all.
    """

    per_page: int = 25
    offset: int = 0
    order: tuple[str, ...] = ()
    where: tuple[tuple[str, str, str], ...] = ()
    include: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    fields: dict[str, frozenset[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    """The parameters as they came; some filters take a parameter of their own."""

    @classmethod
    def parse(cls, params: QueryParams, kind: Kind, edge: Edge, *, strict: bool) -> "Query":
        """Read the parameters of a list of `kind` reached by `edge`."""

        def known(names: Iterable[str], allowed: tuple[str, ...], parameter: str) -> tuple[str, ...]:
            names = tuple(names)
            for name in names:
                if strict and name.removeprefix("-") not in allowed:
                    can = ", ".join(allowed) or "nothing"
                    raise Refused(400, f"{name} is not supported; can be: {can}", parameter=parameter)
            return tuple(name for name in names if name.removeprefix("-") in allowed)

        where, fields = [], {}
        for parameter, value in params.multi_items():
            if match := _WHERE.fullmatch(parameter):
                name, operator = match[1], match[2] or ""
                if strict and operator not in _COMPARE:
                    raise Refused(400, f"{operator} is not an operator", parameter=parameter)
                if known([name], kind.where, parameter) and operator in _COMPARE:
                    where.append((name, operator, value))
            elif match := _FIELDS.fullmatch(parameter):
                fields[match[1]] = frozenset(_names(value))
        return cls(
            per_page=min(100, max(1, _integer(params, "per_page", 25))),
            offset=max(0, _integer(params, "offset", 0)),
            order=known(_names(params.get("order")), kind.order, "order"),
            where=tuple(where),
            include=known(_names(params.get("include")), kind.include, "include"),
            filters=known(_names(params.get("filter")), edge.filters, "filter"),
            fields=fields,
            values=dict(params),
        )

    def select(self, resources: Iterable[Resource], now: str) -> list[Resource]:
        """What `where` leaves of the resources, in `order`, or else in that of their ids [V]. `now` is local time.

        Nulls come last, and first when the order is reversed [inf].
        """
        tests = [(name, _COMPARE[operator], wanted) for name, operator, wanted in self.where]
        chosen = [
            r for r in resources if all(_passes(value_of(r, name, now), test, want) for name, test, want in tests)
        ]
        chosen.sort(key=lambda r: (len(r.id), r.id))
        for name in reversed(self.order):
            plain = name.removeprefix("-")
            chosen.sort(key=lambda r: _sortable(value_of(r, plain, now)), reverse=name != plain)
        return chosen


def value_of(resource: Resource, name: str, now: str) -> Any:
    """The value of an attribute, of `id`, or of a relationship's id (`team_id`), for comparing."""
    if name == "id":
        return resource.id
    if name in resource.moving:
        return now
    if name in resource.attributes or not name.endswith("_id"):
        return resource.attributes.get(name)
    return resource.related_id(name.removesuffix("_id"))


def instant(value: str) -> str:
    """A date or date-time as the API writes it. The offset is dropped, not applied: issue 713 [I]."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise Refused(400, f"{value} is not an ISO 8601 date or time") from None


def _passes(value: Any, compare: Callable[[Any, Any], bool], wanted: str) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return compare(str(value).lower(), wanted.lower())
    if isinstance(value, int) or (wanted.isdigit() and str(value).isdigit()):
        return wanted.isdigit() and compare(int(value), int(wanted))
    if re.match(r"\d{4}-\d\d-\d\dT", value):
        return compare(value, instant(wanted))
    return compare(value, wanted)


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is None, "" if value is None else value)


def _names(value: str | None) -> list[str]:
    return [name.strip() for name in (value or "").split(",") if name.strip()]


def _integer(params: QueryParams, name: str, default: int) -> int:
    try:
        return int(params.get(name, default))
    except ValueError:
        return default
