"""The migrated database is the one that the tables describe, and `migrate` may be run again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from plangate.errors import StoreUnavailable
from plangate.model import KINDS
from plangate.source import Health
from plangate.sources.store import Store, migrate
from plangate.sources.store.migrations import config
from plangate.sources.store.migrations.r0002.checks import all_checks
from plangate.sources.store.tables import REVISIONS, TABLES, metadata


def test_a_table_has_the_fields_of_its_record_in_their_order() -> None:
    for kind in KINDS:
        fields = [name for name in kind.__struct_fields__ if name != "native"]
        assert list(TABLES[kind].c.keys()) == fields, kind


def test_knows_every_revision() -> None:
    history = ScriptDirectory.from_config(config()).walk_revisions()
    assert tuple(reversed([script.revision for script in history])) == REVISIONS


async def test_the_migrated_database_equals_the_tables(store: Store, database: str) -> None:
    async with store.database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True}), metadata
            )
        )
        found = await connection.run_sync(constraints)
    assert differences == []
    # Alembic does not compare these. The migrations alone have them, because statements have no use for them.
    expected: dict[str, set[str]] = {table: set() for table in metadata.tables} | {
        "plans": {"plans_visibility_is_known"}
    }
    for table, check in all_checks(database):
        expected[table].add(f"{table}_{check.name}")
    assert found == expected


def constraints(connection: Connection) -> dict[str, set[str]]:
    """The names of each table's CHECK constraints."""
    inspector = inspect(connection)
    return {
        table: {str(check["name"]) for check in inspector.get_check_constraints(table)} for table in metadata.tables
    }


async def test_texts_are_collated_by_code_point(store: Store, database: str) -> None:
    if database == "postgresql":
        async with store.database.engine.connect() as connection:
            columns = await connection.run_sync(
                lambda sync: {name: inspect(sync).get_columns(name) for name in metadata.tables}
            )
        for table, found in columns.items():
            for column in found:
                declared = metadata.tables[table].c[column["name"]].type.dialect_impl(connection.dialect)
                assert getattr(column["type"], "collation", None) == getattr(
                    getattr(declared, "impl", declared), "collation", None
                ), (table, column)


async def test_migrates_again_without_a_change(store: Store, store_url: str) -> None:
    await migrate(store_url)
    assert (await store.health()).ok


async def test_health_says_what_the_tables_are(store: Store, store_url: str) -> None:
    async def execute(statement: str) -> Health:
        async with store.database.transaction() as connection:
            await connection.exec_driver_sql(statement)
        health = await store.health()
        assert not health.ok
        return health

    unknown = await execute("UPDATE alembic_version SET version_num = 'abc'")
    assert "revision abc, which this version of Plangate does not know" in unknown.detail
    with pytest.raises(StoreUnavailable, match="does not know") as refused:
        await migrate(store_url)
    assert refused.value.permanent
    foreign = await execute("DROP TABLE alembic_version")
    assert foreign.detail.startswith('The database has a table "actions" that is not Plangate\'s')
    with pytest.raises(StoreUnavailable, match="that is not Plangate's"):
        await migrate(store_url)
    async with store.database.transaction() as connection:
        await connection.run_sync(metadata.drop_all)
    assert (await store.health()).detail == "The store has no tables yet: run `plangate migrate`."
    await migrate(store_url)
    assert (await store.health()).ok
