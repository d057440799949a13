"""OnePlan's JSON into its native structs, by their annotations. One odd value never costs more than itself.

A value of another type than the attribute's is null, and the log says so. A dictionary becomes entries, an enum the
name that the settings give to its integer, beside the value as it came. What a struct has no name for is in `other`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from msgspec import Struct, structs

from plangate.native.oneplan import Entry
from plangate.record_log import RecordLog

S = TypeVar("S", bound=Struct)
Read = Callable[[Any], Any]


class Unreadable(ValueError):
    """Not a value of this type."""


class Reader:
    """Reads for one source, and notes in `log` what it cannot read.

    `words` are an enum's names by the integer that stands for them, from 0 on.
    """

    def __init__(self, log: RecordLog, words: Mapping[type[StrEnum], tuple[str, ...]]) -> None:
        self.log = log
        self.words = words
        self._known: dict[Any, Read] = {}

    def read(self, kind: type[S], given: Any, **fields: Any) -> S:
        """The struct, with `fields` that are not of the answer; Unreadable if it is no JSON object at all."""
        made: S = self._of(kind)(given)
        return structs.replace(made, **fields) if fields else made

    def _of(self, annotation: Any) -> Read:
        if annotation not in self._known:
            self._known[annotation] = self._reader(annotation)
        return self._known[annotation]

    def _reader(self, annotation: Any) -> Read:
        if annotation is Any:
            return lambda given: given
        if get_origin(annotation) is tuple:
            return self._many(get_args(annotation)[0])
        if isinstance(annotation, type) and issubclass(annotation, Struct):
            return self._struct(annotation)
        if isinstance(annotation, type) and issubclass(annotation, StrEnum):
            return self._word(annotation)
        if annotation is float:
            return _number
        if annotation is int:
            return _integer
        if annotation in (str, bool):
            return _exactly(annotation)
        [inner] = [each for each in get_args(annotation) if each is not NoneType]
        return self._of(inner)

    def _struct(self, kind: type[Struct]) -> Read:
        fields = structs.fields(kind)
        names = {each.name: each.encode_name for each in fields}
        plan = [(each.name, names[each.name.removesuffix("_raw")], self._of(each.type))
                for each in fields if each.name != "other" and ":" not in each.encode_name]  # fmt: skip
        id_name = names.get("id", "")
        known = {json_name for _, json_name, _ in plan}
        keeps_others = "other" in names

        def read(given: Any) -> Struct:
            if not isinstance(given, dict):
                raise Unreadable
            made: dict[str, Any] = {}
            for name, json_name, reader in plan:
                value = given.get(json_name)
                if value is not None:
                    try:
                        made[name] = reader(value)
                    except Unreadable:
                        self.log.add(f"{kind.__name__}.{name}: not of the documented type", given.get(id_name))
            if keeps_others and (others := given.keys() - known):
                made["other"] = tuple(Entry(name, given[name]) for name in sorted(others))
            return kind(**made)

        return read

    def _many(self, item: Any) -> Read:
        """Of a list, and of a dictionary whose keys become the items' `key`."""
        of_item = self._of(item)
        is_entry = isinstance(item, type) and "value" in getattr(item, "__struct_fields__", ())

        def read(given: Any) -> tuple[Any, ...]:
            if isinstance(given, dict):
                given = [{"Key": key, "Value": value} if is_entry else {**_object(value), "Key": key}
                         for key, value in given.items()]  # fmt: skip
            elif not isinstance(given, list):
                raise Unreadable
            return tuple(made for each in given if (made := self._item(of_item, each)) is not None)

        return read

    def _item(self, of_item: Read, given: Any) -> Any:
        try:
            return of_item(given)
        except Unreadable:
            self.log.add("item of a list: not of the documented type")
            return None

    def _word(self, words: type[StrEnum]) -> Read:
        by_name = {word.value.replace("_", "").lower(): word for word in words}
        named = self.words.get(words, ())

        def read(given: Any) -> StrEnum:
            if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(named):
                given = named[given]
            found = by_name.get(given.lower()) if isinstance(given, str) else None
            return found or by_name["unknown"]

        return read


def _exactly(kind: type) -> Read:
    def read(given: Any) -> Any:
        if type(given) is not kind:
            raise Unreadable
        return given

    return read


def _integer(given: Any) -> int:
    """GraphQL's integers have 32 bits."""
    if type(given) is not int or not -(2**31) <= given < 2**31:
        raise Unreadable
    return given


def _number(given: Any) -> Any:
    if type(given) not in (int, float):
        raise Unreadable
    return given


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}
