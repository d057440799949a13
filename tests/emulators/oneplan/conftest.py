"""One emulator per test, over real HTTP, and a client with its key."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.server import serve


@pytest.fixture
def emulator() -> OnePlanEmulator:
    return OnePlanEmulator()


@pytest.fixture
async def client(emulator: OnePlanEmulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serve(emulator.app) as url,
        httpx2.AsyncClient(base_url=f"{url}/api", auth=("plangate", "key-value"), verify=False) as client,
    ):
        yield client
