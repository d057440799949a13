"""Whatever Planhat does, a question ends within its deadline, with an answer or one typed error."""

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.server import serve
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from plangate.listing import ListQuery, Scope
from plangate.model import Key
from plangate.sources.planhat import Planhat

from .conftest import Connect


async def test_an_odd_content_type_does_not_matter(source: Planhat, emulator: PlanhatEmulator) -> None:
    emulator.faults.set(Faults(content_type="text/plain"))
    assert (await source.check()).ok


async def test_nobody_there(scope: Scope) -> None:
    source = Planhat(url="http://127.0.0.1:1", token="planhat-token")
    with pytest.raises(UpstreamUnavailable):
        await source.list_plans(ListQuery(5, scope=scope))
    assert (await source.check()).detail == "planhat cannot be reached."
    await source.close()


async def test_a_wrong_token_and_a_wrong_url(connect: Connect) -> None:
    assert (await connect(token="wrong").check()).detail == "planhat refuses the gateway's credential."
    astray = connect()
    astray._upstream._root += "/elsewhere/else"
    assert (await astray.check()).detail == "planhat does not answer at this URL."


async def test_a_passing_fault_is_retried(source: Planhat, emulator: PlanhatEmulator, scope: Scope) -> None:
    emulator.faults.set(Faults(status=503, times=2))
    assert len((await source.list_plans(ListQuery(5, scope=scope))).records) == 5
    assert len(emulator.log) == 3


@pytest.mark.parametrize("missing", [404, 200])
async def test_what_is_not_there_is_no_error(missing: int) -> None:
    emulator = PlanhatEmulator(rate_limit=None, missing=missing)
    async with serve(emulator.app) as url:
        source = Planhat(url=url, token="planhat-token")
        assert await source.plans(["f" * 24]) == {}
        assert await source.natives("company", [Key(f"planhat:{'f' * 24}")]) == {}
        await source.close()


async def test_an_answer_that_is_no_list_is_refused(source: Planhat, emulator: PlanhatEmulator, scope: Scope) -> None:
    with pytest.raises(UpstreamBadResponse):
        emulator.faults.set(Faults(huge_body=50))  # a JSON object
        await source.list_plans(ListQuery(5, scope=scope))


async def test_the_rate_limit_is_said(scope: Scope) -> None:
    emulator = PlanhatEmulator(rate_limit=2)
    async with serve(emulator.app) as url:
        source = Planhat(url=url, token="planhat-token", retries=0)
        for offset in (3, 4):
            await source.list_plans(ListQuery(offset, scope=scope))
        with pytest.raises(UpstreamRateLimited):
            await source.list_plans(ListQuery(5, scope=scope))
        await source.close()
