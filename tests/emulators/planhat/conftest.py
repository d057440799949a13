"""One emulator per test, over real HTTP, and a client with its token."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.server import serve


@pytest.fixture
def emulator() -> PlanhatEmulator:
    return PlanhatEmulator()


@pytest.fixture
async def client(emulator: PlanhatEmulator) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"authorization": "Bearer planhat-token"}
    async with (
        serve(emulator.app) as url,
        httpx2.AsyncClient(base_url=url, headers=headers, verify=False) as client,
    ):
        yield client
