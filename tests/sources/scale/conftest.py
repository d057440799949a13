"""A source over real HTTP against the emulator, whose log counts the calls."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve
from plangate.listing import Scope
from plangate.sources.scale import Scale

WORKSPACE = "halden"
ACCOUNT = "acct-halden"
Connect = Callable[..., Scale]


@pytest.fixture
def emulator() -> ScaleEmulator:
    return ScaleEmulator()


@pytest.fixture
async def connect(emulator: ScaleEmulator) -> AsyncIterator[Connect]:
    """Make sources that ask the emulator."""
    made: list[Scale] = []
    async with serve(emulator.app) as url:

        def make(**settings: Any) -> Scale:
            given: dict[str, Any] = {
                "deadline": 10.0,
                "api_key": "api-key",
                "account_id": ACCOUNT,
                "workspace": WORKSPACE,
            }
            made.append(Scale(url=url, **(given | settings)))
            return made[-1]

        yield make
        for source in made:
            await source.close()


@pytest.fixture
def source(connect: Connect) -> Scale:
    return connect()


@pytest.fixture
def scope() -> Scope:
    return Scope(WORKSPACE, None)
