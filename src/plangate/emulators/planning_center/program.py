"""What one plan contains: its order of service, people, needs, notes and files, made when it is first looked at."""

from datetime import datetime
from random import Random
from typing import Any

from .calendar import utc
from .staffing import ME, Crew, Staffing
from .words import NOTES, SONGS
from .world import Relationships, Resource, World, to_many, to_one

# Song numbers are filled in: item type, service position, title, seconds.
_ORDER = (
    ("media", "pre", "Countdown", 300),
    ("header", "during", "Gathering", 0),
    ("song", "during", None, 0),
    ("item", "during", "Welcome & announcements", 240),
    ("song", "during", None, 0),
    ("header", "during", "Word & table", 0),
    ("item", "during", "Scripture reading", 150),
    ("item", "during", "Message", 1800),
    ("song", "during", None, 0),
    ("item", "during", "Benediction", 90),
    ("media", "post", "Walk-out playlist", 900),
)


class Program:
    """Adds a plan's contents to the world and the counts of them to the plan."""

    def __init__(self, world: World, plan: Resource, times: list[Resource], crew: Crew, now: datetime) -> None:
        self.world = world
        self.plan = plan
        self.times = times
        self.crew = crew
        self.now = now
        self.stamps = {name: plan.attributes[name] for name in ("created_at", "updated_at")}

    def build(self) -> None:
        """Make everything. The same plan always gets the same contents."""
        random = Random(int(self.plan.id))  # noqa: S311 (not for secrets: the opposite)
        past = bool(self.times) and max(time.attributes["ends_at"] for time in self.times) < utc(self.now)
        seconds = self._items(random)
        self._files()
        Staffing(self.world, self.plan, self.times, self.crew, past=past).fill(random)
        self._notes(random)
        self._contributors()
        self._live()
        self._counts(seconds)

    def _add(self, type: str, collection: str, n: int, attributes: dict[str, Any], links: Relationships) -> Resource:
        return self.world.add(
            Resource(type, f"{self.plan.id}{n:03}", attributes, links), ("Plan", self.plan.id, collection)
        )

    def _items(self, random: Random) -> int:
        songs = iter(random.sample(range(1, len(SONGS) + 1), 3))
        seconds = 0
        for sequence, (type, position, title, length) in enumerate(_ORDER, 1):
            song = next(songs) if type == "song" else None
            if song:
                title, _, key, length = SONGS[song - 1]
            if position == "during":
                seconds += length
            attributes = {
                "title": title,
                "sequence": sequence,
                "length": length,
                "item_type": type,
                "service_position": position,
                "description": "Luke 15:11-32" if title == "Scripture reading" else None,
                "html_details": "<p>Dismiss children <b>before</b> the reading.</p>" if sequence == 4 else None,
                "key_name": key if song else None,
                "custom_arrangement_sequence": ["V1", "C", "V2", "C"] if song and sequence == 3 else None,
                "custom_arrangement_sequence_short": ["V1", "C", "V2", "C"] if song and sequence == 3 else None,
                "custom_arrangement_sequence_full": ["Verse 1", "Chorus", "Verse 2", "Chorus"]
                if song and sequence == 3
                else None,
                **self.stamps,
            }
            links = {
                "plan": to_one("Plan", self.plan.id),
                "song": to_one("Song", str(3000 + song) if song else None),
                "arrangement": to_one("Arrangement", str(3100 + song) if song else None),
                "key": to_one("Key", str(3200 + song) if song else None),
                "selected_layout": to_one("Layout", None),
                "selected_background": to_one("Attachment", None),
            }
            item = self._add("Item", "items", sequence, attributes, links)
            self.world.add(item, ("Live", self.plan.id, "items"))
            if type == "media":
                self._media(item)
            if title == "Message":
                self._item_note(item)
        return seconds

    def _media(self, item: Resource) -> None:
        video = item.attributes["title"] == "Countdown"
        attributes = {
            "title": item.attributes["title"],
            "length": item.attributes["length"],
            "media_type": "countdown" if video else "audio",
            "media_type_name": "Countdown" if video else "Audio",
            "creator_name": None,
            "themes": None,
            **self.stamps,
        }
        self.world.add(Resource("Media", "4001" if video else "4002", attributes), ("Item", item.id, "media"))

    def _item_note(self, item: Resource) -> None:
        attributes = {"category_name": "Production", "content": "Stage lights at 60 %.", **self.stamps}
        links = {"item": to_one("Item", item.id), "item_note_category": to_one("ItemNoteCategory", "5001")}
        self.world.add(Resource("ItemNote", item.id, attributes, links), ("Item", item.id, "item_notes"))

    def _files(self) -> None:
        owner = {"data": {"type": "Plan", "id": self.plan.id}}
        files = [(1, "order-of-service.pdf", "application/pdf", 48_213, owner)]
        songs = [item for item in self._members("items") if item.attributes["item_type"] == "song"]
        if int(self.plan.id) % 3 == 0:
            files.append((2, "sermon-slides.pptx", "application/vnd.ms-powerpoint", 2_310_144, owner))
        files.append(
            (3, f"{songs[0].attributes['title']} - chords.txt", "text/plain", 1_902, songs[0].relationships["song"])
        )
        for n, name, content_type, size, attachable in files:
            attributes = {
                "filename": name,
                "display_name": name.rsplit(".", 1)[0],
                "file_size": size,
                "content_type": content_type,
                "filetype": name.rsplit(".", 1)[1],
                "url": f"https://services.planningcenteronline.com/attachments/{self.plan.id}{n:03}",
                "linked_url": None,
                "remote_link": None,
                "thumbnail_url": None,
                "pco_type": "AttachmentS3",
                "page_order": None,
                "streamable": False,
                "web_streamable": False,
                "downloadable": True,
                "transposable": n == 3,
                "has_preview": n == 1,
                "allow_mp3_download": False,
                "licenses_purchased": 0,
                "licenses_remaining": 0,
                "licenses_used": 0,
                **self.stamps,
            }
            links = {
                "attachable": attachable,
                "attachment_types": to_many("AttachmentType", ["1"] if n == 3 else []),
                "created_by": to_one("Person", ME),
                "updated_by": to_one("Person", ME),
                "administrator": to_one("Person", None),
            }
            file = self._add("Attachment", "all_attachments", n, attributes, links)
            if attachable is owner:
                self.world.add(file, ("Plan", self.plan.id, "attachments"))

    def _notes(self, random: Random) -> None:
        for n in sorted(random.sample(range(len(NOTES)), random.randint(0, 3))):
            category, content = NOTES[n]
            links = {
                "created_by": to_one("Person", ME),
                "plan_note_category": to_one("PlanNoteCategory", self.crew.note_categories[n]),
                "teams": to_many("Team", []),
            }
            attributes = {"category_name": category, "content": content, **self.stamps}
            self._add("PlanNote", "notes", n + 1, attributes, links)

    def _contributors(self) -> None:
        # The vocabulary of the three "contributable" attributes is not documented: stand-ins.
        for n, (name, action) in enumerate((("created_by", "created"), ("updated_by", "updated")), 1):
            person = self.world.get("Person", self.plan.related_id(name) or "")
            assert person
            attributes = {
                "full_name": person.attributes["full_name"],
                "photo_thumbnail_url": person.attributes["photo_thumbnail_url"],
                "contributable_action": action,
                "contributable_category": "plan",
                "contributable_type": "Plan",
                **self.stamps,
            }
            links = {"plan": to_one("Plan", self.plan.id), "person": to_one("Person", person.id)}
            self._add("Contributor", "contributors", n, attributes, links)

    def _live(self) -> None:
        # That a plan's Live has the plan's own id is a stand-in.
        attributes = {
            "series_title": self.plan.attributes["series_title"],
            "title": self.plan.attributes["title"],
            "dates": self.plan.attributes["dates"],
            "live_channel": f"presence-live_{self.plan.id}",
            "chat_room_channel": f"presence-chat_{self.plan.id}",
            "can_control": True,
            "can_take_control": True,
            "can_chat": True,
            "can_control_video_feed": False,
        }
        self.world.add(Resource("Live", self.plan.id, attributes), ("Plan", self.plan.id, "live"))
        self.world.add(self.crew.service_type, ("Live", self.plan.id, "service_type"))

    def _counts(self, seconds: int) -> None:
        self.plan.attributes |= {
            "items_count": len(self._members("items")),
            "needed_positions_count": sum(need.attributes["quantity"] for need in self._members("needed_positions")),
            "plan_notes_count": len(self._members("notes")),
            "plan_people_count": len(self._members("team_members")),
            "total_length": seconds,
            "can_view_order": True,
            "prefers_order_view": True,
            "rehearsable": True,
            "reminders_disabled": False,
            "permissions": "Editor",
            "public": int(self.plan.id) % 5 == 0,
            "planning_center_url": f"https://services.planningcenteronline.com/plans/{self.plan.id}",
        }

    def _members(self, collection: str) -> list[Resource]:
        return self.world.members(self.plan, collection)
