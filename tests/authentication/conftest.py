"""Stores that fail or hang when a test says so, on both databases."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing

import pytest
from sqlalchemy import text

from plangate.sources.store import Store

from .credentials import Clock

Locked = Callable[[], AbstractAsyncContextManager[Callable[[str], Awaitable[None]]]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    if store_url.startswith("sqlite"):
        # In this mode a writer can lock readers out, as PostgreSQL's LOCK TABLE does (see `locked`).
        with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    store = Store(store_url)
    yield store
    await store.close()


@pytest.fixture
def locked(store: Store, store_url: str) -> Locked:
    """While it is entered the store does not answer a look-up of an API key. It gives a way to execute SQL meanwhile."""

    @asynccontextmanager
    async def lock() -> AsyncIterator[Callable[[str], Awaitable[None]]]:
        other = Store(store_url)
        async with other.database.engine.connect() as connection:
            if other.database.dialect == "sqlite":
                await connection.execute(text("BEGIN EXCLUSIVE"))
            else:
                await connection.execute(text("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE"))

            async def execute(statement: str) -> None:
                await connection.execute(text(statement))

            try:
                yield execute
            finally:
                if other.database.dialect == "sqlite":
                    await connection.execute(text("COMMIT"))
                else:
                    await connection.commit()
        await other.close()

    return lock


@asynccontextmanager
async def failing(store: Store) -> AsyncIterator[None]:
    """While it is entered the store refuses each look-up of an API key."""
    async with store.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE api_keys RENAME TO api_keys_away"))
    yield
    async with store.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE api_keys_away RENAME TO api_keys"))
