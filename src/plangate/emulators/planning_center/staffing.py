"""Who serves in a plan: its team members, what is still needed, who came, and the token owner's own schedule."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .calendar import utc
from .words import DECLINES
from .world import Relationships, Resource, World, to_many, to_one

ME = "2001"
"""The person whose token it is: `my_schedules` are hers."""


@dataclass(frozen=True)
class Crew:
    """Who a service type can draw on: its teams with their positions, its note categories, the church's people."""

    service_type: Resource
    teams: list[tuple[Resource, tuple[str, ...]]]
    note_categories: list[str]
    people: list[Resource]


class Staffing:
    """Adds a plan's people to the world. `past` plans have nobody undecided, and a record of who came."""

    def __init__(self, world: World, plan: Resource, times: list[Resource], crew: Crew, *, past: bool) -> None:
        self.world = world
        self.plan = plan
        self.times = times
        self.crew = crew
        self.past = past
        self.stamps = {name: plan.attributes[name] for name in ("created_at", "updated_at")}

    def fill(self, random: Random) -> None:
        """Fill or leave open each position of each team."""
        services = [each for each in self.times if each.attributes["time_type"] == "service"]
        slots = [(team, position) for team, positions in self.crew.teams for position in positions]
        people = random.sample(self.crew.people, len(slots))
        for n, ((team, position), person) in enumerate(zip(slots, people, strict=True), 1):
            chance = random.random()
            if not self.past and chance > 0.82:
                self._need(n, team, position, services)
                continue
            status = "D" if chance < 0.07 else "C" if self.past or chance < 0.6 else "U"
            member = self._member(n, team, position, person, status, services)
            if status == "C" and self.past and services:
                self._attendance(n, member, services[0])
            if person.id == ME:
                self._schedule(n, member, team, person)

    def _member(
        self, n: int, team: Resource, position: str, person: Resource, status: str, services: list[Resource]
    ) -> Resource:
        attributes = {
            "name": person.attributes["full_name"],
            "status": status,
            "notes": None,
            "decline_reason": DECLINES[n % len(DECLINES)] if status == "D" else None,
            "team_position_name": position,
            "photo_thumbnail": person.attributes["photo_thumbnail_url"],
            "notification_changed_by_name": None,
            "notification_sender_name": "Naomi Fletcher",
            "notification_changed_at": None,
            "notification_prepared_at": self.plan.attributes["created_at"],
            "notification_read_at": None if status == "U" else self.plan.attributes["updated_at"],
            "notification_sent_at": self.plan.attributes["created_at"],
            "prepare_notification": True,
            "can_accept_partial": team.attributes["schedule_to"] == "time",
            "status_updated_at": None if status == "U" else self.plan.attributes["updated_at"],
            "scheduled_by_name": "Naomi Fletcher",
            **self.stamps,
        }
        times = [each.id for each in self.times]
        links = {
            "person": to_one("Person", person.id),
            "plan": to_one("Plan", self.plan.id),
            "scheduled_by": to_one("Person", ME),
            "service_type": to_one("ServiceType", self.crew.service_type.id),
            "team": to_one("Team", team.id),
            "responds_to": to_one("Person", ME),
            "times": to_many("PlanTime", times),
            "service_times": to_many("PlanTime", [each.id for each in services]),
            "time_preference_options": to_many("TimePreferenceOption", []),
        }
        member = self._add("PlanPerson", "team_members", n, attributes, links)
        member.on_request = frozenset({"scheduled_by_name"})
        self.world.add(member, ("Person", person.id, "plan_people"))
        for each in self.times:
            self.world.add(each, ("PlanPerson", member.id, "plan_times"))
            if status == "D":
                self.world.add(each, ("PlanPerson", member.id, "declined_plan_times"))
        return member

    def _need(self, n: int, team: Resource, position: str, services: list[Resource]) -> None:
        # The time is null when the plan has one only, issue 1072 [I].
        time = services[0].id if team.attributes["schedule_to"] == "time" and len(services) > 1 else None
        attributes = {"quantity": 1 + n % 2, "team_position_name": position, "scheduled_to": "time" if time else "plan"}
        links = {
            "team": to_one("Team", team.id),
            "plan": to_one("Plan", self.plan.id),
            "time": to_one("PlanTime", time),
            "time_preference_option": to_one("TimePreferenceOption", None),
        }
        self._add("NeededPosition", "needed_positions", n, attributes, links)
        # Which teams are open to sign up is not documented: those with something to fill, as a stand-in.
        self.world.add(team, ("Plan", self.plan.id, "signup_teams"))

    def _attendance(self, n: int, member: Resource, service: Resource) -> None:
        arrived = datetime.fromisoformat(service.attributes["starts_at"]) - timedelta(minutes=20 + n)
        attributes = {
            "checked_in_at": utc(arrived),
            "check_ins_event_id": "81",
            "check_ins_event_period_id": service.id,
        }
        links = {"plan_time": to_one("PlanTime", service.id), "plan_person": to_one("PlanPerson", member.id)}
        self._add("Attendance", "attendances", n, attributes, links)

    def _schedule(self, n: int, member: Resource, team: Resource, person: Resource) -> None:
        organization = self.world.get("Organization", "1")
        assert organization
        plan, given = self.plan.attributes, member.attributes
        attributes = {
            "sort_date": plan["sort_date"],
            "dates": plan["dates"],
            "short_dates": plan["short_dates"],
            "status": given["status"],
            "decline_reason": given["decline_reason"],
            "organization_name": organization.attributes["name"],
            "organization_time_zone": organization.attributes["time_zone"],
            "organization_twenty_four_hour_time": "false",
            "person_name": person.attributes["full_name"],
            "position_display_times": ", ".join(each.attributes["name"] or "Service" for each in self.times),
            "responds_to_name": "Naomi Fletcher",
            "service_type_name": self.crew.service_type.attributes["name"],
            "team_name": team.attributes["name"],
            "team_position_name": given["team_position_name"],
            "can_accept_partial": given["can_accept_partial"],
            "can_accept_partial_one_time": False,
            "can_rehearse": True,
            "plan_visible": True,
            "plan_visible_to_me": True,
        }
        links = {
            "person": to_one("Person", person.id),
            "service_type": to_one("ServiceType", self.crew.service_type.id),
            "organization": to_one("Organization", organization.id),
            "plan_person": to_one("PlanPerson", member.id),
            "plan": to_one("Plan", self.plan.id),
            "team": to_one("Team", team.id),
            "responds_to_person": to_one("Person", ME),
            "times": to_many("PlanTime", [each.id for each in self.times]),
        }
        schedule = self._add("Schedule", "my_schedules", n, attributes, links)
        schedule.moving = self.plan.moving
        for each in self.times:
            self.world.add(each, ("Schedule", schedule.id, "plan_times"))

    def _add(self, type: str, collection: str, n: int, attributes: dict[str, Any], links: Relationships) -> Resource:
        return self.world.add(
            Resource(type, f"{self.plan.id}{n:03}", attributes, links), ("Plan", self.plan.id, collection)
        )
