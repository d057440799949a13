"""What Scale answers, as records. An odd one does not cost the others of its page: what makes no sense is null."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from plangate.listing import NOTHING, ListQuery
from plangate.model import Attachment, Key, Person, Plan, Step, key
from plangate.native.scale import ScalePlan, ScaleStep
from plangate.record_log import RecordLog

from .ids import addressable, local_id, parts, token

# fromisoformat takes more: weeks, and digits without dashes.
_DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
_TYPES = {field.name: field.type for field in msgspec.structs.fields(ScalePlan)}


class Records:
    """Makes records of `workspace`. `state_keys` are the members of a step that are its state, even if objects."""

    def __init__(self, source: str, workspace: str | None, account_id: str, state_keys: Iterable[str]) -> None:
        self.source = source
        self.log = RecordLog(source)
        self.workspace = workspace
        self.account_id = account_id
        self.state_keys = frozenset(state_keys)

    def visible(self, query: ListQuery) -> bool:
        """Whether the viewer may see records of this workspace at all."""
        return query.scope != NOTHING and self.workspace in (None, query.scope.workspace)

    def key(self, *path: str) -> Key:
        return key(self.source, local_id(*path))

    def plan(self, given: Any) -> Plan | None:
        """A plan; None if it has no id by which it could be asked for, or is another account's.

        Whether Scale gives a plan of one account to who has selected another is not known.
        """
        id = given.get("id") if isinstance(given, dict) else None
        if not isinstance(id, str) or not addressable(id):
            self.log.skip("Plan without a valid id", id)
            return None
        native = self._native(given)
        if native.account_id not in (None, self.account_id):
            self.log.skip("Plan of another account", id)
            return None
        creator = native.created_by_user_id
        return Plan(
            self.key(id),
            self.workspace,
            title=native.title,
            start_date=_day(native.start_date),
            end_date=_day(native.end_date),
            sort_date=self._instant(native, "start_date"),
            created_at=self._instant(native, "created_at"),
            updated_at=self._instant(native, "updated_at"),
            archived_at=self._instant(native, "archived_at"),
            created_by=self.key(creator) if creator and addressable(creator) else None,
            native=native,
        )

    def _native(self, given: dict[str, Any]) -> ScalePlan:
        values = {name: given[name] for name in _TYPES if name in given}
        try:
            return msgspec.convert(values, ScalePlan)
        except msgspec.ValidationError:
            for name in [name for name, value in values.items() if not _is(value, _TYPES[name])]:
                self.log.add(f"Plan.{name}: not of the documented type", given.get("id"))
                del values[name]
            return msgspec.convert(values, ScalePlan)

    def _instant(self, native: ScalePlan, attribute: str) -> str | None:
        """An instant that is none would break a list of several sources, which compares instants; `native` keeps it."""
        text: str | None = getattr(native, attribute)
        if text is not None and _time(text) is None:
            self.log.add(f"Plan.{attribute}: not an instant", native.id)
            return None
        return text

    def attachments(self, plan: Plan) -> list[Attachment]:
        """Scale names a plan's files by their ids, and says nothing else of them [S]."""
        native = plan.native
        ids = dict.fromkeys((native.associated_file_ids or ()) if isinstance(native, ScalePlan) else ())
        return [Attachment(self.key(native.id, id), self.workspace, plan=plan.key) for id in ids]

    def person(self, id: str, given: Any) -> Person | None:
        """A user, whose attributes are those of the client library's UserInfo [K]."""
        if not isinstance(given, dict):
            return None
        first, last, email = (
            text if isinstance(text := given.get(name), str) else None for name in ("first_name", "last_name", "email")
        )
        name = " ".join(part for part in (first, last) if part) or None
        return Person(self.key(id), self.workspace, name=name, first_name=first, last_name=last, email=email)

    # ------------------------------------------------------------------------------------------------------- steps

    def steps(self, plan: Plan) -> list[Step]:
        """All nodes of a plan's tree, level by level."""
        native = plan.native
        return list(self._below((native.id,), native.steps)) if isinstance(native, ScalePlan) else []

    def sub_steps(self, step: Step) -> list[Step]:
        """The nodes right below a node."""
        path, native = parts(step.key.partition(":")[2]), step.native
        if path is None or not isinstance(native, ScaleStep):
            return []
        return [self._step((*path, name), below) for name, below in self._members(path, native.state)]

    def step(self, plan: Plan, path: tuple[str, ...]) -> Step | None:
        """The node at a path, if one is there."""
        here: tuple[str, ...] = path[:1]
        node = plan.native.steps if isinstance(plan.native, ScalePlan) else None
        for name in path[1:]:
            members = dict(self._members(here, node))
            if name not in members:
                return None
            here, node = (*here, name), members[name]
        return self._step(path, node)

    def _below(self, path: tuple[str, ...], node: Any) -> Iterator[Step]:
        level = [(path, node)]
        while level:
            level = [((*at, name), below) for at, here in level for name, below in self._members(at, here)]
            for at, here in level:
                yield self._step(at, here)

    def _members(self, path: tuple[str, ...], node: Any) -> Iterator[tuple[str, Any]]:
        """Each member of the tree is a step [S], and below one each object [inf]: what is no object there is state."""
        for name, below in node.items() if isinstance(node, dict) else ():
            if name not in self.state_keys and (len(path) == 1 or isinstance(below, dict)):
                yield name, below

    def _step(self, path: tuple[str, ...], state: Any) -> Step:
        threads = state.get("threadIds") if isinstance(state, dict) else None
        native = ScaleStep(
            "".join(f"/{token(part)}" for part in path[1:]),
            state,
            tuple(threads) if isinstance(threads, list) and all(isinstance(each, str) for each in threads) else None,
        )
        return Step(
            self.key(*path),
            self.workspace,
            name=path[-1],
            plan=self.key(path[0]),
            parent=self.key(*path[:-1]) if len(path) > 2 else None,
            native=native,
        )


def _is(value: Any, type: Any) -> bool:
    try:
        msgspec.convert(value, type)
    except msgspec.ValidationError:
        return False
    return True


def _day(text: str | None) -> str | None:
    """The day of an instant, in UTC."""
    time = _time(text)
    return time.date().isoformat() if time else None


def _time(text: str | None) -> datetime | None:
    """An instant, in UTC. In the first and in the last year not every offset leads to one."""
    try:
        time = datetime.fromisoformat(text) if text and _DAY_AND_TIME.match(text) else None
    except ValueError:
        return None
    return time.astimezone(UTC) if time and time.tzinfo and 1 < time.year < 9999 else None
