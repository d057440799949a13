"""Whatever OnePlan does, a question ends within its deadline, with an answer or one typed error."""

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.oneplan.values import guid
from plangate.errors import (
    UpstreamUnavailable,
)
from plangate.listing import ListQuery, Scope
from plangate.model import Key, Plan
from plangate.sources.oneplan import OnePlan

from .conftest import Connect


async def test_an_odd_content_type_does_not_matter(source: OnePlan, emulator: OnePlanEmulator) -> None:
    emulator.faults.set(Faults(content_type="text/plain"))
    assert (await source.check()).ok


async def test_nobody_there(scope: Scope) -> None:
    source = OnePlan(url="http://127.0.0.1:1/api", key_name="plangate", key_value="key-value")
    with pytest.raises(UpstreamUnavailable):
        await source.list_plans(ListQuery(5, scope=scope))
    assert (await source.check()).detail == "oneplan cannot be reached."
    await source.close()


async def test_a_wrong_credential_and_a_wrong_url(connect: Connect) -> None:
    assert (await connect(key_value="wrong").check()).detail == "oneplan refuses the gateway's credential."
    astray = connect()
    astray._upstream._root += "/elsewhere"
    assert (await astray.check()).detail == "oneplan does not answer at this URL."


async def test_a_passing_fault_is_retried(source: OnePlan, emulator: OnePlanEmulator, scope: Scope) -> None:
    emulator.faults.set(Faults(status=503, times=2))
    assert len((await source.list_plans(ListQuery(5, scope=scope))).records) == 5
    assert len(emulator.log) == 3


async def test_one_parent_that_is_gone_has_no_children(source: OnePlan, scope: Scope) -> None:
    plans = list((await source.plans([guid("plan", "project 0.0")])).values())
    gone = Plan(Key(f"oneplan:{guid('plan', 'gone')}"))
    found = await source.tasks_of_plans([*plans, gone], ListQuery(2, scope=scope, total=True))
    assert [(slice.total or 0) > 0 for slice in found.values()] == [True, False]
