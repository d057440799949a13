"""A range of `sort_date` is what a filter over all plans gives, wherever it begins and ends and however it is read."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.errors import BadUserInput, FilterNotSupported, InvalidCursor
from plangate.listing import AllOf, Bound, Condition, Filter, ListQuery, Offset, Order, Scope
from plangate.model import Key, Plan, PlanTime, Series, ServiceType
from plangate.sources.planning_center import PlanningCenter
from tests.sources.contract import keys, matches, pages, replaced

from .conftest import Connect

YOUTH = ServiceType(Key("planning_center:1002"))
TIME = "2026-01-01T00:00:00Z"


def bounds(plans: list[Plan]) -> list[Filter]:
    """From nothing to everything: at plans, between them, before the first and after the last one."""
    at = sorted({datetime.fromisoformat(str(plan.sort_date)) for plan in plans})
    marks = [at[0] - timedelta(1), at[0], at[1], at[len(at) // 2] + timedelta(1), at[-2], at[-1], at[-1] + timedelta(1)]
    conditions = [Condition("sort_date", operator, mark.isoformat()) for operator in ("gt", "gte", "lt", "lte", "eq")
                  for mark in marks]  # fmt: skip
    pairs = [AllOf(pair) for pair in product(conditions[1:14:3], conditions[14:28:2])]
    return [*conditions, *pairs]


@pytest.mark.parametrize("per_page", [4, 7, 100])
@pytest.mark.parametrize("descending", [False, True])
async def test_every_range(connect: Connect, scope: Scope, per_page: int, descending: bool) -> None:
    source = connect(per_page=per_page)
    query = ListQuery(1000, scope=scope, order=(Order("sort_date", descending),))
    everything = (await source.plans_of_service_types([YOUTH], query))[YOUTH.key].records
    for filter in bounds(list(everything)):
        expected = [plan.key for plan in everything if matches(filter, plan)]
        answer = (await source.plans_of_service_types([YOUTH], replaced(query, filter=filter, total=True)))[YOUTH.key]
        assert (keys(answer), answer.total, answer.more) == (expected, len(expected), False), filter


@pytest.mark.parametrize("per_page", [7, 100])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("only", [True, False])
async def test_paging_in_a_range(connect: Connect, scope: Scope, per_page: int, descending: bool, only: bool) -> None:
    source = connect(per_page=per_page)
    between = (
        Condition("sort_date", "gt", "2026-02-03T00:00:00Z"),
        Condition("sort_date", "lt", "2026-11-21T00:00:00Z"),
    )
    filter = AllOf((*between, Condition("service_type", "eq", YOUTH.key)) if only else between)
    query = ListQuery(5, scope=scope, order=(Order("sort_date", descending),), filter=filter, total=True)
    everything = (await source.list_plans(replaced(query, limit=1000, filter=None))).records
    expected = [plan.key for plan in everything if matches(filter, plan)]
    assert len(expected) > 20

    async def ask(query: ListQuery) -> Any:
        page = await source.list_plans(query)
        assert page.total == len(expected)
        return page

    for backward in (False, True):
        assert sorted(await pages(ask, replaced(query, backward=backward))) == sorted(expected)
    first = await ask(query)
    assert keys(first) == expected[:5]
    inner = replaced(query, after=Bound(first.position(0)), before=Bound(first.position(3), inclusive=True))
    assert keys(await ask(inner)) == expected[1:4]
    assert keys(await ask(replaced(inner, backward=True, limit=2))) == expected[2:4]


async def test_what_is_included_comes_along_with_a_range(connect: Connect, scope: Scope) -> None:
    filter = Condition("sort_date", "gte", "2026-09-01T00:00:00Z")
    query = ListQuery(9, scope=scope, filter=filter, wants=frozenset({"start_date", "series"}))
    few, many = [(await connect(per_page=n).plans_of_service_types([YOUTH], query))[YOUTH.key] for n in (4, 100)]
    assert few.records == many.records
    assert all(plan.start_date for plan in few.records if plan.native and plan.native.service_time_count)
    series = {record.key for record in few.also if isinstance(record, Series)}
    assert {plan.series for plan in few.records if plan.series} <= series


async def test_a_series_has_ranges_too(source: PlanningCenter, scope: Scope) -> None:
    series = list((await source.series(["6001"])).values())
    whole = (await source.plans_of_series(series, ListQuery(100, scope=scope)))[series[0].key].records
    filter = Condition("sort_date", "gt", whole[1].sort_date)
    part = (await source.plans_of_series(series, ListQuery(100, scope=scope, filter=filter)))[series[0].key]
    assert part.records == whole[2:]


async def test_a_list_without_plans_has_empty_ranges(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    emulator.put("ServiceType", "1", {})
    empty = ServiceType(Key("planning_center:1"))
    query = ListQuery(5, scope=scope, filter=Condition("sort_date", "gte", TIME), total=True)
    for backward in (False, True):
        (answer,) = (await source.plans_of_service_types([empty], replaced(query, backward=backward))).values()
        assert (list(answer.records), answer.more, answer.total) == ([], False, 0)


async def test_a_plan_whose_time_makes_no_sense_does_not_end_the_search(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    link = {"service_type": {"data": {"type": "ServiceType", "id": "1"}}}
    emulator.put("ServiceType", "1", {})
    for id, sort_date in enumerate(["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z", "soon", None, 7], 1):
        emulator.put("Plan", str(id), {"sort_date": str(sort_date) if sort_date == 7 else sort_date}, link)
    filter = AllOf(
        (Condition("service_type", "eq", "planning_center:1"), Condition("sort_date", "lt", "2026-02-01T00:00:00Z"))
    )
    page = await source.list_plans(ListQuery(9, scope=scope, filter=filter))
    assert [plan.external_id for plan in page.records] == ["1", "2"]


async def test_what_a_range_needs(source: PlanningCenter, scope: Scope) -> None:
    filter = Condition("sort_date", "gte", TIME)
    with pytest.raises(FilterNotSupported) as refused:
        await source.list_plans(ListQuery(5, scope=scope, filter=filter, order=(Order("title"),)))
    assert refused.value.details["argument"] == "sortDate in the order of title"
    for value in ("soon", "9999-12-31T23:59:59-05:00"):
        for field in ("sort_date", "created_at"):
            with pytest.raises(BadUserInput):
                await source.list_plans(ListQuery(5, scope=scope, filter=Condition(field, "gte", value)))


async def test_a_position_of_another_parent_is_refused(source: PlanningCenter, scope: Scope) -> None:
    plans = list((await source.plans(["1001/70000045", "1001/70000047"], frozenset({"plan_times"}))).values())
    bare = list((await source.plans(["1001/70000045", "1001/70000047"])).values())
    times = [PlanTime(Key(f"{plan.key}/{plan.external_id}{n:02}")) for plan in plans for n in (1,)]
    people = list((await source.people(["2001", "2002"])).values())
    asked = [
        (source.plans_of_service_types, [ServiceType(Key("planning_center:1001")), YOUTH]),
        (source.plans_of_series, list((await source.series(["6001", "6003"])).values())),
        (source.plan_times_of_plans, plans),
        (source.team_members_of_people, people),
        (source.needed_positions_of_plan_times, times),
        *((getattr(source, f"{edge}_of_plans"), bare)
          for edge in ("plan_times", "items", "notes", "attachments", "team_members", "needed_positions")),
    ]  # fmt: skip
    for edge, (one, other) in asked:
        whole = (await edge([one], ListQuery(5, scope=scope)))[one.key]
        position = whole.position(0) if whole.records else Offset((1,), (one.key.partition(":")[2],))
        after = ListQuery(5, scope=scope, after=Bound(position))
        assert keys((await edge([one], after))[one.key])[:4] == keys(whole)[1:]
        for query in (after, ListQuery(5, scope=scope, before=Bound(position))):
            with pytest.raises(InvalidCursor):
                await edge([other], query)
