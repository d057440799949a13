"""API keys: looked up in the store, remembered for a while, and what happens when the store is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.datastructures import Headers
from structlog.testing import capture_logs

from plangate.authentication import Authenticator, api_keys, new_api_key, pace
from plangate.authentication.cache import digest_of
from plangate.errors import SettingsError, StoreUnavailable
from plangate.settings import AuthenticationSettings
from plangate.sources.store import Store, find_api_key, list_api_keys, revoke_api_key

from .conftest import Locked, failing
from .credentials import ADA, Clock, add, bearer, refused

NOW = "2026-11-21T00:00:00+00:00"


@pytest.fixture
def authenticator(store: Store, clock: Clock) -> Authenticator:
    return another_worker(store, clock)


def another_worker(store: Store, clock: Clock, **settings: Any) -> Authenticator:
    return Authenticator(AuthenticationSettings(api_keys=True, **settings), store, clock=clock)


async def test_an_api_key(store: Store, authenticator: Authenticator) -> None:
    secret = await add(store)
    assert await authenticator.authenticate(bearer(secret)) == ADA
    assert await authenticator.authenticate(Headers({"X-API-Key": secret})) == ADA
    await refused(authenticator, bearer(new_api_key()))
    await refused(authenticator, bearer("plg_\x00"))
    await refused(authenticator, Headers({"X-API-Key": secret, "Authorization": f"Bearer {secret}"}))
    await refused(Authenticator(AuthenticationSettings()), bearer(secret))


async def test_a_key_of_an_unknown_role_is_refused(store: Store, authenticator: Authenticator) -> None:
    secret = await add(store, "7", role="owner")
    for _ in range(2):  # the second time from memory
        with capture_logs() as logs:
            await refused(authenticator, bearer(secret))
        assert [(log["event"], log["reason"]) for log in logs] == [("credential_refused", "unknown role of API key 7")]


def test_api_keys_need_a_store() -> None:
    with pytest.raises(SettingsError):
        Authenticator(AuthenticationSettings(api_keys=True))


async def test_a_store_that_is_down_says_nothing_about_the_key() -> None:
    store = Store("sqlite:////nowhere/at/all.sqlite")
    with pytest.raises(StoreUnavailable):
        await Authenticator(AuthenticationSettings(api_keys=True), store).authenticate(bearer(new_api_key()))
    await store.close()


# ------------------------------------------------------------------------------------------------------ verified keys


async def test_every_worker_refuses_a_revoked_key_after_ten_seconds(store: Store, clock: Clock) -> None:
    workers = [another_worker(store, clock) for _ in range(3)]
    secret = await add(store)
    before = store.database.statements
    for worker in workers:
        for _ in range(5):
            assert await worker.authenticate(bearer(secret)) == ADA
        assert worker.recall(bearer(secret)) == worker.recall(Headers({"X-API-Key": secret})) == ADA
    assert store.database.statements == before + 3
    await revoke_api_key(store.database, "1", NOW)
    clock.now += 10
    for worker in workers:
        await refused(worker, bearer(secret))
    async with failing(store):
        for worker in workers:
            await refused(worker, bearer(secret))


async def test_requests_at_once_share_one_lookup(store: Store, authenticator: Authenticator, clock: Clock) -> None:
    secret = await add(store)
    before = store.database.statements
    for number in (1, 2, 3):
        viewers = await asyncio.gather(*(authenticator.authenticate(bearer(secret)) for _ in range(50)))
        assert viewers == [ADA] * 50
        assert store.database.statements == before + number
        clock.now += 10


async def test_the_credential_itself_is_not_kept(store: Store, authenticator: Authenticator) -> None:
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    await refused(authenticator, bearer("plg_wrong"))
    assert list(authenticator._verified._entries) == [digest_of(secret)]
    assert authenticator._api_keys is not None
    assert list(authenticator._api_keys._wrong) == [digest_of("plg_wrong")]


async def test_verified_keys_are_bounded(store: Store, authenticator: Authenticator) -> None:
    authenticator._verified._max_entries = 2
    secrets = [await add(store, str(n)) for n in range(4)]
    for secret in secrets:
        await authenticator.authenticate(bearer(secret))
    assert list(authenticator._verified._entries) == [digest_of(secret) for secret in secrets[2:]]


# --------------------------------------------------------------------------------------------------------- wrong keys


@pytest.mark.parametrize(
    ("query", "times"),
    [
        (lambda store, n: find_api_key(store.database, digest_of(str(n)).hex()), 1000),
        (lambda store, n: list_api_keys(store.database), 100),
        (lambda store, n: store.health(), 100),
    ],
    ids=["find_api_key", "list_api_keys", "health"],
)
async def test_no_number_of_queries_adds_a_statement(
    store: Store, query: Callable[[Store, int], Awaitable[object]], times: int
) -> None:
    """SQLAlchemy and PostgreSQL's driver each keep what they compile of a statement."""

    def kept() -> tuple[int, int]:
        database = store.database
        pool = database.__dict__.get("pool")  # of PostgreSQL alone
        return len(database.engine.sync_engine._compiled_cache or ()), len(pool._prepared) if pool else 0

    await query(store, -1)
    before = kept()
    assert sum(before) in (1, 2)
    for first in range(0, times, 50):
        await asyncio.gather(*(query(store, n) for n in range(first, first + 50)))
    assert kept() == before


async def test_a_wrong_key_is_looked_up_once_in_ten_seconds(
    store: Store, authenticator: Authenticator, clock: Clock
) -> None:
    secret = new_api_key()
    before = store.database.statements
    for _ in range(5):
        await refused(authenticator, bearer(secret))
    assert store.database.statements == before + 1
    await add(store, secret=secret)
    clock.now += 10
    assert await authenticator.authenticate(bearer(secret)) == ADA


async def test_wrong_keys_in_memory_are_bounded(authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MAX_WRONG_KEYS", 2)
    secrets = [new_api_key() for _ in range(4)]
    for secret in secrets:
        await refused(authenticator, bearer(secret))
    assert authenticator._api_keys is not None
    assert list(authenticator._api_keys._wrong) == [digest_of(secret) for secret in secrets[2:]]


class Lookups:
    """The look-ups of API keys, which wait while it is `held`; those of `exempt` do not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held = asyncio.Event()
        self.exempt: set[str] = set()
        self.running = self.most = self.all = 0
        monkeypatch.setattr(api_keys, "find_api_key", self._find)

    async def _find(self, database: Any, hash: str) -> Any:
        if hash in self.exempt:
            return await find_api_key(database, hash)
        self.all += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.held.wait()
            return await find_api_key(database, hash)
        finally:
            self.running -= 1


@pytest.mark.parametrize("stale_if_error", [600, 0])
async def test_a_flood_of_wrong_keys_leaves_the_pool_to_good_ones(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, stale_if_error: float
) -> None:
    authenticator = another_worker(store, clock, stale_if_error=stale_if_error)
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    lookups = Lookups(monkeypatch)
    lookups.exempt = {digest_of(secret).hex()}
    flood = [asyncio.create_task(refused(authenticator, bearer(new_api_key()))) for _ in range(64)]
    await asyncio.sleep(0.01)
    assert (lookups.running, lookups.all) == (2, 2)  # of the ten connections that the store has
    clock.now += 10
    assert await asyncio.wait_for(authenticator.authenticate(bearer(secret)), 5) == ADA
    assert authenticator.recall(bearer(secret)) == ADA  # it was checked again, beside them
    lookups.held.set()
    await asyncio.gather(*flood)
    assert (lookups.most, lookups.all) == (2, 64)


async def test_a_client_that_has_gone_costs_no_lookup(
    store: Store, authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = Lookups(monkeypatch)
    waiting = [asyncio.create_task(authenticator.authenticate(bearer(new_api_key()))) for _ in range(20)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert (lookups.running, lookups.all) == (0, 2)
    assert len(authenticator._api_keys._checks._calls) == 0  # type: ignore[union-attr]


async def test_refusals_are_paced_and_verified_keys_are_not(
    store: Store, authenticator: Authenticator, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MAX_DELAY_S", 60.0)
    secret, wrong = await add(store), bearer(new_api_key())
    await authenticator.authenticate(bearer(secret))
    for _ in range(51):  # those of a quarter of a second, and one
        await refused(authenticator, wrong)
    assert authenticator._pace._due > clock.now + pace.BURST_S
    authenticator._pace._due = clock.now + 60
    flood = [asyncio.create_task(refused(authenticator, wrong)) for _ in range(150)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(not task.done() for task in flood) == authenticator._pace._waiting == pace.MAX_WAITING
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert authenticator._pace._waiting == 0
    for seconds in (1, 10, 1000):  # fresh, stale, and verified long ago
        clock.now += seconds
        authenticator._pace._due = clock.now + 60
        assert await asyncio.wait_for(authenticator.authenticate(bearer(secret)), 5) == ADA


async def test_a_new_key_waits_a_second_at_most_during_a_flood(
    store: Store, authenticator: Authenticator, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10_000):
        authenticator._pace.count()
    assert authenticator._pace._due == pytest.approx(clock.now + pace.BURST_S + pace.MAX_DELAY_S)
    monkeypatch.setattr(pace, "MAX_DELAY_S", 0.05)
    assert await authenticator.authenticate(bearer(await add(store))) == ADA


# --------------------------------------------------------------------------------------------------- the store is away


async def test_a_verified_key_outlives_a_store_that_fails_for_ten_minutes(
    store: Store, authenticator: Authenticator, clock: Clock
) -> None:
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    verified_at = clock.now
    with capture_logs() as logs:
        async with failing(store):
            for seconds in (10, 11, 17, 60, 599):
                clock.now = verified_at + seconds
                assert await authenticator.authenticate(bearer(secret)) == ADA
            with pytest.raises(StoreUnavailable):
                await authenticator.authenticate(bearer(new_api_key()))
            clock.now = verified_at + 600
            with pytest.raises(StoreUnavailable):
                await authenticator.authenticate(bearer(secret))
        assert await authenticator.authenticate(bearer(secret)) == ADA
    assert [log["event"] for log in logs] == ["stale_api_keys", "fresh_api_keys"]
    await authenticator.authenticate(bearer(secret))


async def test_how_long_a_verified_key_outlives_the_store_is_a_setting(store: Store, clock: Clock) -> None:
    authenticator = another_worker(store, clock, stale_if_error=0)
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    async with failing(store):
        clock.now += 9.9
        assert await authenticator.authenticate(bearer(secret)) == ADA
        clock.now += 0.1
        with pytest.raises(StoreUnavailable):
            await authenticator.authenticate(bearer(secret))


async def test_a_key_revoked_while_the_store_was_away_is_refused_when_it_is_back(
    store: Store, authenticator: Authenticator, clock: Clock, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "RECHECK_TIMEOUT_S", 0.1)
    secrets = [await add(store, str(n)) for n in (1, 2)]
    for secret in secrets:
        await authenticator.authenticate(bearer(secret))
    clock.now += 10
    async with locked() as execute, asyncio.timeout(5):
        # The first request waits for a tenth of a second; the store has ten.
        assert await authenticator.authenticate(bearer(secrets[0])) == ADA
        before = store.database.statements
        for secret in secrets * 10:  # the others do not wait at all: one check is made in the background
            assert await authenticator.authenticate(bearer(secret)) == ADA
        await asyncio.sleep(0.02)
        assert store.database.statements - before <= 1
        await execute(f"UPDATE api_keys SET revoked_at = '{NOW}' WHERE id = '1'")
    clock.now += api_keys.AWAY_S
    await refused(authenticator, bearer(secrets[0]))
    assert await authenticator.authenticate(bearer(secrets[1])) == ADA
    await authenticator.close()


async def test_a_check_in_the_background_finds_that_the_store_is_back(
    store: Store, authenticator: Authenticator, clock: Clock
) -> None:
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    clock.now += 10
    async with failing(store):
        assert await authenticator.authenticate(bearer(secret)) == ADA
    await revoke_api_key(store.database, "1", NOW)
    clock.now += api_keys.PROBE_INTERVAL_S
    assert await authenticator.authenticate(bearer(secret)) == ADA  # at once, from memory
    assert authenticator._api_keys is not None and authenticator._api_keys._probe is not None
    await authenticator._api_keys._probe
    await refused(authenticator, bearer(secret))


async def test_an_authenticator_closes_while_the_store_hangs(
    store: Store, authenticator: Authenticator, clock: Clock, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "RECHECK_TIMEOUT_S", 0.05)
    secret = await add(store)
    await authenticator.authenticate(bearer(secret))
    clock.now += 10
    async with locked(), asyncio.timeout(5):
        for _ in range(2):
            await authenticator.authenticate(bearer(secret))
            clock.now += api_keys.PROBE_INTERVAL_S
        waiting = asyncio.create_task(authenticator.authenticate(bearer(new_api_key())))
        await asyncio.sleep(0)
        await authenticator.close()
        assert authenticator._api_keys is not None and authenticator._api_keys._probe is None
        await asyncio.wait([waiting], timeout=2)
        assert waiting.cancelled()
