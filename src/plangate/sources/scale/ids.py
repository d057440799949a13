"""Local ids: `p1` a plan or a user, `p1/a/b` the node at the JSON Pointer `/a/b` of the plan's steps, `p1/f7` its file.

Scale's ids and the keys of its trees are any text. So each part is written as in a pointer within a URL's fragment
(RFC 6901, 6): a slash as `~1`, a tilde as `~0`, a percent sign or a control character as `%` and two digits.
"""

import re
from urllib.parse import quote, unquote

_ADDRESSABLE = re.compile(r"[^\ud800-\udfff]{1,200}")
_WRITTEN = re.compile(r"[%\x00-\x1f\x7f]")


def token(part: str) -> str:
    """One reference token of a JSON Pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def local_id(*parts: str) -> str:
    return "/".join(_WRITTEN.sub(lambda match: f"%{ord(match[0]):02X}", token(part)) for part in parts)


def parts(local: str) -> tuple[str, ...] | None:
    """What `local_id` made this of, or None if it made no such thing."""
    found = tuple(unquote(each).replace("~1", "/").replace("~0", "~") for each in local.split("/"))
    return found if addressable(found[0]) and local_id(*found) == local else None


def addressable(id: str) -> bool:
    """Whether Scale can be asked for it: one dot or two would lead elsewhere."""
    return _ADDRESSABLE.fullmatch(id) is not None and id not in (".", "..")


def segment(id: str) -> str:
    """An id as one segment of a path."""
    return quote(id, safe="")
