"""Plans: one by one, as the whole list, and by what they refer to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import structs

from plangate.listing import ListQuery, Slice
from plangate.model import Key, Note, Person, Plan, split
from plangate.native.oneplan import OnePlanWorkPlan
from plangate.source import EMPTY, Ids
from plangate.upstream import together

from .api import Api, WorkPlan
from .ids import guid, is_guid
from .mapping import NOTE_COLUMNS, Records
from .whole_list import WholeList, by_parent


class Plans:
    """Every question whose answer is plans, and what comes with them: comments."""

    def __init__(self, api: Api, records: Records) -> None:
        self.api = api
        self.records = records
        self._plans = WholeList(records.source, records.plan_columns(), "created_at")
        self._notes = WholeList(records.source, NOTE_COLUMNS, "created_at")

    async def by_id(self, ids: Ids) -> dict[str, Plan]:
        """One GET for one. Several are found in the whole list, in one call; only who is not there is asked for."""
        found = await self._found(ids)
        return {local: self.records.whole(plan, given) for local, (plan, given) in found.items()}

    async def _found(self, ids: Ids) -> dict[str, tuple[Plan, WorkPlan]]:
        wanted = dict.fromkeys(id for id in ids if is_guid(id))
        found: dict[str, tuple[Plan, WorkPlan]] = {}
        if len(wanted) > 1:
            found = self._known(await self.api.every_work_plan(), wanted)
        alone = await together(self.api.work_plan(id) for id in wanted if id not in found)
        found |= self._known((each for each in alone if each), wanted)
        return {id: found[id] for id in wanted if id in found}

    def _known(
        self, given: Iterable[WorkPlan], wanted: Collection[str] | None = None
    ) -> dict[str, tuple[Plan, WorkPlan]]:
        """The plans by their local ids; all of them, or the wanted ones."""
        return {
            split(plan.key)[1]: (plan, each)
            for each in given
            if (wanted is None or guid(each.head.id) in wanted) and (plan := self.records.plan(each))
        }

    async def all(self, query: ListQuery) -> Slice[Plan]:
        self._plans.check(query)
        if not self.records.visible(query):
            return EMPTY
        return self._page(self._known(await self.api.work_plans()), query)

    async def of_plans(self, parents: Sequence[Plan], query: ListQuery) -> dict[Key, Slice[Plan]]:
        """The sub-plans that each plan names."""
        self._plans.check(query)
        named = {parent.key: _sub_plans(parent) for parent in parents if _sub_plans(parent)}
        if not named or not self.records.visible(query):
            return {}
        found = await self._found({id for ids in named.values() for id in ids})
        return {
            parent: self._page({id: found[id] for id in ids if id in found}, query) for parent, ids in named.items()
        }

    async def of_people(self, people: Sequence[Person], reference: str, query: ListQuery) -> dict[Key, Slice[Plan]]:
        """The plans of the list that refer to each of the people as `reference`: one call for all of them."""
        self._plans.check(query)
        if not people or not self.records.visible(query):
            return {}
        known = self._known(await self.api.work_plans())
        ours = by_parent((plan for plan, _ in known.values()), reference)
        return {
            person.key: self._page({split(plan.key)[1]: known[split(plan.key)[1]] for plan in ours[person.key]}, query)
            for person in people
            if person.key in ours
        }

    async def of_portfolios(self, portfolios: Collection[Key]) -> dict[Key, Sequence[Plan]]:
        """The plans of the list whose portfolio parent each is, in the order that the portfolio has."""
        known = self._known(await self.api.work_plans())
        found: dict[Key, list[tuple[Plan, WorkPlan]]] = {}
        for plan, given in known.values():
            portfolio = self.records.key(guid(given.head.portfolio_parent_id))
            if portfolio and portfolio in portfolios:
                found.setdefault(portfolio, []).append((plan, given))
        return {
            portfolio: [self.records.whole(*each) for each in sorted(some, key=_place)]
            for portfolio, some in found.items()
        }

    # ---------------------------------------------------------------------------------------------------- comments

    async def notes_by_id(self, wanted: Mapping[str, tuple[str, str]]) -> dict[str, Note]:
        found = await self._found({plan for plan, _ in wanted.values()})
        notes = [note for plan, given in found.values() for note in self._comments(plan, given)]
        return {split(note.key)[1]: note for note in reversed(notes) if split(note.key)[1] in wanted}

    async def notes_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> dict[Key, Slice[Note]]:
        """They came with the plans: no call."""
        self._notes.check(query)
        if not self.records.visible(query):
            return {}
        return {
            plan.key: self._notes.page(self.records.notes(plan, plan.native.comments or ()), query)
            for plan in plans
            if isinstance(plan.native, OnePlanWorkPlan)
        }

    async def notes_of_people(self, people: Sequence[Person], query: ListQuery) -> dict[Key, Slice[Note]]:
        """What each of the people wrote on the plans of the list: one call for all of them."""
        self._notes.check(query)
        if not people or not self.records.visible(query):
            return {}
        known = self._known(await self.api.work_plans()).values()
        ours = by_parent((note for plan, given in known for note in self._comments(plan, given)), "author")
        return {person.key: self._notes.page(ours[person.key], query) for person in people if person.key in ours}

    def _comments(self, plan: Plan, given: WorkPlan) -> list[Note]:
        comments: Any = given.head.comments
        return self.records.notes(plan, comments if isinstance(comments, list) else ())

    def _page(self, known: Mapping[str, tuple[Plan, WorkPlan]], query: ListQuery) -> Slice[Plan]:
        """The page, whose plans alone are read as a whole."""
        page = self._plans.page((plan for plan, _ in known.values()), query)
        whole = [self.records.whole(plan, known[split(plan.key)[1]][1]) for plan in page.records]
        return structs.replace(page, records=whole)


def _sub_plans(plan: Plan) -> list[str]:
    named = plan.native.sub_plans if isinstance(plan.native, OnePlanWorkPlan) else None
    return [id for each in named or () if (id := guid(each))]


def _place(found: tuple[Plan, WorkPlan]) -> tuple[bool, int, str]:
    order = found[1].head.portfolio_order
    return not isinstance(order, int), order if isinstance(order, int) else 0, found[0].key
