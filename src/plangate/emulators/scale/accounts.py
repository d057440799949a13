"""What the emulated accounts hold: plans and users, as they are sent."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

Plan = dict[str, Any]

_NAMES = UUID("5ca1e000-0000-4000-8000-000000000000")


def opaque(*names: object) -> str:
    """An id, always the same for the same names. That ids look like UUIDs is a stand-in."""
    return str(uuid5(_NAMES, "/".join(map(str, names))))


def written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Accounts:
    """All plans by id, oldest first, and all users. `ids` are the accounts that the key is good for."""

    def __init__(self, ids: Iterable[str], clock: Callable[[], datetime]) -> None:
        self.ids = set(ids)
        self.clock = clock
        self.plans: dict[str, Plan] = {}
        self.users: dict[str, dict[str, Any]] = {}

    def now(self) -> str:
        return written(self.clock())

    def add(self, plan: Plan) -> Plan:
        self.plans[plan["id"]] = plan
        return plan

    def of(self, account: str | None) -> list[Plan]:
        """The plans of an account, or of all."""
        return [plan for plan in self.plans.values() if account is None or plan.get("account_id") == account]
