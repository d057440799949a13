"""Local ids are Planhat's own `_id`s."""

import re
from collections.abc import Iterable

# ObjectIds of 24 digits, but the seed shows one of 21. Nothing else ever gets into a path: an empty id would make
# the path that of the collection, and `extid-` and `srcid-` would be second names of one record.
_ID = re.compile("[0-9a-fA-F]{16,32}")


def is_id(local: object) -> bool:
    return isinstance(local, str) and _ID.fullmatch(local) is not None


def ids_among(locals: Iterable[str]) -> list[str]:
    """Each id once, in the order given."""
    return [local for local in dict.fromkeys(locals) if is_id(local)]
