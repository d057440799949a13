"""Rows of revision 0001 that break a rule of 0002: what becomes of them, and that nothing of it happens in silence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from typer.testing import CliRunner

from plangate.cli import app
from plangate.errors import StoreUnavailable
from plangate.sources.store import Store, migrate
from plangate.sources.store.migrations import config
from plangate.sources.store.migrations.r0002 import postgresql, sqlite
from tests.databases import PostgreSQL

ADA, BEN = "store:ada", "store:ben"


@pytest.fixture
async def old(request: pytest.FixtureRequest, database: str, tmp_path: Any) -> AsyncIterator[Store]:
    """A store of revision 0001."""
    url = f"sqlite:///{tmp_path}/old.db"
    if database == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"old_{request.node.name.replace('[', '_').replace(']', '').lower()}"
        await server.execute(f"CREATE DATABASE {name}")
        url = server.url(name)
    else:
        (tmp_path / "old.db").touch()
    store = Store(url)
    await revise(store, command.upgrade, "0001")
    yield store
    await store.close()


async def revise(store: Store, to: Callable[[Any, str], None], revision: str) -> None:
    async with store.database.transaction() as connection:
        await connection.run_sync(lambda sync: to(config(sync), revision))


async def write(store: Store, *statements: str) -> None:
    async with store.database.transaction() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    [found] = await store.database.fetch((text(query), {}))
    return [tuple(row) for row in found]


def url_of(store: Store) -> str:
    return store.database.url.render_as_string(hide_password=False)


PLAN = "INSERT INTO plans (key, workspace, visibility, private_to, parent) VALUES ('store:{}', '{}', {}, {}, {})"


def plan(name: str, *, to: str | None = None, parent: str | None = None, workspace: str = "north") -> str:
    visibility = "'TEAM'" if to is None else "'PRIVATE'"
    return PLAN.format(
        name, workspace, visibility, f"'{to}'" if to else "NULL", f"'store:{parent}'" if parent else "NULL"
    )


async def test_what_cannot_be_read_is_mended_or_emptied(old: Store, database: str) -> None:
    await write(
        old,
        "INSERT INTO plans (key, workspace, completion_percent, external_url, service_type, created_by) VALUES"
        " ('store:1', 'north', 250, 'javascript:alert(1)', 'weekly', ':x'), ('store:2', 'north', -5, ' https://a.example ', 'store:ok', 'store:ok')",
        "INSERT INTO items (key, workspace, length, arrangement) VALUES ('store:1', 'north', -1, '[1, \"b\"]'),"
        " ('store:2', 'north', 1, '[1'), ('store:3', 'north', 1, '{}'), ('store:4', 'north', 1, '[\"a\"]'),"
        " ('store:5', 'north', 1, '[\"a\\u0000\\ud800\"]')",
        "INSERT INTO notes (key, workspace, private_to) VALUES ('store:1', 'north', 'ada'), ('store:2', 'north', ':')",
    )
    said = await migrate(url_of(old))
    assert await rows(
        old, "SELECT completion_percent, external_url, service_type, created_by FROM plans ORDER BY key"
    ) == [
        (100, None, "store:weekly", None),
        (0, "https://a.example", "store:ok", "store:ok"),
    ]
    assert await rows(old, "SELECT length, arrangement FROM items ORDER BY key") == [
        (None, '["1", "b"]'), (1, None), (1, None), (1, '["a"]'), (1, '["a\ufffd?"]'),
    ]  # fmt: skip
    assert await rows(old, "SELECT private_to FROM notes ORDER BY key") == [(ADA,), ("",)]
    assert sorted(said) == [
        "items 'store:1': arrangement was '[1, \"b\"]' and is '[\"1\", \"b\"]', because it is not a list of texts.",
        "items 'store:1': length was '-1' and is null, because it is not a whole number from 0.",
        "items 'store:2': arrangement was '[1' and is null, because it is not a list of texts.",
        "items 'store:3': arrangement was '{}' and is null, because it is not a list of texts.",
        "items 'store:5': arrangement was '[\"a\\\\u0000\\\\ud800\"]' and is '[\"a\ufffd?\"]', because it is not a list of texts.",
        "notes 'store:1': private_to was 'ada' and is 'store:ada', because it is no key of a person.",
        "notes 'store:2': private_to was ':' and is '', because it is no key of a person.",
        "plans 'store:1': completion_percent was '250' and is '100', because it is not a whole number from 0 to 100.",
        "plans 'store:1': created_by was ':x' and is null, because it is no key of a record.",
        "plans 'store:1': external_url was 'javascript:alert(1)' and is null, because it is not a URL of http or https.",
        "plans 'store:1': service_type was 'weekly' and is 'store:weekly', because it is no key of a record.",
        "plans 'store:2': completion_percent was '-5' and is '0', because it is not a whole number from 0 to 100.",
        "plans 'store:2': external_url was ' https://a.example ' and is 'https://a.example', because it is not a URL of http or https.",
    ]
    assert len(await rows(old, "SELECT old_value FROM migration_log")) == len(said)
    assert await migrate(url_of(old)) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_dates_without_end_are_emptied(old: Store) -> None:
    await write(
        old,
        "INSERT INTO plans (key, workspace, sort_date, start_date) VALUES ('store:1', 'north', 'infinity', '-infinity'),"
        " ('store:2', 'north', '0044-03-15 00:00:00+00 BC', '12000-01-01'), ('store:3', 'north', '2026-11-20 09:00:00+01', '2026-11-20')",
    )
    said = await migrate(url_of(old))
    assert await rows(old, "SELECT sort_date IS NULL, start_date IS NULL FROM plans ORDER BY key") == [
        (True, True), (True, True), (False, False),
    ]  # fmt: skip
    assert "plans 'store:1': sort_date was 'infinity' and is null" in "\n".join(said)
    assert len(said) == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sqlite_values_of_any_type_are_mended(old: Store) -> None:
    instants = {
        "2026-11-20T09:30:00Z": "2026-11-20T09:30:00+00:00",
        "2026-11-20 09:30:00": "2026-11-20T09:30:00+00:00",
        "2026-11-20T09:30:00+01:00": "2026-11-20T08:30:00+00:00",
        "2026-11-20": "2026-11-20T00:00:00+00:00",
        "2026-02-30T09:30:00+00:00": None,
        "soon": None,
        "": None,
    }
    async with old.database.transaction() as connection:
        for n, value in enumerate(instants):
            values = {"key": f"store:{n}", "value": value, "day": value, "title": b"\xffa\0", "percent": "45.6"}
            await connection.execute(
                text(
                    "INSERT INTO plans (key, workspace, sort_date, start_date, title, completion_percent)"
                    " VALUES (:key, 'north', :value, :day, :title, :percent)"
                ),
                values,
            )
        for n, done in enumerate(("yes", "false", 7, "maybe", 1)):
            await connection.execute(
                text("INSERT INTO tasks (key, workspace, is_done, position) VALUES (:key, 'north', :done, :position)"),
                {"key": f"store:{n}", "done": done, "position": 2**40},
            )
        await connection.execute(
            text("INSERT INTO notes (key, workspace, body) VALUES ('store:1', 'north', CAST(x'ff61' AS TEXT))")
        )
    await migrate(url_of(old))
    found = await rows(old, "SELECT sort_date, start_date, title, completion_percent FROM plans ORDER BY key")
    assert [row[0] for row in found] == list(instants.values())
    assert [row[1] for row in found] == ["2026-11-20"] * 4 + [None] * 3
    assert {row[2:] for row in found} == {("\ufffda\ufffd", 46)}
    assert await rows(old, "SELECT is_done, position FROM tasks ORDER BY key") == [
        (n, None) for n in (1, 0, 1, None, 1)
    ]


async def test_rows_that_cannot_be_keyed_are_set_aside(old: Store) -> None:
    await write(
        old,
        "INSERT INTO plans (key, workspace, title) VALUES ('1', 'north', 'é'), ('2', 'north', 'taken'), ('store:2', 'north', 'first'),"
        " (':3', 'north', 'no source'), ('store:4', '', 'no workspace')",
        "INSERT INTO tasks (key, workspace, plan) VALUES ('store:1', 'north', '1'), ('store:2', 'north', ':3')",
    )
    said = await migrate(url_of(old))
    assert await rows(old, "SELECT key, title FROM plans ORDER BY key") == [("store:1", "é"), ("store:2", "first")]
    assert await rows(old, "SELECT key, plan FROM tasks ORDER BY key") == [("store:1", "store:1"), ("store:2", None)]
    aside = "plans {} was set aside, because its {} cannot be mended. It is in the table migration_log: {{"
    for line in (
        "plans 'store:1': key was '1' and is 'store:1', because a key begins with the name of its source.",
        aside.format("'2'", "key"),
        aside.format("':3'", "key"),
        aside.format("'store:4'", "workspace"),
    ):
        assert any(each.startswith(line) for each in said), line
    assert any('"title": "no source"' in each for each in said)

    # Back again: nothing is lost.
    await revise(old, command.downgrade, "0001")
    found = await rows(old, "SELECT key, title FROM plans ORDER BY key")
    assert found == [
        ("2", "taken"),
        (":3", "no source"),
        ("store:1", "é"),
        ("store:2", "first"),
        ("store:4", "no workspace"),
    ]
    assert await migrate(url_of(old))


async def test_cycles_are_broken_at_one_row(old: Store) -> None:
    parents = {"1": "1", "2": "3", "3": "4", "4": "2", "5": "2", "6": "5", "7": None, "8": "7"}
    await write(old, *(plan(name, parent=parent) for name, parent in parents.items()))
    said = await migrate(url_of(old))
    kept = [
        (f"store:{key}", parent and f"store:{parent}") for key, parent in (parents | {"1": None, "2": None}).items()
    ]
    assert await rows(old, "SELECT key, parent FROM plans ORDER BY key") == kept
    assert [line.partition(" and")[0] for line in said] == [
        "plans 'store:1': parent was 'store:1'",
        "plans 'store:2': parent was 'store:3'",
    ]


async def test_nobody_sees_more_than_before(old: Store) -> None:
    """What is below a private plan becomes private; what was more private than its plan is taken from it."""
    await write(
        old,
        plan("secret", to=ADA), plan("below", parent="secret"), plan("deep", parent="below"), plan("bens", to=BEN, parent="secret"),
        plan("open"), plan("south", workspace="south"), plan("stray", parent="south"),
        "INSERT INTO actions (key, workspace, private_to, plan) VALUES ('store:1', 'north', NULL, 'store:deep'),"
        f" ('store:2', 'north', '{BEN}', 'store:deep'), ('store:3', 'north', '{ADA}', 'store:open'),"
        " ('store:4', 'north', NULL, 'store:south'), ('store:5', 'north', NULL, 'store:open')",
        "INSERT INTO tasks (key, workspace, plan, parent) VALUES ('store:1', 'north', 'store:secret', NULL),"
        " ('store:2', 'north', NULL, 'store:1'), ('store:3', 'north', NULL, 'store:2')",
    )  # fmt: skip
    said = await migrate(url_of(old))
    assert await rows(old, "SELECT key, private_to, parent, visibility FROM plans ORDER BY key") == [
        ("store:below", ADA, "store:secret", "TEAM"), ("store:bens", BEN, "store:secret", "PRIVATE"),
        ("store:deep", ADA, "store:below", "TEAM"), ("store:open", None, None, "TEAM"),
        ("store:secret", ADA, None, "PRIVATE"), ("store:south", None, None, "TEAM"), ("store:stray", None, None, "TEAM"),
    ]  # fmt: skip
    assert await rows(old, "SELECT key, private_to, plan FROM actions ORDER BY key") == [
        ("store:1", ADA, "store:deep"), ("store:2", BEN, None), ("store:3", ADA, None), ("store:4", None, None),
        ("store:5", None, "store:open"),
    ]  # fmt: skip
    assert {private_to for (private_to,) in await rows(old, "SELECT private_to FROM tasks")} == {ADA}
    assert "actions 'store:3': plan was 'store:open' and is null, because the row is private, to somebody else." in said
    assert "tasks 'store:3': private_to was null and is 'store:ada', because its parent is private." in said
    # Revision 0001 has no word for a plan that is private because of its parent, but for PRIVATE.
    await revise(old, command.downgrade, "0001")
    assert await rows(old, "SELECT visibility, private_to FROM plans WHERE key = 'store:deep'") == [("PRIVATE", ADA)]


async def test_goes_back_to_the_same_tables(old: Store) -> None:
    def described(connection: Connection) -> Any:
        inspector = inspect(connection)
        names = sorted(set(inspector.get_table_names()) - {"alembic_version"})
        return {
            name: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
                sorted(str(index["name"]) for index in inspector.get_indexes(name)),
                sorted((str(check["name"]), check["sqltext"]) for check in inspector.get_check_constraints(name)),
                inspector.get_pk_constraint(name)["constrained_columns"],
            )
            for name in names
        }

    async def tables() -> Any:
        async with old.database.engine.connect() as connection:
            return await connection.run_sync(described)

    before = await tables()
    await migrate(url_of(old))
    after = await tables()
    await revise(old, command.downgrade, "0001")
    assert await tables() == before
    assert "migration_log" in after and "migration_log" not in before
    left = (
        "pg_proc WHERE proname LIKE '%scope'"
        if old.database.dialect == "postgresql"
        else "sqlite_master WHERE type = 'trigger'"
    )
    assert await rows(old, f"SELECT 1 FROM {left}") == []
    await migrate(url_of(old))
    assert await tables() == after


async def test_a_migration_that_fails_changes_nothing(
    old: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(old, plan("1", parent="1"))
    triggers = postgresql if database == "postgresql" else sqlite
    monkeypatch.setattr(triggers, "create", lambda _: ["nonsense"])
    with pytest.raises(StoreUnavailable):
        await migrate(url_of(old))
    assert await rows(old, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert await rows(old, "SELECT parent FROM plans") == [("store:1",)]
    await write(old, "INSERT INTO plans (key, workspace, completion_percent) VALUES ('1', '', 250)")
    monkeypatch.undo()
    assert len(await migrate(url_of(old))) == 2


async def test_migrate_prints_what_it_changed(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(old, "INSERT INTO plans (key, workspace, completion_percent) VALUES ('store:1', 'north', 250)")
    monkeypatch.setenv("PLANGATE_STORE__URL", url_of(old))
    result = await asyncio.to_thread(CliRunner().invoke, app, ["migrate"])
    assert result.stdout == (
        "plans 'store:1': completion_percent was '250' and is '100', because it is not a whole number from 0 to 100.\n"
        "The store is up to date.\n"
    )
