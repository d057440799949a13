"""The way to PostgreSQL: SQLAlchemy writes a statement once, asyncpg alone executes it.

Executed by SQLAlchemy the same statement costs this process 1.9 to 2.6 times as much (tests/bench/statements.py).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from msgspec import Struct
from sqlalchemy import URL, Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
LOST = (
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    ConnectionError,
)
"""The connection is gone, so the question was not heard or its answer not: it may be asked again."""

Parameter = tuple[str, Callable[[Any], Any] | None]
Column = tuple[int, Callable[[Any], Any]]


class Prepared(Struct, frozen=True):
    """A statement as the driver takes it: text, parameters in order, and the columns whose values are not ready."""

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

    Nothing is ever set on a connection, so nothing is reset when it is given back, and one that failed in any other way
    than by a plain error of the database is closed and not used again. No more is asked of a pool here.
    """

    def __init__(self, url: URL, *, pool_size: int, timeout: float, settings: Mapping[str, str]) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._options: dict[str, Any] = {"timeout": timeout, "server_settings": dict(settings)}
        self._free = asyncio.Semaphore(pool_size)
        self._idle: list[Any] = []
        self._prepared: dict[Executable, Prepared] = {}

    async def fetch(self, statements: Sequence[tuple[Executable, Mapping[str, Any]]]) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection. Asked again once if the connection turns out to be lost."""
        async with self._free:
            try:
                return await self._ask(statements)
            except LOST:
                await self.close()  # the idle ones are as old, so they are lost too
                return await self._ask(statements)

    async def close(self) -> None:
        """Close what is idle. What is in use closes nothing: it comes back to be idle."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close(timeout=self._options["timeout"])

    async def _ask(self, statements: Sequence[tuple[Executable, Mapping[str, Any]]]) -> list[Sequence[Any]]:
        connection = self._idle.pop() if self._idle else await asyncpg.connect(self._dsn, **self._options)
        sound = False
        try:
            answers = []
            for statement, values in statements:
                prepared = self._prepared.get(statement) or self._prepare(statement)
                answers.append(prepared.rows(await connection.fetch(prepared.sql, *prepared.arguments(values))))
            sound = True
        except (asyncpg.PostgresError, ValueError, TypeError):
            sound = not connection.is_closed()
            raise
        finally:
            if sound:
                self._idle.append(connection)
            else:
                connection.terminate()
        return answers

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
