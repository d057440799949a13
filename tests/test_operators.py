"""What operators read and copy: variables, commands and ports of docker/, docs/ and README, and docker/ as processes."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import select
from typer.main import get_command

from plangate.cli import app
from plangate.settings import Settings, described, variable
from plangate.sources.store import migrate
from plangate.sources.store.database import Database
from plangate.sources.store.tables import metadata
from tests.databases import PostgreSQL, run
from tests.test_cli import Running, free_port

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
COMPOSE_TEXT = (ROOT / "docker" / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
VARIABLES = {variable(name) for name, _, _ in described()} | {"PLANGATE_CONFIG"}


def instruction(name: str) -> str:
    """The arguments of the last instruction of this name in the Dockerfile."""
    return re.findall(rf"^{name} ((?:.*\\\n)*.*)", DOCKERFILE, re.MULTILINE)[-1].replace("\\\n", "")


def image_environment() -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(instruction("ENV")))


def environment(service: str, shell: Mapping[str, str]) -> dict[str, str]:
    """The variables of a service's container, as Compose makes them from the file and the shell's variables."""
    given = SERVICES[service]["environment"]
    filled = {name: shell.get(name) if value is None else interpolated(value, shell) for name, value in given.items()}
    return image_environment() | {name: value for name, value in filled.items() if value is not None}


def interpolated(value: str, shell: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: shell[found[1]], value)


# ------------------------------------------------------------------------------------------------------ what is written


@pytest.mark.parametrize("file", [*TEXTS, *sorted((ROOT / "docker").iterdir())], ids=lambda file: file.name)
def test_every_variable_is_a_setting(file: Path) -> None:
    names = re.findall(r"PLANGATE_[A-Z0-9_]+[A-Z0-9](?!\w|\.\.\.)", file.read_text("utf-8"))
    assert [name for name in names if name not in VARIABLES] == []


def test_every_setting_in_toml_exists() -> None:
    known = {name for name, _, _ in described()}
    for file in TEXTS:
        for block in re.findall(r"^```toml\n(.*?)^```", file.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            section = ""
            for line in block.splitlines():
                if found := re.match(r"\[([\w.]+)\]", line):
                    section = f"{found[1]}."
                elif found := re.match(r"(\w+) =", line):
                    assert section + found[1] in known, file.name


def commands() -> Iterator[list[str]]:
    """Every command line of `plangate` in the texts."""
    image = [*json.loads(instruction("ENTRYPOINT")), *json.loads(instruction("CMD"))]
    yield image
    yield from ([*image[:1], *service["command"]] for service in SERVICES.values() if "command" in service)
    lines = [
        line for text in (COMPOSE_TEXT, *(file.read_text("utf-8") for file in TEXTS)) for line in text.splitlines()
    ]
    for line in lines:
        # A line of an example, in a block or after `#` of the compose file; and what stands in backticks.
        if re.match(r"#? {2,}\S", line) and (
            found := re.search(r"(?:^#? +|exec gateway |&& )(plangate [a-z-].*)", line)
        ):
            yield shlex.split(found[1].split(" > ")[0], comments=True)
        for quoted in re.findall(r"`(plangate [a-z-][^`]*)`", line):
            yield shlex.split(quoted.replace(" ...", ""))


@pytest.mark.parametrize("words", sorted({tuple(words) for words in commands()}), ids=" ".join)
def test_every_command_exists(words: tuple[str, ...]) -> None:
    command: Any = get_command(app)
    rest = list(words[1:])
    while rest and hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in rest if word.startswith("-") and word.split("=")[0] not in options] == []


def test_there_are_commands_to_check() -> None:
    found = {words[1] for words in commands()}
    assert {"serve", "migrate", "keys", "sources", "settings", "schema", "emulators", "demo"} <= found


def test_links_lead_somewhere() -> None:
    for file in TEXTS:
        links = re.findall(r"\]\(((?!https?:|#)[^)#]+)", file.read_text("utf-8"))
        assert [link for link in links if not (file.parent / link).exists()] == [], file.name


def test_ports_agree() -> None:
    default = {name: default for name, default, _ in described()}["port"]
    [published] = SERVICES["gateway"]["ports"]
    assert published == f"127.0.0.1:{default}:{default}"
    assert instruction("EXPOSE") == image_environment()["PLANGATE_PORT"] == default


def test_each_system_has_a_place_for_its_credentials() -> None:
    given = SERVICES["gateway"]["environment"]
    expected = {"PLANGATE_CURSOR_KEYS", "PLANGATE_PLANNING_CENTER__APP_ID"}
    for name in Settings.upstream_names():
        section = Settings.model_fields[name].annotation.__args__[0]  # type: ignore[union-attr]
        for field, info in section.model_fields.items():
            if field == "workspace" or info.is_required() or SecretStr.__name__ in str(info.annotation):
                expected.add(variable(f"{name}.{field}"))
    assert {name for name, value in given.items() if value is None} == expected


def test_services_start_in_order_and_end_in_time() -> None:
    assert SERVICES["gateway"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}
    assert "healthcheck" in SERVICES["database"]
    settings = Settings()
    grace = float(SERVICES["gateway"]["stop_grace_period"].removesuffix("s"))
    assert grace > settings.drain + settings.deadline + 1


def test_the_compose_file_says_that_it_was_not_run_in_containers() -> None:
    assert "was not run in containers" in COMPOSE_TEXT


# --------------------------------------------------------------------------------------------------------------- backup

OPERATORS = (ROOT / "docs" / "operators.md").read_text("utf-8")


def rows(url: str) -> dict[str, list[Any]]:
    """All rows of all tables of a store."""
    tables = list(metadata.tables.values())

    async def read() -> dict[str, list[Any]]:
        database = Database(url, pool_size=1, timeout=30, name="store")
        try:
            found = await database.fetch(*((select(table), {}) for table in tables))
        finally:
            await database.close()
        return {table.name: sorted(map(repr, each)) for table, each in zip(tables, found, strict=True)}

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, read()).result()


def test_a_backup_is_restored(
    database: str, demo_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = rows(demo_url)
    assert expected["plans"]
    if database == "sqlite":
        url = f"sqlite:///{tmp_path}/plangate.sqlite"
        monkeypatch.chdir(tmp_path)
        shutil.copy(demo_url.removeprefix("sqlite:///"), "plangate.sqlite")
        found = re.search(r'^sqlite3 plangate\.sqlite "(.*)"$', OPERATORS, re.MULTILINE)
        assert found
        with closing(sqlite3.connect("plangate.sqlite", isolation_level=None)) as gateway:
            # A change that is in the file of the write-ahead log alone.
            gateway.execute("PRAGMA wal_autocheckpoint = 0")
            gateway.execute("UPDATE plans SET title = 'Changed' WHERE key = (SELECT min(key) FROM plans)")
            with closing(sqlite3.connect("plangate.sqlite")) as shell:
                shell.execute(found[1])
        expected = rows(url)
        for name in ("plangate.sqlite", "plangate.sqlite-wal", "plangate.sqlite-shm"):
            assert f"`{name}`" in OPERATORS
            Path(name).unlink(missing_ok=True)
        shutil.copy("backup.sqlite", "plangate.sqlite")
    else:
        server = request.getfixturevalue("postgresql")
        run(server.execute("CREATE DATABASE restored"))
        url = server.url("restored")
        for tool, of in (("pg_dump", demo_url), ("pg_restore", url)):
            found = re.search(rf"^{tool} (.*)$", OPERATORS, re.MULTILINE)
            assert found
            words = [word.replace("$DATABASE_URL", of) for word in shlex.split(found[1])]
            subprocess.run([server.tools / tool, *words], cwd=tmp_path, check=True)
    run(migrate(url))
    assert rows(url) == expected


# --------------------------------------------------------------------------------------------------------- as processes


def test_the_services_of_the_compose_file_run_as_processes(postgresql: PostgreSQL, tmp_path: Path) -> None:
    """The database, `migrate`, an API key, and the gateway with its workers, in the order of the file."""
    assert list(SERVICES) == ["gateway", "migrate", "database"]
    user, database = (SERVICES["database"]["environment"][name] for name in ("POSTGRES_USER", "POSTGRES_DB"))
    run(postgresql.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'secret'"))
    run(postgresql.execute(f"CREATE DATABASE {database} OWNER {user}"))

    def variables(service: str) -> dict[str, str]:
        made = environment(service, {"POSTGRES_PASSWORD": "secret"})
        # The container's network: the host `database` is the server's socket, and the port is free here.
        url = made["PLANGATE_STORE__URL"].replace("@database/", "@/") + f"?host={postgresql.socket}"
        here = {"PLANGATE_STORE__URL": url, "PLANGATE_HOST": "127.0.0.1", "PLANGATE_PORT": str(port)}
        return {**os.environ, **made, **here, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}

    def process(service: str, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "plangate", *(words or SERVICES[service].get("command") or image_command)]
        return subprocess.Popen(
            command, env=variables(service), cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    port, image_command = free_port(), json.loads(instruction("CMD"))
    with process("migrate") as migrate:
        said, complaints = migrate.communicate(timeout=60)
        assert (migrate.returncode, said) == (0, "The store is up to date.\n"), complaints
    found = re.search(r"exec gateway plangate (.*)", COMPOSE_TEXT)
    assert found
    with process("gateway", *shlex.split(found[1])) as keys, process("gateway") as gateway:
        try:
            key = keys.communicate(timeout=60)[0].strip()
            assert key.startswith("plg_")
            probe = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
            Running(gateway, port).wait()
            subprocess.run([sys.executable, *probe[1:]], env=variables("gateway"), check=True)
            for _ in range(8):
                assert viewer(port, key) == {"data": {"viewer": {"id": "store:ada", "workspace": "main"}}}
            gateway.send_signal(signal.Signals[instruction("STOPSIGNAL")])
            grace = float(SERVICES["gateway"]["stop_grace_period"].removesuffix("s"))
            _, logged = gateway.communicate(timeout=grace)
        finally:
            gateway.kill()
    assert gateway.returncode == 0
    assert logged.count("Started server process") == int(variables("gateway")["PLANGATE_WORKERS"]) == 2
    assert "Traceback" not in logged and key not in logged


def viewer(port: int, key: str) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        connection.request("POST", "/graphql", json.dumps({"query": "{ viewer { id workspace } }"}), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
