"""`plangate sources`: the systems that the settings switch on."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from plangate.errors import SettingsError

if TYPE_CHECKING:
    from plangate.settings import Settings
    from plangate.source import Health

sources = typer.Typer(no_args_is_help=True, help="The systems that plans are read from.")


@sources.callback()
def _sources() -> None:
    """A callback, so that a single command keeps its name."""


@sources.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; all that are set, if none is named.")] = None,
) -> None:
    """Ask each system that is set whether it answers. Exit code 1 if any does not."""
    from plangate.settings import load

    found = asyncio.run(_checked(load(), names))
    width = max(map(len, found))
    for name, health in found.items():
        typer.echo(f"{name:{width}}  {_told(health)}")
    if not all(health.ok for health in found.values()):
        raise typer.Exit(1)


def _told(health: "Health") -> str:
    if health.ok:
        return f"not asked: {health.detail}" if health.detail else "works"
    return f"does not work: {health.detail}"


async def _checked(settings: "Settings", names: "list[str] | None") -> "dict[str, Health]":
    from plangate.app import build_sources

    ports = build_sources(settings)
    try:
        if unknown := [name for name in names or () if name not in ports]:
            known = ", ".join(ports)
            raise SettingsError(f"{unknown[0]} is not set. These are: {known}; `plangate settings` shows how.")
        asked = names or list(ports)
        return dict(zip(asked, await asyncio.gather(*(ports[name].check() for name in asked)), strict=True))
    finally:
        await asyncio.gather(*(port.close() for port in ports.values()))
