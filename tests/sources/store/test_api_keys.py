from msgspec import structs

from plangate.model import Key
from plangate.sources.store import ApiKey, Store, add_api_key, find_api_key, list_api_keys, revoke_api_key

KEY = ApiKey("k1", "ab" * 32, Key("store:ada-okafor"), "demo", "member", "laptop", "2026-11-20T09:00:00+00:00")


async def test_a_key_is_found_by_its_hash_until_it_is_revoked(store: Store) -> None:
    database = store.database
    await add_api_key(database, KEY)
    await add_api_key(database, structs.replace(KEY, id="k2", hash="cd" * 32, label=None))
    assert await find_api_key(database, KEY.hash) == KEY
    for unknown in ("", "x", "\0", "\ud800", "x" * 100_000):
        assert await find_api_key(database, unknown) is None
        assert not await revoke_api_key(database, unknown, at=KEY.created_at)

    assert await revoke_api_key(database, "k1", at="2026-11-21T10:00:00+01:00")
    assert not await revoke_api_key(database, "k1", at="2026-11-22T09:00:00Z")
    assert await find_api_key(database, KEY.hash) is None
    revoked = structs.replace(KEY, revoked_at="2026-11-21T09:00:00+00:00")
    assert [key.id for key in await list_api_keys(database)] == ["k1", "k2"]
    assert (await list_api_keys(database))[0] == revoked
