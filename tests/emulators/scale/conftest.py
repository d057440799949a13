"""One emulator per test, over real HTTP, and a client that says which account it is for."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve

HEADERS = {"x-api-key": "api-key", "x-selected-account-id": "acct-halden"}


@pytest.fixture
def emulator() -> ScaleEmulator:
    return ScaleEmulator()


@pytest.fixture
async def client(emulator: ScaleEmulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serve(emulator.app) as url,
        httpx2.AsyncClient(base_url=url, headers=HEADERS, verify=False) as client,
    ):
        yield client
