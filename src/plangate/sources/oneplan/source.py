"""OnePlan as a source: each question of the port in as few calls as its API allows (https://my.oneplan.ai/ApiHelp)."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from plangate.listing import ListQuery, Slice
from plangate.model import Key, Note, Person, Plan, Step, Task, split
from plangate.native.oneplan import (
    AccessLevel,
    AccessType,
    AssignmentType,
    DateSetType,
    GlobalLevel,
    ProcessState,
    StepState,
)
from plangate.record_log import RecordLog
from plangate.source import Circuit, Health, Ids, Source, Wants
from plangate.upstream import Upstream, together

from .api import Api
from .hanging import Hanging
from .ids import hanging, is_guid
from .mapping import FieldNames, Records
from .plans import Plans
from .reading import Reader

Words = tuple[str, ...]


class OnePlan(Source):
    """Reads one group of OnePlan, with an authentication key of it: `key_name` and `key_value`.

    Each tenant names its fields itself: `start_field` and the like are the internal names of those that mean what
    Plangate has an attribute for. Which integer stands for which name of an enum is not published: `process_states`
    and the like are the names by their integers, from 0 on. `archived` and `templates`: whether lists of plans have
    those too; by id they are found in any case.

    `options` are those of Upstream.
    """

    name = "oneplan"

    def __init__(
        self,
        *,
        url: str,
        key_name: str,
        key_value: str,
        workspace: str | None = None,
        start_field: str | None = None,
        end_field: str | None = None,
        description_field: str | None = None,
        status_field: str | None = None,
        person_name_field: str | None = "Name",
        person_email_field: str | None = "Email",
        process_states: Words = ("Pending",),
        step_states: Words = (),
        access_levels: Words = (),
        access_types: Words = (),
        assignment_types: Words = (),
        date_set_types: Words = (),
        global_levels: Words = (),
        archived: bool = False,
        templates: bool = False,
        max_bytes: int = 40_000_000,
        **options: Any,
    ) -> None:
        self._upstream = Upstream(
            self.name,
            url,
            secret_headers=_credentials(key_name, key_value),
            **options,
            max_bytes=max_bytes,
        )
        self.workspace = workspace
        self.deadline = max(self.deadline, self._upstream.deadline)  # a question may take several calls
        log = RecordLog(self.name)
        self._api = Api(self._upstream, log, archived=archived, templates=templates)
        words = {
            ProcessState: process_states,
            StepState: step_states,
            AccessLevel: access_levels,
            AccessType: access_types,
            AssignmentType: assignment_types,
            DateSetType: date_set_types,
            GlobalLevel: global_levels,
        }
        names = FieldNames(
            start_field, end_field, description_field, status_field, person_name_field, person_email_field
        )
        self._records = Records(self.name, workspace, Reader(log, words), names)
        self._plans = Plans(self._api, self._records)
        self._hanging = Hanging(self._api, self._records)

    async def health(self) -> Health:
        found = await self._api.fields()
        return Health(found is not None, "" if found is not None else f"{self.name} does not answer at this URL.")

    async def close(self) -> None:
        await self._upstream.close()

    @property
    def circuit(self) -> Circuit:
        return self._upstream.circuit

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        return await self._plans.by_id(ids)

    async def steps(self, ids: Ids) -> Mapping[str, Step]:
        return await self._hanging.steps_by_id(ids)

    async def tasks(self, ids: Ids) -> Mapping[str, Task]:
        return await self._hanging.tasks_by_id(ids)

    async def notes(self, ids: Ids) -> Mapping[str, Note]:
        return await self._plans.notes_by_id({id: place for id in ids if (place := hanging(id))})

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        """One GET for one; several are found in the whole list, in one call, and only who is not there is asked for."""
        wanted = dict.fromkeys(id for id in ids if is_guid(id))
        found = self._people(await self._api.resources(), wanted) if len(wanted) > 1 else {}
        missing = [id for id in wanted if id not in found]
        return found | self._people(await together(self._api.resource(id) for id in missing), wanted)

    def _people(self, given: Sequence[Any], wanted: Mapping[str, Any]) -> dict[str, Person]:
        people = [person for each in given if each is not None and (person := self._records.person(each))]
        return {local: person for person in people if (local := split(person.key)[1]) in wanted}

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        return await self._plans.all(query)

    # ----------------------------------------------------------------------------------------------- edges of plans

    async def sub_plans_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self._plans.of_plans(plans, query)

    async def steps_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return await self._hanging.steps_of_plans(plans, query)

    async def tasks_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self._hanging.tasks_of_plans(plans, query)

    async def notes_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return await self._plans.notes_of_plans(plans, query)

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        """`portfolio_plans`: the plans that have each of these as their portfolio parent."""
        return await self._plans.of_portfolios(frozenset(keys)) if edge == "portfolio_plans" and keys else {}

    # ------------------------------------------------------------------------------------- edges of the other kinds

    async def sub_tasks_of_tasks(self, tasks: Sequence[Task], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self._hanging.sub_tasks(tasks, query)

    async def created_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self._plans.of_people(people, "created_by", query)

    async def updated_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self._plans.of_people(people, "updated_by", query)

    async def notes_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return await self._plans.notes_of_people(people, query)


def _credentials(key_name: str, key_value: str) -> dict[str, str]:
    """HTTP Basic with a group authentication key: its name is the user, its value the password [V]."""
    pair = base64.b64encode(f"{key_name}:{key_value}".encode()).decode()
    return {"authorization": f"Basic {pair}"}
