"""The database behind the store: opened by the first statement; every read has a deadline."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property, partial
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import Executable, NullPool, StaticPool, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from plangate.errors import SettingsError, StoreUnavailable
from plangate.operation_context import OperationContext

from . import reasons
from .address import Address
from .odd_values import without_odd_values
from .postgresql import CONNECTION_ERRORS, PostgreSQL

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
FAILURES = (SQLAlchemyError, OSError, sqlite3.Error, asyncpg.PostgresError, *CONNECTION_ERRORS)
SEVERAL_HOSTS = re.compile(r"(?P<before>\w[\w+]*://(?:[^/?]*@)?)(?P<hosts>[^@/?]*,[^@/?]*)(?P<after>.*)", re.DOTALL)

log = structlog.get_logger(__name__)

BUSY_S = 0.2
"""Seconds since the last answer above which a database is slow or away, rather than busy with many reads."""

Statement = tuple[Executable, Mapping[str, Any]]


class Database:
    """One SQL database. `statements` counts the statements it was sent, for tests; OperationContext counts per request.

    A SQLite file that does not exist is created if `create` is set; otherwise it is a failure, as on PostgreSQL.
    """

    def __init__(self, url: str, *, pool_size: int, timeout: float, name: str, create: bool = False) -> None:
        self.url = database_url(url)
        self.create = create
        self.pool_size = pool_size
        self.timeout = timeout
        self.name = name
        self.statements = 0
        self._where = Address(self.url) if self.dialect == "postgresql" else self.url
        self._pending = 0
        self._answered_at = 0.0
        self._reads: set[asyncio.Task[list[Sequence[Any]]]] = set()

    @property
    def dialect(self) -> str:
        return self.url.get_backend_name()

    @property
    def is_missing(self) -> bool:
        """Whether the database is a file of SQLite that does not exist."""
        if self.dialect != "sqlite" or "uri" in self.url.query or self.is_in_memory:
            return False
        return not Path(self.url.database or "").exists()

    @property
    def is_in_memory(self) -> bool:
        """Whether the database is one of SQLite that ends with this process."""
        return self.dialect == "sqlite" and self.url.database in (None, "", ":memory:")

    @cached_property
    def engine(self) -> AsyncEngine:
        """For writes and migrations. In PostgreSQL its connections are those of the pool: see `transaction`."""
        if self.dialect == "postgresql":
            return create_async_engine("postgresql+asyncpg://", async_creator=self.pool.take, poolclass=NullPool)
        pool: dict[str, Any] = {"pool_size": self.pool_size, "max_overflow": 0}
        engine = create_async_engine(
            self.url, isolation_level="AUTOCOMMIT", **({"poolclass": StaticPool} if self.is_in_memory else pool)
        )
        create = self.create or self.is_in_memory
        event.listen(engine.sync_engine, "do_connect", partial(open_sqlite, create=create))
        event.listen(engine.sync_engine, "connect", configure_sqlite)
        return engine

    @cached_property
    def pool(self) -> PostgreSQL:
        assert isinstance(self._where, Address)
        return PostgreSQL(self._where, pool_size=self.pool_size, timeout=self.timeout)

    @property
    def is_saturated(self) -> bool:
        """Whether reads wait for a connection of the pool, while the database answers others."""
        return self._pending > self.pool_size and monotonic() - self._answered_at < BUSY_S

    async def fetch(self, *statements: Statement) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection. StoreUnavailable if they are not there in `timeout` seconds.

        The time includes waiting for a connection. A statement that is too late, or whose caller is cancelled, is
        cancelled in the database too.
        """
        self._pending += 1
        try:
            async with asyncio.timeout(self.timeout):
                if self.dialect == "postgresql":
                    self._count(len(statements))
                    rows = await self.pool.fetch(statements)
                else:
                    rows = await self._fetch_from_sqlite(statements)
        except TimeoutError as error:
            raise self.too_late() from error
        except FAILURES as error:
            raise self.unavailable(error) from error
        finally:
            self._pending -= 1
        self._answered_at = monotonic()
        return rows

    async def _fetch_from_sqlite(self, statements: Sequence[Statement]) -> list[Sequence[Any]]:
        # SQLite's driver does not survive being cancelled: its thread would answer to a loop that may have ended.
        # So it is never cancelled: a read whose answer is not wanted is interrupted, and `close` waits for it.
        cancelled = asyncio.Event()
        read = asyncio.create_task(self._read(statements, cancelled))
        self._reads.add(read)
        read.add_done_callback(self._forget)
        try:
            return await asyncio.shield(read)
        finally:
            cancelled.set()

    def _forget(self, read: asyncio.Task[list[Sequence[Any]]]) -> None:
        self._reads.discard(read)
        if not read.cancelled():
            read.exception()  # it was raised in the request that waits, if any; asyncio would report it otherwise

    async def _read(self, statements: Sequence[Statement], cancelled: asyncio.Event) -> list[Sequence[Any]]:
        answers: list[Sequence[Any]] = []
        async with self.engine.connect() as connection, interrupt_on_cancel(connection, cancelled):
            for statement, parameters in statements:
                if cancelled.is_set():
                    break
                self._count(1)
                rows = await read_tolerantly(connection, statement, parameters)
                answers.append(without_odd_values(statement, rows))
        return answers

    def _count(self, statements: int) -> None:
        self.statements += statements
        if (context := OperationContext.current()) is not None:
            context.statements += statements

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing. No deadline once it has begun: migrations and bulk loads take what they take."""
        try:
            async with AsyncExitStack() as stack:
                yield await self._begin(stack)
        except IntegrityError as error:
            raise reasons.refused(error) from error
        except FAILURES as error:
            raise self.unavailable(error) from error

    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        if self.dialect == "postgresql":
            try:
                await stack.enter_async_context(self.pool.slot())
            except TimeoutError as error:
                raise self.too_late() from error
            connection = await stack.enter_async_context(self.engine.begin())
            await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        else:
            writer = self.engine.execution_options(isolation_level="SERIALIZABLE")
            connection = await stack.enter_async_context(writer.begin())
            # Python's driver would begin at the first INSERT, UPDATE or DELETE, after what a migration creates.
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        return connection

    def too_late(self) -> StoreUnavailable:
        return StoreUnavailable(self.name, f"The database of the store did not answer within {self.timeout:g} seconds.")

    def unavailable(self, error: BaseException) -> StoreUnavailable:
        """For clients the error says no more than that; its `cause` and `reason` are for operators."""
        return reasons.unavailable(self.name, error, self._where)

    async def close(self) -> None:
        if pool := self.__dict__.pop("pool", None):
            await pool.close()
        if self._reads:
            await asyncio.wait(self._reads)
        if engine := self.__dict__.pop("engine", None):
            await engine.dispose()


@asynccontextmanager
async def interrupt_on_cancel(connection: AsyncConnection, cancelled: asyncio.Event) -> AsyncIterator[None]:
    """Stop SQLite when its answer is not wanted any more: its thread would go on, and others would wait for it."""
    driver: Any = (await connection.get_raw_connection()).driver_connection

    async def interrupt() -> None:
        await cancelled.wait()
        while True:  # again, as it stops only a statement that has begun
            await driver.interrupt()
            await asyncio.sleep(0.01)

    interrupting = asyncio.create_task(interrupt())
    try:
        yield
    finally:
        interrupting.cancel()


async def read_tolerantly(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Any]:
    """The rows. What is not UTF-8 in a text is U+FFFD: SQLite holds any bytes, and its driver would read no row."""
    try:
        return (await connection.execute(statement, parameters)).all()
    except OperationalError as error:
        if "decode to UTF-8" not in str(error.orig):
            raise
    driver: Any = (await connection.get_raw_connection()).driver_connection
    driver.text_factory = lambda value: value.decode("utf-8", "replace")
    try:
        log.warning("odd_values", column="a text that is not UTF-8")
        return (await connection.execute(statement, parameters)).all()
    finally:
        driver.text_factory = str


def database_url(url: str) -> URL:
    """The URL with the driver that is used here. The message must not show the URL: it may hold a password."""
    if several := SEVERAL_HOSTS.fullmatch(url):  # libpq allows host1:port1,host2:port2; SQLAlchemy takes it as `host`
        after = several["after"]
        url = f"{several['before']}{after}{'&' if '?' in after else '?'}host={several['hosts']}"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or (driver := DRIVERS.get(parsed.get_backend_name())) is None:
        raise SettingsError("The store's URL must be sqlite:///file.db or postgresql://user:password@host/database.")
    return parsed.set(drivername=driver)


def open_sqlite(
    dialect: Any, record: Any, arguments: Sequence[Any], options: Mapping[str, Any], *, create: bool
) -> None:
    """Raise if the file cannot be opened. The driver would leave a thread behind, which outlives the event loop."""
    file, is_uri = arguments[0], options.get("uri", False)
    if not (create or is_uri or Path(file).exists()):
        raise sqlite3.OperationalError("There is no such file.")
    sqlite3.connect(file, uri=is_uri).close()


def configure_sqlite(connection: Any, _: Any) -> None:
    # SQLite's own lower() knows ASCII only.
    connection.create_function("lower", 1, lambda text: None if text is None else str(text).lower(), deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
