"""What OnePlan is asked, in its own words (https://my.oneplan.ai/ApiHelp). Paths are below `/api`."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from plangate.record_log import RecordLog
from plangate.upstream import Params, Upstream

# Both are marked as required, and taken empty [V, K].
_UNFILTERED: Params = {"FilterField": "", "FilterValue": ""}


class Head(Struct, frozen=True, gc=False, rename="pascal"):
    """What plans are listed by. Of a list of thousands only this is decoded, and the rest of those on the page."""

    id: Any = field(default=None, name="id")
    name: Any = None
    author: Any = None
    editor: Any = None
    created: Any = None
    modified: Any = None
    parent_plan_id: Any = None
    portfolio_parent_id: Any = None
    portfolio_order: Any = None
    fields: Any = None
    comments: Any = None


class WorkPlan(NamedTuple):
    """A plan as it was sent, and what it is listed by."""

    head: Head
    raw: Raw

    def whole(self) -> Any:
        return msgspec.json.decode(self.raw)


class Api:
    """OnePlan through one `upstream`. `archived`, `templates`: whether lists of plans have those too."""

    def __init__(self, upstream: Upstream, log: RecordLog, *, archived: bool, templates: bool) -> None:
        self.upstream = upstream
        self._log = log
        self._shown = _showing(archived=archived, templates=templates)

    async def work_plans(self) -> Iterator[WorkPlan]:
        """All plans, in one call: there are no pages [V]."""
        return await self._work_plans(self._shown)

    async def every_work_plan(self) -> Iterator[WorkPlan]:
        """The archived ones and templates too."""
        return await self._work_plans(_showing(archived=True, templates=True))

    async def work_plan(self, plan: str) -> WorkPlan | None:
        return next(self._heads([await self.upstream.get(f"workplan/{plan}", type=Raw)]), None)

    async def tasks(self, plan: str) -> list[Any]:
        """All tasks of a plan, in one call."""
        params = {"HasUpdates": "false", **_UNFILTERED}
        return await self.upstream.get(f"workplan/{plan}/tasks", params, type=list[Any]) or []

    async def task(self, plan: str, task: str) -> Any:
        return await self.upstream.get(f"workplan/{plan}/tasks/{task}")

    async def process_history(self, plan: str) -> list[Any]:
        """The steps that a plan has been through, and the one it is at."""
        return await self.upstream.get(f"workplan/{plan}/processhistory", type=list[Any]) or []

    async def resources(self) -> list[Any]:
        return await self.upstream.get("resources", type=list[Any]) or []

    async def resource(self, resource: str) -> Any:
        return await self.upstream.get(f"resources/{resource}")

    async def fields(self) -> Any:
        """The definitions of fields: the cheapest thing that every tenant has [inf]."""
        return await self.upstream.get("workplan/fields")

    async def _work_plans(self, shown: Params) -> Iterator[WorkPlan]:
        return self._heads(await self.upstream.get("workplan", {**_UNFILTERED, **shown}, type=list[Raw]) or [])

    def _heads(self, plans: Sequence[Raw | None]) -> Iterator[WorkPlan]:
        """What is no object, or has no id, is no plan: it is left out, and the log says so."""
        for raw in plans:
            if raw is None:
                continue
            try:
                head = msgspec.json.decode(raw, type=Head)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self._log.skip("WorkPlan: no object")
                continue
            if head.id is None:
                self._log.skip("WorkPlan without an id")
            else:
                yield WorkPlan(head, raw)


def _showing(*, archived: bool, templates: bool) -> Params:
    return {"ShowArchived": str(archived).lower(), "ShowTemplates": str(templates).lower()}
