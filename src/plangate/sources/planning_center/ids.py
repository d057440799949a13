"""Local ids: `12` a service type (a person, a series), `12/345` a plan in it, `12/345/99` what hangs on that plan.

A plan is found through its service type, as `/plans/345` only redirects there, and what hangs on it through the plan.
"""

import re

_NUMBER = re.compile("[0-9]{1,20}")


def segments(local: str, count: int) -> tuple[str, ...] | None:
    """The numbers of a local id, or None if it is no id of this kind: nothing else ever gets into a path."""
    parts = tuple(local.split("/", count))
    return parts if len(parts) == count and all(map(_NUMBER.fullmatch, parts)) else None


def path(local: str) -> str:
    """Where a plan is, or with an id of three numbers what hangs on it, up to the name of its collection."""
    service_type, plan = local.split("/")[:2]
    return f"service_types/{service_type}/plans/{plan}"
