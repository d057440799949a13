"""Local ids are Happyforce's own: of a plan, of an action, of a user."""

import re

_ID = re.compile("[0-9A-Za-z_-]{1,64}")
_OBJECT_ID = re.compile("[0-9A-Fa-f]{24}")


def is_id(local: str) -> bool:
    """Whether a plan or an action may have this id: nothing else ever gets into a path or a query string."""
    return _ID.fullmatch(local) is not None


def is_person(local: str) -> bool:
    """Whether a user may have this id. All documented ones are Mongo ObjectIds [S], and nothing else tells a user."""
    return _OBJECT_ID.fullmatch(local) is not None
