"""Plans and actions as records.

A value that is not of its documented type costs the record nothing but that value: it is null, and in `additional` of
`native` as it came. Only a plan or an action without an id is left out, as nothing could be asked of it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import structs

from plangate import access
from plangate.listing import NOTHING, ListQuery
from plangate.model import Action, Key, Person, Plan, Record, key
from plangate.native.happyforce import (
    HappyforceAction,
    HappyforceAssignee,
    HappyforceAttribute,
    HappyforceFocusItem,
    HappyforcePlan,
)
from plangate.record_log import RecordLog

from .ids import is_id, is_person

S = TypeVar("S", HappyforcePlan, HappyforceAction)

_DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")

PLAN_NAMES = {
    "id": "id",
    "companyId": "company_id",
    "title": "title",
    "description": "description",
    "visibility": "visibility_raw",
    "completionPercent": "completion_percent",
    "createdBy": "created_by",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
ACTION_NAMES = PLAN_NAMES | {
    "planId": "plan_id",
    "hierarchyIds": "hierarchy_ids",
    "groupIds": "group_ids",
    "actionType": "action_type_raw",
    "status": "status_raw",
    "assigneeStatuses": "assignee_statuses",
    "startedAt": "started_at",
}
"""What Happyforce calls an attribute, and its name in the native struct. See the settings for three names more."""


class Records:
    """Makes records of `workspace`, of documents from `source`.

    PRIVATE is for the creator (and admins), here as there. Of an action it is for its assignees too, which a record
    cannot say, so they are refused; `private_to` of an unknown creator is nobody. A visibility that cannot be read is
    taken for PRIVATE, and so is an action whose plan cannot be read.

    Actions inside a plan are at least as private as the plan. Of others the source has to look the plan up.
    """

    def __init__(self, source: str, workspace: str | None, *, names: Mapping[str, str]) -> None:
        """`names`: what Happyforce calls `origin_raw`, `target_date` and `completed_at`."""
        self.source = source
        self.log = RecordLog(source)
        self.workspace = workspace
        self._action_names = ACTION_NAMES | {name: attribute for attribute, name in names.items()}

    def visible(self, query: ListQuery) -> bool:
        """Whether the viewer may see records of this workspace at all."""
        return query.scope != NOTHING and self.workspace in (None, query.scope.workspace)

    def plan(self, given: Any, *, filtered: bool = False) -> Plan | None:
        """The plan; None if it has no id. `filtered`: the actions inside it are those that met a filter."""
        if not self._has_id(given, HappyforcePlan):
            return None
        inside, private_to = given.get("actions"), self.private_to(given)
        made = self.actions(inside if isinstance(inside, list) else ())
        actions = tuple(below(each, private_to) for each in made)
        along = {"matching_actions": actions} if filtered else {"matching_actions": actions, "actions": actions}
        rest = {name: value for name, value in given.items() if name != "actions" or not isinstance(value, list | None)}
        native = self._native(HappyforcePlan, rest, PLAN_NAMES, along=along)
        return Plan(
            native.key,  # type: ignore[arg-type]
            self.workspace,
            private_to,
            title=native.title,
            description=native.description,
            completion_percent=native.completion_percent,
            created_at=self._instant(native, "created_at"),
            updated_at=self._instant(native, "updated_at"),
            created_by=self.person_key(native.created_by),
            native=native,
        )

    def actions(self, given: Iterable[Any]) -> tuple[Action, ...]:
        """The actions among the documents, newest first, whichever list they came in: positions depend on it."""
        made = [action for each in given if (action := self.action(each))]
        made.sort(key=lambda action: (moment(action.created_at), action.key), reverse=True)
        return tuple(made)

    def action(self, given: Any) -> Action | None:
        if not self._has_id(given, HappyforceAction):
            return None
        rest = dict(given)
        people = rest.pop("assignees", None) if isinstance(given.get("assignees"), list | None) else None
        items = rest.pop("focusItems", None) if isinstance(given.get("focusItems"), list | None) else None
        assignees = None if people is None else self._assignees(people, given.get("assigneeStatuses"))
        focus = None if items is None else tuple(_focus_item(each) for each in items)
        creator = given.get("createdBy")
        native = self._native(
            HappyforceAction, rest, self._action_names,
            assignees=assignees, focus_items=focus, creator=self.person_key(creator),
        )  # fmt: skip
        types = {each.focus_type_raw for each in focus or ()}
        plan = key(self.source, native.plan_id) if native.plan_id and is_id(native.plan_id) else None
        is_lost = plan is None and given.get("planId") is not None
        return Action(
            native.key,  # type: ignore[arg-type]
            self.workspace,
            "" if is_lost else self.private_to(given),
            title=native.title,
            description=native.description,
            status=native.status_raw,
            focus_type=types.pop() if len(types) == 1 else None,
            completion_percent=native.completion_percent,
            due_date=_day(self._instant(native, "target_date")),
            created_at=self._instant(native, "created_at"),
            updated_at=self._instant(native, "updated_at"),
            plan=plan,
            assignee=Key(assignees[0].person) if assignees and len(assignees) == 1 and assignees[0].person else None,
            native=native,
        )

    def person(self, local: str) -> Person:
        """Somebody of whom no more is known than the id."""
        return Person(key(self.source, local), self.workspace)

    def person_key(self, id: Any) -> Key | None:
        return key(self.source, id) if isinstance(id, str) and is_person(id) else None

    def _assignees(self, people: list[Any], statuses: Any) -> tuple[HappyforceAssignee, ...]:
        """Entries are ids, or objects with an `id`; `assigneeStatuses` is taken for a map from those [inf]."""
        found = []
        for each in people:
            id = each.get("id") if isinstance(each, dict) else each
            id = id if isinstance(id, str) else None
            status = statuses.get(id) if isinstance(statuses, dict) else None
            status = status if isinstance(status, str) else None
            found.append(HappyforceAssignee(id, self.person_key(id), status, each))
        return tuple(found)

    def _has_id(self, given: Any, kind: type[S]) -> bool:
        found = isinstance(given, dict) and isinstance(id := given.get("id"), str) and is_id(id)
        if not found:
            self.log.skip(f"{kind.__name__} without a valid id", given.get("id") if isinstance(given, dict) else None)
        return found

    def _native(self, kind: type[S], given: Mapping[str, Any], names: Mapping[str, str], **ours: Any) -> S:
        ours |= {"key": key(self.source, given["id"])}
        known = {attribute: value for name, value in given.items() if (attribute := names.get(name))}
        rest = [HappyforceAttribute(name, value) for name, value in given.items() if name not in names]
        try:
            return msgspec.convert({**known, **ours, "additional": rest}, kind)
        except msgspec.ValidationError:
            wrong = {attribute for attribute, value in known.items() if not _fits(value, _TYPES[kind][attribute])}
        rest += [HappyforceAttribute(name, value) for name, value in given.items() if names.get(name) in wrong]
        right = {attribute: value for attribute, value in known.items() if attribute not in wrong}
        return msgspec.convert({**right, **ours, "additional": rest}, kind)

    def private_to(self, given: Mapping[str, Any]) -> str | None:
        """Who alone may read this plan or action, by its own visibility; see Record."""
        return None if given.get("visibility") in (None, "PUBLIC") else self.person_key(given.get("createdBy")) or ""

    def _instant(self, native: HappyforcePlan | HappyforceAction, name: str) -> str | None:
        """The text if it is an instant; else null, as it would break a list of several sources, which compares them."""
        text: str | None = getattr(native, name)
        if text is None or _parsed(text) is not None:
            return text
        self.log.add(f"{type(native).__name__}.{name}: not an instant", native.id)
        return None


_TYPES = {kind: get_type_hints(kind, include_extras=True) for kind in (HappyforcePlan, HappyforceAction)}


def _fits(value: Any, type: Any) -> bool:
    try:
        msgspec.convert(value, type)
    except msgspec.ValidationError:
        return False
    return True


def below(action: Action, private_to: str | None) -> Action:
    """The action, as private as a plan that is private to this person."""
    both = access.private_below(action.private_to, private_to)
    return action if both == action.private_to else structs.replace(action, private_to=both)


def readable(record: Record, query: ListQuery) -> bool:
    """Whether the record is in the scope of the query, as far as it is private."""
    return query.scope.person is None or record.private_to is None or record.private_to == query.scope.person != ""


def moment(text: str | None) -> float:
    """An instant as a number, for comparing; no instant is before all others."""
    parsed = _parsed(text) if text else None
    return parsed.timestamp() if parsed else float("-inf")


def _focus_item(given: Any) -> HappyforceFocusItem:
    type = given.get("focusType") if isinstance(given, dict) else None
    return HappyforceFocusItem(type if isinstance(type, str) else None, given)


def _parsed(text: str) -> datetime | None:
    """An instant with its offset. fromisoformat takes more: weeks, and digits without dashes."""
    if not _DAY_AND_TIME.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and 1 < at.year < 9999 else None


def _day(text: str | None) -> str | None:
    """The day of an instant, in UTC, which is how Happyforce writes the last second of a day [V]."""
    at = _parsed(text) if text else None
    found: date | None = at.astimezone(UTC).date() if at else None
    return found.isoformat() if found else None
