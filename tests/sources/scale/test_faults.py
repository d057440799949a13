"""Whatever Scale does, a question ends within its deadline, with an answer or one typed error."""

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamUnavailable,
)
from plangate.listing import ListQuery, Scope
from plangate.sources.scale import Scale

from .conftest import ACCOUNT, Connect


async def test_an_odd_content_type_does_not_matter(source: Scale, emulator: ScaleEmulator) -> None:
    emulator.faults.set(Faults(content_type="text/plain"))
    assert (await source.check()).ok


async def test_a_passing_fault_is_retried(source: Scale, emulator: ScaleEmulator, scope: Scope) -> None:
    emulator.faults.set(Faults(status=503, times=2))
    assert len((await source.list_plans(ListQuery(5, scope=scope))).records) == 5
    assert len(emulator.log) == 3


async def test_one_plan_that_fails_is_the_error_of_its_question(source: Scale, emulator: ScaleEmulator) -> None:
    ids = [plan["id"] for plan in emulator.accounts.of(ACCOUNT)[:3]]
    emulator.faults.set(Faults(status=500, path=f"/v4/plans/{ids[1]}"))
    with pytest.raises(UpstreamUnavailable):
        await source.plans(ids)
    assert set(await source.plans([ids[0], ids[2]])) == {ids[0], ids[2]}


@pytest.mark.parametrize("wrong", [{"api_key": "wrong"}, {"account_id": "acct-of-others"}])
async def test_a_credential_that_is_not_good(connect: Connect, wrong: dict[str, str]) -> None:
    assert (await connect(**wrong).check()).detail == "scale refuses the gateway's credential."


async def test_nobody_there(scope: Scope) -> None:
    source = Scale(url="http://127.0.0.1:1", api_key="k", account_id="a")
    with pytest.raises(UpstreamUnavailable):
        await source.list_plans(ListQuery(5, scope=scope))
    assert (await source.check()).detail == "scale cannot be reached."
    await source.close()


async def test_where_there_is_no_list_that_is_said(scope: Scope) -> None:
    """Nothing but the making of plans is documented: a list that is not there must not look like an empty one."""
    emulator = ScaleEmulator(inferred=False)
    async with serve(emulator.app) as url:
        source = Scale(url=url, api_key="api-key", account_id=ACCOUNT)
        with pytest.raises(UpstreamBadResponse, match="405"):
            await source.list_plans(ListQuery(5, scope=Scope("any", None)))
        assert await source.plans([emulator.accounts.of(ACCOUNT)[0]["id"]]) == {}
        await source.close()


@pytest.mark.parametrize("clamps", [True, False])
async def test_pages_shorter_than_asked_for_are_an_error_and_no_loss(scope: Scope, clamps: bool) -> None:
    emulator = ScaleEmulator(longest_page=20, clamps=clamps)
    async with serve(emulator.app) as url:
        source = Scale(url=url, api_key="api-key", account_id=ACCOUNT)
        assert len((await source.list_plans(ListQuery(20, scope=scope))).records) == 20
        with pytest.raises(UpstreamBadResponse):
            await source.list_plans(ListQuery(21, scope=scope))
        await source.close()
