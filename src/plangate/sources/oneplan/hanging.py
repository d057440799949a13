"""What is asked for plan by plan: tasks and steps. All of a plan's come in one call."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from plangate.listing import ListQuery, Slice
from plangate.model import Key, Plan, Record, Step, Task, split
from plangate.source import Ids
from plangate.upstream import together

from .api import Api
from .ids import hanging, is_guid
from .mapping import STEP_COLUMNS, TASK_COLUMNS, Records
from .whole_list import WholeList, by_parent

R = TypeVar("R", bound=Record)
Fetch = Callable[[str], Awaitable[list[R]]]


class Hanging:
    """Every question about the tasks and steps of plans. Equal calls, and too many at once, are Upstream's care."""

    def __init__(self, api: Api, records: Records) -> None:
        self.api = api
        self.records = records
        self._tasks = WholeList(records.source, TASK_COLUMNS, "position")
        self._steps = WholeList(records.source, STEP_COLUMNS, "position")

    async def tasks_by_id(self, ids: Ids) -> dict[str, Task]:
        """One GET for one, and one for several of the same plan."""
        return await self._by_id(ids, self._tasks_of, self._task)

    async def steps_by_id(self, ids: Ids) -> dict[str, Step]:
        return await self._by_id(ids, self._steps_of, None)

    async def tasks_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> dict[Key, Slice[Task]]:
        return await self._of_plans(plans, self._tasks_of, self._tasks, query)

    async def steps_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> dict[Key, Slice[Step]]:
        return await self._of_plans(plans, self._steps_of, self._steps, query)

    async def sub_tasks(self, tasks: Sequence[Task], query: ListQuery) -> dict[Key, Slice[Task]]:
        """One call for each plan that the tasks are of."""
        self._tasks.check(query)
        if not self.records.visible(query):
            return {}
        plans = dict.fromkeys(place[0] for task in tasks if (place := hanging(split(task.key)[1])))
        found = await together(self._tasks_of(plan) for plan in plans)
        below = by_parent((task for some in found for task in some), "parent")
        return {task.key: self._tasks.page(below[task.key], query) for task in tasks if task.key in below}

    async def _of_plans(
        self, plans: Sequence[Plan], fetch: Fetch[R], listed: WholeList, query: ListQuery
    ) -> dict[Key, Slice[R]]:
        listed.check(query)
        if not self.records.visible(query):
            return {}
        known = {plan.key: local for plan in plans if is_guid(local := split(plan.key)[1])}
        found = await together(fetch(local) for local in known.values())
        return {plan: listed.page(records, query) for plan, records in zip(known, found, strict=True)}

    async def _by_id(
        self, ids: Ids, several: Fetch[R], single: Callable[[str, str], Awaitable[list[R]]] | None
    ) -> dict[str, R]:
        wanted: dict[str, dict[str, str]] = {}
        for id in ids:
            if place := hanging(id):
                wanted.setdefault(place[0], {})[id] = place[1]
        calls = [
            single(plan, *some.values()) if single and len(some) == 1 else several(plan)
            for plan, some in wanted.items()
        ]
        found = {split(record.key)[1]: record for records in await together(calls) for record in records}
        return {id: found[id] for some in wanted.values() for id in some if id in found}

    async def _task(self, plan: str, task: str) -> list[Task]:
        given = await self.api.task(plan, task)
        return self._made([] if given is None else [given], plan)

    async def _tasks_of(self, plan: str) -> list[Task]:
        return self._made(await self.api.tasks(plan), plan)

    async def _steps_of(self, plan: str) -> list[Step]:
        return self.records.steps(await self.api.process_history(plan), plan)

    def _made(self, given: Iterable[Any], plan: str) -> list[Task]:
        return [task for each in given if (task := self.records.task(each, plan))]
