"""Odd values cost no more than themselves, and bad records no more than themselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.errors import BadUserInput, FilterNotSupported, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, ListQuery, Not, Offset, Order, Scope
from plangate.native.happyforce import HappyforceAction, HappyforceAttribute, HappyforcePlan
from plangate.sources.happyforce import Happyforce

from .conftest import Connect

SEEDS = Path(__file__).parents[2] / "graph" / "seeds"
PLAN: dict[str, Any] = json.loads((SEEDS / "happyforce_plan.json").read_text())
ACTION: dict[str, Any] = json.loads((SEEDS / "happyforce_action.json").read_text())
ID = PLAN["id"]
OPEN = {"visibility": "PUBLIC"}


async def plan(source: Happyforce, emulator: HappyforceEmulator, /, **odd: Any) -> Any:
    emulator.put(PLAN | OPEN | odd)
    return (await source.plans([ID]))[ID]


async def action(source: Happyforce, emulator: HappyforceEmulator, /, **odd: Any) -> Any:
    given = ACTION | OPEN | odd
    emulator.put_actions([given])
    return (await source.actions([given["id"]]))[given["id"]]


async def test_the_sample_is_unified(source: Happyforce, emulator: HappyforceEmulator) -> None:
    one = await plan(source, emulator, title="Listen", description="More")
    assert (one.key, one.workspace, one.private_to) == (f"happyforce:{ID}", "north", None)
    assert (one.title, one.description, one.completion_percent) == ("Listen", "More", 33)
    assert (one.created_at, one.updated_at) == (PLAN["createdAt"], PLAN["updatedAt"])
    assert one.created_by == f"happyforce:{PLAN['createdBy']}"
    assert (one.status, one.visibility, one.sort_date, one.external_url) == (None, None, None, None)

    each = await action(source, emulator)
    assert each.plan == "happyforce:507f1f77bcf86cd799439013"
    assert (each.status, each.focus_type, each.completion_percent) == ("IN_PROGRESS", "SCORE", 50)
    assert (each.due_date, each.native.target_date) == ("2025-06-30", "2025-06-30T23:59:59.000Z")
    assert each.assignee is None  # there are two
    assert [(one.person, one.status_raw) for one in each.native.assignees] == [
        ("happyforce:507f1f77bcf86cd799439012", "COMPLETED"),
        ("happyforce:507f1f77bcf86cd799439014", "IN_PROGRESS"),
    ]


@pytest.mark.parametrize(
    ("name", "attribute", "odd"),
    [
        ("title", "title", 7),
        ("title", "title", {}),
        ("companyId", "company_id", {"timestamp": 1, "date": "2020-01-01"}),
        ("completionPercent", "completion_percent", "many"),
        ("completionPercent", "completion_percent", 2**40),
        ("completionPercent", "completion_percent", 33.5),
        ("visibility", "visibility", 2),
        ("createdAt", "created_at", 1762940000),
        ("updatedAt", "updated_at", ["2020"]),
        ("createdBy", "created_by", {"id": "x"}),
    ],
)
async def test_a_value_of_another_type_is_null_and_kept(
    source: Happyforce, emulator: HappyforceEmulator, name: str, attribute: str, odd: Any
) -> None:
    one = await plan(source, emulator, **{name: odd})
    assert getattr(one.native, attribute) is None
    assert getattr(one, attribute, None) is None
    assert one.native.additional == (HappyforceAttribute(name, odd),)
    assert (one.native.id, one.external_id) == (ID, ID)


@pytest.mark.parametrize("odd", ["none", {}, 7])
async def test_actions_that_are_no_list_are_none_and_kept(
    source: Happyforce, emulator: HappyforceEmulator, odd: Any
) -> None:
    one = await plan(source, emulator, actions=odd)
    assert (one.native.along["actions"], one.native.additional) == ((), (HappyforceAttribute("actions", odd),))


@pytest.mark.parametrize(
    "odd", ["soon", "", "2026-07-05", "2026-07-05T09:00:00", "2026-13-05T09:00:00Z", "0001-01-01T00:00:00Z"]
)
async def test_an_instant_that_is_none_is_null_and_stays_in_native(
    source: Happyforce, emulator: HappyforceEmulator, scope: Scope, odd: str
) -> None:
    one = await plan(source, emulator, createdAt=odd, updatedAt=odd)
    assert (one.created_at, one.updated_at) == (None, None)
    assert (one.native.created_at, one.native.updated_at) == (odd, odd)
    each = await action(source, emulator, targetDate=odd, createdAt=odd)
    assert (each.due_date, each.created_at, each.native.target_date) == (None, None, odd)
    assert len((await source.list_actions(ListQuery(1000, scope=scope, order=(Order("created_at"),)))).records) == 136


async def test_seven_digits_of_a_fraction_survive(source: Happyforce, emulator: HappyforceEmulator) -> None:
    odd = "2025-09-03T18:05:54.1145769+00:00"
    one = await plan(source, emulator, createdAt=odd)
    assert (one.created_at, one.native.created_at) == (odd, odd)


@pytest.mark.parametrize("bad", [None, 7, [], {}, {"id": None}, {"id": 7}, {"id": ""}, {"id": "a/b"}, {"id": {}}])
async def test_a_bad_record_does_not_lose_the_page(
    source: Happyforce, emulator: HappyforceEmulator, scope: Scope, bad: Any
) -> None:
    emulator.put(PLAN | OPEN | {"createdAt": "2027-01-01T00:00:00Z", "actions": [bad, ACTION | OPEN]})
    emulator.put({**(bad if isinstance(bad, dict) else {}), "createdAt": "2028-01-01T00:00:00Z"})
    page = await source.list_plans(ListQuery(2, scope=scope, total=True))
    assert (len(page.records), page.records[0].external_id, page.position(0)) == (2, ID, Offset((1,)))
    assert [each.external_id for each in page.records[0].native.along["actions"]] == [ACTION["id"]]


@pytest.mark.parametrize(
    ("assignees", "statuses", "expected"),
    [
        (["507f1f77bcf86cd799439012"], None, [("507f1f77bcf86cd799439012", None)]),
        ([{"id": "507f1f77bcf86cd799439012"}], {"507f1f77bcf86cd799439012": "DONE"}, [("507f1f77bcf86cd799439012", "DONE")]),
        (["undefined", 7, None, {}], [], [("undefined", None), (None, None), (None, None), (None, None)]),
        ([], {}, []),
    ],
)  # fmt: skip
async def test_assignees_of_several_shapes(
    source: Happyforce, emulator: HappyforceEmulator, assignees: Any, statuses: Any, expected: Any
) -> None:
    each = await action(source, emulator, assignees=assignees, assigneeStatuses=statuses)
    assert [(one.id, one.status_raw) for one in each.native.assignees] == expected
    assert [one.raw for one in each.native.assignees] == assignees
    assert each.native.assignee_statuses == statuses
    assert each.assignee == ("happyforce:507f1f77bcf86cd799439012" if len(assignees) == 1 else None)


async def test_words_that_come_later(source: Happyforce, emulator: HappyforceEmulator) -> None:
    each = await action(
        source, emulator, status="PAUSED", origin="IMPORT", actionType="BOARD", visibility="TEAM",
        focusItems=[{"focusType": "NPS"}, "SCORE"],
    )  # fmt: skip
    native: HappyforceAction = each.native
    assert {native.status, native.origin, native.action_type, native.visibility} == {"UNKNOWN"}
    assert (native.status_raw, native.origin_raw, native.action_type_raw) == ("PAUSED", "IMPORT", "BOARD")
    assert each.status == "PAUSED"
    assert [(one.focus_type, one.focus_type_raw) for one in native.focus_items or ()] == [
        ("UNKNOWN", "NPS"),
        (None, None),
    ]


async def test_names_that_are_only_inferred_can_be_set(connect: Connect, emulator: HappyforceEmulator) -> None:
    source = connect(origin_name="source", target_date_name="dueOn", completed_at_name="doneAt")
    renamed = {"source": "AI", "dueOn": "2025-06-30T23:59:59.000Z", "doneAt": "2025-06-01T00:00:00.000Z"}
    each = await action(source, emulator, **renamed)
    assert (each.due_date, each.native.origin, each.native.completed_at) == ("2025-06-30", "AI", renamed["doneAt"])
    assert {one.key for one in each.native.additional} == {"origin", "targetDate"}


async def test_who_may_read_what_is_private(connect: Connect, emulator: HappyforceEmulator) -> None:
    creator = "507f1f77bcf86cd799439012"
    mine = emulator.people[0]  # whose session it is
    for made_by, private_to in ((mine, f"happyforce:{mine}"), (None, "")):
        one = await plan(connect(), emulator, visibility="PRIVATE", createdBy=made_by)
        assert one.private_to == private_to
    own = {"visibility": "PRIVATE", "createdBy": creator, "assignees": [mine]}
    each = await action(connect(), emulator, planId=None, **own)
    assert each.private_to == f"happyforce:{creator}"
    for above, private_to in (
        ({"visibility": "PUBLIC"}, f"happyforce:{creator}"),
        ({"visibility": "PRIVATE", "createdBy": mine}, ""),  # two people are meant: nobody but admins
        ({"visibility": "PRIVATE", "createdBy": None}, ""),
    ):
        emulator.put(PLAN | {"id": ACTION["planId"]} | above)
        assert (await action(connect(), emulator, **own)).private_to == private_to
    emulator.put(PLAN | {"id": ACTION["planId"], "visibility": "PRIVATE", "createdBy": mine})
    assert (await action(connect(), emulator, visibility="PUBLIC")).private_to == f"happyforce:{mine}"


async def test_actions_are_as_private_as_their_plan_whichever_way_they_come(
    source: Happyforce, emulator: HappyforceEmulator, scope: Scope
) -> None:
    plans = [each["id"] for each in emulator.company.newest_plans() if each["visibility"] == "PRIVATE"]
    owner = f"happyforce:{emulator.people[0]}"
    inside = [each for plan in (await source.plans(plans)).values() for each in plan.native.along["actions"]]
    by_id = await source.actions([each.external_id for each in inside])
    filtered = ListQuery(100, scope=scope, filter=Condition("happyforce", "q", "e"))
    trimmed = [plan for plan in (await source.list_plans(filtered)).records if plan.external_id in plans]
    below = await source.actions_of_plans(trimmed, ListQuery(100, scope=scope))
    of_trimmed = [action for slice in below.values() for action in slice.records]
    assert len(inside) == len(by_id) == len(of_trimmed) == 26
    assert {each.private_to for each in (*inside, *by_id.values(), *of_trimmed)} <= {owner, ""}


@pytest.mark.parametrize("odd", ["TEAM", "private", "", 2, {}])
async def test_takes_a_visibility_that_it_cannot_read_for_private(
    source: Happyforce, emulator: HappyforceEmulator, odd: Any
) -> None:
    creator = PLAN["createdBy"]
    assert (await plan(source, emulator, visibility=odd)).private_to == f"happyforce:{creator}"
    assert (await action(source, emulator, visibility=odd, planId=None, createdBy=creator)).private_to is not None
    assert (await plan(source, emulator, visibility=None)).private_to is None


@pytest.mark.parametrize("odd", ["", "a/b", 7, {}])
async def test_an_action_of_a_plan_that_cannot_be_looked_up_is_for_admins(
    source: Happyforce, emulator: HappyforceEmulator, odd: Any
) -> None:
    each = await action(source, emulator, planId=odd)
    assert (each.plan, each.private_to) == (None, "")


async def test_a_legacy_plan_has_no_creator(source: Happyforce, scope: Scope) -> None:
    (oldest,) = (await source.list_plans(ListQuery(1, scope=scope, backward=True))).records
    assert isinstance(oldest.native, HappyforcePlan)
    assert (oldest.created_by, oldest.native.created_by) == (None, None)


@pytest.mark.parametrize(
    ("filter", "argument"),
    [
        (Condition("title", "eq", "x"), "title.eq"),
        (Condition("status", "eq", "COMPLETED"), "status.eq"),
        (Condition("happyforce", "no_such", "x"), "happyforce.noSuch"),
        (Condition("happyforce", "status", None), "happyforce.status"),
        (AllOf((Condition("happyforce", "q", "a"), Condition("happyforce", "q", "b"))), "happyforce.q twice"),
        (AnyOf((Condition("happyforce", "q", "a"),)), "or"),
        (Not(Condition("happyforce", "q", "a")), "not"),
    ],
)
async def test_filters_of_plans_that_happyforce_cannot_apply(
    source: Happyforce, scope: Scope, filter: Filter, argument: str
) -> None:
    with pytest.raises(FilterNotSupported) as refused:
        await source.list_plans(ListQuery(1, scope=scope, filter=filter))
    assert refused.value.details == {"source": "happyforce", "argument": argument}


@pytest.mark.parametrize(
    "orders",
    [(Order("title"),), (Order("updated_at", True),), (Order("created_at"), Order("created_at", True))],
)
async def test_orders_of_plans_that_happyforce_cannot_give(
    source: Happyforce, scope: Scope, orders: tuple[Order, ...]
) -> None:
    with pytest.raises(OrderNotSupported):
        await source.list_plans(ListQuery(1, scope=scope, order=orders))


@pytest.mark.parametrize(
    "filter", [Condition("created_at", "gt", "soon"), Condition("title", "eq", 7), Condition("due_date", "lt", None)]
)
async def test_comparisons_that_make_no_sense(source: Happyforce, scope: Scope, filter: Filter) -> None:
    with pytest.raises(BadUserInput):
        await source.list_actions(ListQuery(1, scope=scope, filter=filter))
