"""The pool for PostgreSQL: never more statements in the server than the pool has connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from plangate.errors import StoreUnavailable
from plangate.sources.store import postgresql as module
from plangate.sources.store.database import Database
from tests.databases import PostgreSQL
from tests.sources.store.front import front

SLEEP = (text("SELECT pg_sleep(60)"), {})
ONE = (text("SELECT 1"), {})
SIZE = 3

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
async def limited(postgresql: PostgreSQL, store_url: str) -> AsyncIterator[str]:
    """The URL of a user who may have no more connections than the pool: the server refuses one too many."""
    role = f"limited_{store_url.partition('store_')[2][:8]}"
    await postgresql.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {SIZE}")
    yield store_url.replace("postgres@", f"{role}@")


def made(url: str, *, pool_size: int = SIZE, timeout: float = 10) -> Database:
    return Database(url, pool_size=pool_size, timeout=timeout, name="store")


def through(port: int, url: str) -> str:
    """The URL of the same database behind a front."""
    name = url.partition("//")[2].partition("?")[0].replace("@", f"@127.0.0.1:{port}")
    return f"postgresql://{name}?sslmode=disable"


async def active(postgresql: PostgreSQL, url: str) -> int:
    """How many statements the server executes in this database."""
    return await connections(postgresql, url, "AND state = 'active'")


async def connections(postgresql: PostgreSQL, url: str, condition: str = "") -> int:
    name = url.partition("?")[0].rpartition("/")[2]
    return int(await postgresql.value(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' {condition}"))


async def until_all_ended(postgresql: PostgreSQL, url: str) -> None:
    async with asyncio.timeout(5):
        while await active(postgresql, url):
            await asyncio.sleep(0.01)


async def test_cancelled_statements_end_in_the_server(postgresql: PostgreSQL, limited: str) -> None:
    database = made(limited)
    for n in range(70):
        reads = [asyncio.create_task(database.fetch(SLEEP)) for _ in range(SIZE)]
        await asyncio.sleep(0.004 * (n % 3))  # while it waits for a slot, connects, is sent, or is executed
        assert not any(read.done() for read in reads), [read.exception() for read in reads if read.done()]
        for read in reads:
            read.cancel()
        answers = await asyncio.gather(*reads, return_exceptions=True)
        assert all(isinstance(answer, asyncio.CancelledError) for answer in answers)
    await until_all_ended(postgresql, limited)
    assert [rows for [rows] in await asyncio.gather(*(database.fetch(ONE) for _ in range(10)))] == [[(1,)]] * 10
    await database.close()


async def test_statements_that_are_too_late_end_in_the_server(postgresql: PostgreSQL, limited: str) -> None:
    database = made(limited, timeout=0.1)
    answers = await asyncio.gather(*(database.fetch(SLEEP) for _ in range(100)), return_exceptions=True)
    assert {str(answer) for answer in answers} == {"The database of the store did not answer within 0.1 seconds."}
    await until_all_ended(postgresql, limited)
    assert [rows for [rows] in await asyncio.gather(*(database.fetch(ONE) for _ in range(10)))] == [[(1,)]] * 10
    await database.close()


async def test_a_transaction_has_its_connection_from_the_pool(limited: str) -> None:
    database = made(limited)
    await asyncio.gather(*(database.fetch((text("SELECT pg_sleep(0.02)"), {})) for _ in range(SIZE)))
    async with database.transaction() as connection:
        assert (await connection.execute(text("SHOW statement_timeout"))).scalar() == "0"
        await asyncio.gather(*(database.fetch(ONE) for _ in range(SIZE)))
    await database.close()


async def test_waits_for_a_connection_until_the_deadline(limited: str) -> None:
    database = made(limited, pool_size=1, timeout=0.1)
    async with database.transaction():
        with pytest.raises(StoreUnavailable, match=r"within 0\.1 seconds"):
            await database.fetch(ONE)
        with pytest.raises(StoreUnavailable, match=r"within 0\.1 seconds"):
            async with database.transaction():
                pass
    assert await database.fetch(ONE) == [[(1,)]]
    await database.close()


async def test_a_connection_is_not_used_before_its_statement_has_ended(
    postgresql: PostgreSQL, limited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without cancel requests, the server ends the statement by its own limit."""
    monkeypatch.setattr(module, "SETTLE_MARGIN", 0.3)
    async with front(postgresql.socket, lost_cancel_requests=100) as port:
        database = made(through(port, limited), pool_size=1, timeout=0.1)
        answers: list[Any] = []
        while True:
            statement = ONE if answers else SLEEP
            [answer] = await asyncio.gather(database.fetch(statement), return_exceptions=True)
            running = await active(postgresql, limited)
            if not isinstance(answer, StoreUnavailable):
                break
            answers.append(running)
        assert answers[0] == 1 and max(answers) == 1
        assert (answer, running) == ([[(1,)]], 0)
        await database.close()


async def test_a_cancel_request_that_is_lost_is_repeated(postgresql: PostgreSQL, limited: str) -> None:
    """The server ignores one that it gets before the statement."""
    async with front(postgresql.socket, lost_cancel_requests=2) as port:
        database = made(through(port, limited), pool_size=1, timeout=60)
        read = asyncio.create_task(database.fetch(SLEEP))
        while not await active(postgresql, limited):
            await asyncio.sleep(0.005)
        read.cancel()
        await asyncio.gather(read, return_exceptions=True)
        async with asyncio.timeout(5):
            assert await database.fetch(ONE) == [[(1,)]]
        assert await connections(postgresql, limited) == 1
        await database.close()


async def test_a_pooler_that_refuses_settings_gets_none(postgresql: PostgreSQL, limited: str) -> None:
    async with front(postgresql.socket, refused_parameters=[b"jit", b"statement_timeout"]) as port:
        database = made(through(port, limited))
        assert await database.fetch(ONE) == [[(1,)]]
        async with database.transaction() as connection:
            assert (await connection.execute(text("SHOW application_name"))).scalar() == "plangate"
        await database.close()


async def test_close_waits_for_cancelled_statements(
    postgresql: PostgreSQL, limited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLE_MARGIN", 0.3)
    async with front(postgresql.socket, lost_cancel_requests=100) as port:
        database = made(through(port, limited), timeout=0.1)
        with pytest.raises(StoreUnavailable):
            await database.fetch(SLEEP)
        assert await active(postgresql, limited) == 1
        await database.close()
        assert await active(postgresql, limited) == 0


async def test_a_connection_is_opened_although_its_caller_is_cancelled(postgresql: PostgreSQL, limited: str) -> None:
    """Otherwise callers with little time would never get one."""
    database = made(limited)
    read = asyncio.create_task(database.fetch(ONE))
    await asyncio.sleep(0)
    read.cancel()
    await asyncio.gather(read, return_exceptions=True)
    async with asyncio.timeout(5):
        while not await connections(postgresql, limited):
            await asyncio.sleep(0.01)
    await database.fetch(ONE)
    assert await connections(postgresql, limited) == 1
    await database.close()
