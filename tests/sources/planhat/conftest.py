"""A source over real HTTP against the emulator, whose log counts the calls."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.server import serve
from plangate.listing import Scope
from plangate.sources.planhat import Planhat

WORKSPACE = "northwind"
Connect = Callable[..., Planhat]


@pytest.fixture
def emulator() -> PlanhatEmulator:
    return PlanhatEmulator(rate_limit=None)


@pytest.fixture
async def connect(emulator: PlanhatEmulator) -> AsyncIterator[Connect]:
    made: list[Planhat] = []
    async with serve(emulator.app) as url:

        def make(**settings: Any) -> Planhat:
            made.append(
                Planhat(**({"deadline": 10.0, "url": url, "token": "planhat-token", "workspace": WORKSPACE} | settings))
            )
            return made[-1]

        yield make
        for source in made:
            await source.close()


@pytest.fixture
def source(connect: Connect) -> Planhat:
    return connect()


@pytest.fixture
def scope() -> Scope:
    return Scope(WORKSPACE, None)
