"""OnePlan's objects as records. Dates, description and status of a plan, and the name of a person, are among the fields
that each tenant names itself: they are read by the names that the settings give, and are null without.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec import DecodeError, structs

from plangate.listing import NOTHING, ListQuery
from plangate.model import Key, Note, Person, Plan, Step, Task, key
from plangate.native.oneplan import Comment, OnePlanWorkPlan, Resource, StageStep, WorkPlanTask

from .api import WorkPlan
from .columns import DAY, INSTANT, NUMBER, REFERENCE, TEXT, Columns, told
from .ids import guid
from .reading import Reader, Unreadable


class FieldNames(NamedTuple):
    """The tenant's internal names of fields that mean what Plangate has an attribute for; None if it has none."""

    start: str | None = None
    end: str | None = None
    description: str | None = None
    status: str | None = None
    person_name: str | None = None
    person_email: str | None = None


class Records:
    """Makes records of `workspace`, of what `source` answers. What has no id of its kind is left out."""

    def __init__(self, source: str, workspace: str | None, reader: Reader, names: FieldNames) -> None:
        self.source = source
        self.workspace = workspace
        self.reader = reader
        self.names = names

    def visible(self, query: ListQuery) -> bool:
        """Whether the viewer may see records of this workspace at all."""
        return query.scope != NOTHING and self.workspace in (None, query.scope.workspace)

    def key(self, *local: str | None) -> Key | None:
        """The key of a local id given in parts, None if one of them is not known."""
        return key(self.source, "/".join(part for part in local if part)) if all(local) else None

    def plan_columns(self) -> Columns:
        """What plans can be filtered and ordered by: what OnePlan says of them, and what the settings map.

        Lists of all systems are in the order of `sort_date`, which is refused by nobody: plans without one come last.
        """
        mapped = {"start_date": (self.names.start, DAY), "end_date": (self.names.end, DAY),
                  "sort_date": (self.names.start, INSTANT), "status": (self.names.status, TEXT)}  # fmt: skip
        return {
            "title": TEXT, "created_at": INSTANT, "updated_at": INSTANT, "parent": REFERENCE, "created_by": REFERENCE,
            "sort_date": INSTANT._replace(operators=()),
            **{attribute: column for attribute, (name, column) in mapped.items() if name},
        }  # fmt: skip

    def plan(self, given: WorkPlan) -> Plan | None:
        """What a plan is listed by, without `native`."""
        head = given.head
        local = self.key(guid(head.id))
        if local is None:
            self._skipped("WorkPlan", head.id)
            return None
        start, end = self._field(head.fields, self.names.start), self._field(head.fields, self.names.end)
        return Plan(
            local,
            self.workspace,
            title=told(TEXT, head.name),
            description=told(TEXT, self._field(head.fields, self.names.description)),
            status=told(TEXT, self._field(head.fields, self.names.status)),
            start_date=_day(start),
            end_date=_day(end),
            sort_date=told(INSTANT, start),
            created_at=told(INSTANT, head.created),
            updated_at=told(INSTANT, head.modified),
            parent=self.key(guid(head.parent_plan_id)),
            created_by=self.key(guid(head.author)),
            updated_by=self.key(guid(head.editor)),
        )

    def whole(self, plan: Plan, given: WorkPlan) -> Plan:
        """The plan with `native`; without, if what was not looked at so far is no JSON."""
        try:
            native = self.reader.read(OnePlanWorkPlan, given.whole(), key=plan.key)
        except (DecodeError, UnicodeDecodeError):
            self._skipped("WorkPlan", given.head.id)
            return plan
        return structs.replace(plan, native=native)

    def notes(self, plan: Plan, comments: Iterable[Any]) -> list[Note]:
        """The comments of a plan, as it came or as its native struct has them."""
        found: list[Note] = []
        for each in comments:
            comment = each if isinstance(each, Comment) else self._read(Comment, each)
            local = self.key(plan.key.partition(":")[2], guid(comment.id) if comment else None)
            if comment is None or local is None:
                self._skipped("TaskComment", comment and comment.id)
                continue
            written = told(INSTANT, comment.post_date)
            author = self.key(guid(comment.upn))
            note = Note(local, self.workspace, body=comment.comment, created_at=written, plan=plan.key, author=author)
            found.append(note)
        return found

    def task(self, given: Any, plan: str) -> Task | None:
        native = self._read(WorkPlanTask, given)
        local = self.key(plan, guid(native.id) if native else None)
        if native is None or local is None:
            self._skipped("WorkPlanTask", native and native.id)
            return None
        people = [*(native.assigned_to or ()), *(each.resource_id for each in native.assignments or ())]
        return Task(
            local,
            self.workspace,
            title=native.name,
            is_done=native.complete,
            start_time=told(INSTANT, native.start_date),
            due_time=told(INSTANT, native.due_date),
            position=native.index,
            created_at=told(INSTANT, native.created),
            updated_at=told(INSTANT, native.modified),
            plan=self.key(plan),
            parent=self.key(plan, guid(native.parent_id)),
            assignee=next((self.key(person) for person in map(guid, people) if person), None),
            native=native,
        )

    def steps(self, history: Iterable[Any], plan: str) -> list[Step]:
        """A plan's steps in the order of its history [inf]; one that it came back to is there once for each time."""
        found: list[Step] = []
        times: dict[str, int] = {}
        for each in history:
            native = self._read(StageStep, each)
            step = guid(native.step_id) if native else None
            if native is None or step is None:
                self._skipped("WorkPlanStageStep", native and native.step_id)
                continue
            times[step] = times.get(step, 0) + 1
            name = step if times[step] == 1 else f"{step}.{times[step]}"
            found.append(
                Step(
                    key(self.source, f"{plan}/{name}"),
                    self.workspace,
                    name=native.step_name,
                    status=native.step_state.value.capitalize() if native.step_state else None,
                    position=len(found) + 1,
                    started_at=told(INSTANT, native.start),
                    ended_at=told(INSTANT, native.end),
                    plan=self.key(plan),
                    native=native,
                )
            )
        return found

    def person(self, given: Any) -> Person | None:
        native = self._read(Resource, given)
        local = self.key(guid(native.id)) if native else None
        if native is None or local is None:
            self._skipped("Resource", native and native.id)
            return None
        fields = {entry.key: entry.value for entry in native.fields or ()}
        return Person(
            local,
            self.workspace,
            name=told(TEXT, self._field(fields, self.names.person_name)),
            email=told(TEXT, self._field(fields, self.names.person_email)),
            native=native,
        )

    def _read(self, kind: Any, given: Any) -> Any:
        try:
            return self.reader.read(kind, given)
        except Unreadable:
            return None

    def _field(self, fields: Any, name: str | None) -> Any:
        return fields.get(name) if name and isinstance(fields, dict) else None

    def _skipped(self, kind: str, id: Any) -> None:
        self.reader.log.skip(f"{kind} without a valid id, or no object", id)


TASK_COLUMNS: Columns = {"position": NUMBER}
NOTE_COLUMNS: Columns = {"created_at": INSTANT}
STEP_COLUMNS: Columns = {"position": NUMBER}


def _day(given: Any) -> str | None:
    return given[:10] if told(DAY, given) else None
