"""What Planhat's attributes mean in the unified records, and what becomes of odd ones."""

from typing import Any

import pytest

from plangate.emulators.planhat import PlanhatEmulator
from plangate.errors import FilterNotSupported, InvalidCursor, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Bound, Condition, ListQuery, Not, Offset, Order, Scope
from plangate.model import Key, Step
from plangate.native.planhat import Entry
from plangate.sources.planhat import Planhat

from .conftest import WORKSPACE, Connect

ID = "609a88660b73992504816060"


async def plan(source: Planhat, emulator: PlanhatEmulator, **attributes: Any) -> Any:
    emulator.put("projects", {"_id": ID} | attributes)
    return (await source.plans([ID]))[ID]


async def task(source: Planhat, emulator: PlanhatEmulator, **attributes: Any) -> Any:
    emulator.put("tasks", {"_id": ID} | attributes)
    return (await source.tasks([ID]))[ID]


async def test_a_project(source: Planhat, emulator: PlanhatEmulator) -> None:
    found = await plan(
        source, emulator, name="Big project", startDate="2021-07-26T04:00:00.000Z", endDate="2021-07-31T04:00:00.000Z"
    )
    assert (found.id, found.external_id, found.workspace) == (f"Plan:planhat:{ID}", ID, WORKSPACE)
    assert (found.title, found.display_title) == ("Big project", "Big project")
    assert found.sort_date == "2021-07-26T04:00:00.000Z"
    assert (found.start_date, found.end_date) == ("2021-07-26", "2021-07-31")
    for unsaid in (
        "status",
        "visibility",
        "created_at",
        "updated_at",
        "archived_at",
        "completion_percent",
        "created_by",
    ):
        assert getattr(found, unsaid) is None, unsaid


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [(None, "2021-07-26", "2021-07-31"), ("America/New_York", "2021-07-26", "2021-07-31"),
     ("America/Los_Angeles", "2021-07-25", "2021-07-30")],
)  # fmt: skip
async def test_days_are_those_of_the_zone(
    connect: Connect, emulator: PlanhatEmulator, zone: str | None, start: str, end: str
) -> None:
    found = await plan(
        connect(time_zone=zone), emulator, startDate="2021-07-26T04:00:00.000Z", endDate="2021-07-31T04:00:00.0000000Z"
    )
    assert (found.start_date, found.end_date) == (start, end)


@pytest.mark.parametrize("odd", ["soon", "2021-07-26", "2021-07-26T04:00:00", "", "0001-01-01T00:00:00Z", 17752, {}])
async def test_a_start_that_is_no_instant_is_only_in_native(
    source: Planhat, emulator: PlanhatEmulator, odd: Any
) -> None:
    found = await plan(source, emulator, startDate=odd)
    assert (found.sort_date, found.start_date) == (None, None)
    if isinstance(odd, str):
        assert found.native.start_date == odd
    else:
        assert (found.native.start_date, found.native.other) == (None, (Entry("startDate", odd),))


async def test_a_task(source: Planhat, emulator: PlanhatEmulator) -> None:
    found = await task(
        source, emulator, mainType="task", action="Call", description="<p>Call <b>now</b></p>", snippet="Call now",
        status="In-progress", isArchived=True, startTime="2021-07-29T00:00:00.000Z", endTime="2021-07-30T00:00:00.000Z",
        sortPosition=5, parent="5db866ceab7aac67dc3637c6", ownerId="54ddc90a3570c76e2cbd08a5",
        createdAt="2022-07-05T09:51:52.818Z",
    )  # fmt: skip
    assert (found.title, found.description, found.status) == ("Call", "Call now", "In-progress")
    assert (found.start_time, found.due_time) == ("2021-07-29T00:00:00.000Z", "2021-07-30T00:00:00.000Z")
    assert (found.is_done, found.position, found.plan) == (True, 5, None)
    assert (found.parent, found.assignee) == ("planhat:5db866ceab7aac67dc3637c6", "planhat:54ddc90a3570c76e2cbd08a5")
    assert found.created_at == "2022-07-05T09:51:52.818Z"
    assert found.native.description == "<p>Call <b>now</b></p>"


@pytest.mark.parametrize(
    ("attributes", "done"),
    [({"mainType": "task", "isArchived": False}, False), ({"mainType": "event", "isArchived": True}, None),
     ({"mainType": "task"}, None), ({"isArchived": True}, None)],
)  # fmt: skip
async def test_done_is_said_of_tasks_only(
    source: Planhat, emulator: PlanhatEmulator, attributes: dict[str, Any], done: bool | None
) -> None:
    assert (await task(source, emulator, **attributes)).is_done is done


async def test_a_place_between_two_places_is_only_in_native(source: Planhat, emulator: PlanhatEmulator) -> None:
    found = await task(source, emulator, sortPosition=2.5)
    assert (found.position, found.native.sort_position) == (None, 2.5)


async def test_a_step_is_a_task_of_a_workflow(source: Planhat, emulator: PlanhatEmulator, scope: Scope) -> None:
    await task(source, emulator, action="Sub activity", workflowStepId=ID, workflowId="w", workflowName="QBR")
    step = (await source.steps([ID]))[ID]
    assert (type(step), step.key, step.name) == (Step, f"planhat:{ID}", "Sub activity")
    assert (step.native.workflow_id, step.native.workflow_name) == ("w", "QBR")
    await task(source, emulator, action="Alone")
    assert await source.steps([ID]) == {}
    query = ListQuery(1000, scope=scope, wants=frozenset({"workflow_step"}))
    slice = await source.list_tasks(query)
    assert (
        {step.key for step in slice.also}
        == {task.key for task in slice.records if task.native.workflow_step_id == task.native.id}
        != set()
    )


async def test_a_user(source: Planhat, emulator: PlanhatEmulator) -> None:
    emulator.put("users", {"_id": ID, "nickName": "Al", "email": "al@example.com", "createdAt": "2022-07-05T09:51:52Z"})
    person = (await source.people([ID]))[ID]
    assert (person.name, person.email, person.created_at) == ("Al", "al@example.com", "2022-07-05T09:51:52Z")
    emulator.put("users", {"_id": ID, "nickName": "Al", "firstName": "Alex", "lastName": "Moreau"})
    assert (await source.people([ID]))[ID].name == "Alex Moreau"


async def test_a_company_id_of_21_digits_is_an_id(source: Planhat, emulator: PlanhatEmulator) -> None:
    short = "61006bc89a3e0b702ea49"
    emulator.put("companies", {"_id": short, "name": "Tenet"})
    [company] = (await source.natives("company", [Key(f"planhat:{short}")]))[Key(f"planhat:{short}")]
    assert company.name == "Tenet"


@pytest.mark.parametrize("bad", [{}, {"_id": None}, {"_id": 7}, {"_id": ""}, {"name": "no id"}, [], None, "text", 7])
async def test_one_bad_object_does_not_lose_the_others(
    source: Planhat, emulator: PlanhatEmulator, scope: Scope, bad: Any
) -> None:
    projects = dict(list(emulator.models["projects"].items())[:5])
    company = next(iter(projects.values()))["companyId"]
    if isinstance(bad, dict):
        emulator.models["projects"] = {"bad": bad | {"companyId": company}, **projects}
        assert len((await source.natives("projects", [Key(f"planhat:{company}")]))[Key(f"planhat:{company}")]) == 1
        slice = await source.list_plans(ListQuery(100, scope=scope))
        assert {plan.external_id for plan in slice.records} == set(projects)
    assert source._records.plan(bad) is None
    assert source._records.task(bad) is None


async def test_an_issue_of_two_companies_hangs_on_both(source: Planhat, emulator: PlanhatEmulator) -> None:
    keys = [Key(f"planhat:{id}") for id in list(emulator.models["companies"])[:2]]
    emulator.put("issues", {"_id": ID, "companyIds": [key.partition(":")[2] for key in keys]})
    found = await source.natives("issues", keys)
    assert all(ID in [issue.id for issue in found[key]] for key in keys)


@pytest.mark.parametrize(
    ("filter", "argument"),
    [
        (Condition("title", "eq", "x"), "title.eq"),
        (AllOf((AllOf(()), Condition("start_date", "gt", "2026-01-01"))), "startDate.gt"),
        (AnyOf((Condition("title", "eq", "x"),)), "or"),
        (Not(Condition("title", "eq", "x")), "not"),
    ],
)
async def test_no_filter_is_ignored(source: Planhat, scope: Scope, filter: Any, argument: str) -> None:
    for ask in (source.list_plans, source.list_tasks):
        with pytest.raises(FilterNotSupported) as refused:
            await ask(ListQuery(1, scope=scope, filter=filter))
        assert refused.value.details == {"source": "planhat", "argument": argument}


@pytest.mark.parametrize(
    ("orders", "argument"),
    [((Order("created_at"),), "createdAt"), ((Order("title"), Order("sort_date")), "more than one field")],
)
async def test_no_order_is_ignored(source: Planhat, scope: Scope, orders: tuple[Order, ...], argument: str) -> None:
    with pytest.raises(OrderNotSupported) as refused:
        await source.list_plans(ListQuery(1, scope=scope, order=orders))
    assert refused.value.details == {"source": "planhat", "argument": argument}
    tasks = (await source.list_tasks(ListQuery(50, scope=scope))).records
    with pytest.raises(OrderNotSupported):
        await source.sub_tasks_of_tasks(tasks, ListQuery(1, scope=scope, order=orders))


async def test_a_range_that_ends_before_it_begins_is_empty(source: Planhat, scope: Scope) -> None:
    query = ListQuery(100, scope=scope, order=(Order("sort_date"),))
    whole = await source.list_plans(query)
    first, last = whole.position(1), whole.position(len(whole.records) - 2)
    assert [each.numbers[1] >= each.numbers[0] for each in (first, last)] == [True, False]  # one in each part
    for backward in (False, True):
        nothing = ListQuery(
            9, scope=scope, order=query.order, after=Bound(last), before=Bound(first), backward=backward
        )
        assert not (await source.list_plans(nothing)).records
        middle = ListQuery(
            99, scope=scope, order=query.order, after=Bound(first), before=Bound(last), backward=backward
        )
        assert (await source.list_plans(middle)).records == whole.records[2:-2]


async def test_a_foreign_cursor_of_children_is_refused(source: Planhat, scope: Scope) -> None:
    tasks = (await source.list_tasks(ListQuery(1000, scope=scope))).records
    with pytest.raises(InvalidCursor):
        await source.sub_tasks_of_tasks(tasks, ListQuery(1, scope=scope, after=Bound(Offset((0, 0)))))
