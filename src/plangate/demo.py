"""`plangate demo`: a gateway over a demo store and five emulated systems, in one process and on this machine only.

The store, the systems and authentication are the demo's own; every other setting is the operator's. The demo never
writes to the database of the settings: it fills a temporary one, or the one that `--database-url` names.
"""

import asyncio
import contextlib
import ipaddress
import json
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import uvicorn
from rich.console import Console, Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from plangate import logs
from plangate.access import Role
from plangate.app import create_app
from plangate.emulated import served, systems
from plangate.errors import SettingsError
from plangate.server import raise_file_limit, server_config
from plangate.settings import AuthenticationSettings, Settings
from plangate.settings.systems import UpstreamSettings
from plangate.sources.store import Store, migrate
from plangate.sources.store.demo import load

WORKSPACE = "demo"
WIDTH = 58
"""Of an answer: query and answer stand side by side where there are twice as many columns."""

EXAMPLES = (
    Path(__file__).parent / "examples",  # in a wheel
    Path(__file__).parents[2] / "schema" / "examples",  # in the repository
)


class Example(NamedTuple):
    title: str
    query: str


def require_loopback(host: str) -> None:
    """Raise SettingsError unless `host` is this machine: every client of the demo is an administrator."""
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise SettingsError(
            f"The demo lets everybody in, so it cannot listen at {host}. Use --host 127.0.0.1 or `plangate serve`."
        )


async def run(settings: Settings, listener: socket.socket, *, scale: int, database_url: str | None) -> None:
    """Serve at `listener` until SIGINT or SIGTERM."""
    # Below the banner, lines of requests would hide the examples: they are logged only if the operator asks for them.
    logs.configure(settings.log_format, settings.log_level if "log_level" in settings.model_fields_set else "warning")
    raise_file_limit(settings.http.max_connections)
    async with AsyncExitStack() as stack:
        stack.enter_context(contextlib.closing(listener))
        folder = stack.enter_context(TemporaryDirectory(prefix="plangate-demo-"))
        database = database_url or f"sqlite:///{folder}/demo.sqlite"
        await _fill(database, scale)
        upstreams = await stack.enter_async_context(served(systems(WORKSPACE, scale=scale)))
        host, port = listener.getsockname()[:2]
        app = create_app(demo_settings(settings, host, database, upstreams))
        server = _Server(server_config(app, loop="none"))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        if server.started:
            await _show(host, port, graphiql=settings.graphiql, kept=database_url is not None)
        await serving


class _Server(uvicorn.Server):
    """Stops when told to. uvicorn's own would raise the signal again once it has stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.force_exit = self.should_exit  # asked twice: without waiting for connections
        self.should_exit = True


async def _fill(database: str, scale: int) -> None:
    await migrate(database)
    store = Store(database)
    try:
        await load(store, scale)
    finally:
        await store.close()


def demo_settings(settings: Settings, host: str, database: str, upstreams: Mapping[str, UpstreamSettings]) -> Settings:
    """The operator's settings, with the store, the systems and the authentication of the demo."""
    return settings.model_copy(
        update={
            "host": host,
            # Whoever reaches the demo is on this machine: `auto` is `on`.
            "introspection": "on" if settings.introspection == "auto" else settings.introspection,
            "suggestions": "on" if settings.suggestions == "auto" else settings.suggestions,
            "store": settings.store.model_copy(update={"url": database}),
            "authentication": AuthenticationSettings(
                anonymous=True, anonymous_workspace=WORKSPACE, anonymous_role=Role.ADMIN
            ),
            **upstreams,
        }
    )


async def _show(host: str, port: int, *, graphiql: bool, kept: bool) -> None:
    """Print the address, and the examples with the answers of the running gateway."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"
    console = Console()
    asked = [(example, await asyncio.to_thread(_ask, host, port, example.query)) for example in examples()]
    browser = "  (in a browser: GraphiQL)" if graphiql else ""
    console.print(Text.assemble("\nPlangate answers at ", (address, "bold underline"), f"{browser}\n"))
    for example, answer in asked:
        console.print(Text(example.title, style="bold"))
        console.print(_beside(_code(example.query, "graphql"), _code(answer, "json"), console.width))
    left = "the demo data stays in your database" if kept else "nothing is left behind"
    console.print(Text.assemble("Stop it with ", ("Ctrl-C", "bold"), f"; {left}."))


def examples() -> Iterator[Example]:
    """The example operations: the first line of each file says in a comment what it shows."""
    folder = next(folder for folder in EXAMPLES if folder.is_dir())
    for file in sorted(folder.glob("*.graphql")):
        title, _, query = file.read_text("utf-8").partition("\n")
        yield Example(title.lstrip("# "), query.strip())


def _ask(host: str, port: int, query: str) -> str:
    connection = HTTPConnection(host, port, timeout=30)
    try:
        body = json.dumps({"query": query})
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        return written(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def written(value: Any, indent: str = "", lead: int = 0) -> str:
    """JSON for people: what fits into one line is one line. `lead` is how much stands before it in its line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + lead + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict) and len(value) == 1:
        [(name, only)] = value.items()
        name = json.dumps(name)
        return f"{{{name}: {written(only, indent, lead + len(name) + 3)}}}"
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [
            f"{name}: {written(value[key], inner, len(name) + 3)}"
            for key, name in ((key, json.dumps(key)) for key in value)
        ]
    else:
        parts = [written(each, inner, 1) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


def _code(text: str, language: str) -> Syntax:
    return Syntax(text, language, theme="ansi_dark", background_color="default", word_wrap=True)


def _beside(left: Syntax, right: Syntax, width: int) -> RenderableType:
    if width < 2 * WIDTH + 4:
        return Group(left, "", right, "")
    grid = Table.grid(padding=(0, 4), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(left, right)
    return Group(grid, "")
