"""Who may read the actions below a plan: what the list of actions does not say, and the plans do."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from math import ceil
from typing import Any

from plangate.errors import UpstreamDenied
from plangate.listing import ListQuery
from plangate.model import Action, split
from plangate.upstream import together

from .api import Api
from .mapping import Records, below, readable
from .paging import END, Reader

FEW = 3
"""Plans that are asked for one by one; of more, most are in the first page of the list."""


class Privacy:
    """Passes the privacy of plans on to their actions. `per_page` is the longest page of plans asked for."""

    def __init__(self, api: Api, records: Records, per_page: int) -> None:
        self.api = api
        self.records = records
        self.per_page = per_page

    async def below_plans(self, actions: Sequence[Action]) -> list[Action]:
        """The actions, each at least as private as its plan: one call for one plan, or for a page of them."""
        private_to = await self._plans({split(each.plan)[1] for each in actions if each.plan})
        return [below(each, private_to[split(each.plan)[1]]) if each.plan else each for each in actions]

    async def readable(self, lists: Sequence[Sequence[Action]], query: ListQuery) -> list[list[Action]]:
        """Of each list the actions that the query may see. If that is all of them, no plan is looked up."""
        if query.scope.person is None:
            return [list(actions) for actions in lists]
        known = {each.key: each for each in await self.below_plans([each for actions in lists for each in actions])}
        return [[known[each.key] for each in actions if readable(known[each.key], query)] for actions in lists]

    async def _plans(self, ids: AbstractSet[str]) -> dict[str, str | None]:
        """`private_to` of each plan: of one that the session cannot read, nobody known."""
        found: dict[str, str | None] = {}
        if len(ids) <= FEW:
            alone = ids
        else:
            reader = Reader(lambda start, stop: self.api.plans(start, stop, {}), self.per_page)
            found = self._private_to(await reader.read(0, self.per_page))
            alone = ids - found.keys()
            pages = ceil((reader.total or 0) / self.per_page) - 1
            if len(alone) > max(FEW, pages):
                found |= self._private_to(await reader.read(self.per_page, END))
                pages = 0
            if pages <= 0:  # the whole list is read: what is not in it is not there for the session
                alone = frozenset()
        asked = list(alone)
        found |= zip(asked, await together(self._plan(id) for id in asked), strict=True)
        return {id: found.get(id, "") for id in ids}

    def _private_to(self, documents: Iterable[Any]) -> dict[str, str | None]:
        return {str(each.get("id")): self.records.private_to(each) for each in documents if isinstance(each, dict)}

    async def _plan(self, id: str) -> str | None:
        try:
            given = await self.api.plan(id)
        except UpstreamDenied as error:
            if error.status != 403:
                raise
            return ""
        return self.records.private_to(given) if isinstance(given, dict) else ""
