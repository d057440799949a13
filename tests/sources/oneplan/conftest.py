"""A source over real HTTP against the emulator, whose log counts the calls."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.server import serve
from plangate.listing import Scope
from plangate.sources.oneplan import OnePlan

WORKSPACE = "harbour-vale"
Connect = Callable[..., OnePlan]

SETTINGS: dict[str, Any] = {
    "key_name": "plangate",
    "key_value": "key-value",
    "workspace": WORKSPACE,
    "start_field": "Start Date",
    "end_field": "Finish",
    "description_field": "Executive Summary",
    "status_field": "status",
    "process_states": ("Pending", "Approved", "Rejected"),
    "step_states": ("Started", "Ended"),
}


@pytest.fixture
def emulator() -> OnePlanEmulator:
    return OnePlanEmulator()


@pytest.fixture
async def connect(emulator: OnePlanEmulator) -> AsyncIterator[Connect]:
    made: list[OnePlan] = []
    async with serve(emulator.app) as url:

        def make(**settings: Any) -> OnePlan:
            made.append(OnePlan(url=f"{url}/api", **({"deadline": 10.0} | SETTINGS | settings)))
            return made[-1]

        yield make
        for source in made:
            await source.close()


@pytest.fixture
def source(connect: Connect) -> OnePlan:
    return connect()


@pytest.fixture
def scope() -> Scope:
    return Scope(WORKSPACE, None)


def asked(emulator: OnePlanEmulator) -> dict[str, int]:
    """The calls since the last look, with ids replaced by `*`."""
    counts = Counter(re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", each.path) for each in emulator.log)
    emulator.log.clear()
    return dict(counts)
