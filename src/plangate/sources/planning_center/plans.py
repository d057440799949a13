"""Plans: one by one, in lists of a service type or a series, and in lists over all service types."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from msgspec import structs

from plangate.errors import FilterNotSupported
from plangate.listing import ListQuery, Order, Slice
from plangate.model import Plan
from plangate.source import EMPTY, Ids, Wants
from plangate.upstream import Params, together

from . import times
from .api import Api, Fetch
from .filters import PLAN_ORDERS, PlanFilter, order_param, ordered, plan_filter
from .ids import path, segments
from .jsonapi import Resource
from .mapping import Records
from .paging import page_of
from .ranges import Between, part
from .service_types import ServiceTypes

_DEFAULT = Order("sort_date")
_END = datetime.max.replace(tzinfo=UTC)
_INCLUDED_FOR = {"start_date": "plan_times", "end_date": "plan_times"}
_INCLUDED = ("contributors", "my_schedules", "plan_times", "series")
COSTLY = frozenset((*_INCLUDED, *_INCLUDED_FOR))
"""What makes an `include`: the answer grows, and takes Planning Center longer."""


class Plans:
    """Every question whose answer is plans. Lists are of at most `per_page` records a call."""

    def __init__(self, api: Api, records: Records, service_types: ServiceTypes, per_page: int) -> None:
        self.api = api
        self.records = records
        self.service_types = service_types
        self.per_page = per_page
        self._made: WeakKeyDictionary[Resource, tuple[tuple[str, ZoneInfo], Plan]] = WeakKeyDictionary()

    async def by_id(self, ids: Ids, wants: Wants) -> Mapping[str, Plan]:
        found = {id: parts for id in ids if (parts := segments(id, 2))}
        if not found:
            return {}
        # A plan's series is left to the loaders, which ask for it once for all plans of the request.
        include = _include(wants - {"series"})
        zone = await self.api.zone()

        async def plan(id: str, service_type: str) -> tuple[str, Plan] | None:
            answer = await self.api.one(path(id), include)
            return (id, self._plan(answer.data, service_type, zone, answer.included)) if answer else None

        plans = await together(plan(id, service_type) for id, (service_type, _) in found.items())
        return dict(each for each in plans if each)

    async def list(self, query: ListQuery) -> Slice[Plan]:
        """The plans of the service types that the filter names, else of all of them, which is one call more.

        A range of `sort_date` makes the first call of each service type read a whole page, and costs more calls where
        there are more plans than that: see `ranges.part`.
        """
        asked, order = self._asked(query)
        if not self.records.visible(query):
            return EMPTY
        if asked.service_types is not None:
            return await self._slice(asked.service_types, query, asked, order)
        service_types = await self.service_types.all()
        slice = await self._slice([each.external_id for each in service_types], query, asked, order)
        return structs.replace(slice, also=[*service_types, *slice.also])

    async def of_service_type(self, service_type: str, query: ListQuery) -> Slice[Plan]:
        asked, order = self._asked(query)
        ours = asked.service_types is None or service_type in asked.service_types
        return await self._slice([service_type] if ours else [], query, asked, order)

    async def of_series(self, series: str, query: ListQuery) -> Slice[Plan]:
        """A plan that does not say of which service type it is cannot have a key: it is left out."""
        asked, order = self._asked(query)
        if asked.service_types is not None:
            raise FilterNotSupported(self.records.source, "service_type within a series")
        lists = {series: self.api.list(f"series/{series}/plans", self._params(query, asked.params, order))}
        return await self._read(lists, query, asked, order, told=False)

    async def _slice(
        self, service_types: Iterable[str], query: ListQuery, asked: PlanFilter, order: Order
    ) -> Slice[Plan]:
        params = self._params(query, asked.params, order)
        names = sorted(service_types, key=lambda id: (len(id), id))  # by number, which no renaming changes
        lists = {name: self.api.list(f"service_types/{name}/plans", params) for name in names}
        return await self._read(lists, query, asked, order)

    async def _read(
        self, lists: Mapping[str, Fetch], query: ListQuery, asked: PlanFilter, order: Order, *, told: bool = True
    ) -> Slice[Plan]:
        """`told`: a list's name is the service type of its plans."""
        if asked.between:
            lists = await self._parts(lists, asked.between, order)
        # One plan more than the page has, if it fits: it is the next plan of the page's last one.
        ahead = 1 if order.field == "sort_date" else 0
        page = await page_of(self.records.source, lists, query, order=order, longest=self.per_page, ahead=ahead)
        if not page.entries:
            return page.slice((), query)
        zone = await self.api.zone()

        def plan(resource: Resource, list: str) -> Plan | None:
            service_type = resource.one("service_type") or (list if told else None)
            return self._plan(resource, service_type, zone, page.included) if service_type else None

        named = [(entry, made) for entry in page.entries if (made := plan(entry.resource, entry.list))]
        spare = [made for list, resource in page.spare if (made := plan(resource, list))]
        series = [self.records.series(each) for each in page.included if each.type == "Series"]
        page = page._replace(entries=[entry for entry, _ in named])
        return page.slice([made for _, made in named], query, also=[*spare, *series])

    def _plan(self, resource: Resource, service_type: str, zone: ZoneInfo, included: Iterable[Resource]) -> Plan:
        """What a resource becomes, once: those who ask the same at the same time share one call, and its answer."""
        made_of = service_type, zone
        if (known := self._made.get(resource)) and known[0] == made_of:
            return known[1]
        plan = self.records.plan(resource, service_type, zone, included)
        self._made[resource] = made_of, plan
        return plan

    async def _parts(self, lists: Mapping[str, Fetch], between: Between, order: Order) -> dict[str, Fetch]:
        zone = await self.api.zone()

        def when(plan: Resource) -> datetime:
            # There is always one (of a plan without times it is now); a null has its place after all others.
            return times.true(plan.attributes.get("sort_date"), zone) or _END

        parts = await together(
            part(fetch, between, when, descending=order.descending, longest=self.per_page) for fetch in lists.values()
        )
        return dict(zip(lists, parts, strict=True))

    def _asked(self, query: ListQuery) -> tuple[PlanFilter, Order]:
        asked = plan_filter(self.records.source, query.filter)
        order = ordered(self.records.source, query.order, PLAN_ORDERS, _DEFAULT) or _DEFAULT
        if asked.between and order.field != "sort_date":
            argument, hint = f"sort_date in the order of {order.field}", "Order by sortDate, or leave one of them out."
            raise FilterNotSupported(self.records.source, argument, hint)
        return asked, order

    def _params(self, query: ListQuery, where: Params, order: Order) -> Params:
        include = _include(query.wants)
        return {**where, **order_param(order), **({"include": ",".join(include)} if include else {})}


def _include(wants: Wants) -> tuple[str, ...]:
    """The edges to fetch along, in one order, so that equal questions are equal calls."""
    return tuple(sorted({_INCLUDED_FOR.get(name, name) for name in wants & COSTLY}))
