"""The store guards itself: constraints on every table, and triggers for what rows say of each other."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from plangate.sources.store.migrations.r0002 import postgresql as postgresql_triggers
from plangate.sources.store.migrations.r0002 import sqlite as sqlite_triggers
from plangate.sources.store.migrations.r0002.checks import checks
from plangate.sources.store.migrations.r0002.columns import KINDS
from plangate.sources.store.migrations.r0002.mending import Mending

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TRIGGERS = {"postgresql": postgresql_triggers, "sqlite": sqlite_triggers}

FORMER = ("private_is_private_to_someone", "(coalesce(visibility, '') = 'PRIVATE') = (private_to IS NOT NULL)")
"""The constraint of revision 0001, which knows no plan that is private because of its parent."""


def upgrade() -> None:
    log = op.create_table(
        "migration_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("revision", TEXT, nullable=False),
        sa.Column("table_name", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("column_name", TEXT),
        sa.Column("old_value", TEXT),
        sa.Column("new_value", TEXT),
        sa.Column("reason", TEXT, nullable=False),
    )
    connection = op.get_bind()
    dialect = connection.dialect.name
    names = ("table_name", "key", "column_name", "old_value", "new_value", "reason")
    with any_value_allowed(connection):
        changes = [dict(zip(names, change, strict=True)) for change in Mending(connection).changes()]
    if changes:
        op.bulk_insert(log, [{"revision": revision, **change} for change in changes])
    for table in KINDS:
        dropped = [FORMER] if (dialect, table) == ("sqlite", "plans") else []
        change_checks(table, dropped=dropped, added=rules(dialect, table))
    schema = "" if dialect == "sqlite" else connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
    for statement in TRIGGERS[dialect].create(schema):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Rows that were set aside come back; values that were mended stay as they are."""
    connection = op.get_bind()
    dialect = connection.dialect.name
    for statement in TRIGGERS[dialect].drop():
        connection.exec_driver_sql(statement)
    inherited = "private_to IS NOT NULL AND coalesce(visibility, '') <> 'PRIVATE'"
    connection.exec_driver_sql(f"UPDATE plans SET visibility = 'PRIVATE' WHERE {inherited}")
    for table in KINDS:
        change_checks(table, dropped=rules(dialect, table), added=[FORMER] if table == "plans" else [])
    query = "SELECT table_name, old_value FROM migration_log WHERE column_name IS NULL ORDER BY id"
    for table, row in connection.exec_driver_sql(query).all():
        put_back(connection, table, row)
    op.drop_table("migration_log")


def rules(dialect: str, table: str) -> list[tuple[str, str]]:
    """Name and condition of the constraints that are new."""
    return [(each.name, each.condition) for each in checks(dialect, table)]


def change_checks(table: str, *, dropped: Sequence[tuple[str, str]], added: Sequence[tuple[str, str]]) -> None:
    """In one statement in PostgreSQL. In SQLite a table with the new constraints takes the place of the old one."""
    connection = op.get_bind()
    new = [f"CONSTRAINT {table}_{name} CHECK ({condition})" for name, condition in added]
    if connection.dialect.name == "postgresql":
        parts = [f"DROP CONSTRAINT {table}_{name}" for name, _ in dropped] + [f"ADD {each}" for each in new]
        connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(parts)}")
        return
    query = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type <> 'table'"
    [made, *others] = connection.exec_driver_sql(query, (table,)).scalars()
    for name, condition in dropped:
        made = re.sub(rf",\s*CONSTRAINT {table}_{name} CHECK \({re.escape(condition)}\)", "", made)
    made = "".join([made.rstrip().removesuffix(")"), *(f", {each}" for each in new), ")"])
    connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_before")
    connection.exec_driver_sql(made)
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table}_before")
    connection.exec_driver_sql(f"DROP TABLE {table}_before")
    for each in others:  # indexes, and triggers of somebody else's
        connection.exec_driver_sql(each)


def put_back(connection: sa.Connection, table: str, row: str) -> None:
    if connection.dialect.name == "postgresql":
        record = f"jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
        connection.execute(sa.text(f"INSERT INTO {table} SELECT * FROM {record}"), {"row": row})
    else:
        values = json.loads(row)
        connection.execute(sa.table(table, *map(sa.column, values)).insert(), values)


@contextmanager
def any_value_allowed(connection: sa.Connection) -> Iterator[None]:
    """The former constraint does not stand in the way of mending. SQLite also reads texts that are not UTF-8."""
    if connection.dialect.name == "postgresql":
        change_checks("plans", dropped=[FORMER], added=[])
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    driver.text_factory = lambda value: value.decode("utf-8", "replace")
    try:
        yield
    finally:
        driver.text_factory = str
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
