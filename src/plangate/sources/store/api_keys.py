"""The API keys of viewers, kept beside the plans. Only a key's hash is here; who makes the key hashes it."""

from msgspec import Struct, structs
from sqlalchemy import bindparam, insert, select, update

from plangate.model import Key

from .database import Database
from .filters import storable
from .tables import api_keys

# Each statement is one object: what is compiled of it is kept by the object.
_FIND = select(*api_keys.c).where(api_keys.c.hash == bindparam("hash"), api_keys.c.revoked_at.is_(None))
_LIST = select(*api_keys.c).order_by(api_keys.c.created_at, api_keys.c.id)


class ApiKey(Struct, frozen=True):
    """Who a key speaks for. `id` may be shown, to tell keys apart and to revoke one."""

    id: str
    hash: str
    person: Key
    workspace: str
    role: str
    label: str | None
    created_at: str
    revoked_at: str | None = None


async def add_api_key(database: Database, key: ApiKey) -> None:
    async with database.transaction() as connection:
        await connection.execute(insert(api_keys), structs.asdict(key))


async def find_api_key(database: Database, hash: str) -> ApiKey | None:
    """The key with this hash, unless it was revoked."""
    if not storable(hash):
        return None
    [rows] = await database.fetch((_FIND, {"hash": hash}))
    return ApiKey(*rows[0]) if rows else None


async def list_api_keys(database: Database) -> list[ApiKey]:
    """All keys, the revoked ones too, oldest first."""
    [rows] = await database.fetch((_LIST, {}))
    return [ApiKey(*row) for row in rows]


async def revoke_api_key(database: Database, id: str, at: str) -> bool:
    """Whether there was such a key, not revoked before."""
    if not storable(id):
        return False
    statement = update(api_keys).where(api_keys.c.id == id, api_keys.c.revoked_at.is_(None)).values(revoked_at=at)
    async with database.transaction() as connection:
        return (await connection.execute(statement)).rowcount == 1
