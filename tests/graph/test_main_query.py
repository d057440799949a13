"""The main queries, and how little they may cost: statements on the store, calls on Planning Center."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.model import Action, Key, Person, Plan, ServiceType, key
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import Gateway

PLANS = """
query Plans($source: String!, $serviceType: ID, $first: Int!) {
  plans(sources: [$source], filter: {serviceType: {eq: $serviceType}}, first: $first) {
    nodes {
      id
      title
      serviceType { name }
      nextPlan { id title }
      %s
    }
  }
}
"""
ON_STORE = PLANS % "actions(first: 10) { nodes { title assignee { name } } }"
ON_PLANNING_CENTER = PLANS % "teamMembers { nodes { name status } }"


@pytest.fixture
async def fifty(store_url: str) -> AsyncIterator[Store]:
    """A store with 60 plans of two service types, twelve actions each."""
    store = Store(store_url)
    sunday, youth = (ServiceType(key("store", name), "demo", name=name) for name in ("sunday", "youth"))
    people = [Person(key("store", f"p{n}"), "demo", name=f"Person {n}") for n in range(7)]
    plans = [
        Plan(
            key("store", f"plan{n:02}"), "demo", title=f"Plan {n:02}", service_type=(sunday, youth)[n % 2].key,
            sort_date=f"2026-{1 + n // 28:02}-{1 + n % 28:02}T09:00:00+00:00",
        )
        for n in range(60)
    ]  # fmt: skip
    actions = [
        Action(Key(f"{plan.key}-{n:02}"), "demo", title=f"Action {n}", plan=plan.key, position=n, assignee=people[n % 7].key)
        for plan in plans
        for n in range(12)
    ]  # fmt: skip
    await store.insert([sunday, youth, *people, *plans, *actions])
    yield store
    await store.close()


async def test_fifty_plans_of_the_store_take_five_statements(executor: str, fifty: Store) -> None:
    gateway = Gateway(executor, {"store": fifty})
    before = fifty.database.statements
    query = ON_STORE.replace(", filter: {serviceType: {eq: $serviceType}}", "").replace("$serviceType: ID, ", "")
    plans = (await gateway.data(query, source="store", first=50))["plans"]["nodes"]
    assert fifty.database.statements - before <= 5

    assert [plan["title"] for plan in plans] == [f"Plan {n:02}" for n in range(50)]
    for n, plan in enumerate(plans):
        assert plan["serviceType"]["name"] == ("sunday", "youth")[n % 2]
        assert plan["nextPlan"]["title"] == f"Plan {n + 2:02}"
        actions = plan["actions"]["nodes"]
        assert [action["title"] for action in actions] == [f"Action {k}" for k in range(10)]
        assert [action["assignee"]["name"] for action in actions] == [f"Person {k % 7}" for k in range(10)]


async def test_twenty_five_plans_of_planning_center_take_the_fewest_calls(
    executor: str, upstream: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    """One list, one service type, one team list per plan (there is no other way to ask), nothing for the next plans."""
    source, emulator = upstream
    gateway = Gateway(executor, {"planning_center": source})
    await source.plans(["1001/70000046"])  # the organisation's time zone is asked once a process
    emulator.log.clear()
    variables = {"source": "planning_center", "serviceType": "ServiceType:planning_center:1001", "first": 25}
    plans = (await gateway.data(ON_PLANNING_CENTER, **variables))["plans"]["nodes"]

    assert len(plans) == 25
    assert all(plan["serviceType"]["name"] == "Sunday Morning" for plan in plans)
    assert [plan["nextPlan"]["id"] for plan in plans[:-1]] == [plan["id"] for plan in plans[1:]]
    assert plans[-1]["nextPlan"]["id"]
    assert any(plan["teamMembers"]["nodes"] for plan in plans)
    assert emulator.log.count("/services/v2/service_types/1001/plans") == 1
    assert emulator.log.count("/services/v2/service_types/1001/plans/*/team_members") == 25
    assert len(emulator.log) == 27, emulator.log.counts()


async def test_what_the_api_can_include_costs_no_call(
    executor: str, upstream: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    source, emulator = upstream
    gateway = Gateway(executor, {"planning_center": source})
    await source.plans(["1001/70000046"])
    emulator.log.clear()
    query = (
        PLANS
        % "startDate series { title } planTimes { nodes { startsAt } } native { ... on PlanningCenterPlan { contributors { fullName } } }"
    )
    variables = {"source": "planning_center", "serviceType": "ServiceType:planning_center:1001", "first": 25}
    plans = (await gateway.data(query, **variables))["plans"]["nodes"]

    assert any(plan["series"] for plan in plans)
    assert all(plan["planTimes"]["nodes"] and plan["startDate"] for plan in plans)
    assert any(plan["native"]["contributors"] for plan in plans)
    assert len(emulator.log) == 2, emulator.log.counts()


async def test_equal_queries_at_once_share_their_calls(
    executor: str, upstream: tuple[PlanningCenter, PlanningCenterEmulator]
) -> None:
    source, emulator = upstream
    gateway = Gateway(executor, {"planning_center": source})
    await source.plans(["1001/70000046"])
    emulator.log.clear()
    emulator.faults.latency = 0.05
    variables = {"source": "planning_center", "serviceType": "ServiceType:planning_center:1001", "first": 3}
    answers = await asyncio.gather(*(gateway.data(ON_PLANNING_CENTER, **variables) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(emulator.log) == 5, emulator.log.counts()


@pytest.mark.parametrize("first", [1, 7])
async def test_pages_over_both_systems_visit_every_plan_once(gateway: Gateway, first: int) -> None:
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
      plans(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id sortDate } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen: list[str] = []
    after, dates = None, []
    size = first * 15
    for _ in range(200):
        page = (await gateway.data(query, first=size, after=after))["plans"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        dates += [edge["node"]["sortDate"] for edge in page["edges"]]
        assert len(page["edges"]) == size or not page["pageInfo"]["hasNextPage"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == page["totalCount"]
    assert {id.split(":")[1] for id in seen} == {"store", "planning_center"}

    back: list[str] = []
    before = None
    for _ in range(200):
        page = (await gateway.data(query, last=size, before=before))["plans"]
        back = [edge["node"]["id"] for edge in page["edges"]] + back
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert back == seen


async def test_nothing_there_is_an_empty_list_and_nobody_who_knows_is_null(gateway: Gateway) -> None:
    query = """query ($id: ID!) { plan(id: $id) {
        actions { nodes { id } totalCount } items { nodes { id } totalCount } subPlans { nodes { id } } } }"""
    empty = {"nodes": [], "totalCount": 0}
    store = (await gateway.data(query, id="Plan:store:pay-review"))["plan"]
    assert store["items"] == empty
    assert store["subPlans"] == {"nodes": []}
    church = (await gateway.data(query, id="Plan:planning_center:1001/70000001"))["plan"]
    assert church["actions"] == empty  # the store keeps actions for plans of systems that have none
    assert church["items"]["totalCount"] > 0
    assert church["subPlans"] is None  # Planning Center has plans, but does not say that one is part of another
