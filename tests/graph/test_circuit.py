"""A system that keeps failing: `sources` and /ready show its circuit, and it closes by itself."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.app import build_sources, create_app
from plangate.emulated import systems
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.settings import Settings
from plangate.source import Circuit
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import Gateway, planning_center

PLANS = '{ plans(sources: ["planning_center"], first: 1) { nodes { id } } }'
PEOPLE = "{ %s }" % " ".join(f'p{n}: person(id: "Person:planning_center:{n}") {{ id }}' for n in range(1, 4))
"""Three different requests."""
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
    errors = (await gateway.ask(PEOPLE))["errors"]
    assert errors[0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
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


async def test_a_record_that_always_fails_does_not_stop_the_others(
    executor: str, demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    source, emulator = pair
    gateway = Gateway(executor, {"store": demo, "planning_center": source})
    emulator.faults.set(Faults(status=500, path="/services/v2/people/1"))
    for _ in range(4):
        [error] = (await gateway.ask('{ person(id: "Person:planning_center:1") { id } }'))["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_CIRCUIT_OPEN"
    assert error["message"] == "planning_center: this request keeps failing and is not sent, retry in 1 s."
    assert (await gateway.data(SOURCES))["sources"][1]["circuit"] == "CLOSED"
    assert len((await gateway.data(PLANS))["plans"]["nodes"]) == 1


async def test_calls_whose_deadline_passes_in_the_queue_are_not_made(executor: str) -> None:
    ids = [f"Person:planning_center:{n}" for n in range(1, 101)]
    async with planning_center(deadline=0.4, concurrency=8, time_zone="UTC") as (source, emulator):
        emulator.faults.set(Faults(latency=5))
        gateway = Gateway(executor, {"planning_center": source})
        answer = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
        assert {error["extensions"]["code"] for error in answer["errors"]} <= {
            "UPSTREAM_TIMEOUT",
            "UPSTREAM_CIRCUIT_OPEN",
        }
        await asyncio.sleep(0.1)
        assert len(emulator.log) == 8
        assert source.circuit is Circuit.OPEN


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
        "detail": "planning_center answered HTTP 503.",
        "circuit": "CLOSED",
    }


@pytest.mark.parametrize(("deadline", "question"), [(0.5, 10.0), (30.0, 30.0)])
async def test_the_deadline_of_a_call_does_not_bound_a_question_of_several_calls(
    deadline: float, question: float
) -> None:
    settings = {name: each.settings("http://127.0.0.1:9") for name, each in systems("demo", deadline=deadline).items()}
    sources = build_sources(Settings(**settings))
    assert {name: sources[name].deadline for name in settings} == dict.fromkeys(settings, question)
    await asyncio.gather(*(source.close() for source in sources.values()))
