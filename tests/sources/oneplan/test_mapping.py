"""Odd values and bad records: what a plan says is in its record, nothing is invented, and one bad one costs only itself."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw, json

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.oneplan.values import EMPTY, guid
from plangate.emulators.server import serve
from plangate.errors import FilterNotSupported, OrderNotSupported
from plangate.listing import Condition, ListQuery, Order, Scope
from plangate.native.oneplan import AccessLevel, OnePlanWorkPlan, ProcessState, StepState
from plangate.sources.oneplan import OnePlan
from plangate.sources.oneplan.api import Head, WorkPlan

from .conftest import SETTINGS, Connect

SAMPLE: dict[str, Any] = json.decode((Path(__file__).parents[2] / "graph/seeds/oneplan_work_plan.json").read_text())
ID = SAMPLE["id"]


async def one(source: OnePlan, emulator: OnePlanEmulator, **changes: Any) -> Any:
    """The sample as a plan, with some attributes as the test wants them."""
    emulator.put({**SAMPLE, **changes})
    return (await source.plans([ID]))[ID]


async def test_the_record_of_the_sample(source: OnePlan, emulator: OnePlanEmulator) -> None:
    plan = await one(source, emulator)
    assert (plan.key, plan.id, plan.external_id) == (f"oneplan:{ID}", f"Plan:oneplan:{ID}", ID)
    assert (plan.workspace, plan.private_to, plan.visibility, plan.archived_at) == ("harbour-vale", None, None, None)
    assert (plan.title, plan.created_at, plan.updated_at) == ("sample string 1", SAMPLE["Created"], SAMPLE["Modified"])
    assert plan.parent == f"oneplan:{SAMPLE['ParentPlanId']}"
    assert (plan.created_by, plan.updated_by) == (f"oneplan:{SAMPLE['Author']}", f"oneplan:{SAMPLE['Editor']}")
    assert (plan.start_date, plan.end_date, plan.sort_date, plan.status) == (None, None, None, None)
    native: OnePlanWorkPlan = plan.native
    assert native.portfolio_parent == f"oneplan:{SAMPLE['PortfolioParentId']}"
    assert native.stage_gate_flow
    assert native.stage_gate_flow.approval_state is ProcessState.PENDING
    assert native.stage_gate_flow.step_state is StepState.STARTED


async def test_fields_mean_what_the_settings_say(
    connect: Connect, source: OnePlan, emulator: OnePlanEmulator, scope: Scope
) -> None:
    fields = {"Start Date": "2026-03-02T09:00:00.1234567+01:00", "Finish": "2026-05-01", "status": "At risk",
              "Executive Summary": "<p>Go</p>"}  # fmt: skip
    plan = await one(source, emulator, Fields=fields)
    assert (plan.start_date, plan.end_date, plan.sort_date) == ("2026-03-02", "2026-05-01", fields["Start Date"])
    assert (plan.status, plan.description) == ("At risk", "<p>Go</p>")

    plain = connect(start_field=None, end_field=None, status_field=None, description_field=None, person_name_field=None)
    plan = await one(plain, emulator, Fields=fields)
    assert (plan.start_date, plan.end_date, plan.sort_date, plan.status, plan.description) == (None,) * 5
    [person] = (await plain.people([guid("resource", "Mei-Ling Zhou")])).values()
    assert (person.name, person.email) == (None, "mei-ling.zhou@harbourvale.example")
    for field, operator in (("status", "eq"), ("sort_date", "gt"), ("service_type", "eq"), ("title", "gt")):
        with pytest.raises(FilterNotSupported) as refused:
            await plain.list_plans(ListQuery(1, scope=scope, filter=Condition(field, operator, "x")))
        assert refused.value.details["source"] == "oneplan"
    for field in ("start_date", "archived_at", "visibility"):
        with pytest.raises(OrderNotSupported):
            await plain.list_plans(ListQuery(1, scope=scope, order=(Order(field),)))
    usual, undated = [
        await plain.list_plans(ListQuery(99, scope=scope, order=order)) for order in ((), (Order("sort_date"),))
    ]
    assert undated.records == usual.records
    with pytest.raises(FilterNotSupported):
        await source.list_plans(ListQuery(1, scope=scope, filter=Condition("created_at", "gt", "soon")))


@pytest.mark.parametrize("odd", ["soon", "", "2026-07-05", "2026-07-05T09:00:00", 7, {}, "0001-01-01T00:00:00Z"])
async def test_an_instant_that_is_none_is_null_and_the_list_stays(
    source: OnePlan, emulator: OnePlanEmulator, scope: Scope, odd: Any
) -> None:
    fields = {"Start Date": odd, "Finish": 7, "status": 4}
    plan = await one(source, emulator, Created=odd, Modified=odd, Archived=False, Fragment=False, Fields=fields)
    assert (plan.created_at, plan.updated_at, plan.sort_date, plan.end_date, plan.status) == (None,) * 5
    assert plan.native.created == (odd if isinstance(odd, str) else None)  # the text stays as it came
    for order in ((), (Order("created_at", True),), (Order("sort_date"),)):
        page = await source.list_plans(ListQuery(99, scope=scope, order=order, total=True))
        assert page.total == 46


@pytest.mark.parametrize(
    "changes",
    [
        {"Name": 7}, {"Archived": "yes"}, {"PortfolioOrder": 1.5}, {"PortfolioOrder": 2**40}, {"UserList": {"a": 1}}, {"UserList": "none"},
        {"Comments": [None, 7, {}, {"Id": "x"}]}, {"Fields": "none"}, {"Fields": []}, {"SubPlans": [None, 7, "x"]},
        {"StageGateFlow": []}, {"StageGateFlow": {"Approvals": [{"ApprovalStates": {"a": None}}], "GateClosed": 0}},
        {"RateTables": [{"Multipliers": [{"PercentCost": "many"}]}]}, {"Author": "somebody"}, {"ParentPlanId": EMPTY},
    ],
    ids=str,
)  # fmt: skip
async def test_an_odd_value_costs_only_itself(
    source: OnePlan, emulator: OnePlanEmulator, scope: Scope, changes: dict[str, Any]
) -> None:
    usual = await one(source, emulator)
    plan = await one(source, emulator, **changes)
    others = [name for name in OnePlanWorkPlan.__struct_fields__ if name.replace("_", "") not in str(changes).lower()]
    assert len(others) > 25
    for name in others:
        assert getattr(plan.native, name) == getattr(usual.native, name), name
    query = ListQuery(99, scope=scope, total=True)
    assert (await source.list_plans(query)).total == 45  # the sample is archived
    await source.notes_of_plans([plan], query)
    await source.sub_plans_of_plans([plan], query)


@pytest.mark.parametrize("bad", [None, 7, "plan", [], {}, {"id": None}, {"id": 7}, {"id": "1/2"}, {"id": EMPTY}])
async def test_a_bad_record_is_left_out(source: OnePlan, emulator: OnePlanEmulator, scope: Scope, bad: Any) -> None:
    emulator.put(bad, id="bad")
    emulator.put(bad, id=ID)
    query = ListQuery(99, scope=scope, total=True)
    assert (await source.list_plans(query)).total == 45
    assert await source.plans([ID]) == {}
    project = guid("plan", "project 0.0")
    [plan] = (await source.plans([ID, project])).values()
    tasks, steps = (await source.tasks_of_plans([plan], query)), (await source.steps_of_plans([plan], query))
    emulator.put_task(project, bad)
    emulator.put_step(project, bad)
    assert [each.key for each in (await source.tasks_of_plans([plan], query))[plan.key].records] == [
        each.key for each in tasks[plan.key].records
    ]
    assert len((await source.steps_of_plans([plan], query))[plan.key].records) == steps[plan.key].total
    emulator.account.resources["bad"] = bad
    assert len(await source.people(list(emulator.account.resources))) == 12


async def test_a_part_that_is_no_text_costs_the_native_part(source: OnePlan, emulator: OnePlanEmulator) -> None:
    raw = Raw(b'{"id": "%s", "Name": "A", "LastLocation": "\xff"}' % ID.encode())
    given = WorkPlan(json.decode(raw, type=Head), raw)
    plan = source._records.plan(given)
    assert plan
    whole = source._records.whole(plan, given)
    assert (whole.title, whole.native) == ("A", None)
    query = ListQuery(9, scope=Scope("harbour-vale", None))
    assert await source.notes_of_plans([whole], query) == await source.sub_plans_of_plans([whole], query) == {}


async def test_enums_by_integer_and_by_name(connect: Connect, emulator: OnePlanEmulator) -> None:
    def levels(native: OnePlanWorkPlan) -> list[Any]:
        return [(each.level, each.level_raw) for each in native.user_list or ()]

    users = [{"Level": value} for value in (0, 2, 4, 5, -1, True, 1.5, "MyWork", "owner", "Boss", None)]
    unknown = AccessLevel.UNKNOWN
    by_name = [(AccessLevel.MY_WORK, "MyWork"), (AccessLevel.OWNER, "owner"), (unknown, "Boss"), (None, None)]
    told = connect(access_levels=("None", "-", "MyWork", "Planner", "Owner"))
    assert levels((await one(told, emulator, UserList=users)).native) == [
        (AccessLevel.NONE, 0), (AccessLevel.MY_WORK, 2), (AccessLevel.OWNER, 4),
        (unknown, 5), (unknown, -1), (unknown, True), (unknown, 1.5), *by_name,
    ]  # fmt: skip
    untold = levels((await one(connect(), emulator, UserList=users)).native)
    assert [level for level, _ in untold[:7]] == [unknown] * 7
    assert untold[7:] == by_name


async def test_ids_in_upper_case_are_the_same(source: OnePlan, emulator: OnePlanEmulator) -> None:
    sub = guid("plan", "project 1.0")
    plan = await one(source, emulator, id=ID.upper(), SubPlans=[sub.upper()], Author=SAMPLE["Author"].upper())
    assert (plan.key, plan.created_by) == (f"oneplan:{ID}", f"oneplan:{SAMPLE['Author']}")
    assert plan.native.id == ID.upper()
    [below] = (await source.sub_plans_of_plans([plan], ListQuery(9, scope=Scope("harbour-vale", None)))).values()
    assert [each.external_id for each in below.records] == [sub]


async def test_the_api_of_2024(scope: Scope) -> None:
    emulator = OnePlanEmulator(edition=2024)
    project = guid("plan", "project 0.0")
    async with serve(emulator.app) as url:
        source = OnePlan(url=f"{url}/api", **SETTINGS)
        [plan] = (await source.plans([project])).values()
        assert plan.native.stage_gate_flow is None
        assert [(each.set_type, each.set_type_raw) for each in plan.native.date_sets] == [("NORMAL", "Normal")]
        [steps] = (await source.steps_of_plans([plan], ListQuery(9, scope=scope))).values()
        assert steps.records[0].native.approval_state_raw == "Approved"
        assert steps.records[0].native.approval_state is ProcessState.APPROVED
        await source.close()


async def test_a_step_that_was_sent_back_is_there_once_for_each_time(
    source: OnePlan, emulator: OnePlanEmulator, scope: Scope
) -> None:
    plan = await one(source, emulator)
    names = [("a", "Started"), ("b", 1), ("a", 0), ("a", None)]
    for name, state in names:
        emulator.put_step(ID, {"StepId": guid(name), "StepName": name, "StepState": state})
    [steps] = (await source.steps_of_plans([plan], ListQuery(9, scope=scope))).values()
    ids = [f"{ID}/{guid('a')}", f"{ID}/{guid('b')}", f"{ID}/{guid('a')}.2", f"{ID}/{guid('a')}.3"]
    assert [step.key for step in steps.records] == [f"oneplan:{id}" for id in ids]
    assert [(step.name, step.status) for step in steps.records] == [
        ("a", "Started"), ("b", "Ended"), ("a", "Started"), ("a", None),
    ]  # fmt: skip
    assert set(await source.steps(ids)) == set(ids)
