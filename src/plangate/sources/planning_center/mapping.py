"""JSON:API resources as records. What an attribute means is said at the vertex of the same name, version 2018-11-01:
https://developer.planning.center/docs/#/apps/services/2018-11-01/vertices/plan
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from plangate.errors import UpstreamBadResponse
from plangate.listing import NOTHING, ListQuery
from plangate.model import (
    KINDS,
    Attachment,
    Item,
    ItemPosition,
    Key,
    MemberStatus,
    NeededPosition,
    Note,
    Person,
    Plan,
    PlanTime,
    PlanTimeKind,
    Record,
    Series,
    ServiceType,
    TeamMember,
    key,
)
from plangate.native.planning_center import (
    Attendance,
    Contributor,
    Live,
    PlanningCenterPerson,
    PlanningCenterPlan,
    PlanningCenterServiceType,
    Schedule,
    Team,
)
from plangate.record_log import RecordLog

from . import times
from .jsonapi import Resource

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=msgspec.Struct)

_INSTANTS = {
    kind: tuple(name for name in kind.__struct_fields__ if name.endswith("_at") or name == "sort_date")
    for kind in KINDS
}

_ALONG = {"plan_times": "PlanTime", "contributors": "Contributor", "my_schedules": "Schedule"}
"""The edges of a plan that `include` brings along, and the type of what is at their other end."""

# Both are seen: `C` in answers, words in the documentation of PlanPerson.
_STATUS = {
    "C": MemberStatus.CONFIRMED, "Confirmed": MemberStatus.CONFIRMED,
    "U": MemberStatus.UNCONFIRMED, "Unconfirmed": MemberStatus.UNCONFIRMED,
    "D": MemberStatus.DECLINED, "Declined": MemberStatus.DECLINED,
}  # fmt: skip
_KIND = {"service": PlanTimeKind.SERVICE, "rehearsal": PlanTimeKind.REHEARSAL, "other": PlanTimeKind.OTHER}
_POSITION = {"pre": ItemPosition.PRE, "during": ItemPosition.DURING, "post": ItemPosition.POST}

NATIVE: dict[str, type[msgspec.Struct]] = {
    "attendances": Attendance,
    "contributors": Contributor,
    "live": Live,
    "my_schedules": Schedule,
    "signup_teams": Team,
}
"""The edges of a plan whose ends are Planning Center's alone, and what they are."""


class Records:
    """Makes records of `workspace`, of resources from `source`. A plan's local id is given as `plan`."""

    def __init__(self, source: str, workspace: str | None) -> None:
        self.source = source
        self.log = RecordLog(source)
        self.workspace = workspace

    def visible(self, query: ListQuery) -> bool:
        """Whether the viewer may see records of this workspace at all."""
        return query.scope != NOTHING and self.workspace in (None, query.scope.workspace)

    def key(self, *local: str | None) -> Key | None:
        """The key of a local id given in parts, None if one of them is not known."""
        return key(self.source, "/".join(local)) if all(local) else None  # type: ignore[arg-type]

    def plan(self, plan: Resource, service_type: str, zone: ZoneInfo, included: Iterable[Resource] = ()) -> Plan:
        given = plan.attributes
        local = f"{service_type}/{plan.id}"
        along = self._along(plan, local, zone, included)
        start, end = self._days(along.get("plan_times", ()), zone)
        sort_date = times.true_text(given.get("sort_date"), zone)
        native = {
            **given,
            "key": self.key(local),
            "sort_date": sort_date,
            "last_time_at": times.true_text(given.get("last_time_at"), zone),
            "files_expire_at": times.true_text(given.get("files_expire_at"), zone),
            "previous_plan_id": plan.one("previous_plan"),
            "next_plan_id": plan.one("next_plan"),
            "linked_publishing_episode_id": plan.one("linked_publishing_episode"),
            "attachment_type_ids": plan.many("attachment_types") or (),
            "along": along,
        }
        return self._record(
            Plan, local, given, "title", "created_at", "updated_at",
            start_date=start,
            end_date=end,
            sort_date=sort_date,
            service_type=self.key(service_type),
            series=self.key(plan.one("series")),
            created_by=self.key(plan.one("created_by")),
            updated_by=self.key(plan.one("updated_by")),
            external_url=given.get("planning_center_url"),
            native=self._made(PlanningCenterPlan, native),
        )  # fmt: skip

    def service_type(self, service_type: Resource) -> ServiceType:
        given = service_type.attributes
        native = self._made(PlanningCenterServiceType, {**given, "parent_folder_id": service_type.one("parent")})
        return self._record(
            ServiceType, service_type.id, given, "name", "frequency", "created_at", "updated_at",
            position=given.get("sequence"), native=native,
        )  # fmt: skip

    def person(self, person: Resource, included: Iterable[Resource] = ()) -> Person:
        given = person.attributes
        emails = [each.attributes for each in included if each.type == "Email"]
        email = next((each for each in emails if each.get("primary")), emails[0] if emails else {})
        return self._record(
            Person, person.id, given, "first_name", "last_name", "photo_url", "created_at", "updated_at",
            name=given.get("full_name"), email=email.get("address"), native=self._made(PlanningCenterPerson, given),
        )  # fmt: skip

    def series(self, series: Resource) -> Series:
        given = series.attributes
        return self._record(
            Series, series.id, given, "title", "created_at", "updated_at", artwork_url=given.get("artwork_original")
        )

    def plan_time(self, time: Resource, plan: str) -> PlanTime:
        given = time.attributes
        return self._record(
            PlanTime, f"{plan}/{time.id}", given,
            "name", "starts_at", "ends_at", "live_starts_at", "live_ends_at", "recorded",
            plan=self.key(plan),
            kind=_known(_KIND, given.get("time_type"), PlanTimeKind.UNKNOWN),
            kind_raw=given.get("time_type"),
        )  # fmt: skip

    def item(self, item: Resource, plan: str) -> Item:
        given = item.attributes
        return self._record(
            Item, f"{plan}/{item.id}", given,
            "title", "description", "item_type", "length", "key_name", "created_at", "updated_at",
            plan=self.key(plan),
            position=given.get("sequence"),
            details_html=given.get("html_details"),
            arrangement=given.get("custom_arrangement_sequence"),
            service_position=_known(_POSITION, given.get("service_position"), ItemPosition.UNKNOWN),
            service_position_raw=given.get("service_position"),
        )  # fmt: skip

    def note(self, note: Resource, plan: str) -> Note:
        given = note.attributes
        return self._record(
            Note, f"{plan}/{note.id}", given, "created_at", "updated_at",
            plan=self.key(plan), category=given.get("category_name"), body=given.get("content"),
            author=self.key(note.one("created_by")),
        )  # fmt: skip

    def attachment(self, file: Resource, plan: str) -> Attachment:
        given = file.attributes
        return self._record(
            Attachment, f"{plan}/{file.id}", given,
            "content_type", "url", "thumbnail_url", "downloadable", "streamable", "created_at", "updated_at",
            plan=self.key(plan), name=given.get("filename"), size=given.get("file_size"),
            created_by=self.key(file.one("created_by")),
        )  # fmt: skip

    def team_member(self, member: Resource, plan: str) -> TeamMember:
        given = member.attributes
        return self._record(
            TeamMember, f"{plan}/{member.id}", given, "name", "notes", "decline_reason", "created_at", "updated_at",
            plan=self.key(plan),
            person=self.key(member.one("person")),
            role=given.get("team_position_name"),
            photo_url=given.get("photo_thumbnail"),
            status=_known(_STATUS, given.get("status"), MemberStatus.UNKNOWN),
            status_raw=given.get("status"),
        )  # fmt: skip

    def needed_position(self, position: Resource, plan: str) -> NeededPosition:
        given = position.attributes
        time = position.one("time")
        return self._record(
            NeededPosition, f"{plan}/{position.id}", given, "quantity", "scheduled_to", "created_at", "updated_at",
            plan=self.key(plan), role=given.get("team_position_name"), plan_time=self.key(plan, time),
        )  # fmt: skip

    def native(self, edge: str, resource: Resource, zone: ZoneInfo) -> msgspec.Struct:
        """The other end of an edge that only Planning Center has."""
        given = {**resource.attributes, "id": resource.id}
        if edge == "my_schedules":
            given["sort_date"] = times.true_text(given.get("sort_date"), zone)
        return self._made(NATIVE[edge], given)

    def _along(
        self, plan: Resource, local: str, zone: ZoneInfo, included: Iterable[Resource]
    ) -> Mapping[str, tuple[Any, ...]]:
        """What `include` brought along with a plan, by edge; only a relationship tells what belongs to which plan."""
        found = {edge: ids for edge in _ALONG if (ids := plan.many(edge)) is not None}
        if not found:
            return found
        by_id = {(each.type, each.id): each for each in included}
        return {
            edge: tuple(
                self.plan_time(each, local) if edge == "plan_times" else self.native(edge, each, zone)
                for id in ids
                if (each := by_id.get((_ALONG[edge], id)))
            )
            for edge, ids in found.items()
        }

    def _record(self, record: type[R], local: str, given: Mapping[str, Any], *same: str, **fields: Any) -> R:
        """A record: `same` names the attributes that the record calls as Planning Center does.

        An instant that is none, by its words or for want of an offset, would break a list of several sources, which
        compares instants. It is null, as an error would take the other plans of the page with it; `native` keeps the
        text as it came, so that nothing of a plan is lost, and the log tells the operator.
        """
        for name in same:
            fields[name] = given.get(name)
        for name in _INSTANTS[record]:
            if isinstance(text := fields.get(name), str) and not times.is_instant(text):
                self.log.add(f"{record.__name__}.{name}: not an instant", local)
                fields[name] = None
        fields["key"], fields["workspace"] = self.key(local), self.workspace
        return self._made(record, fields)

    def _made(self, kind: type[S], fields: Mapping[str, Any]) -> S:
        try:
            return msgspec.convert(fields, kind)
        except msgspec.ValidationError:
            message = f"{self.source} sent a {kind.__name__} that makes no sense."
            raise UpstreamBadResponse(self.source, message) from None

    def _days(self, plan_times: Iterable[PlanTime], zone: ZoneInfo) -> tuple[str | None, str | None]:
        """The first and the last day of the services, where the organisation is."""
        services = [time for time in plan_times if time.kind is PlanTimeKind.SERVICE and time.starts_at]
        found = [times.time(text) for each in services for text in (each.starts_at, each.ends_at)]
        days = [time.astimezone(zone).date() for time in found if time]
        return (min(days).isoformat(), max(days).isoformat()) if days else (None, None)


def _known(words: Mapping[str, Any], raw: Any, unknown: Any) -> Any:
    return None if raw is None else words.get(raw, unknown) if isinstance(raw, str) else raw
