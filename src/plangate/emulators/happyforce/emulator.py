"""The emulator itself: company, resources and control endpoints put together as one app."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from starlette.applications import Starlette

from plangate.emulators.control import controlled
from plangate.emulators.faults import Faults
from plangate.emulators.request_log import RequestLog

from .company import PEOPLE, Company, Document
from .errors import error
from .resources import Resources

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class HappyforceEmulator:
    """A Happyforce company behind `app`, at `/api/v1/company`, with `faults` to switch on and a `log` of requests.

    `session_id` is a session of the admin; `sessions` has those of other users, by session id. How sessions are had
    and how long they last is not documented. `clock` decides what is overdue; `count` is how many plans there are.
    """

    def __init__(
        self,
        *,
        session_id: str = "session-id",
        sessions: Mapping[str, str] | None = None,
        admins: Collection[str] = (PEOPLE[0],),
        clock: Callable[[], datetime] = lambda: NOW,
        count: int = 48,
        longest_page: int | None = None,
        content_type: str | None = "application/json;charset=UTF-8",
    ) -> None:
        self.faults = Faults()
        self.log = RequestLog()
        self.company = Company(clock, count)
        self.people = PEOPLE
        known = {session_id: PEOPLE[0], **(sessions or {})}
        resources = Resources(self.company, known, frozenset(admins), longest_page, content_type)
        self.app: Starlette = controlled(resources.app, self.faults, self.log, error)

    def put(self, plan: Document) -> None:
        """Insert a plan, or replace it, to be read back exactly as given, its `actions` inside it too."""
        self.company.put(self.company.plans, plan)

    def put_actions(self, actions: Sequence[Document]) -> None:
        """Insert actions, to be listed exactly as given; they are inside the plan that they name, if it has no own."""
        for action in actions:
            self.company.put(self.company.actions, action)
