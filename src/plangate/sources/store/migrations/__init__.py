"""The tables' history, as package data of Alembic. `migrate` brings a database up to date; there is no alembic.ini."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from plangate.sources.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config


async def migrate(url: str) -> None:
    """Make the tables, or bring them up to date. Nothing happens to those that are."""
    database = Database(url, pool_size=1, timeout=10.0, name="store", create=True)
    try:
        await upgrade(database)
    finally:
        await database.close()


async def upgrade(database: Database) -> None:
    from alembic import command  # here and below: 12 MB that a gateway which only serves does not need

    async with database.transaction() as connection:
        if database.dialect == "postgresql":
            # Two gateways that start together migrate one after the other.
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('plangate migrate'))"))
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))
    if database.dialect == "sqlite":
        # Readers and a writer do not wait for each other. The file remembers it.
        await database.fetch((text("PRAGMA journal_mode = WAL"), {}))


def config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made
