"""How many statements a question takes, and what happens when the database is slow, broken or away."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from plangate.errors import BadUserInput, SettingsError, StoreUnavailable
from plangate.listing import Condition, ListQuery, Scope
from plangate.model import Plan, ServiceType, Visibility, key
from plangate.source import BY_ID
from plangate.sources.store import Store
from plangate.sources.store.database import Database
from tests.sources.contract import EDGES, KIND_OF, LISTS

SCOPE = Scope("demo", None)


@pytest.mark.parametrize("question", [*BY_ID.values(), *LISTS, *EDGES, "next_plans", "previous_plans"])
async def test_one_statement_and_one_for_totals(demo: Store, question: str) -> None:
    ask: Any = getattr(demo, question)
    parents = [KIND_OF[EDGES.get(question, ("plans",))[0]](key("store", str(n))) for n in range(100)]

    async def statements(total: bool) -> int:
        before = demo.database.statements
        query = ListQuery(10, scope=SCOPE, total=total)
        if question in BY_ID.values():
            await ask([str(n) for n in range(1000)])
        else:
            await (ask(query) if question in LISTS else ask(parents, query))
        return demo.database.statements - before

    assert await statements(total=False) == 1
    assert await statements(total=True) == (2 if question in (*LISTS, *EDGES) else 1)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("question", [*BY_ID.values(), *EDGES, "next_plans", "previous_plans", "tree", "with_tree"])
async def test_one_plan_for_however_many_keys(demo_url: str, question: str) -> None:
    """PostgreSQL plans a statement five times, and then no more, unless that looks worth its while each time."""
    store = Store(demo_url, pool_size=1)
    if question in BY_ID.values():
        asked: Any = partial(getattr(store, question), ["1"])
    elif question == "with_tree":
        asked = partial(store.plans_with_sub_plans, ["1"], ListQuery(5, scope=SCOPE, repeats=2))
    elif question == "tree":
        plans = (await store.list_plans(ListQuery(1, scope=SCOPE))).records
        asked = partial(store.sub_plans_of_plans, plans, ListQuery(5, scope=SCOPE, repeats=2))
    else:
        parents = [KIND_OF[EDGES.get(question, ("plans",))[0]](key("store", "1"))]
        asked = partial(getattr(store, question), parents, ListQuery(5, scope=SCOPE))
    assert await plans_of(store, asked) == (7, 5)
    await store.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_one_plan_for_however_large_families(store_url: str) -> None:
    store = Store(store_url, pool_size=1)
    parents = [ServiceType(key("store", str(n)), "demo") for n in range(3)]
    children = [
        Plan(
            key("store", f"{parent.key[6:]}-{n}"),
            "demo",
            sort_date="2026-01-01T00:00:00+00:00",
            service_type=parent.key,
        )
        for parent in parents
        for n in range(1000)
    ]
    await store.insert([*parents, *children])
    asked = partial(store.plans_of_service_types, parents[:1], ListQuery(5, scope=SCOPE))
    assert await plans_of(store, asked) == (7, 5)
    await store.close()


async def plans_of(store: Store, ask: Callable[[], Awaitable[Any]]) -> tuple[int, int]:
    """How often of 12 times the one statement of a question is executed by its one plan, and how often by a new one."""
    before = await planned(store)
    for _ in range(12):
        await ask()
    [times] = [times for statement, times in (await planned(store)).items() if statement not in before]
    return times


async def planned(store: Store) -> dict[str, tuple[int, int]]:
    """The same of each statement of the one connection."""
    asked = text("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements WHERE from_sql = false")
    [rows] = await store.database.fetch((asked, {}))
    return {statement: (generic, custom) for statement, generic, custom in rows}


async def test_the_main_query(demo: Store) -> None:
    """50 plans, their service types, next plans, first ten actions, and those actions' assignees."""
    plans = (await demo.list_plans(ListQuery(50, scope=SCOPE))).records
    await demo.service_types({plan.service_type.partition(":")[2] for plan in plans if plan.service_type})
    await demo.next_plans(plans, ListQuery(1, scope=SCOPE))
    actions = await demo.actions_of_plans(plans, ListQuery(10, scope=SCOPE))
    found = [action for slice in actions.values() for action in slice.records]
    await demo.people({action.assignee.partition(":")[2] for action in found if action.assignee})
    assert demo.database.statements == 5


async def test_a_slow_statement_is_given_up(demo_url: str, database: str) -> None:
    store = Store(demo_url, timeout=0.3)
    await store.list_plans(ListQuery(1, scope=SCOPE))
    endless = (
        "SELECT pg_sleep(30)"
        if database == "postgresql"
        else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    start = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"within 0\.3 seconds"):
        await store.database.fetch((text(endless), {}))
    assert time.monotonic() - start < 5
    # The pool is as good as new.
    answers = await asyncio.gather(*(store.list_plans(ListQuery(1, scope=SCOPE)) for _ in range(10)))
    assert all(answer.records for answer in answers)
    await store.close()


async def test_cancelled_questions_leave_the_pool_whole(demo_url: str) -> None:
    store = Store(demo_url, pool_size=2)
    for delay in (0, 0.001, 0.002, 0.004):
        asked = [asyncio.create_task(store.list_plans(ListQuery(50, scope=SCOPE))) for _ in range(6)]
        await asyncio.sleep(delay)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert (await store.list_plans(ListQuery(1, scope=SCOPE))).records
    await store.close()


async def test_lost_connections_are_made_again(store: Store, database: str) -> None:
    await store.list_plans(ListQuery(1, scope=SCOPE))
    if database == "postgresql":
        other = Store(store.database.url.render_as_string(hide_password=False))
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        await other.database.fetch((text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"), {}))
        await other.close()
    assert (await store.list_plans(ListQuery(1, scope=SCOPE))).records == []


@pytest.mark.parametrize(
    "url",
    ["postgresql://ada:s3cret@127.0.0.1:1/plans", "postgresql://ada:s3cret@/x?host=/nowhere", "sqlite:////no/x.db"],
)
async def test_a_database_that_is_away(url: str) -> None:
    store = Store(url, timeout=3)
    health = await store.health()
    assert not health.ok
    with pytest.raises(StoreUnavailable) as failure:
        await store.list_plans(ListQuery(1, scope=SCOPE))
    assert failure.value.extensions == {"code": "STORE_UNAVAILABLE", "source": "store", "retryable": True}
    for shown in (str(failure.value), health.detail):
        assert not any(secret in shown for secret in ("s3cret", "127.0.0.1", "nowhere", "/no/", "SELECT"))
    await store.close()


async def test_a_database_without_tables(tmp_path: Any) -> None:
    store = Store(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await store.plans(["1"])
    await store.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:s3cret@x/y", "postgresql://a:s3cret@h:port/x"])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Store(url)
    assert "s3cret" not in str(refused.value)


async def test_the_rules_of_the_tables(store: Store) -> None:
    fine = Plan(key("store", "1"), "demo")
    for plans in (
        [fine, fine],
        [Plan(key("store", "2"))],
        [Plan(key("store", "2"), "demo", "store:ada", visibility=Visibility.TEAM)],
        [Plan(key("store", "2"), "demo", "store:ada")],
        [Plan(key("store", "2"), "demo", visibility=Visibility.PRIVATE)],
    ):
        with pytest.raises(BadUserInput):
            await store.insert([Plan(key("store", "0"), "demo"), *plans])
    assert await store.plans(["0", "1", "2"]) == {}
    await store.insert([Plan(key("store", "2"), "demo", "", visibility=Visibility.PRIVATE)])
    await store.insert([])


async def test_in_memory(tmp_path: Any) -> None:
    store = Store("sqlite://")
    await store.migrate()
    await store.insert([Plan(key("store", str(n)), "demo", title=f"Plan {n}") for n in range(5)])
    query = ListQuery(3, scope=SCOPE, filter=Condition("title", "contains", "PLAN"))
    answers = await asyncio.gather(*(store.list_plans(query) for _ in range(20)))
    assert all(len(answer.records) == 3 and answer.more for answer in answers)
    await store.close()


def test_readings_that_were_cancelled_end_before_the_loop_does(tmp_path: Path) -> None:
    """SQLite's driver has a thread per connection, which must not answer to a loop that has ended."""
    seconds = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT count(*) FROM n"
    )

    async def cancelled_after(delay: float) -> None:
        database = Database(f"sqlite:///{tmp_path}/a.db", pool_size=5, timeout=60, name="store", create=True)
        readings = [asyncio.create_task(database.fetch((seconds, {}))) for _ in range(8)]
        await asyncio.sleep(delay)
        for reading in readings:
            reading.cancel()
        assert all(isinstance(answer, asyncio.CancelledError) for answer in await gathered(readings))
        await database.close()

    async def gathered(readings: list[asyncio.Task[Any]]) -> list[Any]:
        return await asyncio.gather(*readings, return_exceptions=True)

    threads = threading.active_count()
    began = time.monotonic()
    for milliseconds in range(20):
        asyncio.run(cancelled_after(milliseconds / 1000))
    assert time.monotonic() - began < 30
    while threading.active_count() > threads:  # an exception in a thread fails the test: warnings are errors
        assert time.monotonic() - began < 40
        time.sleep(0.01)
