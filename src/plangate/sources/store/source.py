"""The SQL store as a source."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, text

from plangate.errors import BadUserInput, StoreUnavailable
from plangate.listing import ListQuery, Slice
from plangate.model import (
    Action,
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
    Step,
    Task,
    TeamMember,
)  # fmt: skip
from plangate.source import Health, Ids, Source, Wants

from .database import Database
from .filters import is_key
from .migrations import check, upgrade
from .questions import Questions
from .tables import TABLES

MANY = 1000


class Store(Source):
    """Plans of our own, in SQLite or PostgreSQL. Nothing is opened before the first question."""

    name = "store"

    def __init__(self, url: str, *, pool_size: int = 10, timeout: float = 10.0) -> None:
        self.database = Database(url, pool_size=pool_size, timeout=timeout, name=self.name)
        self.questions = Questions(self.database, self.name)
        self.deadline = timeout
        if self.database.dialect == "postgresql":
            self.foretells = frozenset({"sub_plans_of_plans"})

    @property
    def is_saturated(self) -> bool:
        return self.database.is_saturated

    async def health(self) -> Health:
        try:
            await check(self.database)
        except StoreUnavailable as error:
            return Health(False, error.message, error)
        return Health(True)

    def too_late(self) -> StoreUnavailable:
        return self.database.too_late()

    async def close(self) -> None:
        await self.database.close()

    async def migrate(self) -> None:
        """Make the tables, or bring them up to date."""
        await upgrade(self.database)

    async def insert(self, records: Iterable[Record]) -> None:
        """Add many records at once, of any kinds: all of them or none. Their own ids have no slash (see model.key)."""
        rows: dict[type[Record], list[dict[str, Any]]] = {}
        for record in records:
            if "/" in record.key or not is_key(record.key):
                raise BadUserInput("The id of a record of the store cannot have a slash or a control character.")
            names = TABLES[type(record)].c.keys()
            rows.setdefault(type(record), []).append({name: getattr(record, name) for name in names})
        async with self.database.transaction() as connection:
            for kind, values in rows.items():
                await connection.execute(insert(TABLES[kind]), values)
            if any(len(values) > MANY for values in rows.values()):
                # Both databases choose indexes by what they last knew of the tables.
                await connection.execute(text("ANALYZE"))

    # ---------------------------------------------------------------------------------------------------- records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        return await self.questions.by_id(Plan, ids)

    async def plans_with_sub_plans(
        self, ids: Ids, query: ListQuery
    ) -> tuple[Mapping[str, Plan], Mapping[Key, Slice[Plan]]]:
        return await self.questions.with_tree(Plan, "parent", ids, query)

    async def actions(self, ids: Ids) -> Mapping[str, Action]:
        return await self.questions.by_id(Action, ids)

    async def steps(self, ids: Ids) -> Mapping[str, Step]:
        return await self.questions.by_id(Step, ids)

    async def tasks(self, ids: Ids) -> Mapping[str, Task]:
        return await self.questions.by_id(Task, ids)

    async def service_types(self, ids: Ids) -> Mapping[str, ServiceType]:
        return await self.questions.by_id(ServiceType, ids)

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        return await self.questions.by_id(Person, ids)

    async def series(self, ids: Ids) -> Mapping[str, Series]:
        return await self.questions.by_id(Series, ids)

    async def plan_times(self, ids: Ids) -> Mapping[str, PlanTime]:
        return await self.questions.by_id(PlanTime, ids)

    async def items(self, ids: Ids) -> Mapping[str, Item]:
        return await self.questions.by_id(Item, ids)

    async def notes(self, ids: Ids) -> Mapping[str, Note]:
        return await self.questions.by_id(Note, ids)

    async def attachments(self, ids: Ids) -> Mapping[str, Attachment]:
        return await self.questions.by_id(Attachment, ids)

    async def team_members(self, ids: Ids) -> Mapping[str, TeamMember]:
        return await self.questions.by_id(TeamMember, ids)

    async def needed_positions(self, ids: Ids) -> Mapping[str, NeededPosition]:
        return await self.questions.by_id(NeededPosition, ids)

    # ------------------------------------------------------------------------------------------------------------ lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        return await self.questions.list(Plan, query)

    async def list_actions(self, query: ListQuery) -> Slice[Action]:
        return await self.questions.list(Action, query)

    async def list_tasks(self, query: ListQuery) -> Slice[Task]:
        return await self.questions.list(Task, query)

    async def list_service_types(self, query: ListQuery) -> Slice[ServiceType]:
        return await self.questions.list(ServiceType, query)

    # --------------------------------------------------------------------------------------------------- edges of plans

    async def next_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        return await self.questions.neighbours(plans, query, backward=False)

    async def previous_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        return await self.questions.neighbours(plans, query, backward=True)

    async def sub_plans_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self.questions.children(Plan, "parent", plans, query)

    async def actions_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        return await self.questions.children(Action, "plan", plans, query)

    async def steps_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return await self.questions.children(Step, "plan", plans, query)

    async def tasks_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self.questions.children(Task, "plan", plans, query)

    async def plan_times_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[PlanTime]]:
        return await self.questions.children(PlanTime, "plan", plans, query)

    async def items_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Item]]:
        return await self.questions.children(Item, "plan", plans, query)

    async def notes_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return await self.questions.children(Note, "plan", plans, query)

    async def attachments_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Attachment]]:
        return await self.questions.children(Attachment, "plan", plans, query)

    async def team_members_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[TeamMember]]:
        return await self.questions.children(TeamMember, "plan", plans, query)

    async def needed_positions_of_plans(
        self, plans: Sequence[Plan], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return await self.questions.children(NeededPosition, "plan", plans, query)

    # ----------------------------------------------------------------------------------------- edges of the other kinds

    async def plans_of_service_types(
        self, service_types: Sequence[ServiceType], query: ListQuery
    ) -> Mapping[Key, Slice[Plan]]:
        return await self.questions.children(Plan, "service_type", service_types, query)

    async def plans_of_series(self, series: Sequence[Series], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self.questions.children(Plan, "series", series, query)

    async def sub_tasks_of_tasks(self, tasks: Sequence[Task], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self.questions.children(Task, "parent", tasks, query)

    async def sub_steps_of_steps(self, steps: Sequence[Step], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return await self.questions.children(Step, "parent", steps, query)

    async def needed_positions_of_plan_times(
        self, plan_times: Sequence[PlanTime], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return await self.questions.children(NeededPosition, "plan_time", plan_times, query)

    async def created_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self.questions.children(Plan, "created_by", people, query)

    async def updated_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return await self.questions.children(Plan, "updated_by", people, query)

    async def actions_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        return await self.questions.children(Action, "assignee", people, query)

    async def tasks_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return await self.questions.children(Task, "assignee", people, query)

    async def team_members_of_people(
        self, people: Sequence[Person], query: ListQuery
    ) -> Mapping[Key, Slice[TeamMember]]:
        return await self.questions.children(TeamMember, "person", people, query)

    async def notes_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return await self.questions.children(Note, "author", people, query)

    async def attachments_of_people(
        self, people: Sequence[Person], query: ListQuery
    ) -> Mapping[Key, Slice[Attachment]]:
        return await self.questions.children(Attachment, "created_by", people, query)
