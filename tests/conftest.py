"""Fixtures for tests of the whole: each runs on both databases and both executors unless it says otherwise."""

import os
from collections.abc import AsyncIterator, Iterator
from functools import cache

import pytest
import structlog

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.graph.schema import build_schema
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.databases import database, demo_url, new_store_url, postgresql, store_url
from tests.gateway import Gateway, planning_center

__all__ = ["database", "demo_url", "new_store_url", "postgresql", "store_url"]


@pytest.fixture(scope="session", autouse=True)
def no_settings() -> Iterator[None]:
    """Settings of the machine that runs the tests are none of theirs, nor of the commands that they start."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith("PLANGATE_")]:
            monkeypatch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def nobody_elses_settings() -> None:
    """Nor those of another test: `plangate serve` hands its options on to its workers by the environment."""
    for name in [name for name in os.environ if name.startswith("PLANGATE_")]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """By itself structlog draws tracebacks with all their variables, which takes seconds."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[renderer])


@pytest.fixture(scope="session", autouse=True)
def one_schema() -> Iterator[None]:
    """Every gateway's schema is the same, and takes a tenth of a second to make."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("plangate.app.build_schema", cache(build_schema))
        yield


@pytest.fixture(params=["compiled", "stock"])
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Store]:
    """The store with demo data, shared: not to be written to."""
    store = Store(demo_url)
    yield store
    await store.close()


@pytest.fixture
async def upstream() -> AsyncIterator[tuple[PlanningCenter, PlanningCenterEmulator]]:
    async with planning_center() as pair:
        yield pair


@pytest.fixture
def emulator(upstream: tuple[PlanningCenter, PlanningCenterEmulator]) -> PlanningCenterEmulator:
    return upstream[1]


@pytest.fixture
async def gateway(executor: str, demo: Store, upstream: tuple[PlanningCenter, PlanningCenterEmulator]) -> Gateway:
    """The graph over both systems."""
    return Gateway(executor, {"store": demo, "planning_center": upstream[0]})
