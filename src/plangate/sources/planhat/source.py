"""Planhat as a source: each question of the port in as few calls as its API allows.

https://www.planhat.com/developers/api
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs

from plangate.listing import ListQuery, Slice
from plangate.model import Key, Person, Plan, Record, Step, Task, split
from plangate.source import EMPTY, Circuit, Health, Ids, Source, Wants
from plangate.upstream import Upstream

from .api import LONGEST_PAGE, Api
from .filters import PLAN_ORDERS, TASK_ORDERS, ordered, refuse
from .hanging import Hanging
from .ids import ids_among
from .mapping import Records
from .paging import page_of, part_of

P = TypeVar("P", Task, Step)
R = TypeVar("R", bound=Record)


class Planhat(Source):
    """Reads one tenant: a Plan is a project, a Person a user of the tenant.

    `token` is that of a service account. `time_zone` is where the days of a project are counted, which Planhat keeps as
    instants; UTC if not given. `per_page` is the longest page of whole objects asked for; the API's bound is 2,000.
    A project and a task have no relation but the company that both hang on: see `natives`.

    `options` are those of Upstream.
    """

    name = "planhat"

    def __init__(
        self,
        *,
        url: str,
        token: str,
        workspace: str | None = None,
        time_zone: str | None = None,
        per_page: int = 1000,
        **options: Any,
    ) -> None:
        self._upstream = Upstream(
            self.name,
            url,
            secret_headers={"authorization": f"Bearer {token}"},
            **options,
        )
        self.workspace = workspace
        self.deadline = max(self.deadline, self._upstream.deadline)  # a question may take several calls
        self._api = Api(self._upstream, max(1, min(per_page, LONGEST_PAGE)))
        self._records = Records(self.name, workspace, ZoneInfo(time_zone or "UTC"))
        self._hanging = Hanging(self._api, self._records)

    async def health(self) -> Health:
        found = await self._upstream.get("leancompanies", {"limit": 1}, type=list[Any])
        return Health(found is not None, "" if found is not None else f"{self.name} does not answer at this URL.")

    async def close(self) -> None:
        await self._upstream.close()

    @property
    def circuit(self) -> Circuit:
        return self._upstream.circuit

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        return await self._by_id("projects", ids, self._records.plan)

    async def tasks(self, ids: Ids) -> Mapping[str, Task]:
        return await self._by_id("tasks", ids, self._records.task)

    async def steps(self, ids: Ids) -> Mapping[str, Step]:
        return await self._by_id("tasks", ids, self._records.step)

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        """One GET for one, and the list of users, which is never long, for several."""
        known = ids_among(ids)
        if len(known) < 2:
            return await self._by_id("users", known, self._records.person)
        people = [self._records.person(each) for each in await self._api.everything("users")]
        return {local: each for each in people if each and (local := _local(each)) in known}

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        return await self._list("projects", query, PLAN_ORDERS, self._records.plan)

    async def list_tasks(self, query: ListQuery) -> Slice[Task]:
        """Tasks and events. Whether Planhat lists those that are done is not documented."""
        slice = await self._list("tasks", query, TASK_ORDERS, self._records.task)
        if "workflow_step" not in query.wants:
            return slice
        return structs.replace(slice, also=[step for task in slice.records if (step := self._records.step_of(task))])

    # ----------------------------------------------------------------------------------------------- edges

    async def sub_tasks_of_tasks(self, tasks: Sequence[Task], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self._children(tasks, query, self.tasks)

    async def sub_steps_of_steps(self, steps: Sequence[Step], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return await self._children(steps, query, self.steps)

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        return await self._hanging.natives(edge, keys)

    # -------------------------------------------------------------------------------------------------------------

    async def _by_id(self, collection: str, ids: Ids, record: Callable[[Any], R | None]) -> dict[str, R]:
        found = await self._api.by_id(collection, list(ids))
        return {id: made for id, given in found.items() if (made := record(given)) is not None}

    async def _list(
        self, collection: str, query: ListQuery, orders: Mapping[str, str], record: Callable[[Any], R | None]
    ) -> Slice[R]:
        refuse(self.name, query.filter)
        order = ordered(self.name, query.order, orders)
        if not self._records.visible(query):
            return EMPTY
        entries, more = await page_of(self._api, collection, query, order)
        made = [(each, entry.position) for entry in entries if (each := record(entry.value)) is not None]
        return Slice([each for each, _ in made], more, lambda i: made[i][1])

    async def _children(
        self, parents: Sequence[P], query: ListQuery, by_id: Callable[[list[str]], Awaitable[Mapping[str, P]]]
    ) -> dict[Key, Slice[P]]:
        """A parent names its children, so that those of all parents are found at once; one that is gone is left out."""
        refuse(self.name, query.filter)
        ordered(self.name, query.order, {})
        if not self._records.visible(query):
            return {}
        named = {
            each.key: ids_among(child.id or "" for child in each.native.children or ())
            for each in parents
            if each.native
        }
        parts = {key: part_of(self.name, ids, query) for key, ids in named.items() if ids}
        found = await by_id([id for part in parts.values() for id in part.ids])
        return {key: part.slice(found) for key, part in parts.items()}


def _local(record: Record) -> str:
    return split(record.key)[1]
