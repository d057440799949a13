"""Local ids: a guid is a plan or a person; `plan/guid` is a task, a note or a step of a plan.

A step that a plan comes back to has a number too, from the second time on: `plan/guid.2`.
"""

import re
from typing import Any

_GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ALONE = re.compile(_GUID)
_HANGING = re.compile(rf"({_GUID})/({_GUID}(?:\.[0-9]{{1,6}})?)")


def guid(given: Any) -> str | None:
    """A guid as OnePlan writes it, in lower case, or None: nothing else ever gets into a path.

    .NET's empty guid, all zeros, stands for none [inf].
    """
    text = given.lower() if isinstance(given, str) else ""
    return text if _ALONE.fullmatch(text) and text.strip("0-") else None


def is_guid(local: str) -> bool:
    return _ALONE.fullmatch(local) is not None


def hanging(local: str) -> tuple[str, str] | None:
    """The plan and the rest of the local id of what hangs on it, or None if it is none."""
    match = _HANGING.fullmatch(local)
    return (match[1], match[2]) if match else None
