"""Whatever Planning Center does, a question ends within its deadline, with an answer or one typed error."""

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamUnavailable,
)
from plangate.listing import Condition, ListQuery, Scope
from plangate.model import Key, Plan
from plangate.sources.planning_center import PlanningCenter

from .conftest import Connect

SUNDAYS = Condition("service_type", "eq", "planning_center:1001")


async def test_an_odd_content_type_does_not_matter(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    emulator.faults.set(Faults(content_type="text/plain"))
    assert (await source.check()).ok


async def test_nobody_there(scope: Scope) -> None:
    source = PlanningCenter(url="http://127.0.0.1:1/services/v2")
    with pytest.raises(UpstreamUnavailable):
        await source.list_plans(ListQuery(5, scope=scope))
    assert (await source.check()).detail == "planning_center cannot be reached."
    await source.close()


async def test_a_wrong_credential_and_a_wrong_url(connect: Connect) -> None:
    assert (await connect(secret="wrong").check()).detail == "planning_center refuses the gateway's credential."
    assert (await connect(app_id=None, secret=None, token="access-token").check()).ok
    astray = connect()
    astray._upstream._root += "/elsewhere"
    assert not (await astray.check()).ok


async def test_a_passing_fault_is_retried(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    emulator.faults.set(Faults(status=503, times=2))
    assert len((await source.list_plans(ListQuery(5, scope=scope, filter=SUNDAYS))).records) == 5
    assert len(emulator.log) == 3


async def test_one_parent_that_is_gone_has_no_children(source: PlanningCenter, scope: Scope) -> None:
    plans = list((await source.plans(["1001/70000047"])).values())
    gone = Plan(Key("planning_center:1001/1"))
    found = await source.items_of_plans([*plans, gone], ListQuery(2, scope=scope, total=True))
    assert [slice.total for slice in found.values()] == [11, 0]


async def test_a_zone_that_nobody_knows_is_said(connect: Connect, emulator: PlanningCenterEmulator) -> None:
    organization = emulator.world.get("Organization", "1")
    assert organization
    organization.attributes["time_zone"] = "Mars/Olympus"
    with pytest.raises(UpstreamBadResponse, match="time zone"):
        await connect(time_zone=None).plans(["1001/70000047"])
