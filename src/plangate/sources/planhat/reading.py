"""Planhat's JSON objects as native structs, attribute by attribute: one that is odd does not lose the others."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import structs

from plangate.native.planhat import Entry, Part
from plangate.native.planhat.model import Entries
from plangate.record_log import RecordLog

P = TypeVar("P", bound=Part)
Reader = Callable[[RecordLog, Any], Any]

_ODD = (msgspec.ValidationError, TypeError, KeyError)
_LARGEST = 2**31  # of GraphQL's Int


class _Attribute(NamedTuple):
    """Where a value goes, and how it gets there: as it is if it is of the class `exact`, else by `reader`."""

    name: str
    exact: type | None
    reader: Reader
    needed: bool


def read(kind: type[P], log: RecordLog, given: Mapping[str, Any]) -> P:
    """The struct of what was given. What is not as documented is kept in `other`, and the log tells the operator.

    An id that is missing or no text is a KeyError or a TypeError.
    """
    found: dict[str, Any] = {}
    other: list[Entry] = []
    attributes, needed = _attributes(kind)
    for name, value in given.items():
        attribute = attributes.get(name)
        if attribute is None:
            other.append(Entry(name, value))
        elif type(value) is attribute.exact:
            found[attribute.name] = value
        elif value is not None or attribute.needed:
            try:
                found[attribute.name] = attribute.reader(log, value)
            except _ODD:
                if attribute.needed:
                    raise
                log.add(f"{kind.__name__}.{name}: not of the documented type", given.get("_id"))
                other.append(Entry(name, value))
    if missing := needed - found.keys():
        raise KeyError(*missing)
    return kind(system=log.source, other=tuple(other), **found)


@lru_cache
def _attributes(kind: type[Part]) -> tuple[dict[str, _Attribute], frozenset[str]]:
    """The attributes by their names in JSON, and those that there is no struct without."""
    own = [each for each in structs.fields(kind) if each.name not in Part.__struct_fields__]
    types = {each.name: _without_none(each.type) for each in own}
    exact = {name: type_ if type_ in (str, bool, float) else None for name, type_ in types.items()}
    return (
        {
            each.encode_name: _Attribute(each.name, exact[each.name], _reader(types[each.name]), each.required)
            for each in own
        },
        frozenset(each.name for each in own if each.required),
    )


def _without_none(type_: Any) -> Any:
    return next(each for each in get_args(type_) if each is not type(None)) if isinstance(type_, UnionType) else type_


def _reader(type_: Any) -> Reader:
    if type_ == Entries:
        return _entries
    if get_origin(type_) is tuple and isinstance(item := get_args(type_)[0], type) and issubclass(item, Part):
        return lambda log, value: tuple([_part(item, log, each) for each in _checked(value, list)])
    if isinstance(type_, type) and issubclass(type_, Part):
        return lambda log, value: _part(type_, log, value)
    if type_ is int:
        return _int
    if type_ == tuple[Any, ...]:
        return lambda _, value: tuple(_checked(value, list))
    if type_ in (str, bool):
        return lambda _, value: _checked(value, type_)
    return lambda _, value: msgspec.convert(value, type_)


def _part(kind: type[P], log: RecordLog, value: Any) -> P:
    # In some lists of references there may be bare ids [inf].
    if isinstance(value, str):
        names = [name for name, attribute in _attributes(kind)[0].items() if attribute.name == "id"]
        value = dict.fromkeys(names, value) or None
    return read(kind, log, _checked(value, dict))


def _entries(_: RecordLog, value: Any) -> Entries:
    return tuple([Entry(key, each) for key, each in _checked(value, dict).items()])


def _int(_: RecordLog, value: Any) -> int:
    number: int = _checked(value, int)
    if not -_LARGEST <= number < _LARGEST:
        raise TypeError
    return number


def _checked(value: Any, type_: type) -> Any:
    if type(value) is not type_:
        raise TypeError
    return value
