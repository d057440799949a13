"""The emulated group of OnePlan: everything it knows, kept as it is sent and sent as it is kept."""

from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]


@dataclass
class Account:
    """Plans and resources by id in lower case; tasks and process history by the plan's id."""

    plans: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, list[Any]] = field(default_factory=dict)
    history: dict[str, list[Any]] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    fields: list[Object] = field(default_factory=list)

    def listed(self, *, archived: bool, templates: bool) -> list[Any]:
        """The plans of a list. That a fragment is what `ShowTemplates` means is a stand-in."""
        return [
            plan
            for plan in self.plans.values()
            if not isinstance(plan, dict)
            or ((archived or not plan.get("Archived")) and (templates or not plan.get("Fragment")))
        ]
