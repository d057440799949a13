"""The port: what Plangate asks of a system, whichever it is.

A source overrides what its system can do and leaves the rest: the defaults find nothing. So a capability *is* an
overridden method, and `capabilities` is read off the class. Three shapes of question:

- by id: `plans(ids)` takes local ids and returns `{local id: record}`; an id that is missing does not exist.
- lists: `list_plans(query)` returns one Slice. A filter or an order that the source cannot apply raises
  FilterNotSupported or OrderNotSupported; it is never ignored.
- edges: `actions_of_plans(plans, query)` takes parent records and returns `{parent key: Slice}`, `query.limit` records
  for each parent; a parent that is missing has none.

Nothing is aligned by position and nobody is refused here: `query.scope` is a filter like any other, and the loaders
check every record that comes back. Failures are raised as SourceError.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct

from plangate.errors import SourceError, UpstreamTimeout, UpstreamUnauthenticated
from plangate.listing import ListQuery, Slice
from plangate.model import (
    KINDS,
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
)

Ids = Collection[str]
Wants = frozenset[str]


class Health(Struct, frozen=True):
    """Whether the system answers. `detail` says in plain words what is wrong; it may be shown to anyone.

    `error` is what `detail` was taken from, for the log.
    """

    ok: bool
    detail: str = ""
    error: Exception | None = None


class Circuit(StrEnum):
    """Whether a system is asked at all."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Source:
    """One system. `name` is its part of every key; `deadline` bounds each question, in seconds."""

    name: str
    workspace: str | None = None
    """The one workspace that the source belongs to: it is called for no viewer of another. None: it serves them all."""
    mode: str = "proxy"
    deadline: float = 10.0
    costly: Wants = frozenset()
    """Attributes and edges of a Plan that the source fetches only if `wants` names them."""
    foretells: frozenset[str] = frozenset()
    """Questions whose repetition it answers along (see `ListQuery.repeats`); of sub-plans, with the plans as well."""
    capabilities: ClassVar[frozenset[str]] = frozenset()
    """The questions that this source answers: those it overrides."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.capabilities = frozenset(name for name in QUESTIONS if getattr(cls, name) is not getattr(Source, name))

    @property
    def circuit(self) -> Circuit | None:
        """The state of the circuit breaker before the system; None without one."""
        return None

    @property
    def is_saturated(self) -> bool:
        """Whether calls wait in this process for a place, while the system answers others as fast as usual.

        The server then starts no more requests than it must. A system that is slow or away is not saturated.
        """
        return False

    async def health(self) -> Health:
        """One cheap call to the system, for `check`. Raises SourceError."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give back what the source holds: pools, clients."""

    def too_late(self) -> SourceError:
        """The error for a question that was not answered in time."""
        return UpstreamTimeout(self.name, f"{self.name} did not answer in time.")

    async def check(self) -> Health:
        """`health`, within the deadline and without exceptions."""
        try:
            async with asyncio.timeout(self.deadline):
                return await self.health()
        except TimeoutError:
            message = f"{self.name} did not answer within {self.deadline:g} seconds."
            return Health(False, message, self.too_late())
        except UpstreamUnauthenticated as error:
            return Health(True, error.message)  # the system was not called, so nothing is known to be wrong
        except Exception as error:
            return Health(False, getattr(error, "message", f"{self.name} could not be checked."), error)

    # ------------------------------------------------------------------------------------------------ records by id

    async def plans(self, ids: Ids, wants: Wants = frozenset()) -> Mapping[str, Plan]:
        raise NotImplementedError

    async def plans_with_sub_plans(
        self, ids: Ids, query: ListQuery
    ) -> tuple[Mapping[str, Plan], Mapping[Key, Slice[Plan]]]:
        """`plans`, and `sub_plans_of_plans` for each of them, from a source that foretells them: within the scope."""
        raise NotImplementedError

    async def actions(self, ids: Ids) -> Mapping[str, Action]:
        return {}

    async def steps(self, ids: Ids) -> Mapping[str, Step]:
        return {}

    async def tasks(self, ids: Ids) -> Mapping[str, Task]:
        return {}

    async def service_types(self, ids: Ids) -> Mapping[str, ServiceType]:
        return {}

    async def people(self, ids: Ids) -> Mapping[str, Person]:
        return {}

    async def series(self, ids: Ids) -> Mapping[str, Series]:
        return {}

    async def plan_times(self, ids: Ids) -> Mapping[str, PlanTime]:
        return {}

    async def items(self, ids: Ids) -> Mapping[str, Item]:
        return {}

    async def notes(self, ids: Ids) -> Mapping[str, Note]:
        return {}

    async def attachments(self, ids: Ids) -> Mapping[str, Attachment]:
        return {}

    async def team_members(self, ids: Ids) -> Mapping[str, TeamMember]:
        return {}

    async def needed_positions(self, ids: Ids) -> Mapping[str, NeededPosition]:
        return {}

    # ------------------------------------------------------------------------------------------------------- lists

    async def list_plans(self, query: ListQuery) -> Slice[Plan]:
        raise NotImplementedError

    async def list_actions(self, query: ListQuery) -> Slice[Action]:
        return EMPTY

    async def list_tasks(self, query: ListQuery) -> Slice[Task]:
        return EMPTY

    async def list_service_types(self, query: ListQuery) -> Slice[ServiceType]:
        return EMPTY

    # ----------------------------------------------------------------------------------------------- edges of plans

    async def next_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        """The plan after each, in its service type: the record, or its key where only that is known."""
        return {}

    async def previous_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Plan | Key]:
        return {}

    async def sub_plans_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return {}

    async def actions_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        return {}

    async def steps_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return {}

    async def tasks_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return {}

    async def plan_times_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[PlanTime]]:
        return {}

    async def items_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Item]]:
        return {}

    async def notes_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return {}

    async def attachments_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[Attachment]]:
        return {}

    async def team_members_of_plans(self, plans: Sequence[Plan], query: ListQuery) -> Mapping[Key, Slice[TeamMember]]:
        return {}

    async def needed_positions_of_plans(
        self, plans: Sequence[Plan], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return {}

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        """An edge that this system alone has, by the name that the system gives it; the answers are native structs."""
        return {}

    # ------------------------------------------------------------------------------------- edges of the other kinds

    async def plans_of_service_types(
        self, service_types: Sequence[ServiceType], query: ListQuery
    ) -> Mapping[Key, Slice[Plan]]:
        return {}

    async def plans_of_series(self, series: Sequence[Series], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return {}

    async def sub_tasks_of_tasks(self, tasks: Sequence[Task], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return {}

    async def sub_steps_of_steps(self, steps: Sequence[Step], query: ListQuery) -> Mapping[Key, Slice[Step]]:
        return {}

    async def needed_positions_of_plan_times(
        self, plan_times: Sequence[PlanTime], query: ListQuery
    ) -> Mapping[Key, Slice[NeededPosition]]:
        return {}

    async def created_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return {}

    async def updated_plans_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Plan]]:
        return {}

    async def actions_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Action]]:
        return {}

    async def tasks_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Task]]:
        return {}

    async def team_members_of_people(
        self, people: Sequence[Person], query: ListQuery
    ) -> Mapping[Key, Slice[TeamMember]]:
        return {}

    async def notes_of_people(self, people: Sequence[Person], query: ListQuery) -> Mapping[Key, Slice[Note]]:
        return {}

    async def attachments_of_people(
        self, people: Sequence[Person], query: ListQuery
    ) -> Mapping[Key, Slice[Attachment]]:
        return {}


EMPTY: Slice[Any] = Slice((), more=False, position=lambda _: None, total=0)

BY_ID: dict[type[Record], str] = dict(
    zip(
        KINDS,
        ("plans", "actions", "steps", "tasks", "service_types", "people", "series", "plan_times", "items", "notes",
         "attachments", "team_members", "needed_positions"),
        strict=True,
    )
)  # fmt: skip
"""The method that finds records of a kind by their local ids."""

QUESTIONS: tuple[str, ...] = tuple(
    name for name, member in vars(Source).items() if callable(member) and not name.startswith("_")
    and name not in ("health", "check", "close", "too_late", "plans_with_sub_plans")
)  # fmt: skip
"""Every question of the port, in the order of this page."""
