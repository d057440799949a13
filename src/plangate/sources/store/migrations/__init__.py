"""The tables' history, as package data of Alembic. `migrate` brings a database up to date; there is no alembic.ini."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, TextClause, select, text

from plangate.errors import StoreUnavailable
from plangate.sources.store.database import Database
from plangate.sources.store.tables import REVISION, REVISION_TABLE, REVISIONS, metadata, migration_log

if TYPE_CHECKING:
    from alembic.config import Config

Execute = Callable[[TextClause], Awaitable[Sequence[Any]]]

# Each statement is one object: what is compiled of it is kept by the object.
TABLE_NAMES = {
    "postgresql": text("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"),
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'table'"),
}
FOUND_REVISION = text("SELECT version_num FROM alembic_version")


async def migrate(url: str) -> list[str]:
    """Make the tables, or bring them up to date. Nothing happens to those that are.

    Returns a sentence for each row that broke a rule of the new revision: what became of it.

    StoreUnavailable if the database does not answer, or is not one that this version can migrate.
    """
    database = Database(url, pool_size=1, timeout=10.0, name="store", create=True)
    try:
        return await upgrade(database)
    finally:
        await database.close()


async def upgrade(database: Database) -> list[str]:
    from alembic import command  # here and below: 12 MB that a gateway which only serves does not need

    async with database.transaction() as connection:
        if database.dialect == "postgresql":
            # Two gateways that start together migrate one after the other.
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('plangate migrate'))"))

        async def execute(statement: TextClause) -> Sequence[Any]:
            return (await connection.execute(statement)).all()

        before = await _revision(database, execute)
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))
        newer = migration_log.c.revision > (before or "")
        changes = await connection.execute(select(*migration_log.c).where(newer).order_by(migration_log.c.id))
    if database.dialect == "sqlite":
        # Readers and a writer do not wait for each other. The file remembers it.
        await database.fetch((text("PRAGMA journal_mode = WAL"), {}))
    return [_sentence(*change) for change in changes.all()]


def _sentence(
    _: int, __: str, table: str, key: str, column: str | None, old: str | None, new: str | None, reason: str
) -> str:
    if column is None:
        return f"{table} {key!r} was set aside, because {reason}. It is in the table migration_log: {old}"
    said = [repr(value) if value is not None else "null" for value in (old, new)]
    return f"{table} {key!r}: {column} was {said[0]} and is {said[1]}, because {reason}."


async def check(database: Database) -> None:
    """StoreUnavailable, with what to do, unless the database answers and its tables are those of this version."""

    async def execute(statement: TextClause) -> Sequence[Any]:
        [rows] = await database.fetch((statement, {}))
        return rows

    if database.is_missing:
        reason = f"There is no store at {database.url.database}: run `plangate migrate` first, or correct store.url."
        raise _refused(database, "The store has no tables yet: run `plangate migrate`.", reason)
    revision = await _revision(database, execute)
    if revision is None:
        raise _refused(database, "The store has no tables yet: run `plangate migrate`.")
    if revision != REVISION:
        needs = f"this version needs {REVISION}: run `plangate migrate`."
        raise _refused(database, f"The store's tables are of revision {revision}, and {needs}")


async def _revision(database: Database, execute: Execute) -> str | None:
    """The revision of the database; None if nobody has made tables of these names."""
    tables = {name for (name,) in await execute(TABLE_NAMES[database.dialect])}
    if REVISION_TABLE not in tables:
        if foreign := sorted(tables & metadata.tables.keys()):
            advice = "give Plangate a database or a schema of its own."
            raise _refused(database, f'The database has a table "{foreign[0]}" that is not Plangate\'s: {advice}')
        return None
    found = [revision for (revision,) in await execute(FOUND_REVISION)]
    if unknown := [revision for revision in found if revision not in REVISIONS]:
        raise _refused(
            database,
            f"The database is at revision {unknown[0]}, which this version of Plangate does not know: a newer version "
            "has migrated it, or another application. Run that version, or give Plangate a database of its own.",
        )
    return found[0] if found else None


def _refused(database: Database, message: str, reason: str = "") -> StoreUnavailable:
    return StoreUnavailable(database.name, message, reason=reason, permanent=True)


def config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made
