"""Queries that come at the same time: each is answered as if it were alone, with less work."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from plangate.access import Role
from plangate.app import create_app
from plangate.authentication import fingerprint, new_api_key
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve
from plangate.executor import Executor
from plangate.logs import add_ids
from plangate.model import Key
from plangate.operation_context import OperationContext
from plangate.settings import AuthenticationSettings, LimitSettings, Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import ApiKey, Store, add_api_key
from tests.gateway import planning_center
from tests.test_endpoint import ANYONE, application, client_of

LATENCY = 2.0
"""Seconds that a slow system takes: much longer than this machine stands still, for that keeps everybody."""

TITLES = "query ($first: Int!) { plans(first: $first) { nodes { title } totalCount } }"
TREE = """query ($id: ID!, $first: Int, $yes: Boolean = true) {
  plan(id: $id) {
    id title
    serviceType @include(if: $yes) { name plans(first: $first) { nodes { id actions(first: 2) { nodes { title } } } } }
    actions(first: $first) { nodes { title assignee { name } } totalCount }
    subPlans(first: 2) { nodes { id tasks(first: $first) { nodes { title } } } }
  }
}"""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """The variables of the requests that are run together, for each run."""
    seen: list[list[Any]] = []
    run_all = Executor.run_all

    async def counted(self: Executor, operation: Any, requests: Sequence[Any], **rest: Any) -> Any:
        seen.append(list(requests))
        return await run_all(self, operation, requests, **rest)

    monkeypatch.setattr(Executor, "run_all", counted)
    return seen


@pytest.fixture
async def client(executor: str, demo: Store) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(application(executor, demo)) as client:
        yield client


async def ask(client: httpx2.AsyncClient, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    answer = (await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)).json()
    for error in answer.get("errors", ()):
        error["extensions"].pop("requestId", None)
    return answer


async def test_equal_queries_are_run_once(client: httpx2.AsyncClient, runs: list[list[Any]]) -> None:
    # What is not declared makes no difference, nor does the order in which it is sent.
    answers = await asyncio.gather(*(ask(client, TITLES, first=3, other=n) for n in range(12)))
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]["data"]["plans"]["nodes"]) == 3
    assert 1 <= len(runs) <= 3
    assert all(requests == [{"first": 3}] for requests in runs)


async def test_an_error_has_the_id_of_its_own_request(
    client: httpx2.AsyncClient, demo: Store, runs: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of requests that are executed once for all, too; the log leads from each to the cause."""

    async def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(demo, "list_plans", broken)
    ids = [f"request-{number:04}" for number in range(12)]
    body = {"query": TITLES, "variables": {"first": 3}}
    with structlog.testing.capture_logs(processors=[add_ids]) as lines:
        answers = await asyncio.gather(
            *(client.post("/graphql", json=body, headers={"x-request-id": id}) for id in ids)
        )
    assert len(runs) < 12
    for id, answer in zip(ids, answers, strict=True):
        [error] = answer.json()["errors"]
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": id}
    logged = [line for line in lines if line["event"] == "unexpected_error"]
    assert {line["request_id"] for line in logged} == {*ids}
    executed = {line["request_id"] for line in logged if "executed_by" not in line}
    assert len(executed) == len(runs)
    assert {line["executed_by"] for line in logged if "executed_by" in line} <= executed


async def test_others_are_run_together_and_answered_as_if_alone(
    client: httpx2.AsyncClient, executor: str, demo: Store, runs: list[list[Any]], lasting: None
) -> None:
    plans = (await ask(client, "{ plans(first: 40) { nodes { id } } }"))["data"]["plans"]["nodes"]
    asked: list[dict[str, Any]] = [{"id": plan["id"], "first": number % 3} for number, plan in enumerate(plans)]
    asked += [{"id": plans[0]["id"], "first": 2, "yes": False}, {"id": plans[1]["id"]}]
    asked += [
        {"id": "Plan:store:no-such-plan", "first": 1},
        {"id": "Task:store:another-kind", "first": 1},
        {"id": plans[2]["id"], "first": 101},
        {"id": plans[3]["id"], "first": "no number"},
        {"first": 1},
    ]
    before = demo.database.statements
    alone = [await ask(client, TREE, **each) for each in asked]
    assert all(len(requests) == 1 for requests in runs)
    runs.clear()
    between = demo.database.statements
    together = await asyncio.gather(*(ask(client, TREE, **each) for each in asked))
    assert together == alone
    codes = {error["extensions"]["code"] for answer in together for error in answer.get("errors", ())}
    assert codes == {"INVALID_ID", "PAGINATION_LIMIT", "BAD_USER_INPUT"}
    if executor == "compiled":
        assert len(runs) < len(asked) / 2
        assert demo.database.statements - between < (between - before) / 2
    else:
        assert all(len(requests) == 1 for requests in runs)


async def test_cost_is_counted_for_each(executor: str, demo: Store) -> None:
    limits = LimitSettings(cost=100)
    async with client_of(application(executor, demo, limits=limits)) as client:
        answers = await asyncio.gather(*(ask(client, TITLES, first=first) for first in (1, 90, 2, 101, 80, 500)))
    codes = [answer.get("errors", [{"extensions": {"code": None}}])[0]["extensions"]["code"] for answer in answers]
    assert codes == [None, None, None, "COST_LIMIT_EXCEEDED", None, "COST_LIMIT_EXCEEDED"]


async def test_each_may_be_run_by_itself(executor: str, demo: Store, runs: list[list[Any]]) -> None:
    async with client_of(application(executor, demo, coalesce=False)) as client:
        await asyncio.gather(*(ask(client, TITLES, first=first) for first in (1, 1, 2)))
    assert [[each["first"] for each in requests] for requests in runs] == [[1], [1], [2]]


async def test_who_shows_upstream_systems_another_credential_shares_nothing(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str | None] = []
    run_all = Executor.run_all

    async def seen(self: Executor, operation: Any, requests: Sequence[Any], **rest: Any) -> Any:
        context = OperationContext.current()
        assert context
        shown.append(context.authorization("planning_center"))
        return await run_all(self, operation, requests, **rest)

    monkeypatch.setattr(Executor, "run_all", seen)
    own: list[dict[str, str]] = [
        {"x-plangate-planning-center-authorization": "Bearer mine"},
        {"x-plangate-planning-center-authorization": "Bearer yours"},
        {},
    ]
    await asyncio.gather(*(ask(client, TITLES, each, first=n) for each in own for n in range(3)))
    assert set(shown) == {"Bearer mine", "Bearer yours", None}


async def test_viewers_share_nothing(executor: str, demo: Store, runs: list[list[Any]]) -> None:
    """Not even an admin and a member of one workspace: what they may read differs."""
    query = "query ($first: Int!) { viewer { id role } plans(first: $first) { nodes { id } totalCount } }"
    keys: dict[Role, str] = {}
    for role in (Role.ADMIN, Role.VIEWER):
        keys[role] = secret = new_api_key()
        key = ApiKey(secret[-8:], fingerprint(secret), Key("store:nobody"), "demo", role, None, "2026-11-20T00:00:00Z")
        await add_api_key(demo.database, key)
    settings = AuthenticationSettings(api_keys=True)
    async with client_of(application(executor, demo, authentication=settings)) as client:
        asked = [(role, first) for first in (5, 6, 7) for role in keys]
        answers = await asyncio.gather(
            # In a header that no upstream system is shown, so that only who they are can keep them apart.
            *(ask(client, query, {"x-api-key": keys[role]}, first=first) for role, first in asked)
        )
    totals = {}
    for (role, first), answer in zip(asked, answers, strict=True):
        assert answer["data"]["viewer"]["role"] == role.name
        assert len(answer["data"]["plans"]["nodes"]) == first
        totals[role] = answer["data"]["plans"]["totalCount"]
    assert totals[Role.ADMIN] > totals[Role.VIEWER]


# -------------------------------------------------------------------------------------------- with an upstream system


def over(executor: str, store: Store, upstream: PlanningCenter) -> Starlette:
    return create_app(
        Settings(authentication=ANYONE, executor=executor),  # type: ignore[arg-type]
        {"store": store, "planning_center": upstream},
    )


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company that does not part because it is slow."""
    monkeypatch.setattr("plangate.turns.SERVICE", (10.0, 10.0))


@pytest.mark.usefixtures("lasting")
async def test_a_slow_upstream_keeps_nobody_else(executor: str, demo: Store) -> None:
    """Of several at once one asks for a plan of a slow system; the others, of the store, do not wait for it."""
    query = "query ($id: ID!) { plan(id: $id) { id title actions { nodes { title } } } }"
    async with planning_center(cache_bytes=0) as (source, emulator), client_of(over(executor, demo, source)) as client:
        nodes = "{ plans(first: 12, sources: [%s]) { nodes { id } } }"
        there = (await ask(client, nodes % '"planning_center"'))["data"]["plans"]["nodes"][0]["id"]
        ids = [node["id"] for node in (await ask(client, nodes % '"store"'))["data"]["plans"]["nodes"]]
        alone = [await ask(client, query, id=each) for each in ids]
        emulator.faults.set(Faults(latency=LATENCY))
        started = time.monotonic()

        async def timed(id: str) -> tuple[Any, float]:
            return await ask(client, query, id=id), time.monotonic() - started

        tasks = [asyncio.create_task(timed(id)) for id in [*ids[:6], there, *ids[6:]]]
        answers = await asyncio.gather(*tasks)
    slow = answers.pop(6)
    assert slow[0]["data"]["plan"]["id"] == there
    assert slow[1] >= LATENCY
    assert [answer for answer, _ in answers] == alone
    assert max(took for _, took in answers) < LATENCY


@pytest.mark.usefixtures("lasting")
async def test_nor_does_one_that_is_asked_for_its_health(executor: str, demo: Store) -> None:
    query = """query ($yes: Boolean!, $first: Int) {
      sources @include(if: $yes) { health { ok } } plans(first: $first, sources: ["store"]) { nodes { id } } }"""
    async with planning_center(cache_bytes=0) as (source, emulator), client_of(over(executor, demo, source)) as client:
        await ask(client, query, yes=False, first=1)
        emulator.faults.set(Faults(latency=LATENCY))
        started = time.monotonic()

        async def timed(first: int) -> float:
            assert "errors" not in await ask(client, query, yes=first == 3, first=first)
            return time.monotonic() - started

        took = await asyncio.gather(*map(timed, range(1, 8)))
    assert took.pop(2) >= LATENCY
    assert max(took) < LATENCY


async def test_upstream_systems_are_shown_the_viewers_own_credential(executor: str, demo: Store) -> None:
    """Also when requests began together, and each had to go on alone."""
    query = """query ($id: ID!, $first: Int) {
      plan(id: $id) { id serviceType { name } items(first: $first) { nodes { title } } teamMembers { nodes { id } } } }"""
    shown: set[str] = set()
    emulator = PlanningCenterEmulator(rate_limit=None)

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            shown.add(dict(scope["headers"])[b"authorization"].decode())
        await emulator.app(scope, receive, send)

    own = {"x-plangate-planning-center-authorization": "Bearer access-token"}
    nodes = '{ plans(first: 12, sources: ["%s"]) { nodes { id } } }'
    async with serve(seen) as url:
        secrets = {"app_id": "app-id", "secret": "secret"}
        source = PlanningCenter(url=f"{url}/services/v2", credentials="viewer", cache_bytes=0, **secrets)
        async with client_of(over(executor, demo, source)) as client:
            ids: list[str] = []
            for name in ("planning_center", "store"):
                ids += [each["id"] for each in (await ask(client, nodes % name, own))["data"]["plans"]["nodes"]]
            ids.insert(1, ids.pop())
            emulator.faults.set(Faults(latency=0.02))
            answers = await asyncio.gather(*(ask(client, query, own, id=id, first=n % 3) for n, id in enumerate(ids)))
        await source.close()
    assert [answer["data"]["plan"]["id"] for answer in answers] == ids
    assert shown == {"Bearer access-token"}


async def test_what_leaves_the_store_is_run_alone_from_then_on(
    executor: str, demo: Store, runs: list[list[Any]]
) -> None:
    async with planning_center() as (source, _), client_of(over(executor, demo, source)) as client:
        for _ in range(2):
            runs.clear()
            answers = await asyncio.gather(*(ask(client, TITLES, first=first) for first in (3, 4, 5, 3)))
            lengths = [len(answer["data"]["plans"]["nodes"]) for answer in answers]
            assert lengths == [3, 4, 5, 3]
    assert all(len(requests) == 1 for requests in runs)
