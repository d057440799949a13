"""A store of each sort: `store` is empty and the test's own, `demo` has the demo data and is shared."""

from collections.abc import AsyncIterator

import pytest

from plangate.sources.store import Store
from tests.databases import database, demo_url, new_store_url, postgresql, store_url

__all__ = ["database", "demo_url", "new_store_url", "postgresql", "store_url"]


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = Store(store_url)
    yield store
    await store.close()


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Store]:
    store = Store(demo_url)
    yield store
    await store.close()
