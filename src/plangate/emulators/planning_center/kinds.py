"""What the Services API offers, as two tables: the edges of the URL tree, and each resource's parameters.

The fifteen edges of Plan and the parameters of Plan are the seed's [S]; the rest is the vendor's documentation of
version 2018-11-01 [V]. Which children can be read by id under a plan is documented for most and assumed for
`attendances` and `notes`, whose documented paths lead through a series or a template [inf].
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """A path segment under a resource."""

    type: str
    one: bool = False
    """Gives a single resource, or 404, instead of a collection."""
    by_id: bool = True
    """A member can be read by id and has edges of its own."""
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """The parameters that lists of a resource understand, named in `meta`."""

    order: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


PLAN_FILTERS = ("after", "before", "future", "no_dates", "past")

EDGES: dict[str, dict[str, Edge]] = {
    "Organization": {
        "attachment_types": Edge("AttachmentType"),
        "people": Edge("Person"),
        "series": Edge("Series"),
        "service_types": Edge("ServiceType", filters=("no_parent",)),
        "songs": Edge("Song"),
        "teams": Edge("Team"),
    },
    "ServiceType": {
        "plan_note_categories": Edge("PlanNoteCategory"),
        "plan_times": Edge("PlanTime", filters=("future", "named", "not_deleted", "past")),
        "plans": Edge("Plan", filters=PLAN_FILTERS),
        "team_positions": Edge("TeamPosition"),
        "teams": Edge("Team"),
        "unscoped_plans": Edge("Plan", filters=("deleted",)),
    },
    "Plan": {
        "all_attachments": Edge("Attachment", by_id=False, filters=("attachable_type", "extensions")),
        "attachments": Edge("Attachment"),
        "attendances": Edge("Attendance"),
        "contributors": Edge("Contributor", by_id=False),
        "items": Edge("Item"),
        "live": Edge("Live", one=True),
        "my_schedules": Edge("Schedule", by_id=False),
        "needed_positions": Edge("NeededPosition"),
        "next_plan": Edge("Plan", one=True),
        "notes": Edge("PlanNote"),
        "plan_times": Edge("PlanTime"),
        "previous_plan": Edge("Plan", one=True),
        "series": Edge("Series", one=True),
        "signup_teams": Edge("Team", by_id=False),
        "team_members": Edge("PlanPerson", filters=("confirmed", "not_archived", "not_declined", "not_deleted")),
    },
    "Series": {"plans": Edge("Plan")},
    "Person": {"emails": Edge("Email"), "plan_people": Edge("PlanPerson")},
    "PlanPerson": {
        "declined_plan_times": Edge("PlanTime", by_id=False),
        "person": Edge("Person", one=True),
        "plan": Edge("Plan", one=True),
        "plan_times": Edge("PlanTime", by_id=False),
        "team": Edge("Team", one=True),
    },
    "Item": {
        "arrangement": Edge("Arrangement", one=True),
        "item_notes": Edge("ItemNote"),
        "key": Edge("Key", one=True),
        "media": Edge("Media", by_id=False),
        "song": Edge("Song", one=True),
    },
    "NeededPosition": {"team": Edge("Team", one=True), "time": Edge("PlanTime", one=True)},
    "PlanNote": {"plan_note_category": Edge("PlanNoteCategory", one=True)},
    "Team": {
        "people": Edge("Person", by_id=False),
        "service_types": Edge("ServiceType", by_id=False),
        "team_positions": Edge("TeamPosition", by_id=False),
    },
}

_STAMPS = ("created_at", "updated_at")

KINDS: dict[str, Kind] = {
    "Attachment": Kind(
        order=("attachable_type", "created_at", "deleted_at", "filename", "filetype", "size"),
        where=("administrator_id", "licenses_purchased"),
        include=("zooms",),
    ),
    "AttachmentType": Kind(order=("name",)),
    "Contributor": Kind(order=_STAMPS),
    "Item": Kind(
        include=(
            "arrangement",
            "item_assignments",
            "item_notes",
            "item_times",
            "key",
            "media",
            "selected_attachment",
            "song",
        )
    ),
    "Live": Kind(include=("controller", "current_item_time", "items", "next_item_time", "service_type")),
    "NeededPosition": Kind(include=("team", "time")),
    "Person": Kind(
        order=("created_at", "first_name", "last_name", "updated_at"),
        where=("assigned_to_rehearsal_team", "legacy_id"),
        include=("emails", "tags", "team_leaders"),
    ),
    "Plan": Kind(
        order=("created_at", "sort_date", "title", "updated_at"),
        where=("created_at", "id", "series_title", "title", "updated_at"),
        include=("contributors", "my_schedules", "plan_times", "series"),
    ),
    "PlanNote": Kind(order=_STAMPS, where=_STAMPS, include=("plan_note_category",)),
    "PlanPerson": Kind(where=("team_id",), include=("declined_plan_times", "person", "plan", "team")),
    "PlanTime": Kind(order=("starts_at",), where=("time_type",), include=("split_team_rehearsal_assignments",)),
    "Schedule": Kind(order=("starts_at",), where=("plan_id",), include=("plan_times",)),
    "Series": Kind(order=("created_at",), where=("title",)),
    "ServiceType": Kind(
        order=("name", "sequence"), where=("id", "name", "parent_id"), include=("time_preference_options",)
    ),
    "Song": Kind(
        order=("created_at", "last_scheduled_at", "title", "updated_at"),
        where=("author", "ccli_number", "hidden", "themes", "title"),
    ),
    "Team": Kind(
        order=("created_at", "name", "updated_at"),
        where=("name",),
        include=(
            "people",
            "person_team_position_assignments",
            "service_types",
            "team_leaders",
            "team_positions",
        ),
    ),
    "TeamPosition": Kind(order=("name",), include=("tags", "team")),
}
