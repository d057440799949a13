"""The plans of a service type, with their times: everything that lists are filtered and ordered by.

What a plan contains is in `program.py` and is made when the plan is first looked at.
"""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from .calendar import dates, local, short_dates, utc
from .program import Program
from .rhythms import CHRISTMAS, SUNDAY, YOUTH, Rhythm
from .staffing import Crew
from .words import SERIES, TITLES
from .world import Attributes, Resource, World, to_many, to_one


class Plans:
    """Adds plans to the world, numbering them through all service types."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = world.clock()
        self.today = self.now.astimezone(world.zone).date()
        self.plans = 0

    def add(self, rhythm: Rhythm, crew: Crew, scale: int) -> None:
        """Add a service type's plans, linked to their neighbours in time."""
        nearest = self.today + timedelta(days=(rhythm.weekday - self.today.weekday()) % 7)
        if rhythm is CHRISTMAS:
            nearest = max(date(self.today.year, 12, 19), self.today)
            nearest += timedelta(days=(rhythm.weekday - nearest.weekday()) % 7)
        count = rhythm.plans * scale
        days = [nearest + rhythm.every * (n + rhythm.ahead - count) for n in range(count)]
        # Planners make the plans of a month in any order, so that the order of ids is not that of dates.
        ids = {
            k: str(70_000_001 + self.plans + n) for n, k in enumerate(sorted(range(count), key=lambda k: (k // 4, -k)))
        }
        plans = [self._plan(rhythm, crew, ids[k], k, day) for k, day in enumerate(days)]
        self.plans += count
        if rhythm is CHRISTMAS:
            for day in (nearest - timedelta(days=14), None):
                plans.append(self._plan(rhythm, crew, str(70_000_001 + self.plans), 0, day, rehearsal_only=True))
                self.plans += 1
        now = self.world.local_now()
        plans.sort(key=lambda plan: now if plan.moving else plan.attributes["sort_date"])
        for plan in plans:
            plan.relationships |= {"previous_plan": to_one("Plan", None), "next_plan": to_one("Plan", None)}
        for before, after in pairwise(plans):
            before.relationships["next_plan"] = to_one("Plan", after.id)
            after.relationships["previous_plan"] = to_one("Plan", before.id)

    def _plan(
        self, rhythm: Rhythm, crew: Crew, id: str, n: int, day: date | None, *, rehearsal_only: bool = False
    ) -> Resource:
        times = [] if day is None else self._times(rhythm, id, day, rehearsal_only=rehearsal_only)
        anchor = datetime.combine(day, time(12), self.world.zone) if day else self.now
        age = timedelta(hours=int(id) % 96)
        week = day.toordinal() // 7 if day else 0
        series, artwork = SERIES[week // 6 % len(SERIES)] if rhythm in (SUNDAY, YOUTH) else (None, False)
        if week % 6 == 5:
            series, artwork = None, False
        title = TITLES[week % len(TITLES)] if int(id) % 7 in (1, 3, 4) else None
        if rhythm is CHRISTMAS:
            title = f"Christmas {anchor.year}"
        if rehearsal_only:
            title = "Site set-up day" if day else "Ideas for next year"
        attributes: Attributes = {
            "title": title,
            "series_title": series,
            "created_at": utc(min(anchor - timedelta(days=60), self.now - timedelta(days=9)) - age),
            "updated_at": utc(min(anchor - timedelta(days=2), self.now) - age),
            **self._when(times),
        }
        series_id = str(6001 + SERIES.index((series, artwork))) if series and artwork else None
        links = {
            "service_type": to_one("ServiceType", rhythm.id),
            "series": to_one("Series", series_id),
            "created_by": to_one("Person", "2001"),
            "updated_by": to_one("Person", str(2001 + int(id) % 4)),
            "linked_publishing_episode": to_one("LinkedPublishingEpisode", f"9{id}" if n % 12 == 11 else None),
            "attachment_types": to_many("AttachmentType", ["1", "2"] if rhythm is SUNDAY else []),
        }
        plan = Resource("Plan", id, attributes, links, moving=frozenset() if times else frozenset({"sort_date"}))
        plan.finish = Program(self.world, plan, times, crew, self.now).build
        owners = [("ServiceType", rhythm.id, "plans"), ("ServiceType", rhythm.id, "unscoped_plans")]
        owners += [("Series", series_id, "plans")] if series_id else []
        return self.world.add(plan, *owners)

    def _times(self, rhythm: Rhythm, plan: str, day: date, *, rehearsal_only: bool) -> list[Resource]:
        created = []
        stamp = utc(self.now - timedelta(days=400))
        for n, (offset, type, name, start, end) in enumerate(rhythm.times):
            if rehearsal_only and type == "service":
                continue
            on = day + timedelta(days=offset)
            starts, ends = (datetime.combine(on, at, self.world.zone) for at in (start, end))
            live = type == "service" and ends < self.now
            attributes: Attributes = {
                "name": name,
                "time_type": type,
                "recorded": live,
                "team_reminders": [],
                "starts_at": utc(starts),
                "ends_at": utc(ends),
                "live_starts_at": utc(starts + timedelta(seconds=75)) if live else None,
                "live_ends_at": utc(ends + timedelta(seconds=140)) if live else None,
                "created_at": stamp,
                "updated_at": stamp,
            }
            links = {
                "assigned_teams": to_many("Team", [f"{rhythm.id}0"]),
                "assigned_positions": to_many("TeamPosition", []),
            }
            created.append(
                self.world.add(
                    Resource("PlanTime", f"{plan}{n:02}", attributes, links),
                    ("Plan", plan, "plan_times"),
                    ("ServiceType", rhythm.id, "plan_times"),
                )
            )
        return created

    def _when(self, times: list[Resource]) -> dict[str, object]:
        """The attributes that follow from a plan's times."""
        zone = self.world.zone
        starts: dict[str, list[datetime]] = {"service": [], "rehearsal": [], "other": []}
        for each in times:
            starts[each.attributes["time_type"]].append(datetime.fromisoformat(each.attributes["starts_at"]))
        services = starts["service"]
        first = services or starts["rehearsal"] or starts["other"]
        days = [start.astimezone(zone).date() for start in services]
        every = [start for some in starts.values() for start in some]
        return {
            "sort_date": local(min(first), zone) if first else None,
            # Which of the times is meant, and null without any, are stand-ins.
            "last_time_at": local(max(every), zone) if every else None,
            "files_expire_at": local(max(services) + timedelta(days=15), zone) if services else None,
            "dates": dates(days),
            "short_dates": short_dates(days),
            "multi_day": len(set(days)) > 1,
            "service_time_count": len(services),
            "rehearsal_time_count": len(starts["rehearsal"]),
            "other_time_count": len(starts["other"]),
        }
