"""The connection pool for PostgreSQL: SQLAlchemy compiles a statement once, asyncpg alone executes it.

Executed by SQLAlchemy the same statement costs this process 1.9 to 2.6 times as much (tests/bench/statements.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from msgspec import Struct
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from .address import Address

DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
CONNECTION_ERRORS = (
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    ConnectionError,
)
"""The connection is gone: the statement was not received, or its answer was not. It may be sent again."""

SETTLE_MARGIN = 1.0
"""Seconds after the deadline of a statement at which the server ends it by itself, if a cancel request was lost."""

FIRST_CANCEL_RETRY = 0.05
"""Seconds until the first cancel request is repeated; the delay doubles."""

log = structlog.get_logger(__name__)

Parameter = tuple[str, Callable[[Any], Any] | None]
Column = tuple[int, Callable[[Any], Any]]
Statements = Sequence[tuple[Executable, Mapping[str, Any]]]


class Prepared(Struct, frozen=True):
    """A statement as asyncpg takes it: text, parameters in order, and the columns whose values must be converted."""

    sql: str
    parameters: tuple[Parameter, ...]
    fixed: Mapping[str, Any]
    columns: tuple[Column, ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self.fixed, **values} if self.fixed else values
        return [given[name] if process is None else process(given[name]) for name, process in self.parameters]

    def rows(self, records: Sequence[Any]) -> Sequence[Any]:
        if not self.columns:
            return records
        rows = [list(record) for record in records]
        for i, process in self.columns:
            for row in rows:
                row[i] = process(row[i])
        return rows


class PostgreSQL:
    """At most `pool_size` connections, opened when they are needed. `statements` are prepared once, for all of them.

    A connection takes a slot of the pool, and keeps it until the server has confirmed that its statement has ended:
    also when nobody waits for the answer any more, because of a deadline or because the client has gone. So the server
    never executes more than `pool_size` statements of this pool.

    Nothing is ever set on a connection, so nothing is reset when it is given back.
    """

    def __init__(self, address: Address, *, pool_size: int, timeout: float) -> None:
        self.address = address
        self._timeout = timeout
        self._slots = asyncio.Semaphore(pool_size)
        self._idle: list[Any] = []
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False
        self._prepared: dict[Executable, Prepared] = {}
        self._settings = {"application_name": "plangate", "datestyle": "ISO"}
        # Just-in-time compilation takes longer than any of our statements. The server's own limit ends a statement
        # whose cancel request was lost.
        self._optional_settings = {"jit": "off", "statement_timeout": str(round((timeout + SETTLE_MARGIN) * 1000))}

    async def fetch(self, statements: Statements) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection. Sent again once if the connection turns out to be gone."""
        try:
            return await self._fetch(statements)
        except CONNECTION_ERRORS:
            for connection in self._idle:  # they are as old, so they are gone too
                connection.terminate()
            self._idle.clear()
            return await self._fetch(statements)

    async def _fetch(self, statements: Statements) -> list[Sequence[Any]]:
        await self._slots.acquire()
        connection = self._idle.pop() if self._idle else await self._open()
        try:
            answers = []
            for statement, values in statements:
                prepared = self._prepared.get(statement) or self._prepare(statement)
                answers.append(prepared.rows(await connection.fetch(prepared.sql, *prepared.arguments(values))))
        except (asyncpg.PostgresError, ValueError, TypeError):
            self._give_back(connection)
            raise
        except BaseException:
            self._run(self._settle(connection))
            raise
        self._give_back(connection)
        return answers

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A place in the pool for a connection that is made by `take`. TimeoutError if there is none in time."""
        async with asyncio.timeout(self._timeout):
            await self._slots.acquire()
        try:
            yield
        finally:
            self._slots.release()

    async def take(self) -> Any:
        """A connection, for who holds a slot and closes it."""
        return self._idle.pop() if self._idle else await self._connect()

    async def close(self) -> None:
        """Close all connections. Statements that nobody waits for are waited for here, no longer than their limit."""
        self._closed = True
        if self._background:
            await asyncio.wait(self._background)
        idle, self._idle = self._idle, []
        # A connection that cannot be closed in time, or is gone, is dropped by asyncpg itself.
        await asyncio.gather(*(each.close(timeout=self._timeout) for each in idle), return_exceptions=True)

    async def _open(self) -> Any:
        """A new connection, for who holds a slot. Opening goes on if nobody waits for it any more."""
        opening = asyncio.create_task(self._connect())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._run(self._finish(opening))
            raise
        except BaseException:
            self._slots.release()
            raise

    async def _connect(self) -> Any:
        connect = self.address.connect
        try:
            return await connect(seconds=self._timeout, server_settings=self._settings | self._optional_settings)
        except asyncpg.ProtocolViolationError as error:
            if "startup parameter" not in str(error) or not self._optional_settings:
                raise
            log.warning("connection_settings_refused", reason=str(error), dropped=sorted(self._optional_settings))
            self._optional_settings = {}
        return await connect(seconds=self._timeout, server_settings=self._settings)

    async def _finish(self, opening: "asyncio.Task[Any]") -> None:
        """Keep a connection that was opened for a request which has ended."""
        connection = None
        try:
            connection = await opening
        except Exception as error:
            log.warning("connection_not_opened", reason=str(error))
        finally:
            if connection is None:
                self._slots.release()
            else:
                self._give_back(connection)

    async def _settle(self, connection: Any) -> None:
        """Give the connection back when the server has ended its statement; close it if that is not confirmed."""
        # asyncpg has asked the server to cancel the statement, and sends the next one when that has ended.
        confirmed = asyncio.create_task(connection.execute("SELECT 1"))
        confirmed.add_done_callback(lambda task: task.cancelled() or task.exception())
        requests: set[asyncio.Task[None]] = set()
        settled = False
        try:
            async with asyncio.timeout(self._timeout + SETTLE_MARGIN):
                delay = FIRST_CANCEL_RETRY
                while not (await asyncio.wait({confirmed}, timeout=delay))[0]:
                    # The server ignores a cancel request that it gets before the statement: repeat it.
                    requests.add(asyncio.create_task(connection._cancel(asyncio.Future())))
                    delay *= 2
                if requests:
                    await asyncio.wait(requests)  # none of them may cancel the next statement
            with suppress(asyncpg.QueryCanceledError):  # of the SELECT 1
                await confirmed
            settled = True
        except Exception as error:
            log.warning("connection_dropped", reason=str(error) or type(error).__name__)
        finally:
            if not settled:
                connection.terminate()
                for task in (confirmed, *requests):
                    task.cancel()
            self._give_back(connection)

    def _give_back(self, connection: Any) -> None:
        if self._closed:
            connection.terminate()
        elif not connection.is_closed():
            self._idle.append(connection)
        self._slots.release()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _prepare(self, statement: Executable) -> Prepared:
        if len(self._prepared) > 4096:  # the statements' own caches are bounded; this only follows them
            self._prepared.clear()
        compiled: Any = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
        binds = compiled.binds
        columns = getattr(statement, "selected_columns", ())
        processors = ((i, result_processor(column.type)) for i, column in enumerate(columns))
        prepared = self._prepared[statement] = Prepared(
            str(compiled),
            tuple((name, bind_processor(binds[name].type)) for name in compiled.positiontup),
            {name: value for name, value in compiled.params.items() if not binds[name].required},
            tuple((i, process) for i, process in processors if process is not None),
        )
        return prepared


def bind_processor(type_: Any) -> Any:
    return type_.dialect_impl(DIALECT).bind_processor(DIALECT)


def result_processor(type_: Any) -> Any:
    return type_.dialect_impl(DIALECT).result_processor(DIALECT, None)
