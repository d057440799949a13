"""`store` is empty and the test's own; `demo` has the demo data and is shared. See tests/databases.py."""

from collections.abc import AsyncIterator

import pytest

from plangate.sources.store import Store


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
