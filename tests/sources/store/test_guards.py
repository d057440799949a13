"""The database refuses what the gateway could not show, whoever writes it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from plangate.errors import BadUserInput
from plangate.sources.store import Store, reasons
from plangate.sources.store.columns import Day, Instant, Texts
from plangate.sources.store.tables import TABLES, metadata

REFERENCES = {
    "service_type", "series", "parent", "created_by", "updated_by", "plan", "assignee", "author", "person", "plan_time",
}  # fmt: skip
URLS = {"external_url", "photo_url", "artwork_url", "url", "thumbnail_url"}
COUNTS = {"length", "size", "quantity"}
RECORD_TABLES = [table.name for table in TABLES.values()]

GOOD = {
    "key": ["store:1", "planning_center:12/345", "s:é✓ x:y", "store:" + "x" * 474],
    "private_to": ["", "store:ada", "Auth0:x"],
    "workspace": ["north", "é"],
    "instant": ["0001-01-01T00:00:00+00:00", "2026-11-20T09:30:00.123456+00:00", "9999-12-31T23:59:59+00:00"],
    "day": ["0001-01-01", "2024-02-29", "9999-12-31"],
    "percent": [0, 100],
    "count": [0, 2**31 - 1],
    "integer": [-(2**31), 2**31 - 1],
    "boolean": [True, False],
    "url": ["http://a", "HTTPS://a.example/x?y#z", "https://user@[::1]:8080/"],
    "texts": ["[]", '["Verse", "é"]'],
    "text": ["", "javascript:alert(1)", "two\nlines"],
}
BAD = {
    "key": ["", "1", ":1", "store:", "Store:1", "1:1", "sto re:1", "store:a\nb", "store:\x7f", "store:" + "x" * 475],
    "private_to": ["ada", ":ada", "store:", "store:a\tb"],
    "workspace": [""],
    "percent": [-1, 101, 250],
    "count": [-1],
    "url": ["", "javascript:alert(1)", "ftp://a/b", "//a/b", "https://", "https:///x", "https://a b", "x https://a"],
    "texts": ["", "x", "{}", '"x"', "[1]", '["x", null]', "[1"],
}
BAD_IN = {
    "sqlite": {
        "key": [b"store:1", "store:a\0b"],
        "private_to": [b"store:ada"],
        "workspace": [b"north", "a\0b"],
        "instant": [
            "x", "", "2026-11-20", "2026-11-20 09:30:00", "2026-11-20T09:30:00", "2026-11-20T09:30:00Z", 1_800_000_000,
            "2026-11-20T09:30:00+01:00", "2026-02-30T09:30:00+00:00", "2026-11-20T24:00:00+00:00",
            "0000-01-01T00:00:00+00:00", "2026-11-20T09:30:00.5+00:00", "2026-11-20T09:30:00.000000+00:00",
            "2026-11-20T09:30:60+00:00", "2026-11-20T09:30:00+00:00 ", b"2026-11-20T09:30:00+00:00",
        ],
        "day": ["x", "", "2026-11-20T00:00:00", "2026-02-30", "0000-01-01", "20261120", 2026, b"2026-11-20"],
        "percent": ["many", 1.5, b"1"],
        "count": ["many", 1.5, 2**31],
        "integer": ["many", 1.5, 2**31, -(2**31) - 1],
        "boolean": ["yes", 2, -1, 0.5],
        "url": [b"https://a", "https://a\0"],
        "text": [b"text", "a\0b"],
    },
    "postgresql": {
        "instant": ["infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "10000-01-01 00:00:00+00"],
        "day": ["infinity", "0044-03-15 BC", "10000-01-01"],
    },
}  # fmt: skip


def kind_of(table: str, column: str) -> str:
    """What a column holds, by its type and name."""
    type_ = metadata.tables[table].c[column].type
    if isinstance(type_, Instant | Day | Boolean | Texts):
        return type(type_).__name__.lower()
    if isinstance(type_, Integer):
        return "percent" if column == "completion_percent" else "count" if column in COUNTS else "integer"
    if column in ("key", *REFERENCES):
        return "key"
    return "url" if column in URLS else column if column in ("workspace", "private_to") else "text"


def columns() -> Iterator[tuple[str, str, str]]:
    for table in RECORD_TABLES:
        for column in metadata.tables[table].c.keys():  # noqa: SIM118 -- of columns
            if (table, column) != ("plans", "visibility"):
                yield table, column, kind_of(table, column)


class Writer:
    """Writes by SQL, as people do."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def run(self, *statements: str, **values: Any) -> None:
        async with self.connection.begin():
            for statement in statements:
                await self.connection.execute(text(statement), values)

    async def refused(self, statement: str, **values: Any) -> str:
        """What rule the statement breaks; empty if none."""
        try:
            await self.run(statement, **values)
        except IntegrityError as error:
            said = reasons.refused(error).message
            return said.removeprefix("A record breaks a rule of the store: ").removesuffix(".")
        return ""

    async def rows(self, query: str) -> list[Any]:
        async with self.connection.begin():
            return [tuple(row) for row in await self.connection.execute(text(query))]


@pytest.fixture
async def sql(store: Store) -> AsyncIterator[Writer]:
    async with store.database.engine.connect() as connection:
        yield Writer(connection)


async def test_refuses_values_that_no_record_can_have(store: Store, database: str) -> None:
    accepted, refused = [], []
    async with store.database.engine.connect() as connection:
        for table in RECORD_TABLES:
            await connection.execute(text(f"INSERT INTO {table} (key, workspace) VALUES ('store:0', 'north')"))

        async def broken_by(table: str, column: str, value: Any) -> str:
            """The rule that a value breaks; empty if it breaks none."""
            literal = (
                f"CAST(CAST(:value AS text) AS {TYPES[kind]})"
                if database == "postgresql" and kind in TYPES
                else ":value"
            )
            also = ", visibility = 'PRIVATE'" if (table, column) == ("plans", "private_to") else ""
            # Only what CHECK constraints say: triggers have tests of their own.
            savepoint = await connection.begin_nested()
            try:
                statement = f"UPDATE {table} SET {column} = {literal}{also}"
                await connection.execute(text(statement), {"value": str(value) if "CAST" in literal else value})
            except DBAPIError as error:
                return str(error.orig)
            finally:
                await savepoint.rollback()
            return ""

        for table, column, kind in columns():
            if column == "parent":
                await connection.execute(text(f"UPDATE {table} SET parent = NULL"))
            accepted += [
                (table, column, value, why) for value in GOOD[kind] if (why := await broken_by(table, column, value))
            ]
            for value in [*BAD.get(kind, ()), *BAD_IN[database].get(kind, ())]:
                rule = f"{table}_{column}_is"
                why = await broken_by(table, column, value)
                if rule not in why and not (kind == "texts" and "json" in why):
                    refused.append((table, column, value, why))
    assert accepted == []
    assert refused == []


TYPES = {"instant": "timestamptz", "day": "date", "boolean": "boolean"}


# ------------------------------------------------------------------------------------- what a row has from its plan

BELOW = [table.name for table in TABLES.values() if "plan" in table.c]
PLAN = "INSERT INTO plans (key, workspace, visibility, private_to, parent) VALUES (:key, :workspace, :visibility, :to, :parent)"
ADA, BEN = "store:ada", "store:ben"


async def add_plan(
    sql: Writer, name: str, to: str | None = None, *, parent: str | None = None, workspace: str = "north", **more: Any
) -> str:
    """A plan that is private to a person, or the team's. What it breaks, if anything."""
    values = {"key": f"store:{name}", "workspace": workspace, "to": to, "parent": parent and f"store:{parent}"}
    return await sql.refused(PLAN, **({"visibility": "TEAM" if to is None else "PRIVATE"} | values | more))


async def add_below(
    sql: Writer, table: str, plan: str, name: str = "x", to: str | None = None, ws: str = "north"
) -> str:
    statement = f"INSERT INTO {table} (key, workspace, private_to, plan) VALUES (:key, :ws, :to, :plan)"
    return await sql.refused(statement, key=f"store:{name}", ws=ws, to=to, plan=f"store:{plan}")


async def scopes(sql: Writer, table: str) -> dict[str, tuple[str, str | None]]:
    """Workspace and private_to of each row."""
    return {
        key[6:]: (workspace, to)
        for key, workspace, to in await sql.rows(f"SELECT key, workspace, private_to FROM {table}")
    }


def test_everything_that_has_a_plan_is_tested() -> None:
    assert len(BELOW) == 9
    assert {table.name for table in TABLES.values()} - {*BELOW} == {"plans", "service_types", "people", "series"}


async def test_what_is_below_a_plan_follows_it(sql: Writer) -> None:
    for table in BELOW:
        await what_is_below_a_plan_follows_it(sql, table)
        await sql.run("DELETE FROM plans", f"DELETE FROM {table}")


async def what_is_below_a_plan_follows_it(sql: Writer, table: str) -> None:
    await add_plan(sql, "p", ADA)
    await add_plan(sql, "team")
    for name, to in (("told", ADA), ("not-told", None)):
        assert await add_below(sql, table, "p", name, to) == ""
    await add_below(sql, table, "team", "other")
    assert await scopes(sql, table) == {"told": ("north", ADA), "not-told": ("north", ADA), "other": ("north", None)}

    await sql.run(f"UPDATE plans SET private_to = '{BEN}' WHERE key = 'store:p'")
    assert await scopes(sql, table) == {"told": ("north", BEN), "not-told": ("north", BEN), "other": ("north", None)}
    await sql.run("UPDATE plans SET private_to = NULL, visibility = 'TEAM' WHERE key = 'store:p'")
    assert set((await scopes(sql, table)).values()) == {("north", None)}
    await sql.run("UPDATE plans SET private_to = '', visibility = 'PRIVATE', workspace = 'south' WHERE key = 'store:p'")
    assert await scopes(sql, table) == {"told": ("south", ""), "not-told": ("south", ""), "other": ("north", None)}

    # A row does not leave its plan's scope by itself; no row is told otherwise in silence, but for one that is private.
    rule = f"{table} private to is that of its plan".replace("_", " ")
    assert await sql.refused(f"UPDATE {table} SET private_to = '{ADA}' WHERE key = 'store:other'") == rule
    assert await sql.refused(f"UPDATE {table} SET private_to = '{ADA}' WHERE key = 'store:told'") == rule
    await sql.run(f"UPDATE {table} SET private_to = NULL")
    assert (await scopes(sql, table))["told"] == ("south", "")
    rule = f"{table} workspace is that of its plan".replace("_", " ")
    assert await sql.refused(f"UPDATE {table} SET workspace = 'west' WHERE key = 'store:other'") == rule
    assert await sql.refused(f"UPDATE {table} SET plan = 'store:p' WHERE key = 'store:other'") == rule


async def test_a_row_must_agree_with_its_plan(sql: Writer) -> None:
    for table in BELOW:
        await a_row_must_agree_with_its_plan(sql, table)
        await sql.run("DELETE FROM plans", f"DELETE FROM {table}")


async def a_row_must_agree_with_its_plan(sql: Writer, table: str) -> None:
    words = table.replace("_", " ")
    await add_plan(sql, "p", ADA)
    await add_plan(sql, "team")
    assert await add_below(sql, table, "p", ws="south") == f"{words} workspace is that of its plan"
    assert await add_below(sql, table, "p", to=BEN) == f"{words} private to is that of its plan"
    assert await add_below(sql, table, "team", to=BEN) == f"{words} private to is that of its plan"
    assert await scopes(sql, table) == {}

    # Nobody knows yet: the plan comes later, or is another system's.
    for plan in ("later", "p-later"):
        assert await add_below(sql, table, plan, plan, to=BEN) == ""
    assert await add_plan(sql, "later") == f"{words} private to is that of its plan"
    assert await add_plan(sql, "later", ADA) == f"{words} private to is that of its plan"
    assert await add_plan(sql, "later", BEN, workspace="south") == f"{words} workspace is that of its plan"
    assert await add_plan(sql, "later", BEN) == ""
    await add_below(sql, table, "last", "last")
    assert await add_plan(sql, "last", ADA) == ""
    assert await scopes(sql, table) == {"later": ("north", BEN), "p-later": ("north", BEN), "last": ("north", ADA)}

    # It follows the plan that it moves to, and stays private when it has none.
    move = f"UPDATE {table} SET plan = :plan WHERE key = 'store:last'"
    assert await sql.refused(move, plan="store:later") == f"{words} private to is that of its plan"
    assert await sql.refused(move.replace(" WHERE", ", private_to = NULL WHERE"), plan="store:later") == ""
    assert (await scopes(sql, table))["last"] == ("north", BEN)
    await sql.run(move, plan=None)
    assert (await scopes(sql, table))["last"] == ("north", BEN)
    await sql.run(move, plan="planning_center:1/2")
    await sql.run("DELETE FROM plans")
    assert (await scopes(sql, table))["later"] == ("north", BEN)


async def test_sub_plans_of_a_private_plan_are_private(sql: Writer) -> None:
    await add_plan(sql, "root", ADA)
    for name, to, parent in (("a", None, "root"), ("aa", None, "a"), ("b", BEN, "root"), ("bb", None, "b")):
        assert await add_plan(sql, name, to, parent=parent) == ""
    for plan in ("root", "a", "aa", "b", "bb"):
        await add_below(sql, "tasks", plan, plan)
    private = {
        "root": ("north", ADA),
        "a": ("north", ADA),
        "aa": ("north", ADA),
        "b": ("north", BEN),
        "bb": ("north", BEN),
    }
    assert await scopes(sql, "plans") == await scopes(sql, "tasks") == private
    assert await sql.rows("SELECT visibility FROM plans WHERE key = 'store:aa'") == [("TEAM",)]

    await sql.run("UPDATE plans SET visibility = 'TEAM', private_to = NULL WHERE key = 'store:root'")
    assert await scopes(sql, "plans") == private | {
        "root": ("north", None),
        "a": ("north", None),
        "aa": ("north", None),
    }
    assert await scopes(sql, "tasks") == await scopes(sql, "plans")
    await sql.run(f"UPDATE plans SET visibility = 'PRIVATE', private_to = '{ADA}' WHERE key = 'store:root'")
    await sql.run("UPDATE plans SET workspace = 'south' WHERE key = 'store:root'")
    assert await scopes(sql, "plans") == {name: ("south", to) for name, (_, to) in private.items()}
    assert await scopes(sql, "tasks") == await scopes(sql, "plans")

    # A whole tree at once, whatever the order of its rows.
    await sql.run("UPDATE plans SET workspace = 'west'", f"UPDATE plans SET private_to = '' WHERE private_to = '{ADA}'")
    assert (await scopes(sql, "tasks"))["aa"] == ("west", "")
    # Out of the private plan: its visibility is its own again, when that is asked for.
    move = "UPDATE plans SET parent = NULL{} WHERE key = 'store:a'"
    assert await sql.refused(move.format("")) == "plans private to goes with visibility private"
    await sql.run(move.format(", private_to = NULL"))
    assert await scopes(sql, "tasks") == await scopes(sql, "plans")
    assert (await scopes(sql, "tasks"))["aa"] == ("west", None)


async def test_a_sub_plan_must_agree_with_its_parent(sql: Writer) -> None:
    await add_plan(sql, "root", ADA)
    await add_plan(sql, "team")
    rule = "plans {} is that of its parent"
    assert await add_plan(sql, "x", parent="root", workspace="south") == rule.format("workspace")
    assert await add_plan(sql, "x", parent="root", to=BEN, visibility="TEAM") == rule.format("private to")
    assert await add_plan(sql, "x", parent="team", to=BEN, visibility="TEAM") == rule.format("private to")
    assert await add_plan(sql, "x", to=BEN, visibility="TEAM") == "plans private to goes with visibility private"
    assert await add_plan(sql, "x", to=None, visibility="PRIVATE") == "plans private to goes with visibility private"
    assert await add_plan(sql, "x", parent="team") == ""
    assert await sql.refused(f"UPDATE plans SET private_to = '{ADA}' WHERE key = 'store:x'") == rule.format(
        "private to"
    )
    # A parent that comes later.
    assert await add_plan(sql, "early", parent="late", to=BEN, visibility=None) == ""
    assert await add_plan(sql, "late", workspace="south") == rule.format("workspace")
    assert await add_plan(sql, "late") == rule.format("private to")
    assert await add_plan(sql, "late", BEN) == ""
    assert (await scopes(sql, "plans"))["early"] == ("north", BEN)


@pytest.mark.parametrize(
    ("above", "table", "column"),
    [("tasks", "tasks", "parent"), ("steps", "steps", "parent"), ("plan_times", "needed_positions", "plan_time")],
)
async def test_a_row_without_a_plan_follows_what_it_is_below(sql: Writer, above: str, table: str, column: str) -> None:
    await add_plan(sql, "p", ADA)
    await add_below(sql, above, "p", "top")
    insert = f"INSERT INTO {table} (key, workspace, private_to, {column}) VALUES (:key, :workspace, :to, :above)"
    values = {"key": "store:sub", "workspace": "north", "to": None, "above": "store:top"}
    rule = f"{table.replace('_', ' ')} {{}} is that of its {column.replace('_', ' ')}"
    assert await sql.refused(insert, **(values | {"workspace": "south"})) == rule.format("workspace")
    assert await sql.refused(insert, **(values | {"to": BEN})) == rule.format("private to")
    await sql.run(insert, **values)
    if above == table:
        await sql.run(insert, **(values | {"key": "store:sub-sub", "above": "store:sub"}))
    assert set((await scopes(sql, table)).values()) == {("north", ADA)}
    await sql.run(f"UPDATE plans SET private_to = '{BEN}', workspace = 'south'")
    assert set((await scopes(sql, table)).values()) == {("south", BEN)}
    await sql.run("UPDATE plans SET visibility = 'TEAM', private_to = NULL")
    assert set((await scopes(sql, table)).values()) == {("south", None)}
    assert await sql.refused(f"UPDATE {table} SET private_to = '{ADA}' WHERE key = 'store:sub'") == rule.format(
        "private to"
    )


# --------------------------------------------------------------------------------------------------- parents, cycles


@pytest.mark.parametrize("table", ["plans", "tasks", "steps"])
async def test_refuses_parents_that_form_a_cycle(sql: Writer, table: str) -> None:
    insert = f"INSERT INTO {table} (key, workspace, parent) VALUES (:key, 'north', :parent)"
    assert await sql.refused(insert, key="store:1", parent="store:1") == f"{table} parent is another"
    depth = 40
    for n in range(depth):
        await sql.run(insert, key=f"store:{n}", parent=f"store:{n + 1}")  # the parent comes later
    rule = f"{table} parent is not below"
    assert await sql.refused(insert, key=f"store:{depth}", parent="store:0") == rule
    assert await sql.refused(insert, key=f"store:{depth}", parent="store:7") == rule
    await sql.run(insert, key=f"store:{depth}", parent=None)
    move = f"UPDATE {table} SET parent = :parent WHERE key = :key"
    assert await sql.refused(move, key="store:20", parent="store:20") == f"{table} parent is another"
    assert await sql.refused(move, key="store:20", parent="store:19") == rule
    assert await sql.refused(move, key="store:20", parent="store:0") == rule
    await sql.run(move, key="store:10", parent="store:30")
    await sql.run(move, key="store:10", parent="elsewhere:1")
    # A whole tree follows its root, however deep it is.
    if table == "plans":
        await sql.run(f"UPDATE plans SET visibility = 'PRIVATE', private_to = '{ADA}' WHERE key = 'store:{depth}'")
        await sql.run(f"UPDATE plans SET workspace = 'south' WHERE key = 'store:{depth}'")
        assert set((await scopes(sql, "plans")).values()) == {("north", None), ("south", ADA)}
        assert (await scopes(sql, "plans"))["11"] == ("south", ADA)


async def test_the_store_says_what_a_record_breaks(store: Store) -> None:
    from plangate.model import Key, Plan

    for plan, said in (
        (Plan(Key("store:1")), "A record breaks a rule of the store: workspace."),
        (Plan(Key("store:1"), "north", completion_percent=250), "plans completion percent is 0 to 100."),
    ):
        with pytest.raises(BadUserInput, match=said):
            await store.insert([plan])
    await store.insert([Plan(Key("store:1"), "north")])
    with pytest.raises(BadUserInput, match="A record with this key exists already"):
        await store.insert([Plan(Key("store:1"), "north")])
