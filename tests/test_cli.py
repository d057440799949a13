"""The commands, run as an operator runs them."""

import asyncio
import json
import logging
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from importlib import metadata
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from plangate.cli import app, application, check_store
from plangate.cli.emulators import as_environment, as_toml
from plangate.demo import demo_settings, examples, written
from plangate.emulated import systems
from plangate.emulators.faults import Faults
from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve_in_thread
from plangate.settings import Settings, load
from plangate.settings.systems import PlanhatSettings, StoreSettings
from tests.databases import PostgreSQL
from tests.sources.store.front import Authority, front_in_thread

REPOSITORY = Path(__file__).parent.parent
SYSTEMS = list(systems(None))
runner = CliRunner()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder without configuration, and a store in it; logs as they were, when a command has sent them elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANGATE_STORE__URL", f"sqlite:///{tmp_path}/store.sqlite")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def run(*arguments: str, code: int = 0) -> str:
    result = runner.invoke(app, arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stdout if code == 0 else result.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def execute(server: PostgreSQL, statement: str, database: str = "postgres") -> None:
    asyncio.run(server.execute(statement, database))


class Running:
    """A command in a process of its own, which listens at `port`."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers={"Apollo-Require-Preflight": "1", **headers})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def wait(self) -> None:
        ends = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < ends:
            try:
                self.get("/health")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.process.communicate(timeout=5))

    def until(self, last: str) -> str:
        """What it prints, up to the line that begins so."""
        assert self.process.stdout is not None
        said = ""
        while line := self.process.stdout.readline():
            said += line
            if line.startswith(last):
                break
        return said

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        said, complaints = self.process.communicate(timeout=30)
        assert "Traceback" not in said + complaints
        return self.process.returncode, said + complaints


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "COLUMNS": "140"}
    process = subprocess.Popen(
        [sys.executable, "-m", "plangate", *arguments, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        try:
            command = Running(process, port)
            command.wait()
            yield command
        finally:
            process.kill()


# ---------------------------------------------------------------------------------------------------------------- demo


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo(number: signal.Signals) -> None:
    with running("demo") as demo:
        status, answer = demo.get("/graphql?query={viewer{workspace,role}}")
        assert (status, json.loads(answer)) == (200, {"data": {"viewer": {"workspace": "demo", "role": "ADMIN"}}})
        assert demo.get("/graphql", accept="text/html")[0] == 200
        assert demo.get("/graphql", host="evil.test")[0] == 421
        said = demo.until("Stop it with Ctrl-C")
        code, rest = demo.stop(number)
    assert (code, rest) == (0, "")
    assert f"http://127.0.0.1:{demo.port}/graphql" in said
    assert all(example.title in said for example in examples())
    assert '"errors"' not in said
    for word in ("Harbour Campus", "planning_center", "Borrow the second projector"):
        assert word in said


@pytest.fixture
def no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that starts although it must not is a failure at once."""
    monkeypatch.setattr("plangate.demo.run", lambda *_, **__: pytest.fail("The demo starts."))


@pytest.mark.usefixtures("no_demo")
@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.org"])
def test_demo_stays_on_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("demo", "--host", host, code=2)
    assert f"it cannot listen at {host}. Use --host 127.0.0.1 or `plangate serve`." in said
    monkeypatch.setenv("PLANGATE_HOST", host)
    assert run("demo", code=2) == said


@pytest.mark.usefixtures("no_demo")
def test_demo_refuses_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_EXECUTOR", "bogus")
    assert "The environment variable PLANGATE_EXECUTOR is not right" in run("demo", code=2)


@pytest.mark.usefixtures("no_demo")
def test_demo_listens_at_the_port_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PLANGATE_PORT", str(taken.getsockname()[1]))
        assert "address already in use" in run("demo", code=2)


def test_demo_keeps_other_settings_and_fills_only_the_database_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANGATE_GRAPHIQL", "false")
    monkeypatch.setenv("PLANGATE_LIMITS__DEPTH", "8")
    monkeypatch.setenv("PLANGATE_LOG_LEVEL", "info")
    monkeypatch.setenv("PLANGATE_HTTP__MAX_URL", "500")
    monkeypatch.setenv("PLANGATE_PLANHAT__TOKEN", "of-the-real-system")
    with running("demo", "--database-url", f"sqlite:///{tmp_path}/mine.sqlite") as demo:
        said = demo.until("Stop it with Ctrl-C")
        assert demo.get("/graphql", accept="text/html")[0] != 200
        deep = "{plans{nodes{" + "nextPlan{" * 7 + "id" + "}" * 10
        assert "MAX_DEPTH_EXCEEDED" in demo.get(f"/graphql?query={deep}")[1]
        assert demo.get("/" + "a" * 600)[0] == 414
        _, logged = demo.stop(signal.SIGTERM)
    assert "GraphiQL" not in said and '"errors"' not in said
    assert '"request"' in logged
    assert "the demo data stays in your database" in said and "nothing is left" not in said
    assert (tmp_path / "mine.sqlite").exists()
    assert not (tmp_path / "store.sqlite").exists(), "PLANGATE_STORE__URL names the operator's own database"


def test_demo_settings() -> None:
    mine = Settings(executor="stock", deadline=3, store=StoreSettings(url="sqlite:///mine", pool_size=4))
    planhat = PlanhatSettings(token=SecretStr("emulated"))
    settings = demo_settings(mine, "127.0.0.1", "sqlite:///demo", {"planhat": planhat})
    assert (settings.executor, settings.deadline, settings.store.pool_size) == ("stock", 3, 4)
    assert (settings.store.url, settings.planhat) == ("sqlite:///demo", planhat)
    assert settings.authentication.anonymous_workspace == "demo"


def test_there_are_three_examples() -> None:
    assert len(list(examples())) == 3


def test_json_for_people() -> None:
    value = {"short": [1, {"a": None}], "long": ["x" * 40, "y" * 40], "only": {"nodes": [{"a": "z" * 60}]}}
    text = written(value)
    assert json.loads(text) == value
    assert '"short": [1, {"a": null}]' in text.splitlines()[1]


# --------------------------------------------------------------------------------------------------------------- serve


def test_serve_wants_authentication() -> None:
    assert "authentication.api_keys" in run("serve", code=2)


def test_serve(monkeypatch: pytest.MonkeyPatch) -> None:  # with two workers: tests/test_operators.py
    monkeypatch.setenv("PLANGATE_HTTP__MAX_URL", "500")
    run("migrate")
    with running("serve", "--anonymous") as gateway:
        status, answer = gateway.get("/graphql?query={viewer{workspace,role}}")
        assert (status, json.loads(answer)) == (200, {"data": {"viewer": {"workspace": "default", "role": "VIEWER"}}})
        status, answer = gateway.get("/graphql?query={viewer{id}}", host="evil.test")
        assert status == 421 and "PLANGATE_ALLOWED_HOSTS" in answer
        status, answer = gateway.get("/" + "a" * 500)
        assert (status, json.loads(answer)["errors"][0]["extensions"]["code"]) == (414, "URI_TOO_LONG")
        code, _ = gateway.stop(signal.SIGINT)
    assert code == 0


def test_serve_is_not_ready_while_it_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_DRAIN", "1")
    run("migrate")
    with running("serve", "--anonymous") as gateway:
        assert gateway.get("/ready")[0] == 200
        began = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        while "draining" not in gateway.get("/ready")[1]:
            time.sleep(0.01)
        assert gateway.get("/ready") == (503, '{"status":"draining"}')
        assert gateway.get("/graphql?query={viewer{workspace}}")[0] == 200
        gateway.process.communicate(timeout=30)
        assert time.monotonic() - began >= 1
    assert gateway.process.returncode in (0, -signal.SIGTERM)


def test_serve_gives_all_its_workers_one_key_for_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are processes that read the settings again, from the environment of the command that started them."""

    def served() -> tuple[str, ...]:
        with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it does not go on
            run("serve", "--anonymous", "--port", str(taken.getsockname()[1]), code=2)
        return tuple(each.get_secret_value() for each in load().cursor_keys)

    run("migrate")
    [key] = served()
    assert len(key) >= 32
    assert served() == (key,)
    monkeypatch.delenv("PLANGATE_CURSOR_KEYS")
    assert key not in served()
    monkeypatch.setenv("PLANGATE_CURSOR_KEYS", f"{'n' * 32}, {'o' * 32}")
    assert served() == ("n" * 32, "o" * 32)


TOKEN = {"PLANGATE_PLANNING_CENTER__TOKEN": "t"}
KEYS = {"PLANGATE_AUTHENTICATION__API_KEYS": "true"}


@pytest.mark.parametrize(
    ("variables", "workers", "warnings"),
    [
        ({**TOKEN, **KEYS}, "2", 1),
        ({**TOKEN, **KEYS, "PLANGATE_PLANNING_CENTER__WORKSPACE": "north"}, "1", 0),
        ({**TOKEN, **KEYS, "PLANGATE_PLANNING_CENTER__CREDENTIALS": "viewer"}, "1", 0),
        ({**TOKEN, **KEYS, "PLANGATE_PLANHAT__TOKEN": "t"}, "1", 2),
        ({**TOKEN, "PLANGATE_AUTHENTICATION__ANONYMOUS": "true"}, "1", 0),
        (KEYS, "1", 0),
    ],
)
def test_serve_warns_when_every_workspace_reads_a_system(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], workers: str, warnings: int
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run("migrate")
    with running("serve", "--workers", workers) as gateway:
        _, said = gateway.stop(signal.SIGINT)
    assert len(re.findall(r"set (planning_center|planhat)\.workspace", said)) == warnings


@pytest.mark.parametrize("command", [["demo"], ["serve", "--anonymous"]])
def test_a_second_signal_logs_no_traceback(command: list[str]) -> None:
    run("migrate")
    with running(*command) as gateway, socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n")
        if command == ["demo"]:
            gateway.until("Stop it with Ctrl-C")
        gateway.process.send_signal(signal.SIGINT)
        time.sleep(0.05)  # signals sent at the same time are one
        code, said = gateway.stop(signal.SIGINT)
    assert (code, "Cancelled" in said) == (0, False)


def test_a_worker_that_cannot_start_ends_serve_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS", "nod")
    monkeypatch.setenv("PLANGATE_AUTHENTICATION__ANONYMOUS", "true")
    with pytest.raises(SystemExit) as caught:
        application()
    assert caught.value.code == STARTUP_FAILURE
    run("migrate")
    command = [sys.executable, "-m", "plangate", "serve", "--port", "0", "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    said = {line for line in done.stderr.splitlines() if not line.startswith("{")}
    assert done.returncode == 2
    assert said == {
        "plangate: The setting federation.omitted_root_fields (PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS) is not right: "
        "Query has no field nod. Correct it and start again."
    }


def test_workers_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def supervise(self: Multiprocess) -> None:  # in place of `run`, which starts the workers
        self.sockets[0].close()
        started.append(self.processes_num)

    run("migrate")
    monkeypatch.setattr("uvicorn.supervisors.Multiprocess.run", supervise)
    monkeypatch.setenv("PLANGATE_PORT", "0")
    monkeypatch.setenv("PLANGATE_WORKERS", "3")
    run("serve", "--anonymous")
    run("serve", "--anonymous", "--workers", "2")
    assert started == [3, 2]


@pytest.fixture
def no_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that starts although it must not is a failure at once."""
    monkeypatch.setattr("plangate.cli.listen", lambda *_: pytest.fail("It listens."))


@pytest.mark.usefixtures("no_listener")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_refuses_a_store_that_was_never_migrated(tmp_path: Path, workers: str) -> None:
    said = run("serve", "--anonymous", "--workers", workers, code=2)
    assert f"no store at {tmp_path}/store.sqlite: run `plangate migrate` first" in said
    assert not (tmp_path / "store.sqlite").exists()
    sqlite3.connect(tmp_path / "store.sqlite").close()
    assert "has no tables yet: run `plangate migrate`" in run("serve", "--anonymous", "--workers", workers, code=2)


def test_serve_goes_on_when_the_store_does_not_answer_for_now(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(check_store(Settings(store=StoreSettings(url="postgresql://ada:s3cret@127.0.0.1:1/plans"))))
    said = capsys.readouterr().out
    assert "No server answers at 127.0.0.1: connection refused" in said and "s3cret" not in said


def test_serve_needs_no_store_in_memory() -> None:
    asyncio.run(check_store(Settings(store=StoreSettings(url="sqlite://"))))


def test_serve_at_a_port_that_is_taken() -> None:
    run("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = run("serve", "--anonymous", "--port", str(taken.getsockname()[1]), code=2)
    assert "address already in use" in said


# ---------------------------------------------------------------------------------------------------------------- keys


def test_keys() -> None:
    assert "plangate migrate" in run("keys", "list", code=2)
    run("migrate")
    result = runner.invoke(
        app, ["keys", "create", "--person", "store:ada", "--workspace", "demo", "--role", "member", "--label", "laptop"]
    )
    secret = result.stdout.strip()
    assert re.fullmatch(r"plg_[\w-]{43}", secret)
    listed = run("keys", "list")
    assert "store:ada" in listed and "laptop" in listed and secret not in listed
    assert secret.encode() not in Path("store.sqlite").read_bytes()
    id = listed.splitlines()[-1].split()[0]
    assert "is revoked" in run("keys", "revoke", id)
    assert "no API key" in run("keys", "revoke", id, code=2)


@pytest.mark.parametrize(
    "arguments", [["create", "--person", "store:ada", "--workspace", "demo"], ["list"], ["revoke", "1"]]
)
def test_keys_make_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    for url in ("sqlite:///plangate.sqlite", f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"):
        monkeypatch.setenv("PLANGATE_STORE__URL", url)
        assert "run `plangate migrate` first" in run("keys", *arguments, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_for_somebody() -> None:
    assert "store:ada" in run("keys", "create", "--person", "ada", "--workspace", "demo", code=2)


# ------------------------------------------------------------------------------------------------------------- sources


def said_of_sources(*names: str, code: int) -> dict[str, str]:
    result = runner.invoke(app, ["sources", "check", *names])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return dict(line.split(maxsplit=1) for line in result.stdout.splitlines())


def test_sources_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "plangate migrate" in said_of_sources(code=1)["store"]
    run("migrate")
    store = {"store": "works: actions, plans, service types, tasks"}
    assert said_of_sources(code=0) == store
    emulator = PlanningCenterEmulator(rate_limit=None)
    with serve_in_thread(emulator.app) as url:
        monkeypatch.setenv("PLANGATE_PLANNING_CENTER__URL", f"{url}/services/v2")
        monkeypatch.setenv("PLANGATE_PLANNING_CENTER__TOKEN", "access-token")
        assert said_of_sources(code=0) == store | {"planning_center": "works: plans, service types"}
        monkeypatch.setenv("PLANGATE_PLANNING_CENTER__TOKEN", "hunter2")
        refused = "does not work: planning_center refuses the gateway's credential."
        assert said_of_sources(code=1) == store | {"planning_center": refused}
        assert said_of_sources("store", code=0) == store
        monkeypatch.delenv("PLANGATE_PLANNING_CENTER__TOKEN")
        monkeypatch.setenv("PLANGATE_PLANNING_CENTER__CREDENTIALS", "viewer")
        assert said_of_sources(code=0)["planning_center"].startswith("not asked: planning_center is called with")
    monkeypatch.setenv("PLANGATE_PLANNING_CENTER__CREDENTIALS", "gateway")
    monkeypatch.setenv("PLANGATE_PLANNING_CENTER__TOKEN", "access-token")
    assert "cannot be reached" in said_of_sources("planning_center", code=1)["planning_center"]


def test_sources_check_of_a_list_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = PlanhatEmulator()
    emulator.faults.set(Faults(html=True, path="/tasks"))
    with serve_in_thread(emulator.app) as url:
        monkeypatch.setenv("PLANGATE_PLANHAT__URL", url)
        monkeypatch.setenv("PLANGATE_PLANHAT__TOKEN", "planhat-token")
        said = said_of_sources("planhat", code=1)["planhat"]
    assert said.startswith("works: plans; does not list tasks: planhat ")


def test_sources_check_makes_no_store(tmp_path: Path) -> None:
    assert "run `plangate migrate`" in said_of_sources(code=1)["store"]
    assert list(tmp_path.iterdir()) == []


def test_sources_that_are_not_set() -> None:
    assert "planning_center is not set" in run("sources", "check", "planning_center", code=2)


# ----------------------------------------------------------------------------------------------------------- emulators


@contextmanager
def emulators(*options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`plangate emulators` in a process of its own, and what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "plangate", "emulators", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
    )
    with process:
        try:
            assert process.stdout is not None and process.stderr is not None
            assert process.stderr.readline() == "The emulators are running. Stop them with Ctrl-C.\n"
            yield process, os.read(process.stdout.fileno(), 65_536).decode()
        finally:
            process.kill()


def test_emulators_print_the_settings_to_use_them(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    with emulators("--workspace", "default") as (process, printed):
        for line in shlex.split(printed.replace("export ", "")):
            monkeypatch.setenv(*line.split("=", 1))
        said = said_of_sources(code=0)
        assert sorted(said) == sorted(["store", *SYSTEMS])
        assert all(each.startswith("works: ") for each in said.values())
        with running("serve", "--anonymous") as gateway:
            query = "{plans(first:1,sources:%s){nodes{id}sources{source,answered}}}" % json.dumps(SYSTEMS)
            answer = json.loads(gateway.get(f"/graphql?query={query.replace(' ', '')}")[1])
            gateway.stop(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=30)
    assert answer["data"]["plans"]["sources"] == [{"source": name, "answered": True} for name in SYSTEMS]
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_emulators_print_the_same_settings_as_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = {name: each.settings("http://127.0.0.1:1") for name, each in systems("north").items()}
    (tmp_path / "plangate.toml").write_text("\n".join(as_toml(sections)))
    assert load().upstreams() == sections
    (tmp_path / "plangate.toml").unlink()
    for line in shlex.split("\n".join(as_environment(sections)).replace("export ", "")):
        monkeypatch.setenv(*line.split("=", 1))
    assert load().upstreams() == sections


def test_emulators_at_consecutive_ports() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Cannot listen at ports {port} to {port + 4}: address already in use" in run(
            "emulators", "--port", str(port), code=2
        )


# ------------------------------------------------------------------------------------------------------------ the rest


def test_help() -> None:
    said = run("--help")
    for command in ("demo", "emulators", "serve", "migrate", "settings", "schema", "keys", "sources"):
        assert command in said


def test_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--version") == f"plangate {metadata.version('plangate')}\n"

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert run("--version") == "plangate 0+source\n"


def test_help_is_there_at_once() -> None:
    heavy = "strawberry", "sqlalchemy", "uvicorn", "pydantic", "starlette", "structlog", "importlib.metadata"
    code = f"import sys, plangate.cli; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env=environment).strip() == "[]"


def test_the_schema_is_the_one_in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    file = (REPOSITORY / "schema" / "schema.graphql").read_text("utf-8")
    assert run("schema", "print") == run("schema", "print", "--subgraph") == file
    monkeypatch.setenv("PLANGATE_FEDERATION__TYPE_PREFIX", "Plangate")
    monkeypatch.setenv("PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS", "viewer, node")
    served, subgraph = run("schema", "print"), run("schema", "print", "--subgraph")
    assert "type PlangateViewer {" in served and "type PlangateViewer {" not in subgraph
    assert "  node(id: ID!): Node" in served and "  node(id: ID!): Node" not in subgraph


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_PLANNING_CENTER__TOKEN", "hunter2")
    said = run("settings")
    assert re.search(r"planning_center.token +\*+ +environment", said)
    assert "hunter2" not in said
    assert "PLANGATE_AUTHENTICATION__JWT__JWKS_URL" in run("settings", "--describe")


def test_a_mistake_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANGATE_CONFIG", raising=False)
    file = tmp_path / "mine.toml"
    file.write_text("prot = 1")
    monkeypatch.setenv("PLANGATE_CONFIG", "")  # undone after the test: --config sets it
    said = run("--config", str(file), "settings", code=2)
    assert said == "plangate: The setting prot does not exist. `plangate settings --describe` lists them all.\n"


# ------------------------------------------------------------------------------------------------------------ the store

COMMANDS = (
    ["migrate"],
    ["serve", "--anonymous"],
    ["keys", "list"],
    ["keys", "create", "--person", "store:ada", "--workspace", "demo"],
)


def test_every_command_takes_the_url_of_a_managed_service(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path, "service")
    execute(postgresql, "CREATE DATABASE managed")
    with front_in_thread(postgresql.socket, tls=authority.server) as port:
        parameters = f"sslmode=verify-full&sslrootcert={authority.file}&application_name=ours&connect_timeout=5"
        url = f"postgres://postgres@127.0.0.1:{port}/managed?{parameters}&options=-c%20work_mem%3D7MB"
        monkeypatch.setenv("PLANGATE_STORE__URL", url)
        assert "run `plangate migrate`" in run("serve", "--anonymous", code=2)
        assert "does not work" in said_of_sources("store", code=1)["store"]
        run("migrate")
        run("keys", "create", "--person", "store:ada", "--workspace", "demo")
        assert "store:ada" in run("keys", "list")
        assert said_of_sources("store", code=0)["store"].startswith("works: ")
        with running("serve", "--anonymous") as gateway:
            assert "nodes" in gateway.get("/graphql?query={plans{nodes{id}}}")[1]


@pytest.mark.usefixtures("no_listener")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command_says_what_is_wrong_with_the_database(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    execute(
        postgresql,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guarded') "
        "THEN CREATE ROLE guarded LOGIN PASSWORD 'right'; END IF; END $$",
    )

    def said(user: str, database: str) -> str:
        monkeypatch.setenv("PLANGATE_STORE__URL", f"postgresql://{user}@/{database}?host={postgresql.socket}")
        return run(*arguments, code=2)

    assert 'refuses the password of user "with_password"' in said("with_password:s3cret", "postgres")
    assert 'has no database "nowhere": create it.' in said("postgres", "nowhere")
    name = f"foreign_{arguments[0]}_{arguments[-1]}".replace("-", "")
    execute(postgresql, f"CREATE DATABASE {name}")
    execute(postgresql, "CREATE TABLE tasks (id int)", name)
    assert said("postgres", name) == (
        'plangate: The database has a table "tasks" that is not Plangate\'s: '
        "give Plangate a database or a schema of its own.\n"
    )
    execute(
        postgresql, "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('9')", name
    )
    assert "is at revision 9, which this version of Plangate does not know" in said("postgres", name)


def test_migrate_twice() -> None:
    assert run("migrate") == run("migrate") == "The store is up to date.\n"


# ---------------------------------------------------------------------------------------------- what goes round it all


def test_make_lists_what_can_be_made() -> None:
    said = subprocess.check_output(["make", "-C", str(REPOSITORY)], text=True)
    for target in ("demo", "test", "lint", "check-clients", "bench", "clean"):
        assert re.search(rf"make {target} +\w", said)
