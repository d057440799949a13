"""Happyforce through the graph: plans, actions and people, the trimmed actions of a filtered list, and who sees what."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import GraphQLEnumType

from plangate.access import Role, Viewer
from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.graph.schema import build_schema
from plangate.model import Key
from plangate.native import happyforce as native
from plangate.sources.happyforce import Happyforce
from plangate.sources.store import Store
from tests.gateway import ADMIN, Gateway

ALONE = "603cad10a1b2c3d4e500001d"
SHARING = "603cad10a1b2c3d4e5000016"
"""A user who has made and is to do things that are PRIVATE."""
MEMBER = Viewer(Key("store:ben-lindqvist"), "demo", Role.MEMBER)
THEMSELVES = Viewer(Key(f"happyforce:{SHARING}"), "demo", Role.MEMBER)


@pytest.fixture
async def pair(executor: str) -> AsyncIterator[tuple[Gateway, HappyforceEmulator]]:
    emulator = HappyforceEmulator(sessions={"another": SHARING})
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id="another")
        yield Gateway(executor, {"happyforce": source}), emulator
        await source.close()


async def test_plans_actions_and_people_in_one_call(pair: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = pair
    query = """{ plans(first: 25) { totalCount nodes { id title createdBy { id } actions(first: 10) { nodes {
        id status plan { id title } assignee { id name } native { ... on HappyforceAction {
          assignees { status person { id } } creator { id } } } } } } } }"""
    plans = (await gateway.data(query))["plans"]
    assert len(emulator.log) == 1, emulator.log.counts()
    assert plans["totalCount"] == 40  # of 48 eight are the admin's own
    actions = [(plan, action) for plan in plans["nodes"] for action in plan["actions"]["nodes"]]
    assert len(actions) > 50
    for plan, action in actions:
        assert action["plan"] == {"id": plan["id"], "title": plan["title"]}
        people = [each["person"]["id"] for each in action["native"]["assignees"]]
        assert action["assignee"] == ({"id": people[0], "name": None} if len(people) == 1 else None)
        assert action["native"]["creator"]["id"].startswith("Person:happyforce:")
    assert {plan["createdBy"]["id"].partition(":")[0] for plan in plans["nodes"]} == {"Person"}


async def test_actions_lead_to_plans_and_people_to_actions(pair: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = pair
    query = "{ actions(first: 100) { nodes { id plan { id title } } } }"
    actions = (await gateway.data(query))["actions"]["nodes"]
    assert len({action["plan"]["id"] for action in actions if action["plan"]}) > 20
    assert any(action["plan"] is None for action in actions)  # these stand alone
    assert len(emulator.log) == 2, emulator.log.counts()

    query = """query ($id: ID!, $filter: ActionFilter) {
      person(id: $id) { id name actions(first: 50) { totalCount nodes { id assignee { id } } } }
      actions(filter: $filter, first: 50) { totalCount nodes { id } } }"""
    id = f"Person:happyforce:{ALONE}"
    answer = await gateway.data(query, id=id, filter={"assignee": {"eq": id}})
    mine = answer["person"]["actions"]
    assert mine["totalCount"] == answer["actions"]["totalCount"] > 5
    assert [each["id"] for each in mine["nodes"]] == [each["id"] for each in answer["actions"]["nodes"]]
    assert {each["assignee"]["id"] for each in mine["nodes"]} == {id}


FILTERED = """query ($filter: PlanFilter) { plans(sources: ["happyforce"], filter: $filter, first: 25) {
  totalCount nodes { id title actions(first: 50) { totalCount nodes { id status } }
    native { ... on HappyforcePlan { matchingActions { id status } } } } } }"""


async def test_a_filter_trims_the_matching_actions_and_no_others(pair: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = pair
    plans = (await gateway.data(FILTERED, filter={"happyforce": {"status": "COMPLETED", "actionType": "MANAGER"}}))[
        "plans"
    ]
    assert len(emulator.log) == 2, emulator.log.counts()  # the list, and all actions of all its plans
    assert 0 < plans["totalCount"] < 40
    trimmed = 0
    for plan in plans["nodes"]:
        matching, whole = plan["native"]["matchingActions"], plan["actions"]["nodes"]
        assert {each["status"] for each in matching} == {"COMPLETED"}
        assert [each for each in whole if each in matching] == matching
        trimmed += len(matching) < len(whole)
    assert trimmed > 5
    unfiltered = (await gateway.data(FILTERED))["plans"]
    assert unfiltered["totalCount"] == 40
    for plan in unfiltered["nodes"]:
        assert plan["native"]["matchingActions"] == plan["actions"]["nodes"]


async def test_a_trimmed_plan_does_not_answer_for_the_whole_one(pair: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, _ = pair
    fields = "id native { ... on HappyforcePlan { matchingActions { id } } }"
    query = """query ($id: ID!, $filter: PlanFilter) {
      plans(filter: $filter, first: 25) { nodes { %s } } plan(id: $id) { %s actions { totalCount } } }""" % (
        fields,
        fields,
    )
    id = "Plan:happyforce:6ad0a420a1b2c3d4e50010ad"
    answer = await gateway.data(query, id=id, filter={"happyforce": {"status": "COMPLETED"}})
    (trimmed,) = [plan for plan in answer["plans"]["nodes"] if plan["id"] == id]
    whole = answer["plan"]
    assert len(trimmed["native"]["matchingActions"]) < len(whole["native"]["matchingActions"]) == 5
    assert whole["actions"]["totalCount"] == 5


async def test_what_is_private_is_its_creators_and_admins(pair: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = pair
    query = """{ actions(first: 500) { totalCount nodes {
        id native { ... on HappyforceAction { visibility createdBy planId } } } }
      plans(first: 100) { nodes { actions(first: 50) { totalCount nodes { id } }
        native { ... on HappyforcePlan { matchingActions { id } } } } } }"""

    async def seen(viewer: Viewer) -> tuple[set[str], set[str], Any]:
        """The actions of the root list, those on plans, and what the root list says of them."""
        answer = await gateway.data(query, viewer)
        plans, nodes = answer["plans"]["nodes"], answer["actions"]["nodes"]
        on_plans = {each["id"] for plan in plans for each in plan["actions"]["nodes"]}
        assert {each["id"] for plan in plans for each in plan["native"]["matchingActions"]} == on_plans
        assert sum(plan["actions"]["totalCount"] for plan in plans) == len(on_plans)
        assert answer["actions"]["totalCount"] == len(nodes)
        return {each["id"] for each in nodes}, on_plans, nodes

    everything, on_plans, nodes = await seen(ADMIN)
    private = {each["id"]: each["native"]["createdBy"] for each in nodes if each["native"]["visibility"] == "PRIVATE"}
    others = {id for id, creator in private.items() if creator != SHARING}
    assert private.keys() > others > set()
    plans = emulator.company.plans  # below those of the admin, which the session cannot read, is nothing for others
    below = {each["id"] for each in nodes if plans.get(each["native"]["planId"], {}).get("visibility") == "PRIVATE"}
    assert len(below - private.keys()) > 10
    assert (await seen(MEMBER))[:2] == (everything - below - private.keys(), on_plans - private.keys())
    assert (await seen(THEMSELVES))[:2] == (everything - below - others, on_plans - others)
    by_id = "query ($id: ID!) { action(id: $id) { id } }"
    assert [(await gateway.data(by_id, MEMBER, id=id))["action"] for id in private] == [None] * len(private)


async def test_other_systems_say_that_they_cannot(executor: str, demo: Store) -> None:
    emulator = HappyforceEmulator()
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id="session-id")
        gateway = Gateway(executor, {"store": demo, "happyforce": source})
        query = "query ($filter: PlanFilter) { plans(filter: $filter) { nodes { id } } }"
        for filter, refusing in (({"happyforce": {"q": "x"}}, "store"), ({"title": {"eq": "x"}}, "happyforce")):
            answer = await gateway.ask(query, filter=filter)
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "FILTER_NOT_SUPPORTED"
            assert error["extensions"]["source"] == refusing
        answer = await gateway.ask(FILTERED, filter={"happyforce": {"status": "nonsense"}})
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        both = (await gateway.data("{ plans(first: 500) { totalCount nodes { id source sortDate } } }"))["plans"]
        assert len(both["nodes"]) == both["totalCount"]
        assert {plan["source"] for plan in both["nodes"]} == {"store", "happyforce"}
        assert all(plan["sortDate"] is None for plan in both["nodes"] if plan["source"] == "happyforce")
        await source.close()


def test_the_vocabularies_are_those_of_the_records() -> None:
    types = build_schema()._schema.type_map
    for name, words in (
        ("HappyforceVisibility", native.VISIBILITIES),
        ("HappyforceActionType", native.ACTION_TYPES),
        ("HappyforceOrigin", native.ORIGINS),
        ("HappyforceStatus", native.STATUSES),
        ("HappyforceFocusType", native.FOCUS_TYPES),
    ):
        type_ = types[name]
        assert isinstance(type_, GraphQLEnumType)
        assert set(type_.values) == words | {native.UNKNOWN}
