"""Service types: few, so that several are asked for as the whole list."""

from collections.abc import Mapping

from plangate.errors import FilterNotSupported
from plangate.listing import Condition, ListQuery, Order, Slice
from plangate.model import ServiceType
from plangate.source import EMPTY, Ids

from .api import Api
from .filters import conditions, order_param, ordered, sendable
from .ids import segments
from .mapping import Records
from .paging import everything, page_of


class ServiceTypes:
    """Every question whose answer is service types."""

    def __init__(self, api: Api, records: Records, per_page: int) -> None:
        self.api = api
        self.records = records
        self.per_page = per_page

    async def all(self) -> list[ServiceType]:
        found = await everything(self.records.source, self.api.list("service_types"), self.per_page)
        return [self.records.service_type(each) for each in found]

    async def by_id(self, ids: Ids) -> Mapping[str, ServiceType]:
        """One call, however many are asked for, as long as a page holds all that there are."""
        known = {id for id in ids if segments(id, 1)}
        if len(known) > 1:
            found = await self.all()
        else:
            answers = [await self.api.one(f"service_types/{id}") for id in known]
            found = [self.records.service_type(answer.data) for answer in answers if answer]
        return {each.external_id: each for each in found if each.external_id in known}

    async def list(self, query: ListQuery) -> Slice[ServiceType]:
        """By position, as Planning Center shows them, or by name."""
        where: dict[str, str] = {}
        for condition in conditions(self.records.source, query.filter):
            match condition:
                case Condition("name", "eq", str(value)):
                    where["where[name]"] = value
                case _:
                    raise FilterNotSupported(self.records.source, f"{condition.field}.{condition.operator}")
        orders = {"name": "name", "position": "sequence"}
        order = ordered(self.records.source, query.order, orders, Order("sequence"))
        if not self.records.visible(query) or not all(map(sendable, where.values())):
            return EMPTY
        lists = {"": self.api.list("service_types", {**where, **order_param(order)})}
        page = await page_of(self.records.source, lists, query, longest=self.per_page)
        return page.slice([self.records.service_type(entry.resource) for entry in page.entries], query)
