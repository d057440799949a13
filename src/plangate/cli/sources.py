"""`plangate sources`: the systems that the settings switch on."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from plangate.errors import SettingsError, StoreUnavailable

if TYPE_CHECKING:
    from plangate.settings import Settings
    from plangate.source import Source

LIST = "list_"
"""What the questions for lists of records begin with, in the port."""

sources = typer.Typer(no_args_is_help=True, help="The systems that plans are read from.")


@sources.callback()
def _sources() -> None:
    """A callback, so that a single command keeps its name."""


@sources.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; all that are set, if none is named.")] = None,
) -> None:
    """Ask each system that is set for the least of every list that it has. Exit code 1 if anything does not work."""
    from plangate.settings import load

    found = asyncio.run(_checked(load(), names))
    width = max(map(len, found))
    for name, (_, told) in found.items():
        typer.echo(f"{name:{width}}  {told}")
    if not all(works for works, _ in found.values()):
        raise typer.Exit(1)


async def _checked(settings: "Settings", names: "list[str] | None") -> dict[str, tuple[bool, str]]:
    from plangate.app import build_sources

    ports = build_sources(settings)
    try:
        if unknown := [name for name in names or () if name not in ports]:
            known = ", ".join(ports)
            raise SettingsError(f"{unknown[0]} is not set. These are: {known}; `plangate settings` shows how.")
        asked = names or list(ports)
        told = await asyncio.gather(*(_told(ports[name]) for name in asked))
        return dict(zip(asked, told, strict=True))
    finally:
        await asyncio.gather(*(port.close() for port in ports.values()))


async def _told(source: "Source") -> tuple[bool, str]:
    """Whether all of it works, and what does and does not, in words."""
    health = await source.check()
    if not health.ok:
        if isinstance(health.error, StoreUnavailable):
            return False, f"does not work: {health.error.reason}"
        cause = getattr(health.error, "cause", None)
        return False, f"does not work: {health.detail}" + (f" ({cause})" if cause else "")
    if health.detail:
        return True, f"not asked: {health.detail}"
    lists = sorted(question for question in source.capabilities if question.startswith(LIST))
    answers = await asyncio.gather(*(_refusal(source, each) for each in lists))
    refusals = dict(zip(lists, answers, strict=True))
    works = ", ".join(_words(question) for question, refusal in refusals.items() if refusal is None)
    fails = [f"does not list {_words(question)}: {refusal}" for question, refusal in refusals.items() if refusal]
    return not fails, "; ".join([f"works: {works}", *fails] if works else fails)


async def _refusal(source: "Source", question: str) -> str | None:
    """Why a list cannot be read; None if it can."""
    from plangate.errors import PlangateError
    from plangate.listing import ListQuery, Scope

    try:
        async with asyncio.timeout(source.deadline):
            await getattr(source, question)(ListQuery(1, scope=Scope(source.workspace or "any", None)))
    except TimeoutError:
        return source.too_late().message
    except PlangateError as error:
        return error.message
    return None


def _words(question: str) -> str:
    return question.removeprefix(LIST).replace("_", " ")
