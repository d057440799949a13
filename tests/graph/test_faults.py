"""Planning Center fails in every way: the store's plans still come, the error says code and source, in time."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from plangate.app import create_app
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.settings import AuthenticationSettings, Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.fault_matrix import FAULTS, LATEST
from tests.gateway import Gateway, planning_center

DEADLINE = 2.0
"""Seconds, where a system is slow; elsewhere it has its default."""

BOTH = """{
  store: plans(sources: ["store"], first: 3) { nodes { id } }
  church: plans(sources: ["planning_center"], first: 3) { nodes { id } }
  all: plans(first: 5) { nodes { id source } totalCount sources { source answered code message retryable retryAfter } }
}"""


@pytest.fixture
async def pair() -> AsyncIterator[tuple[PlanningCenter, PlanningCenterEmulator]]:
    async with planning_center() as pair:
        yield pair


@pytest.fixture
async def slow() -> AsyncIterator[PlanningCenter]:
    async with planning_center(deadline=DEADLINE) as (source, emulator):
        emulator.faults.latency = 30
        yield source


@pytest.mark.parametrize("name", FAULTS)
async def test_the_store_answers_whatever_planning_center_does(executor: str, demo: Store, name: str) -> None:
    fault = FAULTS[name]
    async with planning_center(deadline=fault.deadline) as (source, emulator):
        emulator.faults.set(fault.faults)
        started = time.monotonic()
        answer = await Gateway(executor, {"store": demo, "planning_center": source}).ask(BOTH)
        assert time.monotonic() - started < LATEST

    data = answer["data"]
    assert len(data["store"]["nodes"]) == 3
    assert data["church"] is None
    [error] = answer["errors"]
    assert error["path"] == ["church"]
    assert error["extensions"]["code"] == fault.code
    assert error["extensions"]["source"] == "planning_center"
    assert isinstance(error["extensions"]["retryable"], bool)
    assert "127.0.0.1" not in error["message"]
    assert "<html" not in error["message"]

    assert {node["source"] for node in data["all"]["nodes"]} == {"store"}
    assert data["all"]["totalCount"] is None
    missing = next(each for each in data["all"]["sources"] if each["source"] == "planning_center")
    assert not missing["answered"]
    assert missing["code"] == error["extensions"]["code"]
    assert {"source": "store", "answered": True}.items() <= data["all"]["sources"][0].items()


async def test_planning_center_is_away(executor: str, demo: Store) -> None:
    away = PlanningCenter(url="http://127.0.0.1:9/services/v2", app_id="x", secret="y")
    answer = await Gateway(executor, {"store": demo, "planning_center": away}).ask(BOTH)
    await away.close()
    assert len(answer["data"]["store"]["nodes"]) == 3
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_UNAVAILABLE"]


async def test_it_recovers(executor: str, demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator]) -> None:
    source, emulator = pair
    gateway = Gateway(executor, {"store": demo, "planning_center": source})
    emulator.faults.status = 500
    assert (await gateway.ask(BOTH))["data"]["church"] is None
    emulator.faults.clear()
    assert len((await gateway.data(BOTH))["church"]["nodes"]) == 3


async def test_a_failing_edge_leaves_the_rest(
    executor: str, demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    source, emulator = pair
    emulator.faults.set(Faults(status=500, path="/services/v2/people"))
    query = """{ plans(sources: ["planning_center"], first: 4) {
        nodes { id serviceType { name } createdBy { name } teamMembers(first: 1) { nodes { name } } } } }"""
    answer = await Gateway(executor, {"store": demo, "planning_center": source}).ask(query)
    nodes = answer["data"]["plans"]["nodes"]
    assert all(node["serviceType"]["name"] and node["createdBy"] is None for node in nodes)
    assert {error["path"][-1] for error in answer["errors"]} == {"createdBy"}
    assert len(answer["errors"]) == len(nodes) == 4


async def test_a_broken_store_leaves_planning_center(
    executor: str, pair: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    broken = Store("postgresql://nobody:hunter2@127.0.0.1:9/nowhere")
    answer = await Gateway(executor, {"store": broken, "planning_center": pair[0]}).ask(BOTH)
    await broken.close()
    assert len(answer["data"]["church"]["nodes"]) == 3
    assert {node["source"] for node in answer["data"]["all"]["nodes"]} == {"planning_center"}
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
    assert "hunter2" not in str(answer)


async def test_a_slow_system_does_not_hold_up_others(executor: str, demo: Store, slow: PlanningCenter) -> None:
    gateway = Gateway(executor, {"store": demo, "planning_center": slow})
    waiting = [asyncio.create_task(gateway.ask(BOTH)) for _ in range(16)]
    await asyncio.sleep(0.05)
    await gateway.data('{ plans(sources: ["store"], first: 3) { nodes { id } } }')
    assert not any(task.done() for task in waiting)
    for answer in await asyncio.gather(*waiting):
        assert len(answer["data"]["store"]["nodes"]) == 3


async def test_a_slow_system_fails_before_the_request_does(executor: str, demo: Store, slow: PlanningCenter) -> None:
    """With the same deadline for the request and for each system, over HTTP, several levels deep."""
    app = create_app(
        Settings(
            executor=executor, deadline=DEADLINE,
            authentication=AuthenticationSettings(anonymous=True, anonymous_workspace="demo"),
        ),
        {"store": demo, "planning_center": slow},
    )  # fmt: skip
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
        answer = (await client.post("/graphql", json={"query": BOTH})).json()
        assert len(answer["data"]["store"]["nodes"]) == 3
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]


@pytest.mark.parametrize("first", ["Plan:planning_center:1001/70000046", "nonsense"])
async def test_one_id_that_fails_leaves_the_other_nodes(
    executor: str, demo: Store, pair: tuple[PlanningCenter, PlanningCenterEmulator], first: str
) -> None:
    source, emulator = pair
    emulator.faults.status = 503
    gateway = Gateway(executor, {"store": demo, "planning_center": source})
    ids = [first, "Plan:store:harbour-campus"]
    answer = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert answer["data"]["nodes"] == [None, {"id": "Plan:store:harbour-campus"}]
    assert [error["path"] for error in answer["errors"]] == [["nodes", 0]]
