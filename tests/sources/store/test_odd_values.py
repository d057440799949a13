"""SQLite has no types: one odd value in a row is null and logged, and all other values and rows are read."""

from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from plangate.access import Role, Viewer
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.listing import ListQuery, Scope
from plangate.model import Key, Plan
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.databases import remove_guards
from tests.gateway import Gateway

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PLANS = [
    Plan(Key(f"store:{n}"), "demo", title=f"Plan {n}", sort_date=f"2026-11-0{n}T09:00:00+00:00") for n in range(1, 6)
]
ODD = {
    "sort_date": ["soon", "", "2026-11-20", 17, b"2026-11-20T09:00:00+00:00", "2026-11-20T09:00:00Z"],
    "start_date": ["soon", "2026-11-20T09:00:00+00:00", b"2026-11-20"],
    "completion_percent": ["many", 1.5, b"1"],
    "title": [b"\xff"],
    "created_by": [b"store:ada"],
    "visibility": ["SECRET"],
}


@pytest.fixture
async def odd(store: Store) -> Store:
    await remove_guards(store)
    await store.insert(PLANS)
    return store


async def write(store: Store, column: str, value: Any) -> None:
    async with store.database.transaction() as connection:
        await connection.execute(text(f"UPDATE plans SET {column} = :value WHERE key = 'store:3'"), {"value": value})


@pytest.mark.parametrize("column", ODD)
async def test_an_odd_value_is_null(odd: Store, column: str) -> None:
    for value in ODD[column]:
        await write(odd, column, value)
        with capture_logs() as lines:
            records = (await odd.list_plans(ListQuery(10, scope=Scope("demo", None)))).records
        found = {record.key: record for record in records}
        assert set(found) == {plan.key for plan in PLANS}
        assert getattr(found[Key("store:3")], column) is None, value
        assert [found[plan.key] for plan in PLANS if plan.key != "store:3"] == [
            plan for plan in PLANS if plan.key != "store:3"
        ]
        if column != "visibility":
            assert [(line["event"], line["column"], line["count"]) for line in lines] == [
                ("odd_values", f"plans.{column}", 1)
            ]


async def test_a_text_that_is_not_utf8_is_read(odd: Store) -> None:
    async with odd.database.transaction() as connection:
        await connection.execute(text("UPDATE plans SET title = CAST(x'61ff' AS TEXT) WHERE key = 'store:3'"))
    for _ in range(2):
        records = (await odd.list_plans(ListQuery(10, scope=Scope("demo", None)))).records
        assert [record.title for record in records] == ["Plan 1", "Plan 2", "a\ufffd", "Plan 4", "Plan 5"]


async def test_an_odd_list_of_texts_is_null(odd: Store) -> None:
    async with odd.database.transaction() as connection:
        for n, value in enumerate(("[1", "[1]", '["a"]')):
            insert = text("INSERT INTO items (key, workspace, arrangement) VALUES (:key, 'demo', :value)")
            await connection.execute(insert, {"key": f"store:{n}", "value": value})
    found = await odd.items(["0", "1", "2"])
    assert [found[n].arrangement for n in "012"] == [None, None, ("a",)]


@pytest.mark.parametrize(
    ("column", "value"), [("workspace", b"demo"), ("key", b"store:3"), ("private_to", b"store:ada")]
)
async def test_nobody_reads_a_row_of_which_it_is_not_known_whose_it_is(odd: Store, column: str, value: Any) -> None:
    await write(odd, column, value)
    gateway = Gateway("compiled", {"store": odd})
    query = '{ plan(id: "Plan:store:3") { id } plans { nodes { id } } }'
    for workspace in ("demo", "south"):
        data = await gateway.data(query, Viewer(Key("store:ben"), workspace, Role.MEMBER))
        assert data["plan"] is None
        assert len(data["plans"]["nodes"]) == (4 if workspace == "demo" else 0)


async def test_one_bad_date_does_not_blank_the_plans_of_all_systems(
    odd: Store, executor: str, upstream: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    await write(odd, "sort_date", "2026-02-30T09:00:00+00:00")  # of the form, and no day
    gateway = Gateway(executor, {"store": odd, "planning_center": upstream[0]})
    data = await gateway.data("{ plans(first: 1000) { nodes { source } sources { source answered } } }")
    assert {node["source"] for node in data["plans"]["nodes"]} == {"store", "planning_center"}
    assert [node["source"] for node in data["plans"]["nodes"]].count("store") == 5
    assert all(source["answered"] for source in data["plans"]["sources"])
