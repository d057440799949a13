"""What hangs on a plan: times, items, notes, files, people and what is still needed. All are found under their plan."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from plangate.listing import ListQuery, Order, Slice
from plangate.model import Person, Plan, PlanTime, Record
from plangate.native.planning_center import PlanningCenterPlan
from plangate.source import Ids
from plangate.upstream import together

from .api import Api
from .filters import order_param, ordered, refuse
from .ids import path, segments
from .jsonapi import Resource
from .mapping import NATIVE, Records
from .paging import everything, page_of, slice_of


class Kind(NamedTuple):
    """What one resource becomes, and the orders that its list can be asked for in."""

    record: Callable[[Records, Resource, str], Record]
    orders: Mapping[str, str] = {}
    default: Order | None = None


KINDS: dict[str, Kind] = {
    "plan_times": Kind(Records.plan_time, {"starts_at": "starts_at"}, Order("starts_at")),
    "items": Kind(Records.item),
    "notes": Kind(Records.note, {"created_at": "created_at", "updated_at": "updated_at"}),
    "attachments": Kind(Records.attachment, {"created_at": "created_at", "name": "filename", "size": "size"}),
    "team_members": Kind(Records.team_member),
    "needed_positions": Kind(Records.needed_position),
}
"""By the name of the collection in the API, which is also that of the question in the port."""


class Hanging:
    """Every question about what hangs on plans."""

    def __init__(self, api: Api, records: Records, per_page: int) -> None:
        self.api = api
        self.records = records
        self.per_page = per_page

    async def by_id(self, name: str, ids: Ids) -> dict[str, Any]:
        """One GET for one, and one for several that hang on the same plan."""
        wanted: dict[str, set[str]] = {}
        for id in ids:
            if segments(id, 3):
                wanted.setdefault(id.rpartition("/")[0], set()).add(id)
        found = await together(self._of_plan(name, plan, some) for plan, some in wanted.items())
        return {id: record for records in found for id, record in records.items()}

    async def _of_plan(self, name: str, plan: str, ids: set[str]) -> dict[str, Record]:
        if len(ids) == 1:
            (id,) = ids
            answer = await self.api.one(f"{path(plan)}/{name}/{id.rpartition('/')[2]}")
            found = [KINDS[name].record(self.records, answer.data, plan)] if answer else []
        else:
            found = await self.all(name, plan)
        if name == "attachments" and len(found) < len(ids):
            # The files of a plan's songs are only found in a list of their own.
            found = [*found, *await self.all(name, plan, "all_attachments")]
        return {id: record for record in found if (id := record.key.partition(":")[2]) in ids}

    async def all(self, name: str, plan: str, collection: str = "") -> list[Record]:
        """All records of a kind that a plan has."""
        resources = await self.resources(plan, collection or name)
        return [KINDS[name].record(self.records, resource, plan) for resource in resources]

    async def resources(self, plan: str, collection: str) -> list[Resource]:
        return await everything(self.records.source, self.api.list(f"{path(plan)}/{collection}"), self.per_page)

    async def of_plan(self, name: str, plan: Plan, query: ListQuery) -> Slice[Any]:
        """One plan's, as a list."""
        kind, local = KINDS[name], plan.key.partition(":")[2]
        refuse(self.records.source, query.filter)
        order = ordered(self.records.source, query.order, kind.orders, kind.default)
        along = plan.native.along.get(name) if isinstance(plan.native, PlanningCenterPlan) else None
        if along is not None and order is not None:
            records = sorted(along, key=lambda each: _rank(each, order.field), reverse=order.descending)
            return slice_of(self.records.source, local, records, query)
        lists = {local: self.api.list(f"{path(local)}/{name}", order_param(order))}
        page = await page_of(self.records.source, lists, query, longest=self.per_page)
        return page.slice([kind.record(self.records, entry.resource, local) for entry in page.entries], query)

    async def needed_at(self, time: PlanTime, query: ListQuery) -> Slice[Any]:
        """What is needed at one time of a plan. If the plan has no other time, this is not said: issue 1072."""
        refuse(self.records.source, query.filter)
        ordered(self.records.source, query.order, {}, None)
        local = time.key.partition(":")[2]
        needed = await self.all("needed_positions", local.rpartition("/")[0])
        ours = [each for each in needed if getattr(each, "plan_time", None) == time.key]
        return slice_of(self.records.source, local, ours, query)

    async def of_person(self, person: Person, query: ListQuery) -> Slice[Any]:
        """Where one person serves. An assignment that does not say of which plan it is cannot have a key: left out."""
        refuse(self.records.source, query.filter)
        ordered(self.records.source, query.order, {}, None)
        local = person.key.partition(":")[2]
        lists = {local: self.api.list(f"people/{local}/plan_people")}
        page = await page_of(self.records.source, lists, query, longest=self.per_page)
        named = [
            (entry, f"{service_type}/{plan}")
            for entry in page.entries
            if (service_type := entry.resource.one("service_type")) and (plan := entry.resource.one("plan"))
        ]
        page = page._replace(entries=[entry for entry, _ in named])
        return page.slice([self.records.team_member(entry.resource, plan) for entry, plan in named], query)

    async def native(self, edge: str, plan: str) -> list[Any]:
        """An edge of a plan by its name in the API; its end is Planning Center's alone, or a file."""
        if edge == "all_attachments":
            return await self.all("attachments", plan, edge)
        if edge == "live":
            answer = await self.api.one(f"{path(plan)}/live")
            resources = [answer.data] if answer else []
        elif edge in NATIVE:
            resources = await self.resources(plan, edge)
        else:
            return []
        zone = await self.api.zone()
        return [self.records.native(edge, resource, zone) for resource in resources]


def _rank(record: Record, field: str) -> tuple[bool, Any]:
    value = getattr(record, field)
    return value is None, value or ""
