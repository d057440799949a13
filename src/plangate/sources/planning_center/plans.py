"""Plans: one by one, in lists of a service type or a series, and in lists over all service types."""

from collections.abc import Iterable, Mapping

from msgspec import structs

from plangate.errors import FilterNotSupported
from plangate.listing import ListQuery, Order, Slice
from plangate.model import Plan
from plangate.source import EMPTY, Ids, Wants
from plangate.upstream import Params, together

from .api import Api, Fetch
from .filters import PLAN_ORDERS, order_param, ordered, plan_filter
from .ids import path, segments
from .jsonapi import Resource
from .mapping import Records
from .paging import page_of
from .service_types import ServiceTypes

_DEFAULT = Order("sort_date")
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

    async def by_id(self, ids: Ids, wants: Wants) -> Mapping[str, Plan]:
        found = {id: parts for id in ids if (parts := segments(id, 2))}
        if not found:
            return {}
        # A plan's series is left to the loaders, which ask for it once for all plans of the request.
        include = _include(wants - {"series"})
        zone = await self.api.zone()

        async def plan(id: str, service_type: str) -> tuple[str, Plan] | None:
            answer = await self.api.one(path(id), include)
            return (id, self.records.plan(answer.data, service_type, zone, answer.included)) if answer else None

        plans = await together(plan(id, service_type) for id, (service_type, _) in found.items())
        return dict(each for each in plans if each)

    async def list(self, query: ListQuery) -> Slice[Plan]:
        """The plans of the service types that the filter names, else of all of them, which is one call more."""
        asked = plan_filter(self.records.source, query.filter)
        order = self._order(query)
        if not self.records.visible(query):
            return EMPTY
        if asked.service_types is not None:
            return await self._slice(asked.service_types, query, asked.params, order)
        service_types = await self.service_types.all()
        slice = await self._slice([each.external_id for each in service_types], query, asked.params, order)
        return structs.replace(slice, also=[*service_types, *slice.also])

    async def of_service_type(self, service_type: str, query: ListQuery) -> Slice[Plan]:
        asked = plan_filter(self.records.source, query.filter)
        ours = asked.service_types is None or service_type in asked.service_types
        return await self._slice([service_type] if ours else [], query, asked.params, self._order(query))

    async def of_series(self, series: str, query: ListQuery) -> Slice[Plan]:
        asked = plan_filter(self.records.source, query.filter)
        if asked.service_types is not None:
            raise FilterNotSupported(self.records.source, "service_type within a series")
        order = self._order(query)
        lists = {series: self.api.list(f"series/{series}/plans", self._params(query, asked.params, order))}
        return await self._read(lists, query, order)

    async def _slice(self, service_types: Iterable[str], query: ListQuery, where: Params, order: Order) -> Slice[Plan]:
        params = self._params(query, where, order)
        names = sorted(service_types, key=lambda id: (len(id), id))  # by number, which no renaming changes
        lists = {name: self.api.list(f"service_types/{name}/plans", params) for name in names}
        return await self._read(lists, query, order)

    async def _read(self, lists: Mapping[str, Fetch], query: ListQuery, order: Order) -> Slice[Plan]:
        # One plan more than the page has, if it fits: it is the next plan of the page's last one.
        ahead = 1 if order.field == "sort_date" else 0
        page = await page_of(self.records.source, lists, query, order=order, longest=self.per_page, ahead=ahead)
        if not page.entries:
            return page.slice((), query)
        zone = await self.api.zone()

        def plan(resource: Resource, list: str) -> Plan:
            return self.records.plan(resource, resource.one("service_type") or list, zone, page.included)

        spare = [plan(resource, list) for list, resource in page.spare]
        series = [self.records.series(each) for each in page.included if each.type == "Series"]
        plans = [plan(entry.resource, entry.list) for entry in page.entries]
        return page.slice(plans, query, also=[*spare, *series])

    def _order(self, query: ListQuery) -> Order:
        return ordered(self.records.source, query.order, PLAN_ORDERS, _DEFAULT) or _DEFAULT

    def _params(self, query: ListQuery, where: Params, order: Order) -> Params:
        include = _include(query.wants)
        return {**where, **order_param(order), **({"include": ",".join(include)} if include else {})}


def _include(wants: Wants) -> tuple[str, ...]:
    """The edges to fetch along, in one order, so that equal questions are equal calls."""
    return tuple(sorted({_INCLUDED_FOR.get(name, name) for name in wants & COSTLY}))
