"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("title", TEXT),
        sa.Column("description", TEXT),
        sa.Column("status", TEXT),
        sa.Column("visibility", TEXT),
        sa.Column("start_date", DAY),
        sa.Column("end_date", DAY),
        sa.Column("sort_date", INSTANT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("archived_at", INSTANT),
        sa.Column("completion_percent", sa.Integer),
        sa.Column("service_type", TEXT),
        sa.Column("series", TEXT),
        sa.Column("parent", TEXT),
        sa.Column("created_by", TEXT),
        sa.Column("updated_by", TEXT),
        sa.Column("external_url", TEXT),
        sa.CheckConstraint(
            "visibility IN ('PRIVATE', 'TEAM', 'PUBLIC')",
            name="visibility_is_known",
        ),
        sa.CheckConstraint(
            "(coalesce(visibility, '') = 'PRIVATE') = (private_to IS NOT NULL)",
            name="private_is_private_to_someone",
        ),
    )
    op.create_index("plans_by_created_at", "plans", ["workspace", "created_at", "key"])
    op.create_index("plans_by_start_date", "plans", ["workspace", "start_date", "key"])
    op.create_index("plans_by_title", "plans", ["workspace", "title", "key"])
    op.create_index("plans_by_updated_at", "plans", ["workspace", "updated_at", "key"])
    op.create_index("plans_in_order", "plans", ["workspace", "sort_date", "key"])
    op.create_index("plans_of_created_by", "plans", ["created_by", "sort_date", "key"])
    op.create_index("plans_of_parent", "plans", ["parent", "sort_date", "key"])
    op.create_index("plans_of_series", "plans", ["series", "sort_date", "key"])
    op.create_index("plans_of_service_type", "plans", ["service_type", "sort_date", "key"])
    op.create_index("plans_of_status", "plans", ["workspace", "status", "sort_date", "key"])
    op.create_index("plans_of_updated_by", "plans", ["updated_by", "sort_date", "key"])
    op.create_index("plans_of_visibility", "plans", ["workspace", "visibility", "sort_date", "key"])
    op.create_table(
        "actions",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("title", TEXT),
        sa.Column("description", TEXT),
        sa.Column("status", TEXT),
        sa.Column("focus_type", TEXT),
        sa.Column("completion_percent", sa.Integer),
        sa.Column("due_date", DAY),
        sa.Column("position", sa.Integer),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("assignee", TEXT),
    )
    op.create_index("actions_by_created_at", "actions", ["workspace", "created_at", "key"])
    op.create_index("actions_by_due_date", "actions", ["workspace", "due_date", "key"])
    op.create_index("actions_by_title", "actions", ["workspace", "title", "key"])
    op.create_index("actions_in_order", "actions", ["workspace", "position", "key"])
    op.create_index("actions_of_assignee", "actions", ["assignee", "position", "key"])
    op.create_index("actions_of_focus_type", "actions", ["workspace", "focus_type", "position", "key"])
    op.create_index("actions_of_plan", "actions", ["plan", "position", "key"])
    op.create_index("actions_of_status", "actions", ["workspace", "status", "position", "key"])
    op.create_table(
        "steps",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("status", TEXT),
        sa.Column("position", sa.Integer),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("parent", TEXT),
    )
    op.create_index("steps_of_parent", "steps", ["parent", "position", "key"])
    op.create_index("steps_of_plan", "steps", ["plan", "position", "key"])
    op.create_table(
        "tasks",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("title", TEXT),
        sa.Column("description", TEXT),
        sa.Column("status", TEXT),
        sa.Column("is_done", sa.Boolean),
        sa.Column("start_time", INSTANT),
        sa.Column("due_time", INSTANT),
        sa.Column("position", sa.Integer),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("parent", TEXT),
        sa.Column("assignee", TEXT),
    )
    op.create_index("tasks_by_due_time", "tasks", ["workspace", "due_time", "key"])
    op.create_index("tasks_by_start_time", "tasks", ["workspace", "start_time", "key"])
    op.create_index("tasks_by_title", "tasks", ["workspace", "title", "key"])
    op.create_index("tasks_in_order", "tasks", ["workspace", "position", "key"])
    op.create_index("tasks_of_assignee", "tasks", ["assignee", "position", "key"])
    op.create_index("tasks_of_is_done", "tasks", ["workspace", "is_done", "position", "key"])
    op.create_index("tasks_of_parent", "tasks", ["parent", "position", "key"])
    op.create_index("tasks_of_plan", "tasks", ["plan", "position", "key"])
    op.create_index("tasks_of_status", "tasks", ["workspace", "status", "position", "key"])
    op.create_table(
        "service_types",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("frequency", TEXT),
        sa.Column("position", sa.Integer),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
    )
    op.create_index("service_types_by_name", "service_types", ["workspace", "name", "key"])
    op.create_index("service_types_in_order", "service_types", ["workspace", "position", "key"])
    op.create_table(
        "people",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("first_name", TEXT),
        sa.Column("last_name", TEXT),
        sa.Column("email", TEXT),
        sa.Column("photo_url", TEXT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
    )
    op.create_table(
        "series",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("title", TEXT),
        sa.Column("artwork_url", TEXT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
    )
    op.create_table(
        "plan_times",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("kind", TEXT),
        sa.Column("kind_raw", TEXT),
        sa.Column("starts_at", INSTANT),
        sa.Column("ends_at", INSTANT),
        sa.Column("live_starts_at", INSTANT),
        sa.Column("live_ends_at", INSTANT),
        sa.Column("recorded", sa.Boolean),
        sa.Column("plan", TEXT),
    )
    op.create_index("plan_times_of_plan", "plan_times", ["plan", "starts_at", "key"])
    op.create_table(
        "items",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("title", TEXT),
        sa.Column("description", TEXT),
        sa.Column("item_type", TEXT),
        sa.Column("service_position", TEXT),
        sa.Column("service_position_raw", TEXT),
        sa.Column("length", sa.Integer),
        sa.Column("position", sa.Integer),
        sa.Column("key_name", TEXT),
        sa.Column("details_html", TEXT),
        sa.Column("arrangement", sa.Text),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
    )
    op.create_index("items_of_plan", "items", ["plan", "position", "key"])
    op.create_table(
        "notes",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("category", TEXT),
        sa.Column("body", TEXT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("author", TEXT),
    )
    op.create_index("notes_of_author", "notes", ["author", "created_at", "key"])
    op.create_index("notes_of_plan", "notes", ["plan", "created_at", "key"])
    op.create_table(
        "attachments",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("content_type", TEXT),
        sa.Column("size", sa.Integer),
        sa.Column("url", TEXT),
        sa.Column("thumbnail_url", TEXT),
        sa.Column("downloadable", sa.Boolean),
        sa.Column("streamable", sa.Boolean),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("created_by", TEXT),
    )
    op.create_index("attachments_of_created_by", "attachments", ["created_by", "created_at", "key"])
    op.create_index("attachments_of_plan", "attachments", ["plan", "created_at", "key"])
    op.create_table(
        "team_members",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("name", TEXT),
        sa.Column("role", TEXT),
        sa.Column("status", TEXT),
        sa.Column("status_raw", TEXT),
        sa.Column("notes", TEXT),
        sa.Column("decline_reason", TEXT),
        sa.Column("photo_url", TEXT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("person", TEXT),
    )
    op.create_index("team_members_of_person", "team_members", ["person", "name", "key"])
    op.create_index("team_members_of_plan", "team_members", ["plan", "name", "key"])
    op.create_table(
        "needed_positions",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("private_to", TEXT),
        sa.Column("role", TEXT),
        sa.Column("quantity", sa.Integer),
        sa.Column("scheduled_to", TEXT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("plan", TEXT),
        sa.Column("plan_time", TEXT),
    )
    op.create_index("needed_positions_of_plan", "needed_positions", ["plan", "role", "key"])
    op.create_index("needed_positions_of_plan_time", "needed_positions", ["plan_time", "role", "key"])
    op.create_table(
        "api_keys",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("label", TEXT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
    )
    op.create_index("api_keys_by_hash", "api_keys", ["hash"], unique=True)


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("needed_positions")
    op.drop_table("team_members")
    op.drop_table("attachments")
    op.drop_table("notes")
    op.drop_table("items")
    op.drop_table("plan_times")
    op.drop_table("series")
    op.drop_table("people")
    op.drop_table("service_types")
    op.drop_table("tasks")
    op.drop_table("steps")
    op.drop_table("actions")
    op.drop_table("plans")
