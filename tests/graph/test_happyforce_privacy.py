"""A PRIVATE plan of Happyforce and everything below it is for its creator and admins, on every way through the graph.

The emulator's session is that of a user who has made private plans, so the gateway reads more than its viewers may.
What each viewer may see is computed here from the emulator's own documents.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from plangate.access import Role, Viewer
from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.model import Key
from plangate.sources.happyforce import Happyforce
from tests.gateway import ADMIN, Gateway

CREATOR_ID = "603cad10a1b2c3d4e5000010"
"""The user of the session."""
COLLEAGUE_ID = "603cad10a1b2c3d4e5000017"
CREATOR = Viewer(Key(f"happyforce:{CREATOR_ID}"), "demo", Role.MEMBER)
COLLEAGUE = Viewer(Key(f"happyforce:{COLLEAGUE_ID}"), "demo", Role.MEMBER)
MEMBER = Viewer(Key("store:ben-lindqvist"), "demo", Role.MEMBER)
ANONYMOUS = Viewer(Key(""), "demo")
VIEWERS = {"creator": CREATOR, "colleague": COLLEAGUE, "member": MEMBER, "anonymous": ANONYMOUS, "admin": ADMIN}

PUBLIC_PLAN = "6ad0a420a1b2c3d4e50010ad"


class World:
    """The gateway, and what the emulator's documents say about who may read them."""

    def __init__(self, gateway: Gateway, emulator: HappyforceEmulator) -> None:
        self.gateway = gateway
        self.emulator = emulator

    def plans(self, viewer: Viewer) -> list[str]:
        """The ids of the plans that the viewer may read, in the order of the list: newest first."""
        return [
            f"Plan:happyforce:{each['id']}" for each in self.emulator.company.newest_plans() if allows(each, viewer)
        ]

    def actions(self, viewer: Viewer, plan: str | None = None) -> list[dict[str, Any]]:
        """The actions that the viewer may read: the session reads them too, and they are below no hidden plan."""
        company = self.emulator.company
        found = []
        for each in company.newest_actions():
            above = company.plans.get(each["planId"] or "")
            visible = each["visibility"] == "PUBLIC" or CREATOR_ID in (each["createdBy"], *each["assignees"])
            below = allows(above, viewer) if above else each["planId"] is None or viewer.role is Role.ADMIN
            if visible and allows(each, viewer) and below:
                found.append(company.shown_action(each))
        return [each for each in found if plan is None or f"Plan:happyforce:{each['planId']}" == plan]


def allows(document: dict[str, Any], viewer: Viewer) -> bool:
    is_creator = f"happyforce:{document.get('createdBy')}" == viewer.id
    return document["visibility"] == "PUBLIC" or viewer.role is Role.ADMIN or is_creator


def ids(kind: str, documents: Iterable[dict[str, Any]]) -> set[str]:
    return {f"{kind}:happyforce:{each['id']}" for each in documents}


def action(number: int, title: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"77{number:022x}", "planId": PUBLIC_PLAN, "title": title, "description": "", "visibility": "PRIVATE",
        "hierarchyIds": ["area"], "actionType": "COMPANY", "status": "EXPIRED", "assignees": [COLLEAGUE_ID],
        "focusItems": [{"focusType": "ENPS"}], "createdBy": CREATOR_ID, "createdAt": "2026-11-19T09:00:00.000Z",
        "updatedAt": "2026-11-19T09:00:00.000Z",
    } | changes  # fmt: skip


@pytest.fixture
async def world(executor: str) -> AsyncIterator[World]:
    emulator = HappyforceEmulator()
    private = [each["id"] for each in emulator.company.plans.values() if each["visibility"] == "PRIVATE"]
    emulator.put_actions(
        [
            action(1, "Overdue one"),
            action(2, "Overdue two", planId=None),
            action(3, "Below a private plan", planId=private[0], visibility="PUBLIC", createdBy=COLLEAGUE_ID),
            # Its creator may not read the plan, and the plan's creator not the action: it is for admins alone.
            action(4, "Between two", planId=private[0], createdBy=COLLEAGUE_ID, assignees=[CREATOR_ID]),
            action(5, "Below a plan that is gone", planId="77" * 12, visibility="PUBLIC"),
        ]
    )
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id="session-id")
        yield World(Gateway(executor, {"happyforce": source}), emulator)
        await source.close()


def test_the_viewers_differ() -> None:
    world = World(None, HappyforceEmulator())  # type: ignore[arg-type]
    assert len(world.plans(ADMIN)) == 48
    assert len(world.plans(CREATOR)) == 48
    assert len(world.plans(MEMBER)) == len(world.plans(COLLEAGUE)) == 40
    assert len(world.actions(ADMIN)) - len(world.actions(MEMBER)) == 26


async def test_lists_edges_and_counts(world: World) -> None:
    for viewer in VIEWERS.values():
        await check_lists(world, viewer)


async def check_lists(world: World, viewer: Viewer) -> None:
    query = """query ($people: [ID!]!) {
      actions(first: 500) { totalCount nodes { id plan { id } } pageInfo { hasNextPage } }
      plans(first: 100) { totalCount nodes { id actions(first: 50) { totalCount nodes { id } }
        native { ... on HappyforcePlan { matchingActions { id } } } } }
      nodes(ids: $people) { ... on Person { id actions(first: 100) { totalCount nodes { id } } } } }"""
    people = [f"Person:happyforce:{each}" for each in world.emulator.people]
    data = await world.gateway.data(query, viewer, people=people)
    expected = world.actions(viewer)
    actions = data["actions"]
    assert {each["id"] for each in actions["nodes"]} == ids("Action", expected)
    assert actions["totalCount"] == len(expected)
    assert not actions["pageInfo"]["hasNextPage"]
    plans = data["plans"]
    assert [each["id"] for each in plans["nodes"]] == world.plans(viewer)
    assert plans["totalCount"] in (None, len(plans["nodes"]))
    for plan in plans["nodes"]:
        below = ids("Action", world.actions(viewer, plan["id"]))
        assert {each["id"] for each in plan["actions"]["nodes"]} == below
        assert plan["actions"]["totalCount"] == len(below)
        assert {each["id"] for each in plan["native"]["matchingActions"]} == below
    for person in data["nodes"]:
        theirs = ids("Action", [each for each in expected if person["id"].endswith(tuple(each["assignees"]))])
        assert {each["id"] for each in person["actions"]["nodes"]} == theirs
        assert person["actions"]["totalCount"] == len(theirs)


async def test_by_id_and_by_plan(world: World) -> None:
    for viewer in VIEWERS.values():
        await check_ids(world, viewer)


async def check_ids(world: World, viewer: Viewer) -> None:
    gateway, company = world.gateway, world.emulator.company
    expected = ids("Action", world.actions(viewer))
    private = [each["id"] for each in company.plans.values() if each["visibility"] == "PRIVATE"]
    asked = sorted(
        ids("Action", (each for each in company.actions.values() if each["planId"] in private or len(each) < 15))
    )
    assert len(asked) > 26
    answer = [{"id": id} if id in expected else None for id in asked]
    nodes = await gateway.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", viewer, ids=asked)
    assert nodes["nodes"] == answer
    query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Action { id } } }"
    of = [{"__typename": "Action", "id": id} for id in asked]
    assert (await gateway.data(query, viewer, of=of))["_entities"] == answer
    for id, each in list(zip(asked, answer, strict=True))[::4]:
        single = await gateway.data("query ($id: ID!) { node(id: $id) { id } action(id: $id) { id } }", viewer, id=id)
        assert single == {"node": each, "action": each}
    query = "query ($filter: ActionFilter, $id: ID!) { plan(id: $id) { id } actions(filter: $filter) { totalCount nodes { id } } }"
    for plan in private:
        id = f"Plan:happyforce:{plan}"
        data = await gateway.data(query, viewer, id=id, filter={"plan": {"eq": id}})
        assert (data["plan"] is not None) == (id in world.plans(viewer))
        assert {each["id"] for each in data["actions"]["nodes"]} == ids("Action", world.actions(viewer, id))
        assert data["actions"]["totalCount"] == len(data["actions"]["nodes"])


FILTERS = {
    "q": ("overdue", lambda each: "overdue" in each["title"].lower()),
    "status": ("EXPIRED", lambda each: each["status"] == "EXPIRED"),
    "focusType": ("ENPS", lambda each: any(item["focusType"] == "ENPS" for item in each["focusItems"])),
    "hierarchyId": ("area", lambda each: "area" in each["hierarchyIds"]),
    "assigneeId": (COLLEAGUE_ID, lambda each: COLLEAGUE_ID in each["assignees"]),
    "actionType": ("COMPANY", lambda each: each["actionType"] == "COMPANY"),
}
WALK = """query ($filter: PlanFilter, $order: [PlanOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  plans(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    nodes { id completionPercent native { ... on HappyforcePlan { completionPercent matchingActions { id } } } }
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def walk(world: World, viewer: Viewer, size: int, *, backward: bool = False, **arguments: Any) -> list[Any]:
    """All nodes of the list, a page at a time. Each page is full but the last one, which says that it is the last."""
    found: list[Any] = []
    position = None
    while True:
        ends = {"last": size, "before": position} if backward else {"first": size, "after": position}
        page = (await world.gateway.data(WALK, viewer, **arguments, **ends))["plans"]
        nodes, info = page["nodes"], page["pageInfo"]
        if viewer.role is not Role.ADMIN:
            assert page["totalCount"] is None
        found = nodes + found if backward else found + nodes
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            assert nodes or not found, "the page before said that there is more"
            return found
        assert len(nodes) == size
        position = info["startCursor" if backward else "endCursor"]


async def test_a_filter_is_met_by_actions_that_the_viewer_may_read(world: World) -> None:
    for name, (value, holds) in FILTERS.items():
        found: dict[str, set[str]] = {}
        for role, viewer in VIEWERS.items():
            matching = [each for each in world.actions(viewer) if each["planId"] and holds(each)]
            plans = {f"Plan:happyforce:{each['planId']}" for each in matching}
            nodes = await walk(world, viewer, 7, filter={"happyforce": {name: value}})
            found[role] = {each["id"] for each in nodes}
            assert [each["id"] for each in nodes] == [id for id in world.plans(viewer) if id in plans], (name, role)
            below = {each["id"] for node in nodes for each in node["native"]["matchingActions"]}
            assert below == ids("Action", (each for each in matching if each["planId"] in world.emulator.company.plans))
        assert found["member"] < found["creator"], "the filter meets nothing private: this test could not fail"


async def test_two_conditions_are_met_by_one_action(world: World) -> None:
    """The private action is overdue, a readable one of the same plan is a manager's: together they match nothing."""
    manager = next(
        each for each in world.actions(MEMBER) if each["planId"] == PUBLIC_PLAN and each["actionType"] == "MANAGER"
    )
    world.emulator.put_actions([action(9, manager["title"] + " again", actionType="COMPANY", status="PENDING")])
    filter = {"happyforce": {"q": manager["title"], "actionType": "COMPANY", "status": "PENDING"}}
    plan = f"Plan:happyforce:{PUBLIC_PLAN}"
    assert plan in [each["id"] for each in await walk(world, CREATOR, 9, filter=filter)]
    assert plan not in [each["id"] for each in await walk(world, MEMBER, 9, filter=filter)]


async def test_a_percentage_of_matching_actions_is_for_admins(world: World) -> None:
    """Whether Happyforce counts the matching actions only, the private ones too, is not documented."""
    filter = {"happyforce": {"status": "COMPLETED"}}
    for viewer, known in ((ADMIN, True), (CREATOR, False), (MEMBER, False)):
        for node in await walk(world, viewer, 25, filter=filter):
            assert (node["completionPercent"] is not None) == (node["native"]["completionPercent"] is not None) == known
    assert all(each["completionPercent"] is not None for each in await walk(world, MEMBER, 25))


@pytest.mark.parametrize("backward", [False, True])
async def test_pages_and_has_next_page(world: World, backward: bool) -> None:
    company = world.emulator.company
    for n in range(3):  # the list begins and ends with private plans
        for title, year in (("Old", 2020), ("New", 2027)):
            plan = company.new_plan(title, "", "PRIVATE", CREATOR_ID, company.clock())
            plan["createdAt"] = f"{year}-01-0{n + 1}T00:00:00.000Z"
    for viewer in (CREATOR, MEMBER, ADMIN):
        for direction, expected in (("DESC", world.plans(viewer)), ("ASC", world.plans(viewer)[::-1])):
            for size in (7, len(expected) - 1, len(expected), len(expected) + 1):
                order = [{"field": "CREATED_AT", "direction": direction}]
                nodes = await walk(world, viewer, size, backward=backward, order=order)
                assert [each["id"] for each in nodes] == expected, (viewer, direction, size)
    info = (await world.gateway.data(WALK, MEMBER, first=0))["plans"]["pageInfo"]
    assert info["hasNextPage"]


async def test_a_plan_that_the_session_may_not_read_is_as_absent_as_one_that_does_not_exist(world: World) -> None:
    company = world.emulator.company
    secret = company.new_plan("Secret", "", "PRIVATE", COLLEAGUE_ID, company.clock())["id"]
    query = "query ($id: ID!) { plan(id: $id) { id } node(id: $id) { id } }"
    for viewer in VIEWERS.values():
        for id in (secret, "77" * 12):
            answer = await world.gateway.ask(query, viewer, id=f"Plan:happyforce:{id}")
            assert answer == {"data": {"plan": None, "node": None}}


async def test_plans_that_cannot_be_looked_up_hide_the_actions_with_an_error(world: World) -> None:
    faults = world.emulator.faults
    faults.status, faults.path = 500, "/api/v1/company/action-plans"
    query = "query ($ids: [ID!]!) { actions(first: 500) { nodes { id } } nodes(ids: $ids) { id } }"
    asked = sorted(ids("Action", world.actions(ADMIN)))[:9]
    answer = await world.gateway.ask(query, MEMBER, ids=asked)
    assert answer["data"] == {"actions": None, "nodes": [None] * 9}
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"UPSTREAM_UNAVAILABLE"}
