"""`filter=`: the named filters of the Services API, several of which read a parameter of their own."""

from collections.abc import Callable
from datetime import datetime, time

from .calendar import utc
from .errors import Refused
from .query import Query, instant
from .world import Resource, World


class Filters:
    """The filters of one account, at the instant that its clock shows. Several filters in one request all apply."""

    def __init__(self, world: World) -> None:
        self.world = world

    def keep(self, resources: list[Resource], query: Query) -> list[Resource]:
        """What `query`'s filters leave of a collection."""
        for name in query.filters:
            test = self._test(name, query)
            resources = [resource for resource in resources if test(resource)]
        return resources

    def _test(self, name: str, query: Query) -> Callable[[Resource], bool]:
        # Instants are compared as text: the API writes them all in one format, in UTC.
        match name:
            case "future":
                today = self._today()
                return lambda resource: any(start > today for start in self._starts(resource))
            case "past":
                today = self._today()
                return lambda resource: (
                    any(self._starts(resource)) and not any(start > today for start in self._starts(resource))
                )
            case "after":
                after = self._parameter("after", query)
                return lambda plan: any(start > after for start in self._starts(plan))
            case "before":
                before = self._parameter("before", query)
                return lambda plan: any(start < before for start in self._starts(plan))
            case "no_dates":
                return lambda plan: not self._starts(plan)
            case "named":
                return lambda time: bool(time.attributes["name"])
            case "confirmed":
                return lambda member: member.attributes["status"] in ("C", "Confirmed")
            case "not_declined":
                return lambda member: member.attributes["status"] not in ("D", "Declined")
            case "no_parent":
                return lambda service_type: service_type.related_id("parent") is None
            case "attachable_type":
                types = query.values.get("attachable_type", "").split(",")
                return lambda file: file.relationships["attachable"]["data"]["type"] in types
            case "extensions":
                extensions = tuple(f".{name}" for name in query.values.get("extensions", "").split(","))
                return lambda file: file.attributes["filename"].endswith(extensions)
            case "deleted":
                return lambda plan: False  # nothing here was ever deleted
            case _:
                return lambda resource: True  # not_archived, not_deleted: nothing here is either

    def _starts(self, resource: Resource) -> list[str]:
        """When a plan's times, or one time, start."""
        times = [resource] if resource.type == "PlanTime" else self.world.members(resource, "plan_times", finish=False)
        return [time.attributes["starts_at"] for time in times]

    def _today(self) -> str:
        """Today's midnight where the organisation is [V]."""
        zone = self.world.zone
        return utc(datetime.combine(self.world.clock().astimezone(zone).date(), time(), zone))

    def _parameter(self, name: str, query: Query) -> str:
        value = query.values.get(name)
        if value is None:
            raise Refused(400, f"filter={name} needs a parameter {name}", parameter=name)
        return instant(value)
