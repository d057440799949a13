"""Scale's GenAI platform as a source: its plans, the trees of their steps, their files by id, and who made them.

https://docs.gp.scale.com. What of it is documented, and what is inferred, is said in `api`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from plangate.listing import ListQuery, Offset, Slice
from plangate.model import Attachment, Key, Person, Plan, Record, Step, split
from plangate.native.scale import ScalePlan, ScaleStep
from plangate.source import EMPTY, Circuit, Health, Ids, Source, Wants
from plangate.upstream import Upstream, together

from .api import LONGEST_PAGE, Api, Page
from .filters import plan_params, refuse
from .ids import parts
from .mapping import Records
from .paging import LIST, part_of, slice_of

P = TypeVar("P", Plan, Step)
R = TypeVar("R", bound=Record)


class Scale(Source):
    """Reads one account, which `account_id` names: a key may be good for several, and none is taken by chance.

    `per_page` is the longest page asked for; the API's own bound is 10,000. `state_keys` are the members of a step
    that are its state, even if they are objects; other objects are steps within it.

    `options` are those of Upstream.
    """

    name = "scale"

    def __init__(
        self,
        *,
        url: str,
        api_key: str,
        account_id: str,
        workspace: str | None = None,
        per_page: int = 100,
        state_keys: Sequence[str] = ("threadIds",),
        **options: Any,
    ) -> None:
        self._upstream = Upstream(
            self.name,
            url,
            secret_headers={"x-api-key": api_key},
            viewers_header="x-api-key",
            headers={"x-selected-account-id": account_id},
            **options,
        )
        self.workspace = workspace
        self.deadline = max(self.deadline, self._upstream.deadline)  # a question may take several calls
        self._api = Api(self._upstream, account_id)
        self._records = Records(self.name, workspace, account_id, state_keys)
        self._per_page = max(1, min(per_page, LONGEST_PAGE))

    async def health(self) -> Health:
        await self._api.plans(1, 1, {})
        return Health(True)

    async def close(self) -> None:
        await self._upstream.close()

    @property
    def circuit(self) -> Circuit:
        return self._upstream.circuit

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        """One GET each: Scale has no other way. An archived plan is found too."""

        async def plan(id: str) -> Plan | None:
            answer = await self._api.plan(id)
            return None if answer is None else self._records.plan(answer)

        return await self._each(ids, plan)

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        async def person(id: str) -> Person | None:
            return self._records.person(id, await self._api.user(id))

        return await self._each(ids, person)

    async def steps(self, ids: Ids) -> Mapping[str, Step]:
        """One GET for each plan that they are steps of."""
        return await self._within_plans(ids, self._records.step)

    async def attachments(self, ids: Ids) -> Mapping[str, Attachment]:
        """One GET for each plan that they are files of."""

        def attachment(plan: Plan, path: tuple[str, ...]) -> Attachment | None:
            sought = self._records.key(*path)
            return next((each for each in self._records.attachments(plan) if each.key == sought), None)

        return await self._within_plans(ids, attachment)

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        """The account's plans, archived ones too unless the filter leaves them out."""
        params = plan_params(self.name, query.filter, query.order)
        if not self._records.visible(query):
            return EMPTY

        async def fetch(number: int, limit: int) -> Page:
            return await self._api.plans(number, limit, params)

        part = await part_of(self.name, fetch, query, self._per_page)
        placed = enumerate(map(self._records.plan, part.items), part.start)
        found = [(place, plan) for place, plan in placed if plan is not None]
        return Slice(
            [plan for _, plan in found],
            part.more,
            lambda i: Offset((found[i][0],), (LIST,)),
            part.total if query.total else None,
        )

    # ------------------------------------------------------------------------------- edges: all come with the plan

    async def steps_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        """The steps of all levels, those of the top level first. JSON knows no order: as Scale writes them."""
        return await self._edge(plans, query, ScalePlan, self.plans, self._records.steps)

    async def attachments_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Attachment]]:
        return await self._edge(plans, query, ScalePlan, self.plans, self._records.attachments)

    async def sub_steps_of_steps(self, steps: Sequence[Step], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return await self._edge(steps, query, ScaleStep, self.steps, self._records.sub_steps)

    # -------------------------------------------------------------------------------------------------------------

    async def _edge(
        self,
        parents: Sequence[P],
        query: ListQuery,
        native: type[Any],
        ask: Callable[[Ids], Awaitable[Mapping[str, P]]],
        children: Callable[[P], Sequence[R]],
    ) -> dict[Key, Slice[R]]:
        """What came with the parents. One without its native part is asked for; what does not exist has nothing."""
        refuse(self.name, query.filter, query.order)
        if not self._records.visible(query):
            return {}
        unknown = [_local(parent) for parent in parents if not isinstance(parent.native, native)]
        found = await ask(unknown) if unknown else {}
        whole = {parent.key: found.get(_local(parent), parent) for parent in parents}
        return {
            key: slice_of(self.name, _local(each), children(each), query)
            for key, each in whole.items()
            if isinstance(each.native, native)
        }

    async def _each(self, ids: Ids, one: Callable[[str], Awaitable[R | None]]) -> dict[str, R]:
        """Records that are found one by one. Too many at once are Upstream's care."""
        known = {id: path[0] for id in ids if (path := parts(id)) and len(path) == 1}
        found = await together(one(id) for id in known.values())
        # Under another id than its own a record would have two.
        return {
            id: record for id, record in zip(known, found, strict=True) if record is not None and _local(record) == id
        }

    async def _within_plans(self, ids: Ids, one: Callable[[Plan, tuple[str, ...]], R | None]) -> dict[str, R]:
        paths = {id: path for id in ids if (path := parts(id)) and len(path) > 1}
        plans = await self.plans({id.partition("/")[0] for id in paths})
        found = ((id, one(plans[of], path)) for id, path in paths.items() if (of := id.partition("/")[0]) in plans)
        return {id: record for id, record in found if record is not None}


def _local(record: Record) -> str:
    return split(record.key)[1]
