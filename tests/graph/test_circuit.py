"""A system that keeps failing: `sources` and /ready say that it is left alone, and it comes back by itself."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.app import create_app
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.settings import Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import Gateway, planning_center

PLANS = '{ plans(sources: ["planning_center"], first: 1) { nodes { id } } }'
SOURCES = "{ sources { name circuit } }"


@pytest.fixture
async def pair() -> AsyncIterator[tuple[PlanningCenter, PlanningCenterEmulator]]:
    async with planning_center(circuit_failures=3, circuit_pause=0.3, time_zone="Europe/London") as pair:
        yield pair


async def test_the_circuit_shows(
    executor: str, demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    source, emulator = pair
    gateway = Gateway(executor, {"store": demo, "planning_center": source})

    async def circuits() -> dict[str, str | None]:
        return {each["name"]: each["circuit"] for each in (await gateway.data(SOURCES))["sources"]}

    assert await circuits() == {"store": None, "planning_center": "CLOSED"}
    emulator.faults.set(Faults(status=503))
    [error] = (await gateway.ask(PLANS))["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
    assert await circuits() == {"store": None, "planning_center": "OPEN"}

    asked = len(emulator.log)
    [error] = (await gateway.ask(PLANS))["errors"]
    assert error["extensions"] == {
        "code": "UPSTREAM_CIRCUIT_OPEN",
        "source": "planning_center",
        "retryable": True,
        "retryAfter": pytest.approx(1, abs=1),
    }
    assert len(emulator.log) == asked

    emulator.faults.clear()
    await asyncio.sleep(0.35)
    assert (await circuits())["planning_center"] == "HALF_OPEN"
    assert "errors" not in await gateway.ask(PLANS)
    assert (await circuits())["planning_center"] == "CLOSED"


async def test_readiness_says_so(demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator]) -> None:
    source, emulator = pair
    emulator.faults.set(Faults(status=503))
    app = create_app(Settings(), {"store": demo, "planning_center": source})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
        ready = await client.get("/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["sources"]["store"] == {"ok": True, "detail": ""}
    assert ready.json()["sources"]["planning_center"] == {
        "ok": False,
        "detail": "planning_center is out of order (HTTP 503).",
        "circuit": "OPEN",
    }
