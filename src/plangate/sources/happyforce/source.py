"""Happyforce's action plans as a source: each question of the port in as few calls as its API allows.

https://api-docs.myhappyforce.com/docs/api-reference/action-plans
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import structs

from plangate.errors import UpstreamDenied
from plangate.listing import AllOf, Condition, ListQuery, Slice
from plangate.model import Action, Key, Person, Plan, split
from plangate.native.happyforce import HappyforcePlan
from plangate.source import Circuit, Health, Ids, Source, Wants
from plangate.upstream import Upstream, together

from .api import Api
from .filters import action_params, check, chosen, matches, oldest_first, plan_params
from .ids import is_id, is_person
from .mapping import Records, below, readable
from .paging import Reader, page_of, reversed_page, slice_of
from .privacy import FEW, Privacy

LONGEST_PAGE = 100
"""What is asked for at most in one call. No limit is documented; a shorter one is found out."""


class Happyforce(Source):
    """Reads one company, as the user whose session it is: PRIVATE plans and actions of others are not there.

    How a session is had, and when it ends, is not documented: `session_id` is what the header `SessionId` says.
    `actions_path` and the names are of what is documented without its name (see plangate.native.happyforce).

    - A plan comes with its actions, so `actions_of_plans` costs nothing more, except for plans of a filtered list:
      those come with the matching actions only, and say so in `native.along`.
    - Actions can be had one plan at a time, or all that there are, and so by id. What does not come inside a plan does
      not say who may read the plan: the plans are looked up, in one call more as long as they fit on a page.
    - Nothing can be asked about people but what they are to do: a person is an id, and whether somebody has it is
      not checked.
    - Reading lets actions that are overdue expire, so two answers may differ without anybody's doing.

    `options` are those of Upstream.
    """

    name = "happyforce"

    def __init__(
        self,
        *,
        url: str,
        session_id: str = "",
        workspace: str | None = None,
        per_page: int = LONGEST_PAGE,
        actions_path: str = "actions",
        origin_name: str = "origin",
        target_date_name: str = "targetDate",
        completed_at_name: str = "completedAt",
        **options: Any,
    ) -> None:
        self._upstream = Upstream(
            self.name,
            url,
            secret_headers={"sessionid": session_id},
            viewers_header="sessionid",
            **options,
        )
        self.workspace = workspace
        self.deadline = max(self.deadline, self._upstream.deadline)  # a question may take several calls
        self._api = Api(self._upstream, actions_path)
        names = {"origin_raw": origin_name, "target_date": target_date_name, "completed_at": completed_at_name}
        self._records = Records(self.name, workspace, names=names)
        self._per_page = max(1, per_page)
        self._privacy = Privacy(self._api, self._records, self._per_page)

    async def health(self) -> Health:
        await self._api.plans(0, 1, {})
        return Health(True)

    async def close(self) -> None:
        await self._upstream.close()

    @property
    def circuit(self) -> Circuit:
        return self._upstream.circuit

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        """Several are looked for in the first page of the list, which is one call, and only then one by one.

        A plan that the session may not read does not exist, unless the session may not read the list of plans either.
        """
        known = [id for id in dict.fromkeys(ids) if is_id(id)]
        listed: dict[str, Plan] = {}
        if len(known) > FEW:
            page = await self._api.plans(0, self._per_page, {})
            made = (self._records.plan(each) for each in page.result)
            listed = {plan.external_id: plan for plan in made if plan and plan.external_id in known}
            known = [id for id in known if id not in listed] if len(page.result) < page.total else []
        found = await together(self._plan(id) for id in known)
        if found and all(isinstance(each, UpstreamDenied) for each in found):
            await self._api.plans(0, 1, {})  # raises if the session may read nothing at all
        one_by_one = (each for each in found if isinstance(each, Plan) and each.external_id in known)
        return listed | {plan.external_id: plan for plan in one_by_one}

    async def actions(self, ids: Ids) -> Mapping[str, Action]:
        """The whole list, in one call: there is no other way to ask for an action."""
        known = {id for id in ids if is_id(id)}
        found = self._records.actions(await self._api.actions({})) if known else ()
        wanted = [each for each in found if each.external_id in known]
        return {each.external_id: each for each in await self._privacy.below_plans(wanted)}

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        return {id: self._records.person(id) for id in ids if is_person(id)}

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        """Newest first, or oldest first, which is one call more. A filter is about actions: see HappyforcePlan."""
        params = plan_params(self.name, query.filter)
        page = reversed_page if oldest_first(self.name, query.order) else page_of
        if params is None or not self._records.visible(query):
            return slice_of(self.name, (), query)

        def read(given: Any) -> Plan | None:
            plan = self._records.plan(given, filtered=bool(params))
            if plan is None or not readable(plan, query):
                return None
            if not params or query.scope.person is None:
                return plan
            return without_percent(plan) if matches(self.name, plan, query) else None

        reader = Reader(lambda start, stop: self._api.plans(start, stop, params), self._per_page)
        slice = await page(self.name, reader, query, read)
        # What a filtered list says of a plan is not all of it, so it must not answer for the plan elsewhere.
        return Slice(
            slice.records,
            slice.more,
            slice.position,
            slice.total,
            () if params else [action for plan in slice.records for action in plan.native.along["actions"]],
            whole=not params,
        )

    async def list_actions(self, query: ListQuery) -> Slice[Action]:
        """One call, whatever the filter and the order."""
        check(self.name, query)
        params = action_params(self.name, query.filter)
        if params is None or not self._records.visible(query):
            return slice_of(self.name, (), query)
        found = chosen(self.name, self._records.actions(await self._api.actions(params)), query)
        [visible] = await self._privacy.readable([found], query)
        return slice_of(self.name, visible, query)

    # ------------------------------------------------------------------------------------------------------- edges

    async def actions_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        """No call for plans that came with all their actions; else one, for one plan or for all actions that exist."""
        check(self.name, query)
        if not self._records.visible(query):
            return {}
        known = {plan.key: _inside(plan) for plan in plans if is_id(split(plan.key)[1])}
        unknown = [plan for plan, actions in known.items() if actions is None]
        if len(unknown) == 1:
            (plan,) = (await self.plans([split(unknown[0])[1]])).values() or (None,)
            known[unknown[0]] = _inside(plan) if plan else ()
        elif unknown:
            found = self._records.actions(await self._api.actions({}))
            private = {plan.key: plan.private_to for plan in plans}
            known |= {plan: [below(each, private[plan]) for each in found if each.plan == plan] for plan in unknown}
        return {
            plan: slice_of(self.name, chosen(self.name, actions or (), query), query) for plan, actions in known.items()
        }

    async def actions_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        """One call: for one person what is theirs to do, for several all actions that exist."""
        check(self.name, query)
        known = [person.key for person in people if is_person(split(person.key)[1])]
        if not known or not self._records.visible(query):
            return {}
        params = {"assigneeId": split(known[0])[1]} if len(set(known)) == 1 else {}
        found = self._records.actions(await self._api.actions(params))

        def of(person: Key) -> list[Action]:
            theirs = Condition("assignee", "eq", person)
            filter = theirs if query.filter is None else AllOf((theirs, query.filter))
            return chosen(self.name, found, ListQuery(0, query.scope, filter, query.order))

        lists = await self._privacy.readable([of(person) for person in known], query)
        return {person: slice_of(self.name, actions, query) for person, actions in zip(known, lists, strict=True)}

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        """`matching_actions` of plans that did not come with them: all their actions, as no filter was asked."""
        found = await self.plans([split(each)[1] for each in keys]) if edge == "matching_actions" else {}
        return {plan.key: plan.native.along[edge] for plan in found.values()}

    # -------------------------------------------------------------------------------------------------------------

    async def _plan(self, id: str) -> Plan | UpstreamDenied | None:
        try:
            return self._records.plan(await self._api.plan(id))
        except UpstreamDenied as error:
            if error.status != 403:
                raise
            return error


def without_percent(plan: Plan) -> Plan:
    """The plan of a filtered list: its percentage may be that of all matching actions, private ones too."""
    return structs.replace(plan, completion_percent=None, native=structs.replace(plan.native, completion_percent=None))


def _inside(plan: Plan) -> Collection[Action] | None:
    """The actions that came with a plan, if those were all."""
    return plan.native.along.get("actions") if isinstance(plan.native, HappyforcePlan) else None
