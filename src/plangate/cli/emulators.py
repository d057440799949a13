"""`plangate emulators`: the five upstream systems, emulated on this machine, and the settings that use them."""

import asyncio
import json
import os
import shlex
import signal
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plangate.errors import SettingsError

if TYPE_CHECKING:
    from plangate.settings.systems import UpstreamSettings


class Format(StrEnum):
    env = "env"
    toml = "toml"


def emulators(
    port: Annotated[
        int, typer.Option(min=0, max=65531, help="The first of five consecutive ports; 0 for free ports.")
    ] = 8101,
    scale: Annotated[int, typer.Option(min=1, max=1000, help="How many times the usual number of plans.")] = 1,
    workspace: Annotated[
        str | None, typer.Option(help="The workspace that reads the systems; all of them if not given.")
    ] = None,
    format: Annotated[
        Format, typer.Option(help="Print the settings as environment variables, or for plangate.toml.")
    ] = Format.env,
) -> None:
    """Serve the five emulated systems on this machine until Ctrl-C, and print the settings that use them."""
    try:
        asyncio.run(_run(port, scale=scale, workspace=workspace, format=format))
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise SettingsError(f"Cannot listen at ports {port} to {port + 4}: {reason}. Choose another --port.") from None


async def _run(port: int, *, scale: int, workspace: str | None, format: Format) -> None:
    from plangate.emulated import served, systems

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with served(systems(workspace, scale=scale), port=port) as sections:
        # The settings alone go to standard output, so that they can be sent to a file.
        for line in as_toml(sections) if format is Format.toml else as_environment(sections):
            typer.echo(line)
        typer.echo("The emulators are running. Stop them with Ctrl-C.", err=True)
        await stopped.wait()


def as_environment(sections: "dict[str, UpstreamSettings]") -> Iterator[str]:
    """Lines for a POSIX shell."""
    from plangate.settings import variable

    for name, section in sections.items():
        for field, value in _set(section):
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
            yield f"export {variable(f'{name}.{field}')}={shlex.quote(text)}"


def as_toml(sections: "dict[str, UpstreamSettings]") -> Iterator[str]:
    """Lines of `plangate.toml`."""
    for name, section in sections.items():
        yield f"[{name}]"
        # JSON's strings and lists of strings are TOML's too.
        yield from (f"{field} = {json.dumps(value)}" for field, value in _set(section))
        yield ""


def _set(section: "UpstreamSettings") -> Iterator[tuple[str, Any]]:
    """The settings of an emulated system that are not defaults; its credentials are no secrets."""
    from pydantic import SecretStr

    for field in type(section).model_fields:
        value = getattr(section, field)
        if field in section.model_fields_set and value is not None:
            yield field, value.get_secret_value() if isinstance(value, SecretStr) else value
