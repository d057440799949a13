"""Sub-plan trees of the store: the same whatever fetches them, and in few statements where the database can."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs

from plangate.access import Role, Viewer
from plangate.model import Key, Plan, Task, Visibility, key
from plangate.sources.store import Store
from tests.databases import remove_guards
from tests.gateway import ADMIN, Gateway

MEMBER = Viewer(Key("store:ben"), "demo", Role.MEMBER)
TREE = """
query Tree($first: Int!, $filter: PlanFilter) {
  plan(id: "Plan:store:top") { ...P %s }
}
fragment P on Plan { id title tasks(first: 2) { nodes { title } pageInfo { hasNextPage } } }
"""
LEVEL = "subPlans(first: $first, filter: $filter) { pageInfo { hasNextPage endCursor } nodes { ...P %s } }"


def tree(depth: int, level: str = LEVEL) -> str:
    below = ""
    for _ in range(depth):
        below = level % below
    return TREE % below


@pytest.fixture
async def family(store_url: str) -> AsyncIterator[Store]:
    """A plan with three sub-plans, each with three, and so on, three levels deep; every third one is private."""
    store = Store(store_url)
    plans: list[Plan] = [Plan(key("store", "top"), "demo", title="top")]
    for plan in plans:
        if len(plan.key) < len("store:top") + 3:
            for n in range(3):
                private = {"private_to": Key("store:ada"), "visibility": Visibility.PRIVATE} if n == 2 else {}
                name = f"{plan.key}{n}"
                plans.append(Plan(Key(name), "demo", title=name[6:], parent=plan.key, status="x" * (n > 0), **private))
    tasks = [
        Task(Key(f"{plan.key}-{n}"), "demo", private_to=plan.private_to, title=f"{plan.title}-{n}", plan=plan.key, position=n)
        for plan in plans
        for n in range(3)
    ]  # fmt: skip
    await store.insert([*plans, *tasks])
    yield store
    await store.close()


def titles(plan: dict[str, Any]) -> list[Any]:
    below = plan.get("subPlans", {"nodes": []})["nodes"]
    return [plan["title"], [task["title"] for task in plan["tasks"]["nodes"]], *map(titles, below)]


def expected(name: str, depth: int, children: tuple[int, ...]) -> list[Any]:
    below = [expected(f"{name}{n}", depth - 1, children) for n in children] if depth else []
    return [name, [f"{name}-0", f"{name}-1"], *below]


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_a_tree_is_what_is_below(executor: str, family: Store, depth: int) -> None:
    data = await Gateway(executor, {"store": family}).data(tree(depth), first=5)
    assert titles(data["plan"]) == expected("top", depth, (0, 1, 2))


async def test_it_takes_few_statements(family: Store) -> None:
    gateway, before = Gateway("compiled", {"store": family}), family.database.statements
    await gateway.data(tree(3), first=5)
    spent = family.database.statements - before
    assert spent == (2 if family.database.dialect == "postgresql" else 8)


async def test_pages_of_each_level(executor: str, family: Store) -> None:
    data = await Gateway(executor, {"store": family}).data(tree(3), first=2)
    assert titles(data["plan"]) == expected("top", 3, (0, 1))
    level = data["plan"]
    for _ in range(3):
        assert level["subPlans"]["pageInfo"]["hasNextPage"] is True
        level = level["subPlans"]["nodes"][1]
    assert level["tasks"]["pageInfo"]["hasNextPage"] is True
    after = data["plan"]["subPlans"]["nodes"][1]["subPlans"]["pageInfo"]["endCursor"]
    query = 'query Q($after: String) { node(id: "Plan:store:top1") { ... on Plan { subPlans(first: 2, after: $after) { nodes { title } } } } }'
    rest = await Gateway(executor, {"store": family}).data(query, after=after)
    assert rest["node"]["subPlans"]["nodes"] == [{"title": "top12"}]


async def test_what_is_private_and_all_below_it_is_not_there(executor: str, family: Store) -> None:
    data = await Gateway(executor, {"store": family}).data(tree(3), MEMBER, first=5)
    assert titles(data["plan"]) == expected("top", 3, (0, 1))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
async def test_of_another_workspace_there_is_neither_plan_nor_tree(executor: str, family: Store, role: Role) -> None:
    stranger = Viewer(Key("store:ada"), "elsewhere", role)
    assert await Gateway(executor, {"store": family}).data(tree(2), stranger, first=5) == {"plan": None}


async def test_a_filter_holds_on_each_level(executor: str, family: Store) -> None:
    data = await Gateway(executor, {"store": family}).data(tree(3), first=5, filter={"status": {"eq": "x"}})
    assert titles(data["plan"]) == expected("top", 3, (1, 2))


@pytest.mark.parametrize("inner", ["first: 1", "first: $first, orderBy: [{field: TITLE, direction: DESC}]"])
async def test_levels_that_differ(executor: str, family: Store, inner: str) -> None:
    query = TREE % "subPlans(first: $first) { nodes { ...P subPlans(%s) { nodes { ...P } } } }" % inner
    query = query.replace(", $filter: PlanFilter", "")
    data = await Gateway(executor, {"store": family}).data(query, first=2)
    below = [[plan["title"] for plan in each["subPlans"]["nodes"]] for each in data["plan"]["subPlans"]["nodes"]]
    assert below == ([["top00"], ["top10"]] if inner == "first: 1" else [["top02", "top01"], ["top12", "top11"]])


async def test_more_is_wanted_further_down(executor: str, family: Store) -> None:
    query = '{ plan(id: "Plan:store:top") { subPlans(first: 2) { nodes { id subPlans(first: 2) { nodes { title status } } } } } }'
    data = await Gateway(executor, {"store": family}).data(query)
    assert data["plan"]["subPlans"]["nodes"][0]["subPlans"]["nodes"] == [
        {"title": "top00", "status": ""},
        {"title": "top01", "status": "x"},
    ]


AS_STOCK = {
    "parents that stand below each other": """{ plans(first: 100) { nodes { title subPlans(first: 5) {
        pageInfo { hasNextPage endCursor } nodes { title subPlans(first: 5) { nodes { title } } } } } } }""",
    "from the end": """{ plan(id: "Plan:store:top") { subPlans(last: 2) { pageInfo { hasPreviousPage startCursor }
        nodes { title subPlans(last: 2) { edges { cursor node { title subPlans(last: 2) { nodes { id } } } } } } } } }""",
    "aliases": """{ plan(id: "Plan:store:top") { subPlans(first: 2) { nodes { id
        a: subPlans(first: 2) { nodes { title subPlans(first: 2) { totalCount } } }
        b: subPlans(first: 2) { nodes { status t: tasks(first: 1) { nodes { title } } } } } } } }""",
    "what is asked of the plan itself": """{ plan(id: "Plan:store:top1") { title status description
        parent { title subPlans(first: 2) { nodes { status } } }
        subPlans(first: 2, filter: {status: {eq: "x"}}) { nodes { status subPlans(first: 2) { nodes { title } } } } } }""",
    "several plans": """{ a: plan(id: "Plan:store:top") { ...P }  b: plan(id: "Plan:store:top1") { ...P }
        c: plan(id: "Plan:store:top1") { status subPlans(first: 2) { nodes { title } } }
        d: plan(id: "Plan:store:none") { ...P }  e: plan(id: "Plan:store:top2") { status } }
        fragment P on Plan { title subPlans(first: 3) { nodes { title subPlans(first: 3) { nodes { title } } } } }""",
    "a total": """{ plan(id: "Plan:store:top") { title
        subPlans(first: 1) { totalCount nodes { title subPlans(first: 1) { totalCount } } } } }""",
    "a cursor within a tree": """{ plan(id: "Plan:store:top") { subPlans(first: 2) { nodes {
        title subPlans(first: 2) { nodes { title } }
        parent { subPlans(first: 2, after: "CURSOR") { nodes { title } } } } } } }""",
}


@pytest.mark.parametrize("name", AS_STOCK)
async def test_whatever_is_asked_it_is_what_asking_level_by_level_gives(family: Store, name: str) -> None:
    stock, compiled = Gateway("stock", {"store": family}), Gateway("compiled", {"store": family})
    first = await stock.data('{ plan(id: "Plan:store:top") { subPlans(first: 2) { pageInfo { endCursor } } } }')
    query = AS_STOCK[name].replace("CURSOR", first["plan"]["subPlans"]["pageInfo"]["endCursor"])
    answer = await compiled.data(query)
    assert answer == await stock.data(query)
    if "CURSOR" in AS_STOCK[name]:
        parent = answer["plan"]["subPlans"]["nodes"][0]["parent"]
        assert parent["subPlans"]["nodes"] == [{"title": "top2"}]


@pytest.mark.parametrize("viewer", [ADMIN, MEMBER])
async def test_each_of_several_requests_gets_its_own_tree(executor: str, family: Store, viewer: Viewer) -> None:
    query = tree(2).replace("query Tree(", "query Tree($id: ID!, ").replace('"Plan:store:top"', "$id")
    names = ["top", "top1", "top2", "top12", "none"]
    asked = [{"id": f"Plan:store:{name}", "first": 5} for name in names]
    answers = await Gateway(executor, {"store": family}).together(query, asked, viewer)
    assert len(answers) == len(names)
    seen = (0, 1, 2) if viewer is ADMIN else (0, 1)
    for name, answer in zip(names, answers, strict=True):
        assert "errors" not in answer
        if name == "none" or (viewer is MEMBER and "2" in name):
            assert answer["data"]["plan"] is None
        else:
            assert titles(answer["data"]["plan"]) == expected(name, min(2, 6 - len(name)), seen)


WRONG = (
    "first: 101", "first: 1, last: 1", 'first: 2, after: "nonsense"', 'filter: {happyforce: {status: "x"}}',
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_with_the_tree_is_not_wrong_with_the_plan(executor: str, family: Store, wrong: str) -> None:
    query = '{ plan(id: "Plan:store:top") { title subPlans(%s) { nodes { subPlans { nodes { id } } } } } }' % wrong
    answer = await Gateway(executor, {"store": family}).ask(query)
    assert answer["data"] == {"plan": {"title": "top", "subPlans": None}}
    assert [error["path"] for error in answer["errors"]] == [["plan", "subPlans"]]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_slow_tree_fails_alone(executor: str, family: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: Any) -> None:
        await asyncio.sleep(60)

    for question in ("plans_with_sub_plans", "sub_plans_of_plans"):
        monkeypatch.setattr(family, question, slow)
    family.deadline = 2.0
    answer = await Gateway(executor, {"store": family}).ask(tree(2), first=5)
    assert answer["data"]["plan"] == {
        "id": "Plan:store:top", "title": "top", "subPlans": None,
        "tasks": {"nodes": [{"title": "top-0"}, {"title": "top-1"}], "pageInfo": {"hasNextPage": True}},
    }  # fmt: skip
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["plan", "subPlans"], "STORE_UNAVAILABLE")
    ]


async def test_plans_without_a_tree_are_asked_for_together_with_others(family: Store) -> None:
    query = """{ a: plan(id: "Plan:store:top") { title subPlans { nodes { title } } }  b: plan(id: "Plan:store:top1") { title }
        c: plan(id: "Plan:store:top") { status } }"""
    before = family.database.statements
    await Gateway("compiled", {"store": family}).data(query)
    assert family.database.statements - before == 2


async def test_plans_that_are_below_themselves(executor: str, store_url: str) -> None:
    store = Store(store_url)
    await remove_guards(store)
    a, b, own = (Plan(key("store", name), "demo", title=name) for name in ("a", "b", "own"))
    a, b = structs.replace(a, parent=b.key), structs.replace(b, parent=a.key)
    await store.insert([a, b, structs.replace(own, parent=own.key)])
    query = (
        "{ plans { nodes { title subPlans(first: 3) { nodes { title subPlans(first: 3) { nodes { title } } } } } } }"
    )
    nodes = (await Gateway(executor, {"store": store}).data(query))["plans"]["nodes"]
    await store.close()
    below = {"a": "b", "b": "a", "own": "own"}
    for node in nodes:
        [child] = node["subPlans"]["nodes"]
        assert child["title"] == below[node["title"]]
        assert [each["title"] for each in child["subPlans"]["nodes"]] == [below[child["title"]]]
