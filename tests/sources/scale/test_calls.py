"""What questions cost, in calls: the emulator's log is the witness."""

import asyncio

import pytest

from plangate.emulators.scale import ScaleEmulator
from plangate.listing import Bound, Condition, ListQuery, Order, Scope
from plangate.model import Key, Plan, Step
from plangate.sources.scale import Scale
from plangate.sources.scale.paging import pages_over

from .conftest import ACCOUNT, Connect

PLANS = "/v4/plans"


def asked(emulator: ScaleEmulator) -> list[str]:
    """The calls since the last look."""
    calls = [request.path for request in emulator.log]
    emulator.log.clear()
    return calls


async def test_the_main_query(source: Scale, scope: Scope, emulator: ScaleEmulator) -> None:
    page = await source.list_plans(ListQuery(25, scope=scope, order=(Order("sort_date"),), total=True))
    assert (len(page.records), page.more, page.total) == (25, True, 48)
    assert asked(emulator) == [PLANS]

    few = ListQuery(5, scope=scope, total=True)
    steps = await source.steps_of_plans(page.records, few)
    assert {slice.total for slice in steps.values()} == {0, 11}
    top = [step for slice in steps.values() for step in slice.records]
    assert {slice.total for slice in (await source.sub_steps_of_steps(top, few)).values()} == {0, 2, 3}
    assert any(slice.records for slice in (await source.attachments_of_plans(page.records, few)).values())
    assert asked(emulator) == []  # all of it came with the plans


async def test_any_page_within_reach_is_one_call(source: Scale, scope: Scope, emulator: ScaleEmulator) -> None:
    order = (Order("title"),)
    whole = await source.list_plans(ListQuery(100, scope=scope, order=order))
    assert len(whole.records) == 48
    assert asked(emulator) == [PLANS]
    for start in range(47):
        page = await source.list_plans(ListQuery(10, scope=scope, order=order, after=Bound(whole.position(start))))
        assert page.records == whole.records[start + 1 : start + 11]
        assert page.more == (start + 11 < 48)
        assert asked(emulator) == [PLANS]
    before = ListQuery(10, scope=scope, order=order, before=Bound(whole.position(40)), backward=True)
    assert (await source.list_plans(before)).records == whole.records[30:40]
    assert asked(emulator) == [PLANS]
    last = await source.list_plans(ListQuery(10, scope=scope, order=order, backward=True))
    assert last.records == whole.records[38:]
    assert asked(emulator) == [PLANS] * 2  # one to learn where the end is


async def test_a_long_page_is_read_in_pieces(connect: Connect, scope: Scope, emulator: ScaleEmulator) -> None:
    source = connect(per_page=10)
    assert len({plan.key for plan in (await source.list_plans(ListQuery(1000, scope=scope))).records}) == 48
    assert len(asked(emulator)) == 5  # as many as there are, not as many as were asked for


@pytest.mark.parametrize(
    ("start", "stop", "limit", "numbers"),
    [
        (0, 25, 25, [1]),
        (25, 50, 25, [2]),
        (10, 35, 35, [1]),
        (40, 65, 33, [2]),
        (95, 115, 23, [5]),
        (99, 199, 100, [1, 2]),
        (0, 250, 100, [1, 2, 3]),
        (7, 8, 1, [8]),
    ],
)
def test_as_few_pages_as_can_be(start: int, stop: int, limit: int, numbers: list[int]) -> None:
    assert pages_over(start, stop, 100) == (limit, range(numbers[0], numbers[-1] + 1))


@pytest.mark.parametrize("longest", [1, 4, 7])
def test_the_pages_hold_what_is_asked_for(longest: int) -> None:
    for start in range(30):
        for stop in range(start + 1, 30):
            limit, numbers = pages_over(start, stop, longest)
            assert limit <= longest
            assert (numbers[0] - 1) * limit <= start < numbers[0] * limit
            assert (numbers[-1] - 1) * limit < stop <= numbers[-1] * limit
            fewest = min((stop - 1) // size - start // size for size in range(1, longest + 1)) + 1
            assert len(numbers) <= fewest + (fewest > 1)


async def test_by_id_is_a_call_for_each_plan(source: Scale, emulator: ScaleEmulator) -> None:
    plans = [plan for plan in emulator.accounts.of(ACCOUNT) if plan["steps"] and len(plan["associated_file_ids"]) > 1]
    ids = [plan["id"] for plan in plans[:3]]
    assert len(await source.plans([*ids, *ids])) == 3
    assert sorted(asked(emulator)) == sorted(f"{PLANS}/{id}" for id in ids)
    assert len(await source.steps([f"{ids[0]}/{name}" for name in ("research", "review", "review/fact check")])) == 3
    assert asked(emulator) == [f"{PLANS}/{ids[0]}"]
    files = [f"{ids[0]}/{file}" for file in plans[0]["associated_file_ids"]]
    assert len(await source.attachments(files)) == len(files) > 1
    assert asked(emulator) == [f"{PLANS}/{ids[0]}"]
    users = list(emulator.accounts.users)[:2]
    assert len(await source.people([*users, *users])) == 2
    assert sorted(asked(emulator)) == sorted(f"/users/{user}" for user in users)


async def test_parents_that_are_known_by_their_key_only(source: Scale, scope: Scope, emulator: ScaleEmulator) -> None:
    plan = next(plan for plan in emulator.accounts.of(ACCOUNT) if plan["steps"])
    bare = Plan(Key(f"scale:{plan['id']}"))
    (steps,) = (await source.steps_of_plans([bare], ListQuery(50, scope=scope))).values()
    assert len(steps.records) == 11
    (below,) = (await source.sub_steps_of_steps([Step(steps.records[0].key)], ListQuery(50, scope=scope))).values()
    assert [step.name for step in below.records] == ["gather sources", "interview experts", "summarise findings"]
    assert asked(emulator) == [f"{PLANS}/{plan['id']}"] * 2


async def test_equal_questions_at_once_are_one_call(source: Scale, scope: Scope, emulator: ScaleEmulator) -> None:
    await asyncio.gather(*(source.list_plans(ListQuery(5, scope=scope)) for _ in range(10)))
    assert asked(emulator) == [PLANS]


async def test_another_workspace_costs_nothing(source: Scale, emulator: ScaleEmulator) -> None:
    other = ListQuery(5, scope=Scope("other", None), total=True)
    assert (await source.list_plans(other)).total == 0
    assert await source.steps_of_plans([Plan(Key("scale:1"))], other) == {}
    assert not (await source.list_plans(ListQuery(5))).records
    assert asked(emulator) == []


async def test_every_call_names_the_account(source: Scale, scope: Scope, emulator: ScaleEmulator) -> None:
    live = Condition("archived_at", "is_null", True)
    await source.list_plans(ListQuery(5, scope=scope, filter=live, order=(Order("sort_date", True),)))
    assert [request.query for request in emulator.log] == [
        f"account_id={ACCOUNT}&sort_by=start_date%3Adesc%2Cid%3Aasc&page=1&limit=5"
    ]
