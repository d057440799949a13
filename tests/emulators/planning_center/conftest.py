"""One emulator per test, over real HTTP, and a client that behaves as Planning Center wants."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve


@pytest.fixture
def emulator() -> PlanningCenterEmulator:
    return PlanningCenterEmulator()


@pytest.fixture
async def client(emulator: PlanningCenterEmulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serve(emulator.app) as url,
        httpx2.AsyncClient(base_url=f"{url}/services/v2", auth=("app-id", "secret"), verify=False) as client,
    ):
        yield client
