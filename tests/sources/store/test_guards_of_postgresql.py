"""What the guards do in PostgreSQL alone: bulk loads, transactions at the same time, users with few rights."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import asyncpg
import pytest

ADA = "store:ada"


@pytest.fixture
async def connections(store_url: str) -> AsyncIterator[list[Any]]:
    """Two sessions of one database."""
    dsn = store_url.replace("postgresql+asyncpg", "postgresql")
    found = [await asyncpg.connect(dsn) for _ in range(2)]
    await found[0].execute(
        "INSERT INTO plans (key, workspace, visibility) VALUES ('store:a', 'north', 'TEAM'), ('store:b', 'north', 'TEAM'),"
        " ('store:c', 'north', 'TEAM'), ('store:d', 'north', 'TEAM')"
    )
    yield found
    for connection in found:
        connection.terminate()


pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

HIDE = f"UPDATE plans SET visibility = 'PRIVATE', private_to = '{ADA}' WHERE key = 'store:a'"
ADD = "INSERT INTO actions (key, workspace, plan) VALUES ('store:1', 'north', 'store:a')"


async def waiting(first: Any, statement: Awaitable[Any]) -> "asyncio.Task[Any]":
    """The second session's statement, when it waits for the first one."""
    task = asyncio.ensure_future(statement)
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(5):
        while not await first.fetchval(blocked):
            assert not task.done(), "it does not wait"
            await asyncio.sleep(0.005)
    return task


@pytest.mark.parametrize(("first", "second"), [(HIDE, ADD), (ADD, HIDE)], ids=["plan first", "action first"])
async def test_a_plan_becomes_private_while_an_action_is_added(connections: list[Any], first: str, second: str) -> None:
    one, two = connections
    async with one.transaction():
        await one.execute(first)
        task = await waiting(one, two.execute(second))
    await task
    assert await one.fetchval("SELECT private_to FROM actions") == ADA


@pytest.mark.parametrize(
    ("before", "first", "second"),
    [((), ("a", "b"), ("b", "a")), ((("b", "c"), ("d", "a")), ("a", "b"), ("c", "d"))],
    ids=["two plans", "four plans"],
)
async def test_two_sessions_do_not_form_a_cycle_together(
    connections: list[Any], before: Any, first: tuple[str, str], second: tuple[str, str]
) -> None:
    one, two = connections
    move = "UPDATE plans SET parent = 'store:' || $2 WHERE key = 'store:' || $1"
    for pair in before:
        await one.execute(move, *pair)
    async with one.transaction():
        await one.execute(move, *first)
        task = await waiting(one, two.execute(move, *second))
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await task
    assert refused.value.constraint_name == "plans_parent_is_not_below"


ROWS = {
    "plans": [("store:p", "north", "PRIVATE", ADA, None), ("store:q", "north", "TEAM", None, "store:p"), ("store:r", "north", "TEAM", None, "store:q")],
    "tasks": [(f"store:{n}", "north", None, f"store:{'pqr'[n % 3]}", None) for n in range(300)]
    + [(f"store:sub-{n}", "north", None, None, f"store:{n}") for n in range(300)],
}  # fmt: skip
COLUMNS = {
    "plans": ["key", "workspace", "visibility", "private_to", "parent"],
    "tasks": ["key", "workspace", "private_to", "plan", "parent"],
}


@pytest.mark.parametrize("order", [("plans", "tasks"), ("tasks", "plans")], ids="-".join)
async def test_copy_loads_in_any_order(connections: list[Any], order: tuple[str, ...]) -> None:
    one = connections[0]
    for table in order:
        await one.copy_records_to_table(table, records=ROWS[table][::-1], columns=COLUMNS[table])
    assert await one.fetchval(f"SELECT count(*) FROM tasks WHERE private_to = '{ADA}'") == 600
    assert await one.fetchval(f"SELECT count(*) FROM plans WHERE private_to = '{ADA}'") == 3


async def test_writing_takes_no_right_to_what_is_above_or_below(connections: list[Any]) -> None:
    one = connections[0]
    await one.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'writer') THEN CREATE ROLE writer; END IF; END $$"
    )
    await one.execute("GRANT INSERT ON actions TO writer; GRANT SELECT, UPDATE ON plans TO writer")
    await one.execute("SET ROLE writer; SET search_path = pg_catalog")
    await one.execute(ADD.replace("INTO actions", "INTO public.actions"))
    await one.execute(HIDE.replace("UPDATE plans", "UPDATE public.plans"))
    await one.execute("RESET ROLE; RESET search_path")
    assert await one.fetchval("SELECT private_to FROM actions") == ADA


async def test_a_plan_made_for_a_few_rows_serves_many(connections: list[Any]) -> None:
    """PostgreSQL keeps the plans of a function for the session: they must not compare each row with each."""
    one = connections[0]
    add = "INSERT INTO plans (key, workspace, parent) SELECT 'store:' || n, 'north', 'store:' || n / 2 FROM generate_series($1::int, $2) AS n"
    await one.execute("SET statement_timeout = '8s'")
    for n in range(2, 12):
        await one.execute(add, n, n)
        await one.execute("UPDATE plans SET title = 'x' WHERE key = 'store:2'")
    await one.execute(add, 12, 12_000)
    await one.execute("UPDATE plans SET title = 'y'")
    await one.execute("UPDATE plans SET workspace = 'south'")
    assert await one.fetchval("SELECT count(*) FROM plans WHERE workspace = 'south' AND title = 'y'") > 11_000
