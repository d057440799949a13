"""What questions cost, in calls: the emulator's log is the witness."""

import asyncio

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve
from plangate.errors import UpstreamBadResponse
from plangate.listing import AllOf, Bound, Condition, ListQuery, Order, Scope
from plangate.model import Plan
from plangate.sources.planning_center import PlanningCenter, paging

from .conftest import Connect

SUNDAYS = Condition("service_type", "eq", "planning_center:1001")
PLANS = "/services/v2/service_types/*/plans"


def asked(emulator: PlanningCenterEmulator) -> dict[str, int]:
    """The calls since the last look."""
    counts = emulator.log.counts()
    emulator.log.clear()
    return counts


async def test_the_main_query(source: PlanningCenter, scope: Scope, emulator: PlanningCenterEmulator) -> None:
    query = ListQuery(25, scope=scope, filter=SUNDAYS, total=True)
    page = await source.list_plans(query)
    assert (len(page.records), page.more, page.total) == (25, True, 60)
    assert asked(emulator) == {PLANS: 1}

    assert {plan.service_type for plan in page.records} == {"planning_center:1001"}
    assert len(await source.service_types(["1001"])) == 1
    assert asked(emulator) == {"/services/v2/service_types/*": 1}

    here = {record.key for record in [*page.records, *page.also]}
    assert set((await source.next_plans(page.records, query)).values()) <= here
    assert len(await source.previous_plans(page.records, query)) == 24
    assert asked(emulator) == {}

    members = await source.team_members_of_plans([*page.records, *page.records], ListQuery(50, scope=scope))
    assert len(members) == 25
    assert asked(emulator) == {f"{PLANS}/*/team_members": 25}


async def test_what_is_included_costs_no_call(
    source: PlanningCenter, scope: Scope, emulator: PlanningCenterEmulator
) -> None:
    wants = frozenset({"title", "start_date", "plan_times", "series", "contributors", "my_schedules"})
    page = await source.list_plans(ListQuery(25, scope=scope, filter=SUNDAYS, wants=wants))
    times = await source.plan_times_of_plans(page.records, ListQuery(2, scope=scope, total=True))
    assert {slice.total for slice in times.values()} == {4}
    assert all(plan.start_date and plan.start_date == plan.end_date for plan in page.records)
    assert {plan.series for plan in page.records if plan.series} <= {record.key for record in page.also}
    assert asked(emulator) == {PLANS: 1}

    alone = await source.list_plans(ListQuery(25, scope=scope, filter=SUNDAYS))
    assert all(plan.start_date is None for plan in alone.records)
    for query in (
        ListQuery(2, scope=scope),
        ListQuery(2, scope=scope, order=(Order("starts_at", True),), backward=True),
    ):
        once = await source.plan_times_of_plans(page.records, query)
        each = await source.plan_times_of_plans(alone.records, query)
        assert [list(slice.records) for slice in once.values()] == [list(slice.records) for slice in each.values()]
        assert [slice.position(1) for slice in once.values()] == [slice.position(1) for slice in each.values()]


async def test_pages(source: PlanningCenter, scope: Scope, emulator: PlanningCenterEmulator) -> None:
    whole = await source.list_plans(ListQuery(1000, scope=scope, filter=SUNDAYS))
    assert len(whole.records) == 60
    assert asked(emulator) == {PLANS: 1}
    last = await source.list_plans(ListQuery(10, scope=scope, filter=SUNDAYS, backward=True))
    assert last.records == whole.records[50:]
    assert asked(emulator) == {PLANS: 2}  # the end of a list is where its length says
    before = await source.list_plans(
        ListQuery(10, scope=scope, filter=SUNDAYS, backward=True, before=Bound(last.position(0)))
    )
    assert before.records == whole.records[40:50]
    assert asked(emulator) == {PLANS: 1}
    everywhere = await source.list_plans(ListQuery(25, scope=scope))
    assert len(everywhere.records) == 25
    assert asked(emulator) == {PLANS: 4, "/services/v2/service_types": 1}
    assert len([record for record in everywhere.also if not isinstance(record, Plan)]) == 4


async def test_a_long_page_is_fetched_in_pieces(
    connect: Connect, scope: Scope, emulator: PlanningCenterEmulator
) -> None:
    source = connect(per_page=25)
    whole = await source.list_plans(ListQuery(1000, scope=scope, filter=SUNDAYS))
    assert len({plan.key for plan in whole.records}) == 60
    assert asked(emulator) == {PLANS: 3}
    assert len((await source.list_plans(ListQuery(1000, scope=scope))).records) == 120


@pytest.mark.parametrize(
    ("per_page", "descending", "operator", "calls"),
    [(100, down, operator, 1) for down in (False, True) for operator in ("gte", "lt", "eq")]
    # 60 plans are 8 pages: after the first one, halves are halved three times. Both ends of `eq` are looked for at once.
    + [(8, down, operator, 4) for down in (False, True) for operator in ("gte", "lt", "eq")]
    # Of 4 pages the third is looked at second. Only what was not read on the way is one call more: here the fourth.
    + [(16, False, "gte", 3), (16, False, "lt", 2)],
)
async def test_a_range_of_sort_date(
    connect: Connect, scope: Scope, emulator: PlanningCenterEmulator,
    per_page: int, descending: bool, operator: str, calls: int,
) -> None:  # fmt: skip
    source = connect(per_page=per_page)
    filter = AllOf((SUNDAYS, Condition("sort_date", operator, "2026-11-20T12:00:00Z")))
    query = ListQuery(3, scope=scope, filter=filter, order=(Order("sort_date", descending),), total=True)
    await source.list_plans(query)
    assert asked(emulator) == {PLANS: calls}


async def test_a_range_of_sort_date_of_a_long_list(scope: Scope) -> None:
    emulator = PlanningCenterEmulator(rate_limit=None, scale=20)  # 1,200 plans: 12 pages
    async with serve(emulator.app) as url:
        source = PlanningCenter(
            url=f"{url}/services/v2", token="access-token", time_zone="America/Chicago", deadline=30
        )
        whole = (await source.list_plans(ListQuery(2000, scope=scope, filter=SUNDAYS))).records
        most = 0
        for first in range(0, 1200, 37):
            asked(emulator)
            filter = AllOf((SUNDAYS, Condition("sort_date", "gte", whole[first].sort_date)))
            page = await source.list_plans(ListQuery(25, scope=scope, filter=filter, total=True))
            assert (page.records, page.total) == (whole[first : first + 25], 1200 - first)
            most = max(most, len(emulator.log))
        await source.close()
    assert most == 5  # 1 + log2(12)


async def test_a_list_that_is_never_long_is_not_cut(
    connect: Connect, emulator: PlanningCenterEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connect(per_page=2)
    ids = [f"1001/70000047/70000047{n:03}" for n in (1, 2, 11)]
    assert len(await source.items(ids)) == 3
    assert asked(emulator) == {f"{PLANS}/*/items": 6}
    monkeypatch.setattr(paging, "_MANY", 10)
    with pytest.raises(UpstreamBadResponse, match="more than 10"):
        await source.items(ids)
    monkeypatch.setattr(paging, "_MANY", 3)
    with pytest.raises(UpstreamBadResponse, match="more than 3"):
        await source.service_types(["1001", "1002"])


async def test_by_id(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    assert len(await source.service_types(["1001", "1002", "1003"])) == 3
    assert asked(emulator) == {"/services/v2/service_types": 1}
    assert len(await source.items([f"1001/70000047/70000047{n:03}" for n in (1, 2, 3)])) == 3
    assert asked(emulator) == {f"{PLANS}/*/items": 1}
    assert len(await source.items(["1001/70000047/70000047001"])) == 1
    assert asked(emulator) == {f"{PLANS}/*/items/*": 1}
    assert (await source.people(["2001"]))["2001"].email == "naomi.fletcher@riverbend.example"
    assert asked(emulator) == {"/services/v2/people/*": 1}


async def test_equal_questions_at_once_are_one_call(
    source: PlanningCenter, scope: Scope, emulator: PlanningCenterEmulator
) -> None:
    query = ListQuery(5, scope=scope, filter=SUNDAYS)
    await asyncio.gather(*(source.list_plans(query) for _ in range(10)))
    assert asked(emulator) == {PLANS: 1}


async def test_the_time_zone_is_asked_for_once(
    connect: Connect, scope: Scope, emulator: PlanningCenterEmulator
) -> None:
    source = connect(time_zone=None)
    first, second = [await source.list_plans(ListQuery(5, scope=scope, filter=SUNDAYS)) for _ in range(2)]
    assert asked(emulator) == {PLANS: 2, "/services/v2": 1}
    assert first.records == second.records


async def test_another_workspace_costs_nothing(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    (plan,) = (await source.plans(["1001/70000047"])).values()
    asked(emulator)
    other = ListQuery(5, scope=Scope("other", None), total=True)
    assert (await source.list_plans(other)).total == 0
    assert not (await source.list_service_types(other)).records
    assert await source.items_of_plans([plan], other) == {}
    assert not (await source.list_plans(ListQuery(5))).records
    assert asked(emulator) == {}


async def test_calls_wait_for_the_rate_limit(scope: Scope) -> None:
    emulator = PlanningCenterEmulator(rate_limit=10, rate_period=1)
    async with serve(emulator.app) as url:
        source = PlanningCenter(url=f"{url}/services/v2", token="access-token", time_zone="America/Chicago")
        page = await source.list_plans(ListQuery(18, scope=scope, filter=SUNDAYS))
        assert len(await source.team_members_of_plans(page.records, ListQuery(5, scope=scope))) == 18
        await source.close()
    assert emulator.log.count(status=429) == 0
    assert len(emulator.log) == 19
