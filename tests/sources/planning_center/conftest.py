"""A source over real HTTP against the emulator, whose log counts the calls."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve
from plangate.listing import Scope
from plangate.sources.planning_center import PlanningCenter

WORKSPACE = "riverbend"
Connect = Callable[..., PlanningCenter]


@pytest.fixture
def emulator() -> PlanningCenterEmulator:
    return PlanningCenterEmulator(rate_limit=None)


@pytest.fixture
async def connect(emulator: PlanningCenterEmulator) -> AsyncIterator[Connect]:
    """Make sources that know their time zone, unless told otherwise, so that only the calls of the test are counted."""
    made: list[PlanningCenter] = []
    async with serve(emulator.app) as url:

        def make(**settings: Any) -> PlanningCenter:
            given: dict[str, Any] = {
                "deadline": 10.0,
                "app_id": "app-id",
                "secret": "secret",
                "workspace": WORKSPACE,
                "time_zone": "America/Chicago",
            }
            made.append(PlanningCenter(url=f"{url}/services/v2", **(given | settings)))
            return made[-1]

        yield make
        for source in made:
            await source.close()


@pytest.fixture
def source(connect: Connect) -> PlanningCenter:
    return connect()


@pytest.fixture
def scope() -> Scope:
    return Scope(WORKSPACE, None)
