"""The migrated database is the one that the tables describe, and `migrate` may be run again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from plangate.model import KINDS
from plangate.sources.store import Store, migrate
from plangate.sources.store.migrations import config
from plangate.sources.store.tables import REVISION, TABLES, metadata


def test_a_table_has_the_fields_of_its_record_in_their_order() -> None:
    for kind in KINDS:
        fields = [name for name in kind.__struct_fields__ if name != "native"]
        assert list(TABLES[kind].c.keys()) == fields, kind


def test_the_revision_is_the_head() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == REVISION


async def test_the_migrated_database_equals_the_tables(store: Store) -> None:
    async with store.database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True}), metadata
            )
        )
        checks = await connection.run_sync(lambda sync: inspect(sync).get_check_constraints("plans"))
    assert differences == []
    # Alembic does not compare these.
    assert {check["name"] for check in checks} == {
        "plans_visibility_is_known",
        "plans_private_is_private_to_someone",
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


async def test_again_and_not_yet(store: Store, store_url: str, database: str) -> None:
    await migrate(store_url)
    assert (await store.health()).ok
    async with store.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    assert "plangate migrate" in (await store.health()).detail
    async with store.database.transaction() as connection:
        await connection.exec_driver_sql("DROP TABLE alembic_version")
    health = await store.health()
    assert not health.ok
    assert "plangate migrate" in health.detail
    assert "SELECT" not in health.detail
