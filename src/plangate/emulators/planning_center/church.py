"""The account that the emulator serves: a church with four service types and some 120 plans around the clock's date.

Everything follows from the clock's date and `scale`; there is no randomness that is not seeded. Here are the people,
songs, teams and service types; `plans.py` makes the plans, and `program.py` what they contain.
"""

from datetime import timedelta

from .calendar import utc
from .plans import Plans
from .rhythms import RHYTHMS, Rhythm
from .staffing import Crew
from .words import NOTES, PEOPLE, SERIES, SONGS
from .world import Resource, World, to_many, to_one

ORGANIZATION = "1"


def build(world: World, scale: int) -> Resource:
    """Fill `world` and give its organisation. `scale` multiplies the number of plans."""
    return _Church(world).build(scale)


class _Church:
    def __init__(self, world: World) -> None:
        self.world = world
        self.long_ago = utc(world.clock() - timedelta(days=2000))

    def build(self, scale: int) -> Resource:
        organization = self._organization()
        self._directory()
        plans = Plans(self.world)
        for sequence, rhythm in enumerate(RHYTHMS):
            crew = self._service_type(sequence, rhythm)
            plans.add(rhythm, crew, scale)
        self.world.before("Person", "plan_people", self._all_programs)
        return organization

    def _owned(self, collection: str) -> tuple[str, str, str]:
        return "Organization", ORGANIZATION, collection

    def _stamps(self) -> dict[str, str]:
        return {"created_at": self.long_ago, "updated_at": self.long_ago}

    def _organization(self) -> Resource:
        attributes = {
            "name": "Riverbend Community Church",
            "time_zone": self.world.zone.key,
            "date_format": "US",
            "twenty_four_hour_time": False,
            "calendar_starts_on_sunday": True,
            "ccli": None,
            "owner_name": "Naomi Fletcher",
            **self._stamps(),
        }
        return self.world.add(Resource("Organization", ORGANIZATION, attributes))

    def _directory(self) -> None:
        for n, name in enumerate(" ".join(PEOPLE.split()).split(", "), 1):
            self._person(str(2000 + n), *name.split(" ", 1), leader=n <= 4)
        for n, (title, artwork) in enumerate(SERIES, 1):
            # A series does not exist until it has artwork; plans hold its title all the same [V].
            if artwork:
                self._series(str(6000 + n), title)
        for n, (title, author, key, _) in enumerate(SONGS, 1):
            self._song(n, title, author, key)
        for n, name in enumerate(("Chord Chart", "Lyrics", "Audio"), 1):
            self.world.add(
                Resource("AttachmentType", str(n), {"name": name, "built_in": True, "aliases": None}),
                self._owned("attachment_types"),
            )

    def _person(self, id: str, first: str, last: str, *, leader: bool) -> None:
        attributes = {
            "full_name": f"{first} {last}",
            "first_name": first,
            "last_name": last,
            "given_name": None,
            "middle_name": None,
            "nickname": None,
            "name_prefix": None,
            "name_suffix": None,
            "photo_url": f"https://avatars.planningcenteronline.com/uploads/person/{id}/avatar.jpg",
            "photo_thumbnail_url": f"https://avatars.planningcenteronline.com/uploads/person/{id}/thumb.jpg",
            "status": "active",
            "archived": False,
            "archived_at": None,
            "permissions": "Editor" if leader else "Scheduled Viewer",
            "max_permissions": "Editor" if leader else "Scheduled Viewer",
            "assigned_to_rehearsal_team": not leader,
            "site_administrator": id == "2001",
            "legacy_id": None,
            **self._stamps(),
        }
        links = {"created_by": to_one("Person", "2001"), "updated_by": to_one("Person", "2001")}
        self.world.add(Resource("Person", id, attributes, links), self._owned("people"))
        address = {"address": f"{first}.{last}@riverbend.example".lower(), "primary": True}
        self.world.add(Resource("Email", id, address, {"person": to_one("Person", id)}), ("Person", id, "emails"))

    def _series(self, id: str, title: str) -> None:
        art = f"https://services.planningcenteronline.com/series/{id}/artwork"
        attributes = {
            "title": title,
            "has_artwork": True,
            "artwork_file_name": f"{title.lower().replace(' ', '-')}.jpg",
            "artwork_content_type": "image/jpeg",
            "artwork_file_size": 184_320,
            "artwork_for_dashboard": f"{art}/dashboard.jpg",
            "artwork_for_mobile": f"{art}/mobile.jpg",
            "artwork_for_plan": f"{art}/plan.jpg",
            "artwork_original": f"{art}/original.jpg",
            **self._stamps(),
        }
        self.world.add(Resource("Series", id, attributes), self._owned("series"))

    def _song(self, n: int, title: str, author: str, key: str) -> None:
        add, links = self.world.add, {"song": to_one("Song", str(3000 + n))}
        attributes = {"title": title, "author": author, "copyright": "Public Domain", "hidden": False, **self._stamps()}
        attributes |= {"admin": None, "notes": None, "themes": None, "ccli_number": None, "last_scheduled_at": None}
        add(Resource("Song", str(3000 + n), attributes), self._owned("songs"))
        add(Resource("Arrangement", str(3100 + n), {"name": "Default", "bpm": 72.0, **self._stamps()}, links))
        links = {"arrangement": to_one("Arrangement", str(3100 + n))}
        add(Resource("Key", str(3200 + n), {"name": "Default", "starting_key": key, **self._stamps()}, links))

    def _service_type(self, sequence: int, rhythm: Rhythm) -> Crew:
        attributes = {
            "name": rhythm.name,
            "sequence": sequence,
            "frequency": rhythm.frequency,
            "permissions": "Editor",
            "last_plan_from": "organization",
            "archived_at": None,
            "deleted_at": None,
            "attachment_types_enabled": True,
            "background_check_permissions": "none",
            "comment_permissions": "Editor",
            "scheduled_publish": False,
            "custom_item_types": [{"name": "Announcements", "color": "#ffedd1"}],
            "standard_item_types": [{"name": "Header", "color": "#cfcfcf"}, {"name": "Song", "color": "#e0f7ff"}],
            **self._stamps(),
        }
        links = {"parent": to_one("Folder", None)}
        service_type = self.world.add(
            Resource("ServiceType", rhythm.id, attributes, links), self._owned("service_types")
        )
        here = ("ServiceType", rhythm.id)
        people = self.world.members(self.world.get("Organization", ORGANIZATION) or service_type, "people")
        crew = Crew(service_type, [], [], people)
        for n, (name, positions) in enumerate(rhythm.teams):
            crew.teams.append((self._team(f"{rhythm.id}{n}", n, name, positions, service_type, people), positions))
        for n, (name, _) in enumerate(NOTES):
            category = {"name": name, "sequence": n, "deleted_at": None, **self._stamps()}
            id = f"{rhythm.id}9{n}"
            self.world.add(
                Resource("PlanNoteCategory", id, category, {"service_type": to_one(*here)}),
                (*here, "plan_note_categories"),
            )
            crew.note_categories.append(id)
        return crew

    def _team(
        self, id: str, n: int, name: str, positions: tuple[str, ...], service_type: Resource, people: list[Resource]
    ) -> Resource:
        attributes = {
            "name": name,
            "sequence": n,
            "rehearsal_team": n == 0,
            # Hosts are needed for each service: a "split team" [V].
            "schedule_to": "time" if name == "Hosts" else "plan",
            "default_status": "U",
            "default_prepare_notifications": True,
            "assigned_directly": True,
            "secure_team": False,
            "stage_color": "blue",
            "stage_variant": "light",
            "viewers_see": 1,
            "last_plan_from": "organization",
            "archived_at": None,
            **self._stamps(),
        }
        links = {
            "service_type": to_one("ServiceType", service_type.id),
            # Id 0 stands for all team leaders [V].
            "default_responds_to": to_one("Person", "0" if n else "2001"),
            "service_types": to_many("ServiceType", [service_type.id]),
        }
        team = Resource("Team", id, attributes, links)
        self.world.add(team, self._owned("teams"), ("ServiceType", service_type.id, "teams"))
        for person in people[n::3]:
            self.world.add(person, ("Team", id, "people"))
        for k, position in enumerate(positions):
            settings = {"name": position, "sequence": k, "tags": [], "negative_tag_groups": [], "tag_groups": []}
            self.world.add(
                Resource("TeamPosition", f"{id}{k:02}", settings, {"team": to_one("Team", id)}),
                ("Team", id, "team_positions"),
                ("ServiceType", service_type.id, "team_positions"),
            )
        return team

    def _all_programs(self) -> None:
        for rhythm in RHYTHMS:
            service_type = self.world.get("ServiceType", rhythm.id)
            assert service_type
            self.world.complete(self.world.members(service_type, "plans"))
