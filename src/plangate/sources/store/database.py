"""The connection to the database: opened at the first question, a connection per batch, a deadline on everything."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property, partial
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Executable, StaticPool, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from plangate.errors import BadUserInput, SettingsError, StoreUnavailable
from plangate.operation_context import OperationContext

from .postgresql import LOST, PostgreSQL

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
FAILURES = (SQLAlchemyError, OSError, sqlite3.Error, asyncpg.PostgresError, *LOST)

# Just-in-time compilation takes longer than any of our statements. Through PgBouncer, list `jit` in
# ignore_startup_parameters.
SETTINGS = {"application_name": "plangate", "jit": "off", "datestyle": "ISO"}

QUOTED_CLASSES = frozenset({"08", "28", "3D", "3F", "42", "53", "57", "58"})

BUSY_S = 0.2
"""Seconds since the last answer above which a database is slow or away, rather than busy with many reads."""

Statement = tuple[Executable, Mapping[str, Any]]


class Database:
    """One SQL database. `statements` counts what it was asked, for tests; OperationContext counts per request.

    A SQLite file that does not exist is made if `create` is set; otherwise it is a failure, as on PostgreSQL.
    """

    def __init__(self, url: str, *, pool_size: int, timeout: float, name: str, create: bool = False) -> None:
        self.url = database_url(url)
        self.create = create
        self.pool_size = pool_size
        self.timeout = timeout
        self.name = name
        self.statements = 0
        self._pending = 0
        self._answered_at = 0.0
        self._readings: set[asyncio.Task[list[Sequence[Any]]]] = set()

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
        event.listen(engine.sync_engine, "do_connect", partial(open_sqlite, create=self.create or in_memory))
        event.listen(engine.sync_engine, "connect", teach_sqlite)
        return engine

    @cached_property
    def driver(self) -> PostgreSQL:
        return PostgreSQL(self.url, pool_size=self.pool_size, timeout=self.timeout, settings=SETTINGS)

    @property
    def is_saturated(self) -> bool:
        """Whether reads wait for a connection of the pool, while the database answers others."""
        return self._pending > self.pool_size and monotonic() - self._answered_at < BUSY_S

    async def fetch(self, *statements: Statement) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection."""
        self._pending += 1
        try:
            rows = await self._fetch_again(statements)
        finally:
            self._pending -= 1
        self._answered_at = monotonic()
        return rows

    async def _fetch_again(self, statements: Sequence[Statement]) -> list[Sequence[Any]]:
        try:
            return await self._fetch(statements)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self.unavailable(error) from error
        except FAILURES as error:
            raise self.unavailable(error) from error
        # The database was restarted under the pool, which is fresh now. Reading twice does no harm.
        try:
            return await self._fetch(statements)
        except FAILURES as error:
            raise self.unavailable(error) from error

    async def _fetch(self, statements: Sequence[Statement]) -> list[Sequence[Any]]:
        if self.dialect == "postgresql":
            self._count(len(statements))
            try:
                async with asyncio.timeout(self.timeout):
                    return await self.driver.fetch(statements)
            except TimeoutError as error:
                raise self.too_late() from error
        # SQLite's driver does not survive being cancelled: its thread would answer to a loop that may have ended.
        # So nobody cancels it: a reading that is no longer wanted is interrupted, and `close` waits for it.
        unwanted = asyncio.Event()
        reading = asyncio.create_task(self._read(statements, unwanted))
        self._readings.add(reading)
        reading.add_done_callback(self._read_to_its_end)
        try:
            async with asyncio.timeout(self.timeout):
                return await asyncio.shield(reading)
        except TimeoutError as error:
            raise self.too_late() from error
        finally:
            unwanted.set()

    def _read_to_its_end(self, reading: asyncio.Task[list[Sequence[Any]]]) -> None:
        self._readings.discard(reading)
        if not reading.cancelled():
            reading.exception()  # has been raised to whoever still waits; asyncio would report it else

    async def _read(self, statements: Sequence[Statement], unwanted: asyncio.Event) -> list[Sequence[Any]]:
        answers: list[Sequence[Any]] = []
        async with self.engine.connect() as connection, interrupted(connection, unwanted):
            for statement, parameters in statements:
                if unwanted.is_set():
                    break
                self._count(1)
                answers.append((await connection.execute(statement, parameters)).all())
        return answers

    def _count(self, statements: int) -> None:
        self.statements += statements
        if (context := OperationContext.current()) is not None:
            context.statements += statements

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
            raise self.unavailable(error) from error

    def too_late(self) -> StoreUnavailable:
        return StoreUnavailable(self.name, f"The database of the store did not answer within {self.timeout:g} seconds.")

    def unavailable(self, error: BaseException) -> StoreUnavailable:
        return StoreUnavailable(self.name, "The database of the store does not answer.", cause=cause_of(error))

    async def close(self) -> None:
        if driver := self.__dict__.pop("driver", None):
            await driver.close()
        if self._readings:
            await asyncio.wait(self._readings)
        if engine := self.__dict__.pop("engine", None):
            await engine.dispose()


@asynccontextmanager
async def interrupted(connection: AsyncConnection, unwanted: asyncio.Event) -> AsyncIterator[None]:
    """Stop SQLite when its answer is no longer wanted: its thread would go on, and others would wait for it."""
    driver: Any = (await connection.get_raw_connection()).driver_connection

    async def interrupt() -> None:
        await unwanted.wait()
        while True:  # again, as it stops only a statement that has begun
            await driver.interrupt()
            await asyncio.sleep(0.01)

    interrupting = asyncio.create_task(interrupt())
    try:
        yield
    finally:
        interrupting.cancel()


def database_url(url: str) -> URL:
    """The URL with the driver that we use. The message must not show the URL: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or (driver := DRIVERS.get(parsed.get_backend_name())) is None:
        raise SettingsError("The store's URL must be sqlite:///file.db or postgresql://user:password@host/database.")
    return parsed.set(drivername=driver)


def cause_of(error: BaseException) -> str:
    """The exception and its message, for the log, without values of the query and without SQL.

    Of PostgreSQL's errors only those classes are quoted whose messages hold names and never values: connection,
    authorization, missing database, schema, table or column, resources, operator intervention, system
    (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    """
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig.__cause__ or error.orig
    name, text = type(error).__name__, str(error).partition("\n")[0]
    if isinstance(error, asyncpg.PostgresError):
        code = error.sqlstate or ""
        return f"{name} ({code}): {text:.200}" if code[:2] in QUOTED_CLASSES else f"{name} ({code})"
    # asyncpg's own DataError is a ValueError that quotes the argument.
    if isinstance(error, OSError | sqlite3.Error | asyncpg.InterfaceError) and not isinstance(error, ValueError):
        return f"{name}: {text:.200}"
    return name


def open_sqlite(
    dialect: Any, record: Any, arguments: Sequence[Any], options: Mapping[str, Any], *, create: bool
) -> None:
    """Raise if the file cannot be opened. The driver would leave a thread behind, which outlives the event loop."""
    file, is_uri = arguments[0], options.get("uri", False)
    if not (create or is_uri or Path(file).exists()):
        raise sqlite3.OperationalError("There is no such file.")
    sqlite3.connect(file, uri=is_uri).close()


def teach_sqlite(connection: Any, _: Any) -> None:
    # SQLite's own lower() knows ASCII only.
    connection.create_function("lower", 1, lambda text: None if text is None else str(text).lower(), deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
