"""PostgreSQL URLs as managed services give them, against a real server, and a sentence for whatever is wrong."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from plangate.errors import SettingsError, StoreUnavailable
from plangate.sources.store import Store, migrate
from plangate.sources.store.address import Address
from plangate.sources.store.database import Database, database_url
from plangate.sources.store.reasons import reason_of
from tests.databases import PASSWORD_ROLE, PostgreSQL
from tests.sources.store.front import Authority, front

PASSWORD = "p@ss/w%rd :?#&+é"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "trusted")


@pytest.fixture
async def guarded(postgresql: PostgreSQL) -> str:
    """A user with a password."""
    await postgresql.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{PASSWORD_ROLE}') "
        f"THEN CREATE ROLE {PASSWORD_ROLE} LOGIN PASSWORD '{PASSWORD}'; END IF; END $$"
    )
    return PASSWORD_ROLE


@asynccontextmanager
async def opened(url: str, timeout: float = 10) -> AsyncIterator[Database]:
    database = Database(url, pool_size=2, timeout=timeout, name="store")
    try:
        yield database
    finally:
        await database.close()


async def shown(database: Database, setting: str) -> tuple[str, str]:
    """A setting of the server, as reads and as transactions have it."""
    statement = text(f"SHOW {setting}")
    [[(read,)]] = await database.fetch((statement, {}))
    async with database.transaction() as connection:
        return read, (await connection.execute(statement)).scalar()


async def reason(url: str, timeout: float = 10) -> str:
    """What operators read of a database that does not answer. Clients read none of it, and nobody a secret."""
    async with opened(url, timeout) as database:
        with pytest.raises(StoreUnavailable) as refused:
            await database.fetch((text("SELECT 1"), {}))
    assert refused.value.message == "The database of the store does not answer."
    assert refused.value.extensions == {"code": "STORE_UNAVAILABLE", "source": "store", "retryable": True}
    assert "s3cret" not in refused.value.reason
    return refused.value.reason


# ------------------------------------------------------------------------------------------------------ parameters


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sslmode=on", "sslmode=on: it must be disable or allow or prefer or require or verify-ca or verify-full"),
        ("channel_binding=yes", "channel_binding=yes"),
        ("gssencmode=require", "gssencmode=require"),
        ("connect_timeout=soon", "connect_timeout=soon: it must be a number of seconds"),
        ("sslrootcert=/no/ca.crt", "sslrootcert=/no/ca.crt: there is no such file"),
        ("sslmode=require&sslkey=/no/x.key", "sslkey=/no/x.key: there is no such file"),
        ("sslmode=require&sslrootcert=system", "sslmode must be verify-full, not require"),
        ("pgbouncer=true", "a parameter pgbouncer that is not known: leave it out"),
        ("schema=public&ssl=true", "a parameter schema that is not known"),
        ("port=x", "a port that is not a number"),
    ],
)
def test_names_a_parameter_that_is_wrong(query: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Store(f"postgresql://ada:s3cret@db.example/plans?{query}")
    assert said in refused.value.message
    assert "s3cret" not in refused.value.message


def test_reads_several_hosts() -> None:
    url = "postgres://ada:s3cret@a.example:6432,b.example/plans?target_session_attrs=read-write"
    dsn = str(Address(database_url(url)).arguments["dsn"])
    assert "host=a.example%3A6432%2Cb.example&" in dsn and "dbname=plans" in dsn


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_applies_the_parameters_of_the_url(store_url: str) -> None:
    query = "&application_name=wall&connect_timeout=5&keepalives=1&keepalives_idle=30&gssencmode=prefer"
    options = quote("-c work_mem=7MB -c search_path=plans")
    async with opened(f"{store_url}{query}&options={options}&target_session_attrs=any") as database:
        assert await shown(database, "application_name") == ("wall", "wall")
        assert await shown(database, "work_mem") == ("7MB", "7MB")
        assert await shown(database, "search_path") == ("plans", "plans")
        assert (await shown(database, "jit"))[0] == "off"


async def test_tries_the_hosts_in_turn(postgresql: PostgreSQL) -> None:
    async with (
        front(postgresql.socket) as port,
        opened(f"postgresql://postgres@127.0.0.1:1,127.0.0.1:{port}/postgres") as database,
    ):
        assert (await shown(database, "application_name"))[0] == "plangate"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_decodes_the_password(postgresql: PostgreSQL, guarded: str, scheme: str) -> None:
    socket = quote(str(postgresql.socket), safe="")
    async with opened(f"{scheme}://{guarded}:{quote(PASSWORD, safe='')}@{socket}/postgres") as database:
        assert (await shown(database, "application_name"))[0] == "plangate"


# -------------------------------------------------------------------------------------------------------------- TLS


async def test_tls(
    postgresql: PostgreSQL, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    stranger = Authority(tmp_path, "stranger")
    async with front(postgresql.socket, tls=authority.server) as port:
        at = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        trusted = f"sslrootcert={authority.file}"
        for query in ("sslmode=require", f"sslmode=verify-full&{trusted}", f"channel_binding=require&{trusted}"):
            async with opened(f"{at}?{query}") as database:
                assert await shown(database, "application_name") == ("plangate", "plangate"), query
        for query in (
            f"sslmode=verify-full&sslrootcert={stranger.file}",
            f"sslmode=require&sslrootcert={stranger.file}",
            "sslmode=verify-full&sslrootcert=system",
            "sslmode=require&channel_binding=require",  # no channel binding without a certificate that is verified
        ):
            said = await reason(f"{at}?{query}")
            assert said.startswith("The certificate of 127.0.0.1 is not trusted: "), query
        said = await reason(f"{at.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&{trusted}")
        assert "certificate is not valid for 'localhost'" in said
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        async with opened(f"{at}?sslrootcert=system") as database:
            assert (await shown(database, "application_name"))[0] == "plangate"
        bad = tmp_path / "bad.crt"
        bad.write_text("no certificate")
        assert "failed" in await reason(f"{at}?sslmode=require&sslrootcert={bad}")


async def test_a_server_without_tls(postgresql: PostgreSQL) -> None:
    async with front(postgresql.socket) as port:
        said = await reason(f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=require")
    assert said == "The server at 127.0.0.1 has no TLS, which the sslmode of store.url requires."


# ------------------------------------------------------------------------------------------------------ what is wrong


async def test_says_what_the_server_refuses(postgresql: PostgreSQL, guarded: str) -> None:
    where = f"?host={postgresql.socket}"
    said = await reason(f"postgresql://{guarded}:s3cret@/postgres{where}")
    assert f'at {postgresql.socket} refuses the password of user "with_password".' in said
    said = await reason(f"postgresql://postgres@/nowhere{where}")
    assert 'has no database "nowhere": create it.' in said
    said = await reason(f"postgresql://nobody@/postgres{where}")
    assert 'does not accept user "nobody": role "nobody" does not exist.' in said
    said = await reason(f"postgresql://postgres@/postgres{where}&options=-c%20nonsense%3D1")
    assert 'unrecognized configuration parameter "nonsense".' in said


async def test_says_what_a_user_may_not_do(postgresql: PostgreSQL, guarded: str) -> None:
    await postgresql.execute("CREATE DATABASE empty_one")
    url = f"postgresql://{guarded}:{quote(PASSWORD, safe='')}@/empty_one?host={postgresql.socket}"
    with pytest.raises(StoreUnavailable) as refused:
        await migrate(url)
    assert refused.value.reason.startswith(
        'The user "with_password" of the database lacks a privilege: permission denied'
    )


async def test_says_that_nothing_answers() -> None:
    said = await reason("postgresql://ada:s3cret@127.0.0.1:1/plans")
    assert said.startswith("No server answers at 127.0.0.1: ") and "refused" in said
    said = await reason("postgresql://ada:s3cret@/plans?host=/nowhere")
    assert said == "No server answers at /nowhere: no such file or directory. Start it, or correct store.url."
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://a:s3cret@127.0.0.1:{silent.getsockname()[1]}/x?sslmode=disable"
        where = Address(database_url(url))
        with pytest.raises(OSError, match=r"no connection within 0\.1 seconds") as refused:
            await where.connect(seconds=0.1, server_settings={})
    assert "no connection within" in reason_of(refused.value, where).sentence
    assert Address(database_url(f"{url}&connect_timeout=3")).connect_timeout == 3


async def test_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    assert "There is no store at /no/x.db: run `plangate migrate` first" in await reason("sqlite:////no/x.db")
    with pytest.raises(StoreUnavailable) as refused:
        await migrate("sqlite:////no/x.db")
    assert refused.value.reason.startswith("The file /no/x.db cannot be opened: ")
    (tmp_path / "text.db").write_text("plain text" * 100)
    assert "is not a SQLite database" in await reason(f"sqlite:///{tmp_path}/text.db")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "The host db.example is not known: Name or service"),
        (RuntimeError("hunter2"), "The database failed: RuntimeError."),
    ],
)
def test_says_something_of_every_error(error: Exception, said: str) -> None:
    where: Any = Address(database_url("postgresql://db.example/plans"))
    found = reason_of(error, where)
    assert found.sentence.startswith(said) and not found.permanent
