"""The commands of `plangate`. A mistake is answered with one sentence that says what to do, and exit code 2.

What is heavy is imported by the command that needs it, so that `plangate --help` is there at once. `keys` and
`sources` have commands of their own, each in a module.
"""

import asyncio
import math
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from plangate.errors import PlangateError, SettingsError, StoreUnavailable

from .emulators import emulators
from .keys import keys
from .sources import sources
from .terminal import console

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from plangate.settings import Settings


class Commands(TyperGroup):
    """Where every mistake ends up."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            _fail(error.reason)
        except PlangateError as error:
            _fail(error.message)
        except KeyboardInterrupt:
            raise typer.Exit from None


def _fail(message: str) -> None:
    typer.echo(f"plangate: {message}", err=True)
    raise typer.Exit(2) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks can show local variables
    help="One GraphQL graph over the plans that a team keeps in several systems. Begin with `plangate demo`.",
)
schema = typer.Typer(no_args_is_help=True, help="The graph's schema.")
app.add_typer(schema, name="schema")
app.add_typer(keys, name="keys")
app.add_typer(sources, name="sources")


def _version(asked: bool) -> None:
    if asked:
        from plangate import __version__

        typer.echo(f"plangate {__version__}")
        raise typer.Exit


@app.callback()
def plangate(
    config: Annotated[
        Path | None, typer.Option(help="The TOML file of the settings, instead of ./plangate.toml.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    if config:
        os.environ["PLANGATE_CONFIG"] = str(config)


@app.command()
def demo(
    scale: Annotated[int, typer.Option(min=1, max=1000, help="How many times the usual number of plans.")] = 1,
    database_url: Annotated[
        str | None, typer.Option(help="A database to put the demo data in, instead of a temporary one.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen at: of this machine only.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 8000, or any if it is taken.")] = None,
) -> None:
    """Serve demo data of six systems on this machine. The data is deleted on exit unless you name a database.

    The store, the systems and authentication are the demo's own; all other settings apply.
    """
    from plangate import demo
    from plangate.settings import load

    settings = load()
    host = settings.host if host is None else host
    demo.require_loopback(host)
    try:
        listener = listen(host, settings.port if port is None else port)
    except SettingsError:
        if port is not None or "port" in settings.model_fields_set:
            raise
        listener = listen(host, 0)
    asyncio.run(demo.run(settings, listener, scale=scale, database_url=database_url))


app.command()(emulators)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen at; 0.0.0.0 for all.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen at.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="The number of worker processes.")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Let requests without a credential in.")] = False,
) -> None:
    """Serve the graph. Options given here override the settings."""
    import structlog
    import uvicorn
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    from plangate.server import raise_file_limit, server_config
    from plangate.settings import variable

    # Workers are processes of their own and read the settings again: the environment is what reaches them.
    given = {"host": host, "port": port, "workers": workers, "authentication.anonymous": anonymous or None}
    for name, value in given.items():
        if value is not None:
            os.environ[variable(name)] = str(value)
    settings = _prepared()
    asyncio.run(check_store(settings))
    if not settings.cursor_keys:  # workers must understand each other's cursors
        os.environ[variable("cursor_keys")] = secrets.token_hex()
    ways, log = settings.authentication, structlog.get_logger(__name__)
    # Anonymous viewers are all of one workspace; who comes with a key or a token may be of any.
    for name, system in settings.upstreams().items():
        if system.workspace is None and system.credentials == "gateway" and (ways.api_keys or ways.jwt):
            log.warning(f"Viewers of every workspace read {name}: set {name}.workspace to the one that may.")
    listener = listen(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("listening", url=f"http://{host}:{listener.getsockname()[1]}/graphql", workers=settings.workers)
    raise_file_limit(settings.http.max_connections)
    config = server_config(
        "plangate.cli:application",
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        timeout_graceful_shutdown=math.ceil(settings.deadline) + 1,
    )
    if settings.workers > 1:
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        if any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes):
            raise typer.Exit(2)
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


def application() -> "ASGIApp":
    """The gateway as the settings say, for a worker: `uvicorn --factory plangate.cli:application` works too."""
    from uvicorn.config import STARTUP_FAILURE

    from plangate.app import create_app

    try:
        return create_app(_prepared())
    except PlangateError as error:
        # With any other code the supervisor would start the worker again, and again.
        typer.echo(f"plangate: {error.message}", err=True)
        raise SystemExit(STARTUP_FAILURE) from None


def _prepared() -> "Settings":
    """The settings, if a gateway can start with them; logs are as they say."""
    from plangate import logs
    from plangate.settings import load

    settings = load()
    if not settings.authentication.is_set:
        raise SettingsError("Nobody is let in: set authentication.api_keys or authentication.jwt, or give --anonymous.")
    logs.configure(settings.log_format, settings.log_level)
    return settings


async def check_store(settings: "Settings") -> None:
    """StoreUnavailable if an operator has to act. A database that does not answer for now makes nobody wait."""
    import structlog

    from plangate.sources.store import Store, check

    store = Store(**settings.store.model_dump())
    if store.database.is_in_memory:
        return  # a gateway that has no use for a store
    try:
        await check(store.database)
    except StoreUnavailable as error:
        if error.permanent:
            raise
        structlog.get_logger(__name__).warning("store_unavailable", reason=error.reason)
    finally:
        await store.close()


def listen(host: str, port: int) -> socket.socket:
    """The socket, or a sentence about why not; uvicorn would log an error and exit."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"Cannot listen at {host}, port {port}: {reason}. Choose another --host or --port."
        raise SettingsError(message) from None
    listener.set_inheritable(True)
    return listener


@app.command()
def migrate() -> None:
    """Make the store's tables, or bring them up to date. Rows that break a rule of the new revision are listed."""
    from plangate.settings import load
    from plangate.sources.store import migrate

    for change in asyncio.run(migrate(load().store.url)):
        typer.echo(change)
    typer.echo("The store is up to date.")


@app.command()
def settings(
    describe: Annotated[bool, typer.Option("--describe", help="Say what every setting is for, instead.")] = False,
) -> None:
    """Show the settings in force and where each comes from. Secrets are hidden."""
    from rich.table import Column, Table

    from plangate.settings import described, effective, load, variable

    titles = ("environment variable", "default", "what it is for") if describe else ("setting", "value", "from")
    columns = [Column(title, overflow="fold") for title in titles]
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    if describe:
        for name, default, description in described():
            table.add_row(variable(name), default, description)
    else:
        for name, value, origin in effective(load()):
            table.add_row(name, value, origin, style="dim" if origin == "default" else None)
    console().print(table)


@schema.command("print")
def print_schema(
    subgraph: Annotated[
        bool, typer.Option("--subgraph", help="As `_service { sdl }` has it, to compose it with other subgraphs.")
    ] = False,
) -> None:
    """Print the schema in the schema definition language. By default it is the repository's `schema/schema.graphql`.

    The settings of `federation` apply: types may have a prefix, and the subgraph may have fewer root fields.
    """
    from plangate.graph.schema import build_schema
    from plangate.settings import load

    schema = build_schema(load().federation)
    typer.echo(schema.sdl if subgraph else schema.as_str())
