"""Every request has an id, and one line in the log that says what it was and what it used."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from structlog.testing import capture_logs

from plangate.access import Role
from plangate.app import create_app
from plangate.http import middleware
from plangate.settings import AuthenticationSettings, Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store

ANYONE = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def application(store: Store, planning_center: PlanningCenter | None = None, **settings: Any) -> Starlette:
    sources = {"store": store} | ({"planning_center": planning_center} if planning_center else {})
    return create_app(Settings(**{"authentication": ANYONE} | settings), sources)


def client_of(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost")


@pytest.fixture
async def client(demo: Store) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(application(demo)) as client:
        yield client


async def line_of(client: httpx2.AsyncClient, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """What is logged of a request, without its time."""
    with capture_logs() as lines:
        await client.post("/graphql", json=body, headers=headers)
    [line] = [line for line in lines if line["event"] == "request"]
    assert line.pop("ms") >= 0
    return dict(line)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [
        ("request-0001", True),
        ("A.b_c-123456", True),
        ("short", False),
        ("x" * 65, False),
        ("with space", False),
        ("line\x01feed", False),
        ("", False),
    ],
)
async def test_keeps_a_request_id_that_is_well_formed(client: httpx2.AsyncClient, sent: str, is_kept: bool) -> None:
    for path in ("/graphql", "/health", "/nowhere"):
        response = await client.get(path, headers={"x-request-id": sent})
        given = response.headers["x-request-id"]
        assert (given == sent) is is_kept
        assert is_kept or len(given) == 32


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "sent",
    [
        [TRACEPARENT],
        [f"01{TRACEPARENT[2:]}"],
        [f"cc{TRACEPARENT[2:]}-what-a-later-version-adds"],
    ],
)
async def test_takes_over_a_traceparent_that_is_well_formed(client: httpx2.AsyncClient, sent: list[str]) -> None:
    assert (await line_of(client, {}, {"traceparent": sent[0]}))["trace_id"] == TRACE_ID


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "sent",
    [
        "nonsense",
        TRACEPARENT.upper(),
        f"ff{TRACEPARENT[2:]}",
        f"{TRACEPARENT}-more",
        f"cc{TRACEPARENT[2:]}more",
        TRACEPARENT[:-1],
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
    ],
)
async def test_ignores_a_traceparent_that_is_not(client: httpx2.AsyncClient, sent: str) -> None:
    assert "trace_id" not in await line_of(client, {}, {"traceparent": sent})


async def test_two_traceparents_are_none(demo: Store) -> None:
    async with client_of(application(demo)) as client:
        with capture_logs() as lines:
            await client.get("/health", headers=[("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)])
    assert "trace_id" not in lines[-1]


async def test_the_line_of_a_request_says_what_it_used(executor: str, demo: Store) -> None:
    query = "query Plans { plans(first: 2) { nodes { title actions { nodes { title } } } } }"
    async with client_of(application(demo, executor=executor)) as client:
        line = await line_of(client, {"query": query}, {"x-request-id": "request-0001", "traceparent": TRACEPARENT})
    assert line.pop("cost") > 2
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "request_id": "request-0001",
        "trace_id": TRACE_ID,
        "operation": "Plans",
        "type": "query",
        "viewer": "anonymous",
        "workspace": "demo",
        "errors": 0,
        "calls": {},
        "statements": 2,
    }


@pytest.mark.parametrize("coalesce", [True, False])
async def test_upstream_calls_are_counted_by_source(
    executor: str, demo: Store, upstream: tuple[PlanningCenter, Any], coalesce: bool
) -> None:
    query = 'query ($n: Int!) { plans(sources: ["planning_center"], first: $n) { nodes { title } } }'
    async with client_of(application(demo, upstream[0], executor=executor, coalesce=coalesce)) as client:
        line = await line_of(client, {"query": query, "variables": {"n": 1}})
    assert (set(line["calls"]), line["statements"]) == ({"planning_center"}, 0)
    assert line["calls"]["planning_center"] == len(upstream[1].log)


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "no query": ({}, {"code": "BAD_REQUEST", "errors": 1, "status": 400}),
    "syntax": ({"query": "{"}, {"code": "GRAPHQL_PARSE_FAILED", "errors": 1, "viewer": "anonymous"}),
    "validation": ({"query": "{ a b }"}, {"code": "GRAPHQL_VALIDATION_FAILED", "errors": 2}),
    "cost": ({"query": "{ plans(first: 1000000) { nodes { id } } }"}, {"code": "COST_LIMIT_EXCEEDED", "errors": 1}),
    "field error": ({"query": '{ a: plan(id: "x") { id } b: plan(id: "y") { id } }'}, {"errors": 2}),
    "long name": ({"query": "query %s { __typename }" % ("A" * 1000)}, {"operation": "A" * 100, "errors": 0}),
    "mutation": ({"query": "{ __typename }", "operationName": "No"}, {"code": "OPERATION_RESOLUTION_FAILURE"}),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", REFUSED)
async def test_the_line_counts_errors_and_names_why_a_request_was_refused(
    client: httpx2.AsyncClient, name: str
) -> None:
    body, expected = REFUSED[name]
    line = await line_of(client, body)
    assert line | expected == line
    assert ("code" in line) is ("code" in expected)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_unauthenticated_request_names_no_viewer(demo: Store) -> None:
    async with client_of(application(demo, authentication=AuthenticationSettings(api_keys=True))) as client:
        line = await line_of(client, {"query": "{ __typename }"}, {"x-api-key": "plg_wrong"})
    assert (line["status"], line["code"], "viewer" in line) == (401, "UNAUTHENTICATED", False)
    assert "plg_wrong" not in str(line)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_requests_to_other_paths_are_logged_in_brief(client: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.get("/" + "x" * 300)
    [line] = lines
    assert set(line) == {"event", "log_level", "method", "path", "status", "ms", "request_id"}
    assert (line["status"], len(line["path"])) == (404, 200)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nothing_is_composed_that_the_level_hides(demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def composed(_: Any) -> Any:
        raise AssertionError("details of a hidden line")

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    monkeypatch.setattr(middleware, "details_of", composed)
    async with client_of(application(demo)) as client:
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).status_code == 200
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("info"))
    async with client_of(application(demo)) as client:
        with pytest.raises(AssertionError, match="hidden line"):
            await client.post("/graphql", json={"query": "{ __typename }"})
