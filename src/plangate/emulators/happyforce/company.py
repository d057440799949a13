"""The company that the emulator serves: its people, plans and actions, and what the API computes of them.

Everything follows from the clock's date; there is no randomness. Documents are kept in the API's own words.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .words import ACTION_TYPES, ACTIONS, FOCUS_TYPES, ORIGINS, PLANS, TERMINAL

Document = dict[str, Any]

COMPANY_ID = "5f1d7c9ea1b2c3d4e5000001"
LONG_AGO = datetime(2021, 3, 1, 9, tzinfo=UTC)


def object_id(at: datetime, number: int) -> str:
    """A Mongo ObjectId: the seconds since 1970, a machine, a counter."""
    return f"{int(at.timestamp()):08x}a1b2c3d4e5{number:06x}"


def instant(at: datetime) -> str:
    """With milliseconds and `Z`, as in the API's samples [V]."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


PEOPLE = tuple(object_id(LONG_AGO, 16 + n) for n in range(14))
"""The first is an admin, the next five are managers, the last one works alone on whatever is theirs."""
HIERARCHIES = tuple(object_id(LONG_AGO, 64 + n) for n in range(4))
GROUPS = tuple(object_id(LONG_AGO, 80 + n) for n in range(3))
_CYCLE = ("COMPLETED", "IN_PROGRESS", "COMPLETED", "PENDING")


class Company:
    """`plans` and `actions` by id. A document that was put is answered as it is, and nothing of it is computed."""

    def __init__(self, clock: Callable[[], datetime], count: int) -> None:
        self.clock = clock
        self.plans: dict[str, Document] = {}
        self.actions: dict[str, Document] = {}
        self._given: set[int] = set()
        self._made = 0
        now = clock()
        for n in range(count):
            self._plan(n, now - timedelta(days=9 * (count - n), hours=n % 7))
        for n in range(9):
            self._action(n, None, now - timedelta(days=11 * n + 2, hours=n))

    def put(self, among: dict[str, Document], document: Document) -> None:
        """Keep a document among the plans or the actions, exactly as it is, whatever it holds."""
        among[str(document.get("id"))] = document
        self._given.add(id(document))

    def was_put(self, document: Any) -> bool:
        return not isinstance(document, dict) or id(document) in self._given

    # ------------------------------------------------------------------------------------------------------ reading

    def newest_plans(self) -> list[Document]:
        return sorted(self.plans.values(), key=_age)[::-1]

    def newest_actions(self) -> list[Document]:
        """All actions; those that are overdue expire first, as reading the list does that [V]."""
        self._expire()
        return sorted(self.actions.values(), key=_age)[::-1]

    def actions_of(self, plan: Document, everything: Iterable[Document]) -> list[Document]:
        """The actions inside a plan, newest first: that order is inferred from the list's [inf]."""
        if "actions" in plan:
            return plan["actions"] if isinstance(plan["actions"], list) else []
        return [action for action in everything if action.get("planId") == plan.get("id")]

    def shown_plan(self, plan: Document, everything: Iterable[Document], actions: Iterable[Document]) -> Document:
        """A plan with these actions. Its percentage is over all that it has, which is a stand-in: nothing says so."""
        shown = list(actions)
        if self.was_put(plan):
            return {**plan, "actions": shown} if shown else plan
        states = [_status(action) for action in self.actions_of(plan, everything)]
        return {**plan, "completionPercent": _percent(states), "actions": shown}

    def shown_action(self, action: Document) -> Document:
        """An action with what is computed from the states of its assignees [V]."""
        if self.was_put(action):
            return action
        states = action["assigneeStatuses"].values()
        return {**action, "status": _status(action), "completionPercent": _percent(states)}

    # ------------------------------------------------------------------------------------------------------ writing

    def new_plan(self, title: str, description: str, visibility: str, creator: str | None, at: datetime) -> Document:
        plan = {
            "id": object_id(at, self._next()),
            "companyId": COMPANY_ID,
            "title": title,
            "description": description,
            "visibility": visibility,
            **({"createdBy": creator} if creator else {}),
            "createdAt": instant(at),
            "updatedAt": instant(at),
        }
        self.plans[plan["id"]] = plan
        return plan

    def delete_plan(self, id: str) -> None:
        """The plan and all its actions [S]."""
        del self.plans[id]
        self.actions = {key: action for key, action in self.actions.items() if action.get("planId") != id}

    def _next(self) -> int:
        self._made += 1
        return 4096 + self._made

    def _expire(self) -> None:
        now = instant(self.clock())
        for action in self.actions.values():
            if self.was_put(action) or not action["targetDate"] < now or _status(action) != "IN_PROGRESS":
                continue
            states = action["assigneeStatuses"]
            action["assigneeStatuses"] = {who: s if s in TERMINAL else "EXPIRED" for who, s in states.items()}
            action["completedAt"] = action["updatedAt"] = now

    # --------------------------------------------------------------------------------------------------------- data

    def _plan(self, n: int, at: datetime) -> None:
        title, description = PLANS[n % len(PLANS)]
        # The oldest are from before creators were recorded [S]; every sixth is the admin's own business.
        creator = None if n < 2 else PEOPLE[0] if n % 6 == 5 else PEOPLE[n % 6]
        plan = self.new_plan(title, description, "PRIVATE" if n % 6 == 5 else "PUBLIC", creator, at)
        for k in range((n * 5 + 2) % 7):
            self._action(n + k, plan["id"], at + timedelta(days=k, minutes=7 * k + 1))

    def _action(self, n: int, plan: str | None, at: datetime) -> None:
        title, description = ACTIONS[(n * 4 + len(self.actions)) % len(ACTIONS)]
        company_wide = n % 4 == 1
        team = PEOPLE[6:13]
        assignees = [team[(n + k) % len(team)] for k in range(2 + n % 2)] if company_wide else [team[n % len(team)]]
        if n % 8 == 3:
            assignees = [PEOPLE[13]]
        # Nothing is begun in its first three days, or done in its first twenty.
        days = (self.clock() - at).days
        cycle = ("PENDING",) if days < 3 else ("IN_PROGRESS",) if days < 20 else _CYCLE
        states = {who: cycle[(n + k) % len(cycle)] for k, who in enumerate(assignees)}
        begun = at + timedelta(days=3) if any(state != "PENDING" for state in states.values()) else None
        done = at + timedelta(days=20) if all(state == "COMPLETED" for state in states.values()) else None
        target = (at + timedelta(days=45 + 60 * (n % 5))).replace(hour=23, minute=59, second=59, microsecond=0)
        number = object_id(at, self._next())
        self.actions[number] = {
            "id": number,
            "companyId": COMPANY_ID,
            "planId": plan,
            "title": title,
            "description": description,
            "hierarchyIds": [] if company_wide else [HIERARCHIES[n % len(HIERARCHIES)]],
            "groupIds": [GROUPS[n % len(GROUPS)]] if n % 3 == 0 else [],
            "actionType": ACTION_TYPES[company_wide],
            "origin": ORIGINS[n % 3],
            "visibility": "PRIVATE" if n % 9 == 4 else "PUBLIC",
            "assignees": assignees,
            "assigneeStatuses": states,
            "focusItems": [
                {"focusType": FOCUS_TYPES[(n + k) % 3], "targetId": HIERARCHIES[k]} for k in range(1 + (n % 5 == 0))
            ],
            "targetDate": instant(target),
            "startedAt": instant(begun) if begun else None,
            "completedAt": instant(done) if done else None,
            "createdBy": assignees[0] if n % 9 == 4 else PEOPLE[n % 6],
            "createdAt": instant(at),
            "updatedAt": instant(done or begun or at),
        }


def _age(document: Mapping[str, Any]) -> str:
    return str(document.get("createdAt") or "")


def _status(action: Document) -> str:
    """The state of the whole [V: computed from those of all assignees; how exactly is a stand-in]."""
    if "status" in action:
        return str(action["status"])
    states = set(action["assigneeStatuses"].values())
    if states <= {"COMPLETED"}:
        return "COMPLETED"
    if states <= set(TERMINAL):
        return "EXPIRED"
    return "PENDING" if states == {"PENDING"} else "IN_PROGRESS"


def _percent(states: Iterable[str]) -> int:
    """How many of 100 are COMPLETED, rounded down; of nothing, nothing is done (a stand-in)."""
    all_states = list(states)
    return 100 * all_states.count("COMPLETED") // len(all_states) if all_states else 0
