"""Planhat's objects as records. What is unified, and what is not, is said attribute by attribute."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from plangate.listing import NOTHING, ListQuery
from plangate.model import Key, Person, Plan, Step, Task, key
from plangate.native import planhat as native
from plangate.record_log import RecordLog

from .ids import is_id
from .reading import read

P = TypeVar("P", bound=native.Part)
_WithInstants = native.Project | native.Task | native.User


class Records:
    """Makes records of `workspace`, of what `source` sent; of what makes no sense, None. Days are those in `zone`."""

    def __init__(self, source: str, workspace: str | None, zone: ZoneInfo) -> None:
        self.source = source
        self.log = RecordLog(source)
        self.workspace = workspace
        self.zone = zone

    def visible(self, query: ListQuery) -> bool:
        """Whether the viewer may see records of this workspace at all."""
        return query.scope != NOTHING and self.workspace in (None, query.scope.workspace)

    def key(self, local: str | None) -> Key | None:
        return key(self.source, local) if local and is_id(local) else None

    def native(self, kind: type[P], given: Any) -> P | None:
        """A native struct. One object without an id is left out of a list, and does not lose the others."""
        try:
            if not isinstance(given, Mapping) or not is_id(given.get("_id")):
                raise KeyError("_id")
            return read(kind, self.log, given)
        except (msgspec.ValidationError, TypeError, KeyError):
            id = given.get("_id") if isinstance(given, Mapping) else None
            self.log.skip(f"{kind.__name__} without a valid id", id)
            return None

    def plan(self, given: Any) -> Plan | None:
        """A project. It is placed in time by its start; its days are where the settings say."""
        project = self.native(native.Project, given)
        return (
            None
            if project is None
            else Plan(
                key=Key(project.key),
                workspace=self.workspace,
                title=project.name,
                sort_date=self._instant(project, "start_date"),
                start_date=self._day(project.start_date),
                end_date=self._day(project.end_date),
                native=project,
            )
        )

    def task(self, given: Any) -> Task | None:
        """A task or event. The text is the plain one; a done task is an archived one, which is not said of events."""
        task = self.native(native.Task, given)
        return (
            None
            if task is None
            else Task(
                key=Key(task.key),
                workspace=self.workspace,
                title=task.action,
                description=task.snippet,
                status=task.status,
                is_done=task.is_archived if task.main_type == "task" else None,
                start_time=self._instant(task, "start_time"),
                due_time=self._instant(task, "end_time"),
                position=_whole(task.sort_position),
                created_at=self._instant(task, "created_at"),
                updated_at=self._instant(task, "updated_at"),
                parent=self.key(task.parent_id),
                assignee=self.key(task.owner_id),
                native=task,
            )
        )

    def step(self, given: Any) -> Step | None:
        record = self.task(given)
        return None if record is None else self.step_of(record)

    def step_of(self, record: Task) -> Step | None:
        """A task as a step of its workflow; None if it is not of any."""
        task: native.Task = record.native
        if task.workflow_step_id != task.id:
            return None
        return Step(
            key=record.key,
            workspace=self.workspace,
            name=record.title,
            status=record.status,
            position=record.position,
            parent=record.parent,
            native=native.WorkflowStep(
                system=self.source,
                id=task.id,
                workflow_id=task.workflow_id,
                workflow_name=task.workflow_name,
                workflow_task_id=task.workflow_task_id,
                workflow_template_id=task.workflow_template_id,
                children=task.children,
            ),
        )

    def person(self, given: Any) -> Person | None:
        """A user. The name is the full one, else the nickname, which is what Planhat shows."""
        user = self.native(native.User, given)
        return (
            None
            if user is None
            else Person(
                key=Key(user.key),
                workspace=self.workspace,
                name=" ".join(part for part in (user.first_name, user.last_name) if part) or user.nick_name,
                first_name=user.first_name,
                last_name=user.last_name,
                email=user.email,
                created_at=self._instant(user, "created_at"),
                updated_at=self._instant(user, "updated_at"),
                native=user,
            )
        )

    def _instant(self, model: _WithInstants, attribute: str) -> str | None:
        """The same text if it is an instant: any other would break a list of several sources, which compares them."""
        text: str | None = getattr(model, attribute)
        if text is not None and _time(text) is None:
            self.log.add(f"{type(model).__name__}.{attribute}: not an instant", model.id)
            return None
        return text

    def _day(self, text: str | None) -> str | None:
        time = _time(text)
        return time.astimezone(self.zone).date().isoformat() if time else None


def _time(text: str | None) -> datetime | None:
    """An instant. In the first and in the last year not every time zone can say what day it is."""
    try:
        date.fromisoformat((text or "")[:10])
        time = datetime.fromisoformat(text or "") if len(text or "") > len("2026-11-20T") else None
    except ValueError:
        return None
    return time if time and time.tzinfo and 1 < time.year < 9999 else None


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**31 else None
