"""`plangate keys`: API keys, kept in the store as hashes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import uuid4

import typer

from plangate.access import Role
from plangate.errors import SettingsError

from .terminal import console

if TYPE_CHECKING:
    from plangate.sources.store.database import Database

T = TypeVar("T")

keys = typer.Typer(no_args_is_help=True, help="API keys: who they speak for, and which are revoked.")


@keys.command()
def create(
    person: Annotated[str, typer.Option(help="The key of the person that it speaks for, e.g. store:ada.")],
    workspace: Annotated[str, typer.Option(help="The workspace that it reads.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    label: Annotated[str | None, typer.Option(help="What it is for, to know it by later.")] = None,
) -> None:
    """Make an API key and print it, this once: only its hash is kept."""
    from plangate.authentication import fingerprint, new_api_key
    from plangate.model import Key, instant, split
    from plangate.sources.store import ApiKey, add_api_key

    if not all(split(Key(person))) or not workspace:
        raise SettingsError("--person must be the key of a person, such as store:ada, and --workspace a name.")
    secret = new_api_key()
    key = ApiKey(
        uuid4().hex[:12], fingerprint(secret), Key(person), workspace, role.value, label, instant(datetime.now(UTC))
    )
    _in_store(lambda database: add_api_key(database, key))
    # The key alone goes to standard output, so that it can be piped.
    typer.echo(f"Keep it, it is not shown again. `plangate keys revoke {key.id}` ends it.", err=True)
    typer.echo(secret)


@keys.command("list")
def list_keys() -> None:
    """Show all API keys, the revoked ones too; not the keys themselves, which nobody has kept."""
    from rich.table import Table

    from plangate.sources.store import list_api_keys

    table = Table("id", "person", "workspace", "role", "label", "created", "revoked", box=None, pad_edge=False)
    for key in _in_store(list_api_keys):
        table.add_row(
            key.id, key.person, key.workspace, key.role, key.label or "", key.created_at, key.revoked_at or ""
        )
    console().print(table)


@keys.command()
def revoke(id: Annotated[str, typer.Argument(help="The key's id, as `plangate keys list` shows it.")]) -> None:
    """End an API key. Running gateways refuse it within ten seconds."""
    from plangate.model import instant
    from plangate.sources.store import revoke_api_key

    if not _in_store(lambda database: revoke_api_key(database, id, instant(datetime.now(UTC)))):
        raise SettingsError(f"There is no API key {id} that could be revoked. `plangate keys list` shows them.")
    typer.echo(f"{id} is revoked.")


def _in_store(ask: "Callable[[Database], Awaitable[T]]") -> T:
    from plangate.settings import load
    from plangate.sources.store import Store, check

    store = Store(load().store.url)

    async def answer() -> T:
        try:
            await check(store.database)
            return await ask(store.database)
        finally:
            await store.close()

    return asyncio.run(answer())
