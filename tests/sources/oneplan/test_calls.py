"""What questions cost, in calls: the emulator's log is the witness."""

import asyncio

import pytest

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.oneplan.values import guid
from plangate.listing import Bound, Condition, ListQuery, Order, Scope
from plangate.model import Key, Person, Plan, key
from plangate.sources.oneplan import OnePlan

from .conftest import Connect, asked

PLANS = "/api/workplan"
PLAN = f"{PLANS}/*"
PROJECTS = [guid("plan", f"project 0.{n}") for n in range(4)]


async def test_the_main_query(source: OnePlan, scope: Scope, emulator: OnePlanEmulator) -> None:
    query = ListQuery(25, scope=scope, total=True)
    page = await source.list_plans(query)
    assert (len(page.records), page.more, page.total) == (25, True, 45)
    assert asked(emulator) == {PLANS: 1}

    notes = await source.notes_of_plans(page.records, query)
    assert sum(slice.total or 0 for slice in notes.values()) > 20
    assert asked(emulator) == {}

    parents = await source.sub_plans_of_plans(page.records, query)
    assert sum(slice.total or 0 for slice in parents.values()) > 10
    assert asked(emulator) == {PLANS: 1}

    assert len(await source.people([plan.created_by.partition(":")[2] for plan in page.records if plan.created_by])) > 5
    assert asked(emulator) == {"/api/resources": 1}

    assert len(await source.tasks_of_plans([*page.records, *page.records], query)) == 25
    assert asked(emulator) == {f"{PLAN}/tasks": 25}
    assert len(await source.steps_of_plans(page.records, query)) == 25
    assert asked(emulator) == {f"{PLAN}/processhistory": 25}


async def test_by_id(source: OnePlan, scope: Scope, emulator: OnePlanEmulator) -> None:
    assert len(await source.plans(PROJECTS[:1])) == 1
    assert asked(emulator) == {PLAN: 1}
    gone = guid("plan", "gone")
    assert list(await source.plans([*PROJECTS, gone, *PROJECTS])) == PROJECTS
    assert asked(emulator) == {PLANS: 1, PLAN: 1}

    tasks = [f"{PROJECTS[0]}/{each['id']}" for each in emulator.account.tasks[PROJECTS[0]]]
    assert len(await source.tasks(tasks[:1])) == 1
    assert asked(emulator) == {f"{PLAN}/tasks/*": 1}
    found = list((await source.tasks(tasks)).values())
    assert len(found) == len(tasks)
    assert asked(emulator) == {f"{PLAN}/tasks": 1}
    assert [
        slice.total
        for slice in (await source.sub_tasks_of_tasks(found, ListQuery(9, scope=scope, total=True))).values()
    ] == [2]
    assert asked(emulator) == {f"{PLAN}/tasks": 1}

    [ingrid] = (await source.people([guid("resource", "Ingrid Solberg")])).values()
    assert (ingrid.name, ingrid.email) == ("Ingrid Solberg", "ingrid.solberg@harbourvale.example")
    assert asked(emulator) == {"/api/resources/*": 1}


async def test_edges_of_people_are_one_call(source: OnePlan, scope: Scope, emulator: OnePlanEmulator) -> None:
    people = [Person(key("oneplan", id)) for id in emulator.account.resources]
    query = ListQuery(50, scope=scope, total=True)
    made = await source.created_plans_of_people(people, query)
    assert sum(slice.total or 0 for slice in made.values()) == 45
    assert asked(emulator) == {PLANS: 1}
    assert sum(slice.total or 0 for slice in (await source.updated_plans_of_people(people, query)).values()) == 45
    assert sum(slice.total or 0 for slice in (await source.notes_of_people(people, query)).values()) > 20
    assert asked(emulator) == {PLANS: 2}


async def test_portfolios_are_one_call(source: OnePlan, emulator: OnePlanEmulator) -> None:
    portfolios = [key("oneplan", guid("plan", f"portfolio {n}")) for n in range(3)]
    found = await source.natives("portfolio_plans", portfolios)
    assert [plan.title for plan in found[portfolios[0]]] == [
        "Substation 14 rebuild",
        "Smart meter rollout, phase 2",
        "SCADA replacement",
        "Fibre backbone north",
    ]
    assert [len(found[each]) for each in portfolios] == [4, 4, 4]
    assert asked(emulator) == {PLANS: 1}
    assert await source.natives("no_such_edge", portfolios) == {}
    assert asked(emulator) == {}


async def test_a_page_goes_on_rightly_when_plans_come_and_go(
    source: OnePlan, scope: Scope, emulator: OnePlanEmulator
) -> None:
    query = ListQuery(10, scope=scope, order=(Order("title"),))
    whole = [plan.key for plan in (await source.list_plans(ListQuery(99, scope=scope, order=query.order))).records]
    page = await source.list_plans(query)
    sample = dict(emulator.account.plans[PROJECTS[0]])
    emulator.put({**sample, "id": guid("plan", "new"), "Name": "AAA"})
    del emulator.account.plans[page.records[9].external_id]
    after = ListQuery(10, scope=scope, order=query.order, after=Bound(page.position(9)))
    assert [plan.key for plan in (await source.list_plans(after)).records] == whole[10:20]


async def test_equal_questions_at_once_are_one_call(source: OnePlan, scope: Scope, emulator: OnePlanEmulator) -> None:
    await asyncio.gather(*(source.list_plans(ListQuery(5, scope=scope)) for _ in range(10)))
    assert asked(emulator) == {PLANS: 1}


async def test_another_workspace_costs_nothing(source: OnePlan, emulator: OnePlanEmulator) -> None:
    [plan] = (await source.plans(PROJECTS[:1])).values()
    asked(emulator)
    person = Person(Key("oneplan:" + PROJECTS[0]))
    for other in (ListQuery(5, scope=Scope("other", None), total=True), ListQuery(5)):
        assert not (await source.list_plans(other)).records
        for edge in (source.sub_plans_of_plans, source.notes_of_plans, source.tasks_of_plans, source.steps_of_plans):
            assert await edge([plan], other) == {}
        assert await source.created_plans_of_people([person], other) == {}
        assert await source.notes_of_people([person], other) == {}
    assert asked(emulator) == {}


@pytest.mark.parametrize(("archived", "templates", "count"), [(False, False, 45), (True, False, 46), (True, True, 47)])
async def test_archived_plans_and_templates_are_listed_if_wanted(
    connect: Connect, scope: Scope, archived: bool, templates: bool, count: int
) -> None:
    source = connect(archived=archived, templates=templates)
    assert (await source.list_plans(ListQuery(1, scope=scope, total=True))).total == count
    old = guid("plan", "old")
    assert (await source.plans([old, *PROJECTS]))[old].title == "Meter reading vans"


async def test_a_plan_of_elsewhere_has_nothing_here(source: OnePlan, scope: Scope, emulator: OnePlanEmulator) -> None:
    strange = Plan(Key("oneplan:no-guid"))
    query = ListQuery(5, scope=scope, filter=Condition("title", "eq", "x"))
    assert await source.sub_plans_of_plans([strange], query) == {}
    assert await source.tasks_of_plans([strange], ListQuery(5, scope=scope)) == {}
    assert asked(emulator) == {}
