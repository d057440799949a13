"""A source over real HTTP against the emulator, whose log counts the calls."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.listing import Scope
from plangate.sources.happyforce import Happyforce

WORKSPACE = "north"
SESSION = "session-id"
Connect = Callable[..., Happyforce]


@pytest.fixture
def emulator() -> HappyforceEmulator:
    return HappyforceEmulator()


@pytest.fixture
async def connect(emulator: HappyforceEmulator) -> AsyncIterator[Connect]:
    made: list[Happyforce] = []
    async with serve(emulator.app) as url:

        def make(**settings: Any) -> Happyforce:
            given: dict[str, Any] = {"deadline": 10.0, "session_id": SESSION, "workspace": WORKSPACE}
            made.append(Happyforce(url=f"{url}/api/v1/company", **(given | settings)))
            return made[-1]

        yield make
        for source in made:
            await source.close()


@pytest.fixture
def source(connect: Connect) -> Happyforce:
    return connect()


@pytest.fixture
def scope() -> Scope:
    return Scope(WORKSPACE, None)
