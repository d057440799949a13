"""One emulator per test, over real HTTP, and a client with the admin's session."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.happyforce.company import PEOPLE
from plangate.emulators.server import serve


@pytest.fixture
def emulator() -> HappyforceEmulator:
    return HappyforceEmulator(sessions={"managers": PEOPLE[2], "users": PEOPLE[8]})


@pytest.fixture
async def client(emulator: HappyforceEmulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serve(emulator.app) as url,
        httpx2.AsyncClient(
            base_url=f"{url}/api/v1/company", headers={"SessionId": "session-id"}, verify=False
        ) as client,
    ):
        yield client
