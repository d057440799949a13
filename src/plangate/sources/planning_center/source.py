"""Planning Center Services as a source: each question of the port in as few calls as its API allows.

https://developer.planning.center/docs/#/apps/services
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from plangate.listing import ListQuery, Slice
from plangate.model import (
    Attachment,
    Item,
    Key,
    NeededPosition,
    Note,
    Person,
    Plan,
    PlanTime,
    Record,
    Series,
    ServiceType,
    TeamMember,
    key,
    split,
)
from plangate.native.planning_center import PlanningCenterPlan
from plangate.source import Circuit, Health, Ids, Source, Wants
from plangate.upstream import Upstream, together

from .api import LONGEST_PAGE, RATE, Api
from .hanging import Hanging
from .ids import segments
from .mapping import Records
from .plans import COSTLY, Plans
from .service_types import ServiceTypes

P = TypeVar("P", bound=Record)
R = TypeVar("R", bound=Record)


class PlanningCenter(Source):
    """Reads one organisation, as the person whose credential it is: counts and visibility are that person's.

    The credential is a personal access token (`app_id` and `secret`) or an OAuth `token`. `time_zone` None: as the
    organisation itself says. `per_page` is the longest page asked for; the API's own bound is 100. `options`
    are those of Upstream.
    """

    name = "planning_center"
    costly = COSTLY

    def __init__(
        self,
        *,
        url: str,
        app_id: str | None = None,
        secret: str | None = None,
        token: str | None = None,
        workspace: str | None = None,
        time_zone: str | None = None,
        api_version: str = "2018-11-01",
        per_page: int = LONGEST_PAGE,
        **options: Any,
    ) -> None:
        self._upstream = Upstream(
            self.name,
            url,
            secret_headers=_credentials(app_id, secret, token),
            headers={"x-pco-api-version": api_version},
            rate=RATE,
            **options,
        )
        self.workspace = workspace
        self.deadline = max(self.deadline, self._upstream.deadline)  # a question may take several calls
        self._api = Api(self._upstream, time_zone)
        self._records = Records(self.name, workspace)
        self._per_page = max(1, min(per_page, LONGEST_PAGE))
        self._service_types = ServiceTypes(self._api, self._records, self._per_page)
        self._plans = Plans(self._api, self._records, self._service_types, self._per_page)
        self._hanging = Hanging(self._api, self._records, self._per_page)

    @property
    def circuit(self) -> Circuit:
        return self._upstream.circuit

    async def health(self) -> Health:
        found = await self._upstream.get("", type=dict, cached=False)
        return Health(found is not None, "" if found else f"{self.name} does not answer at this URL.")

    async def close(self) -> None:
        await self._upstream.close()

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        return await self._plans.by_id(ids, wants)

    async def service_types(self, ids: Ids) -> Mapping[str, ServiceType]:
        return await self._service_types.by_id(ids)

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        async def person(id: str) -> Person | None:
            answer = await self._api.one(f"people/{id}", ("emails",))
            return self._records.person(answer.data, answer.included) if answer else None

        return await self._numbered(ids, person)

    async def series(self, ids: Ids) -> Mapping[str, Series]:
        async def one(id: str) -> Series | None:
            answer = await self._api.one(f"series/{id}")
            return self._records.series(answer.data) if answer else None

        return await self._numbered(ids, one)

    async def plan_times(self, ids: Ids) -> Mapping[str, PlanTime]:
        return await self._hanging.by_id("plan_times", ids)

    async def items(self, ids: Ids) -> Mapping[str, Item]:
        return await self._hanging.by_id("items", ids)

    async def notes(self, ids: Ids) -> Mapping[str, Note]:
        return await self._hanging.by_id("notes", ids)

    async def attachments(self, ids: Ids) -> Mapping[str, Attachment]:
        return await self._hanging.by_id("attachments", ids)

    async def team_members(self, ids: Ids) -> Mapping[str, TeamMember]:
        return await self._hanging.by_id("team_members", ids)

    async def needed_positions(self, ids: Ids) -> Mapping[str, NeededPosition]:
        return await self._hanging.by_id("needed_positions", ids)

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        return await self._plans.list(query)

    async def list_service_types(self, query: ListQuery) -> Slice[ServiceType]:
        return await self._service_types.list(query)

    # ----------------------------------------------------------------------------------------------- edges of plans

    async def next_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        return self._neighbours(plans, lambda native: native.next_plan_id)

    async def previous_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        return self._neighbours(plans, lambda native: native.previous_plan_id)

    async def plan_times_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[PlanTime]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("plan_times", plan, query))

    async def items_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Item]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("items", plan, query))

    async def notes_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("notes", plan, query))

    async def attachments_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Attachment]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("attachments", plan, query))

    async def team_members_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[TeamMember]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("team_members", plan, query))

    async def needed_positions_of_plans(
        self, plans: Sequence[Plan], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return await self._each(plans, 2, query, lambda plan: self._hanging.of_plan("needed_positions", plan, query))

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        plans = {key: local for key in dict.fromkeys(keys) if segments(local := split(key)[1], 2)}
        found = await together(self._hanging.native(edge, local) for local in plans.values())
        return dict(zip(plans, found, strict=True))

    # ------------------------------------------------------------------------------------- edges of the other kinds

    async def plans_of_service_types(
        self, service_types: Sequence[ServiceType], query: ListQuery
    ) -> Mapping[Key, Slice[Plan]]:
        return await self._each(service_types, 1, query, lambda each: self._plans.of_service_type(_local(each), query))

    async def plans_of_series(self, series: Sequence[Series], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self._each(series, 1, query, lambda each: self._plans.of_series(_local(each), query))

    async def needed_positions_of_plan_times(
        self, plan_times: Sequence[PlanTime], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return await self._each(plan_times, 3, query, lambda time: self._hanging.needed_at(time, query))

    async def team_members_of_people(
        self, people: Sequence[Person], query: ListQuery
    ) -> Mapping[Key, Slice[TeamMember]]:
        return await self._each(people, 1, query, lambda person: self._hanging.of_person(person, query))

    # -------------------------------------------------------------------------------------------------------------

    async def _numbered(self, ids: Ids, one: Callable[[str], Awaitable[R | None]]) -> dict[str, R]:
        """Records that are found one by one, by a single number."""
        known = [id for id in dict.fromkeys(ids) if segments(id, 1)]
        found = await together(one(id) for id in known)
        return {id: record for id, record in zip(known, found, strict=True) if record is not None}

    async def _each(
        self, parents: Sequence[P], numbers: int, query: ListQuery, one: Callable[[P], Awaitable[Slice[R]]]
    ) -> dict[Key, Slice[R]]:
        """An edge that is asked for parent by parent. Equal calls, and too many at once, are Upstream's care."""
        if not self._records.visible(query):
            return {}
        known = {parent.key: parent for parent in parents if segments(_local(parent), numbers)}
        slices = await together(one(parent) for parent in known.values())
        return dict(zip(known, slices, strict=True))

    def _neighbours(
        self, plans: Sequence[Plan], id: Callable[[PlanningCenterPlan], str | None]
    ) -> dict[Key, Plan | Key]:
        """Plans come with the ids of their neighbours, which are of the same service type."""
        return {
            plan.key: key(self.name, f"{_local(plan).partition('/')[0]}/{neighbour}")
            for plan in plans
            if isinstance(plan.native, PlanningCenterPlan) and (neighbour := id(plan.native))
        }


def _local(record: Record) -> str:
    return split(record.key)[1]


def _credentials(app_id: str | None, secret: str | None, token: str | None) -> dict[str, str]:
    """https://developer.planning.center/docs/#/overview/authentication"""
    if token:
        return {"authorization": f"Bearer {token}"}
    if not app_id:
        return {}
    pair = base64.b64encode(f"{app_id}:{secret or ''}".encode()).decode()
    return {"authorization": f"Basic {pair}"}
