"""Ids as clients see them, `Kind:source:local`, and the names of a selection as the model has them."""

import re
from functools import lru_cache

from plangate.errors import InvalidId
from plangate.model import KINDS, Key, Record

MAXIMUM = 512
"""Characters. No system has ids near that."""

KIND_BY_NAME: dict[str, type[Record]] = {kind.__name__: kind for kind in KINDS}

_ID = re.compile(r"(?P<kind>[A-Za-z]{1,40}):(?P<key>[a-z][a-z0-9_]{0,40}:[^\x00-\x1f\x7f\ud800-\udfff]+)")


def identify(id: str) -> tuple[type[Record], Key]:
    """The kind and key behind an id. InvalidId if this graph cannot have handed it out."""
    match = _ID.fullmatch(id) if len(id) <= MAXIMUM else None
    kind = KIND_BY_NAME.get(match["kind"]) if match else None
    if match is None or kind is None:
        raise InvalidId("That is not an id of this graph. Use an id that a query returned.")
    return kind, Key(match["key"])


def key_of(id: str, kind: type[Record]) -> Key:
    """The key behind an id of this kind."""
    found, key = identify(id)
    if found is not kind:
        raise InvalidId(f"That is the id of a {found.__name__}; a {kind.__name__} is expected here.")
    return key


@lru_cache(1024)
def wants(selection: frozenset[str], below: tuple[str, ...] = ("",)) -> frozenset[str]:
    """The selected fields of the records, by their names in the model; those of `native` count too."""
    names = set()
    for path in selection:
        for prefix in below:
            if path.startswith(prefix):
                head, _, rest = path[len(prefix) :].partition(".")
                names.add(_snake(head))
                if head == "native" and rest:
                    names.add(_snake(rest.partition(".")[0]))
    return frozenset(names)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
