"""What fails is logged once, with its cause, whatever number of fields it nulls."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from plangate import logs
from plangate.access import Role
from plangate.app import create_app
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.errors import StoreUnavailable
from plangate.failures import Failures
from plangate.listing import Slice
from plangate.settings import AuthenticationSettings, Settings
from plangate.source import Source
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.databases import PostgreSQL
from tests.gateway import planning_center

ANYONE = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
LIST = "{ plans(first: 1) { nodes { id } } }"


@asynccontextmanager
async def client(executor: str, sources: dict[str, Source], **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(Settings(**{"authentication": ANYONE, "executor": executor} | settings), sources)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
        yield client


async def failures_of(client: httpx2.AsyncClient, query: str, **headers: str) -> list[dict[str, Any]]:
    """The lines that a request leaves beside its own, without what is the same in all."""
    with capture_logs() as lines:
        await client.post("/graphql", json={"query": query}, headers=headers)
    return [dict(line) for line in lines if line["event"] != "request"]


def new_store(tmp_path: Path) -> Store:
    """A store in a file that is there, and empty."""
    file = tmp_path / "new.db"
    file.touch()
    return Store(f"sqlite:///{file}")


async def test_a_table_that_is_missing(executor: str, tmp_path: Path) -> None:
    store = new_store(tmp_path)
    async with client(executor, {"store": store}) as asking:
        [line] = await failures_of(asking, LIST)
    await store.close()
    assert line | {"path": ["plans"], "count": 1, "source": "store", "code": "STORE_UNAVAILABLE"} == line
    assert line["cause"] == "OperationalError: no such table: plans"
    assert line["log_level"] == "warning"


async def test_a_file_that_is_missing(executor: str, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'nothing.db'}")
    async with client(executor, {"store": store}) as asking:
        [line] = await failures_of(asking, LIST)
    await store.close()
    assert line["cause"] == "OperationalError: There is no such file."


CAUSES = {
    "refused connection": ("postgresql://postgres@127.0.0.1:1/postgres", "ConnectionRefusedError: "),
    "missing table": ("postgresql://postgres@/postgres?host={}", 'UndefinedTableError (42P01): relation "plans" does not exist'),
    "missing database": ("postgresql://postgres@/nothing?host={}", 'InvalidCatalogNameError (3D000): database "nothing" does not exist'),
    "wrong password": ("postgresql://with_password:hunter2@/postgres?host={}", 'InvalidPasswordError (28P01): password authentication failed for user "with_password"'),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
async def test_a_postgresql_that_does_not_answer(executor: str, postgresql: PostgreSQL, name: str) -> None:
    url, cause = CAUSES[name]
    store = Store(url.format(postgresql.socket), timeout=2.0)
    async with client(executor, {"store": store}) as asking:
        [line] = await failures_of(asking, LIST)
        with capture_logs() as lines:
            await asking.get("/ready")
    await store.close()
    assert line["cause"].startswith(cause)
    assert "hunter2" not in str(line)
    [ready] = [each for each in lines if each["event"] == "source_failed"]
    if name == "missing table":
        assert ready["reason"] == "The store has no tables yet: run `plangate migrate`."
    else:
        assert ready["cause"] == line["cause"]


async def test_values_of_a_query_are_not_quoted(demo: Store, database: str) -> None:
    """The database's messages about data hold the data."""
    statement = "SELECT CAST('hunter2' AS integer)" if database == "postgresql" else "SELECT json('hunter2')"
    with pytest.raises(StoreUnavailable) as raised:
        await demo.database.fetch((text(statement), {}))
    expected = {"postgresql": "InvalidTextRepresentationError (22P02)", "sqlite": "OperationalError: malformed JSON"}
    assert raised.value.cause == expected[database]


async def test_an_upstream_system_that_answers_an_error(
    executor: str, demo: Store, upstream: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    """Of a list over several systems, where the failure is no error of the answer, and of single records."""
    source, emulator = upstream
    emulator.faults.status = 503
    async with client(executor, {"store": demo, "planning_center": source}) as asking:
        [line] = await failures_of(asking, LIST)
        expected = {"source": "planning_center", "code": "UPSTREAM_UNAVAILABLE", "status": 503, "count": 1}
        assert line | expected == line
        [line] = await failures_of(asking, '{ plan(id: "Plan:planning_center:1001/70000046") { id } }')
        assert line | expected | {"path": ["plan"]} == line


async def test_a_connection_that_is_refused(executor: str, demo: Store) -> None:
    source = PlanningCenter(url="http://127.0.0.1:1/x?token=hunter2", app_id="a", secret="hunter2", retries=0)
    async with client(executor, {"store": demo, "planning_center": source}) as asking:
        [line] = await failures_of(asking, LIST)
    await source.close()
    assert line["cause"] == "ConnectError: Connection refused (os error 111)"
    assert "hunter2" not in str(line)


async def test_a_failure_that_a_stale_answer_hides(executor: str, demo: Store) -> None:
    async with (
        planning_center(stale_if_error=60, retries=0) as (source, emulator),
        client(executor, {"store": demo, "planning_center": source}, coalesce=False) as asking,
    ):
        assert await failures_of(asking, LIST) == []
        emulator.faults.status = 503
        with capture_logs() as lines:
            answer = (await asking.post("/graphql", json={"query": LIST})).json()
    assert "errors" not in answer
    failed, request = lines
    assert (failed["event"], failed["status"]) == ("source_failed", 503)
    assert request["stale"] == answer["extensions"]["stale"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_failure_of_a_tree_that_is_read_level_by_level_then(
    demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: Any) -> Any:
        raise demo.database.unavailable(ConnectionResetError("gone"))

    monkeypatch.setattr(demo, "plans_with_sub_plans", unavailable)
    query = '{ plan(id: "Plan:store:harbour-campus") { subPlans { nodes { subPlans { nodes { id } } } } } }'
    async with client("compiled", {"store": demo}) as asking:
        [line] = await failures_of(asking, query)
    assert line["cause"] == "ConnectionResetError: gone"


async def test_a_hundred_parents_with_one_error_are_one_line(
    executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{ plans(first: 100) { nodes { actions { nodes { id } } } } }"
    async with client(executor, {"store": demo}) as asking:
        plans = len((await asking.post("/graphql", json={"query": query})).json()["data"]["plans"]["nodes"])
        assert plans > 5

        async def unavailable(*_: Any) -> Slice[Any]:
            raise demo.database.unavailable(ConnectionResetError("gone"))

        monkeypatch.setattr(demo, "actions_of_plans", unavailable)
        [line] = await failures_of(asking, query)
        assert (line["count"], line["cause"]) == (plans, "ConnectionResetError: gone")

        async def broken(*_: Any) -> Slice[Any]:
            raise RuntimeError("a bug")

        monkeypatch.setattr(demo, "actions_of_plans", broken)
        [line] = await failures_of(asking, query)
        assert (line["event"], line["count"]) == ("unexpected_error", plans)
        assert str(line["exc_info"]) == "a bug"


async def test_a_store_that_cannot_check_a_credential(executor: str, tmp_path: Path) -> None:
    store = new_store(tmp_path)
    keys = AuthenticationSettings(api_keys=True)  # type: ignore[call-arg]
    async with client(executor, {"store": store}, authentication=keys) as asking:
        [line] = await failures_of(asking, LIST, authorization="Bearer plg_" + "x" * 43)
    await store.close()
    assert (line["event"], line["cause"]) == ("source_failed", "OperationalError: no such table: api_keys")


def test_different_failures_are_lines_of_their_own() -> None:
    failures = Failures()
    for number in range(6):
        try:
            if number % 2:
                raise ValueError(number)
            raise ValueError(number)
        except ValueError as error:
            failures.add(error)
    with capture_logs() as lines:
        failures.log()
        failures.log()
    assert [(str(line["exc_info"]), line["count"]) for line in lines] == [("0", 3), ("1", 3)]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    out = io.StringIO()
    logs.configure("json", "info", out)
    yield out
    structlog.reset_defaults()


async def test_the_lines_of_a_request_have_its_ids(executor: str, tmp_path: Path, written: io.StringIO) -> None:
    store = new_store(tmp_path)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"x-request-id": "request-0001", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    async with client(executor, {"store": store}) as asking:
        await asking.post("/graphql", json={"query": LIST}, headers=headers)
    await store.close()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["source_failed", "request"]
    assert {(line["request_id"], line["trace_id"]) for line in lines} == {("request-0001", trace)}
