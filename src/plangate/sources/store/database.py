"""The connection to the database: opened at the first question, a connection per batch, a deadline on everything."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Executable, StaticPool, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from plangate.errors import BadUserInput, SettingsError, StoreUnavailable

from .postgresql import LOST, PostgreSQL

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
FAILURES = (SQLAlchemyError, OSError, sqlite3.Error, asyncpg.PostgresError, *LOST)

# Just-in-time compilation takes longer than any of our statements. Through PgBouncer, list `jit` in
# ignore_startup_parameters.
SETTINGS = {"application_name": "plangate", "jit": "off", "datestyle": "ISO"}

Statement = tuple[Executable, Mapping[str, Any]]


class Database:
    """One SQL database. `statements` counts what it was asked, for tests that hold the number down."""

    def __init__(self, url: str, *, pool_size: int, timeout: float, name: str) -> None:
        self.url = database_url(url)
        self.pool_size = pool_size
        self.timeout = timeout
        self.name = name
        self.statements = 0

    @property
    def dialect(self) -> str:
        return self.url.get_backend_name()

    @cached_property
    def engine(self) -> AsyncEngine:
        if self.dialect == "postgresql":
            return create_async_engine(
                self.url,
                pool_size=self.pool_size,
                connect_args={"server_settings": SETTINGS, "timeout": self.timeout},
            )
        in_memory = self.url.database in (None, "", ":memory:")
        pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": self.pool_size}
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT", **pool)
        event.listen(engine.sync_engine, "connect", teach_sqlite)
        return engine

    @cached_property
    def driver(self) -> PostgreSQL:
        return PostgreSQL(self.url, pool_size=self.pool_size, timeout=self.timeout, settings=SETTINGS)

    async def fetch(self, *statements: Statement) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection."""
        try:
            return await self._fetch(statements)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self.unavailable() from error
        except FAILURES as error:
            raise self.unavailable() from error
        # The database was restarted under the pool, which is fresh now. Reading twice does no harm.
        try:
            return await self._fetch(statements)
        except FAILURES as error:
            raise self.unavailable() from error

    async def _fetch(self, statements: Sequence[Statement]) -> list[Sequence[Any]]:
        if self.dialect == "postgresql":
            self.statements += len(statements)
            try:
                async with asyncio.timeout(self.timeout):
                    return await self.driver.fetch(statements)
            except TimeoutError as error:
                raise self.too_late() from error
        answers = []
        async with self.in_time(), self.engine.connect() as connection, stopped(connection, self.timeout):
            for statement, parameters in statements:
                self.statements += 1
                answers.append((await connection.execute(statement, parameters)).all())
        return answers

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing. No deadline: migrations and bulk loads take what they take."""
        level = "READ COMMITTED" if self.dialect == "postgresql" else "SERIALIZABLE"
        writer = self.engine.execution_options(isolation_level=level)
        try:
            async with writer.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise BadUserInput("Some of these records exist already, or break a rule of the store.") from error
        except FAILURES as error:
            raise self.unavailable() from error

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.timeout):
                yield
        except TimeoutError as error:
            raise self.too_late() from error

    def too_late(self) -> StoreUnavailable:
        return StoreUnavailable(self.name, f"The database of the store did not answer within {self.timeout:g} seconds.")

    def unavailable(self) -> StoreUnavailable:
        return StoreUnavailable(self.name, "The database of the store does not answer.")

    async def close(self) -> None:
        if driver := self.__dict__.pop("driver", None):
            await driver.close()
        if engine := self.__dict__.pop("engine", None):
            await engine.dispose()


@asynccontextmanager
async def stopped(connection: AsyncConnection, after: float) -> AsyncIterator[None]:
    """Stop SQLite at the deadline: its thread would go on, and giving the connection back would wait for it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = (await connection.get_raw_connection()).driver_connection

    async def stop() -> None:
        await asyncio.sleep(after + 0.05)  # a little after in_time, whose error says more
        await driver.interrupt()

    stopping = asyncio.create_task(stop())
    try:
        yield
    finally:
        stopping.cancel()


def database_url(url: str) -> URL:
    """The URL with the driver that we use. The message must not show the URL: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or (driver := DRIVERS.get(parsed.get_backend_name())) is None:
        raise SettingsError("The store's URL must be sqlite:///file.db or postgresql://user:password@host/database.")
    return parsed.set(drivername=driver)


def teach_sqlite(connection: Any, _: Any) -> None:
    # SQLite's own lower() knows ASCII only.
    connection.create_function("lower", 1, lambda text: None if text is None else str(text).lower(), deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
