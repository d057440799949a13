"""What all of Planhat's models have, and the little objects in which one names another."""

import re
from typing import Any

from msgspec import Struct, field


def wire_name(attribute: str) -> str:
    """How Planhat spells an attribute: `id` is `_id`, `version` is `__v`, the rest in camel case."""
    special = {"id": "_id", "version": "__v"}
    return special.get(attribute) or re.sub(r"_([a-z])", lambda letter: letter[1].upper(), attribute)


class Entry(Struct, frozen=True, gc=False):
    """One entry of an object whose keys are free: they hold spaces, `#` or ids [S], so they can be no field names."""

    key: str
    value: Any


Entries = tuple[Entry, ...]


class Part(Struct, frozen=True, gc=False, kw_only=True, rename=wire_name):
    """An object of Planhat's, read from the source `system`. `other` holds what no documentation names, and what is not
    of the documented type, as it came.
    """

    system: str = ""
    other: Entries = ()


class Model(Part, frozen=True, gc=False, kw_only=True):
    """An object with an id of its own. A tenant's fields are in `custom`; their values are any JSON, even the text
    `undefined` [S].
    """

    id: str
    version: int | None = None
    custom: Entries | None = None

    @property
    def key(self) -> str:
        return f"{self.system}:{self.id}"


class CompanyReference(Part, frozen=True, gc=False, kw_only=True):
    id: str | None = field(default=None, name="id")
    name: str | None = None


class EndUserReference(Part, frozen=True, gc=False, kw_only=True):
    id: str | None = field(default=None, name="id")
    name: str | None = None


class UserReference(Part, frozen=True, gc=False, kw_only=True):
    id: str | None = field(default=None, name="id")
    name: str | None = None
    is_owner: bool | None = None
