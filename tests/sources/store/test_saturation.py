"""Whether reads wait for a connection because there are many, or because the database does not answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from plangate.errors import StoreUnavailable
from plangate.sources.store import Store

READ = (text("SELECT 1"), {})
ENDLESS = (text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"), {})


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = Store(store_url, pool_size=2)
    yield store
    await store.close()


async def test_many_reads_saturate_the_store_until_they_are_answered(store: Store) -> None:
    await store.database.fetch(READ)
    assert not store.is_saturated
    reads = [asyncio.create_task(store.database.fetch(READ)) for _ in range(20)]
    await asyncio.sleep(0)
    assert store.is_saturated
    await asyncio.gather(*reads)
    assert not store.is_saturated


async def test_database_that_does_not_answer_is_not_saturated(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plangate.sources.store.database.BUSY_S", 0.02)
    monkeypatch.setattr(store.database, "timeout", 0.3)
    await store.database.fetch(READ)
    reads = [asyncio.create_task(store.database.fetch(ENDLESS)) for _ in range(3)]
    await asyncio.sleep(0)
    assert store.is_saturated
    await asyncio.sleep(0.05)
    assert not any(read.done() for read in reads)
    assert not store.is_saturated
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 3
