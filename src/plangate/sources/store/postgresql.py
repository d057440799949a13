"""The way to PostgreSQL: SQLAlchemy writes a statement once, asyncpg alone executes it.

Between them SQLAlchemy spends more on each statement than the database does: for Q1 of the benchmark lab, a plan by its
id, three quarters of the server's time (tests/bench/statements.py shows both ways side by side).
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


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """Nothing is ever set on a connection, so nothing is reset when it goes back to the pool: a round trip saved."""

    def get_reset_query(self) -> str:
        return ""


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
    """A pool that is opened at the first statement. `statements` are prepared once, for all connections."""

    def __init__(self, url: URL, *, pool_size: int, timeout: float, settings: Mapping[str, str]) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._options = {"max_size": pool_size, "min_size": 0, "timeout": timeout, "server_settings": dict(settings)}
        self._opening = asyncio.Lock()
        self._pool: Any = None
        self._prepared: dict[Executable, Prepared] = {}

    async def fetch(self, statements: Sequence[tuple[Executable, Mapping[str, Any]]]) -> list[Sequence[Any]]:
        """The rows of each statement, on one connection. Asked again once if the connection turns out to be lost."""
        pool = self._pool or await self._open()
        try:
            return await self._ask(pool, statements)
        except LOST:
            await pool.expire_connections()
            return await self._ask(pool, statements)

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()

    async def _ask(self, pool: Any, statements: Sequence[tuple[Executable, Mapping[str, Any]]]) -> list[Sequence[Any]]:
        async with pool.acquire() as connection:
            answers = []
            for statement, values in statements:
                prepared = self._prepared.get(statement) or self._prepare(statement)
                answers.append(prepared.rows(await connection.fetch(prepared.sql, *prepared.arguments(values))))
            return answers

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(self._dsn, connection_class=Connection, **self._options)
        return self._pool

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
