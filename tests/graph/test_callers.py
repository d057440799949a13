"""Whole operations over HTTP: viewers' own credentials, calls that are counted, and answers that are stale."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from plangate.access import Role
from plangate.app import create_app
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.settings import AuthenticationSettings, Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import planning_center

ANYONE = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
BOTH = """{
  church: plans(sources: ["planning_center"], first: 2) { nodes { id } }
  all: plans(first: 4) { nodes { source } sources { source answered code } }
}"""
Pair = tuple[PlanningCenter, PlanningCenterEmulator]


class Asking:
    def __init__(self, executor: str, store: Store, source: PlanningCenter) -> None:
        settings = Settings(authentication=ANYONE, executor=executor)  # type: ignore[arg-type]
        self.app = create_app(settings, {"store": store, "planning_center": source})

    async def get(self, path: str) -> Any:
        async with self.client() as client:
            return (await client.get(path)).json()

    async def ask(self, query: str, **headers: str) -> dict[str, Any]:
        async with self.client() as client:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return dict((await client.post("/graphql", json={"query": query}, headers=given)).json())

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://localhost")


@pytest.fixture
async def of_viewers() -> AsyncIterator[Pair]:
    async with planning_center(credentials="viewer", app_id=None, secret=None) as pair:
        yield pair


async def test_a_viewers_own_credential(executor: str, demo: Store, of_viewers: Pair) -> None:
    source, emulator = of_viewers
    asking = Asking(executor, demo, source)
    answer = await asking.ask(BOTH, x_plangate_planning_center_authorization="Bearer access-token")
    assert "errors" not in answer
    assert len(answer["data"]["church"]["nodes"]) == 2
    assert all(each["answered"] for each in answer["data"]["all"]["sources"])

    refused = await asking.ask(BOTH, x_plangate_planning_center_authorization="Bearer wrong")
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["UPSTREAM_DENIED"]

    emulator.log.clear()
    without = await asking.ask(BOTH)
    [error] = without["errors"]
    assert error["path"] == ["church"]
    assert error["extensions"] == {
        "code": "UPSTREAM_UNAUTHENTICATED",
        "source": "planning_center",
        "retryable": False,
    }
    assert {node["source"] for node in without["data"]["all"]["nodes"]} == {"store"}
    assert without["data"]["all"]["sources"][1]["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert len(emulator.log) == 0


async def test_readiness_is_not_spoilt_by_having_no_viewer(executor: str, demo: Store, of_viewers: Pair) -> None:
    ready = await Asking(executor, demo, of_viewers[0]).get("/ready")
    assert ready["status"] == "ready"
    assert "viewer's own credential" in ready["sources"]["planning_center"]["detail"]


async def test_calls_are_counted_per_operation(executor: str, demo: Store) -> None:
    query = """{ store: plans(sources: ["store"], first: 1) { nodes { id } }
      plans(sources: ["planning_center"], first: 20) { nodes { id items(first: 2) { nodes { id } } } } }"""
    async with planning_center(max_calls=12, time_zone="Europe/London") as (source, emulator):
        asking = Asking(executor, demo, source)
        for _ in range(2):
            answer = await asking.ask(query)
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"UPSTREAM_CALLS_EXCEEDED"}
            assert {error["path"][-1] for error in answer["errors"]} == {"items"}
            assert len(answer["data"]["store"]["nodes"]) == 1
            assert len(answer["data"]["plans"]["nodes"]) == 20
        assert 12 <= len(emulator.log) <= 24  # those that are given up may never arrive


async def test_stale_answers_are_marked(executor: str, demo: Store) -> None:
    async with planning_center(stale_if_error=60, retries=0) as (source, emulator):
        asking = Asking(executor, demo, source)
        before = await asking.ask(BOTH)
        assert "extensions" not in before
        emulator.faults.set(Faults(status=503))
        after = await asking.ask(BOTH)
        health = await asking.ask("{ sources { name health { ok } } }")
        ready = await asking.get("/ready")
    assert after["data"] == before["data"]
    [stale] = after["extensions"]["stale"]
    assert stale["source"] == "planning_center"
    assert 0 <= stale["age"] < 10
    assert health["data"]["sources"][1] == {"name": "planning_center", "health": {"ok": False}}
    assert ready["status"] == "degraded"
