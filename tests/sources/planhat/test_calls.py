"""What questions cost, in calls: the emulator's log is the witness."""

import asyncio
import re
from collections import Counter
from urllib.parse import parse_qs

import pytest

from plangate.access import Role, Viewer
from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.server import serve
from plangate.errors import UpstreamBadResponse
from plangate.listing import Bound, ListQuery, Order, Scope
from plangate.model import Key
from plangate.sources.planhat import Planhat, api
from tests.gateway import Gateway

from .conftest import WORKSPACE, Connect

BY_START = (Order("sort_date"),)


def asked(emulator: PlanhatEmulator) -> dict[str, int]:
    """The calls since the last look, ids replaced by `*`."""
    counts = Counter(re.sub(r"/[0-9a-f]{24}$", "/*", request.path) for request in emulator.log)
    emulator.log.clear()
    return dict(counts)


@pytest.fixture
def dated(emulator: PlanhatEmulator) -> PlanhatEmulator:
    """Every project has a start."""
    for project in emulator.models["projects"].values():
        project.setdefault("startDate", "2026-05-05T00:00:00.000Z")
    return emulator


async def test_a_page_is_one_call(source: Planhat, scope: Scope, dated: PlanhatEmulator) -> None:
    assert len(dated.models["projects"]) == 48
    page = await source.list_plans(ListQuery(25, scope=scope, order=BY_START, total=True))
    assert (len(page.records), page.more, page.total) == (25, True, None)
    assert asked(dated) == {"/projects": 1}
    rest = await source.list_plans(ListQuery(25, scope=scope, order=BY_START, after=Bound(page.position(24))))
    assert (len(rest.records), rest.more) == (23, False)
    assert asked(dated) == {"/projects": 1}
    assert len((await source.list_tasks(ListQuery(25, scope=scope))).records) == 25
    assert asked(dated) == {"/tasks": 1}
    before = ListQuery(5, scope=scope, order=BY_START, backward=True, before=Bound(page.position(20)))
    assert (await source.list_plans(before)).records == page.records[15:20]
    assert asked(dated) == {"/projects": 1}


async def test_downwards_and_from_the_end_is_one_small_call_more(
    source: Planhat, scope: Scope, dated: PlanhatEmulator
) -> None:
    for query in (
        ListQuery(5, scope=scope, order=(Order("sort_date", True),)),
        ListQuery(5, scope=scope, order=BY_START, backward=True),
    ):
        await source.list_plans(query)
        small = [request for request in dated.log if "select=startDate" in request.query]
        assert len(small) == 1
        assert asked(dated) == {"/projects": 2}


async def test_projects_without_a_start_are_looked_for_once(
    source: Planhat, scope: Scope, emulator: PlanhatEmulator
) -> None:
    page = await source.list_plans(ListQuery(25, scope=scope, order=BY_START))
    assert asked(emulator) == {"/projects": 3}
    assert all(plan.sort_date for plan in page.records)
    rest = await source.list_plans(ListQuery(25, scope=scope, order=BY_START, after=Bound(page.position(24))))
    assert rest.records[-1].sort_date is None
    assert asked(emulator) == {"/projects": 2}  # the end of those with a start, and the start of those without


async def test_by_id(source: Planhat, emulator: PlanhatEmulator) -> None:
    projects, users = list(emulator.models["projects"]), list(emulator.models["users"])
    assert len(await source.plans([*projects[:3], *projects[:3]])) == 3
    assert asked(emulator) == {"/projects/*": 3}
    assert len(await source.people(users)) == 6
    assert asked(emulator) == {"/users": 1}
    assert len(await source.people(users[:1])) == 1
    assert asked(emulator) == {"/users/*": 1}
    assert await source.plans(["", "extid-C-0001", "srcid-x", "../users"]) == {}
    assert asked(emulator) == {}


async def test_what_hangs_on_companies_is_one_call_each(source: Planhat, emulator: PlanhatEmulator) -> None:
    keys = [Key(f"planhat:{id}") for id in emulator.models["companies"]]
    for edge, path in [("projects", "projects"), ("tasks", "tasks"), ("end_users", "endusers"), ("licenses", "licenses"),
                       ("sales", "sales"), ("assets", "assets"), ("invoices", "invoices"), ("issues", "issues"),
                       ("conversations", "conversations"), ("churn", "churn")]:  # fmt: skip
        found = await source.natives(edge, [*keys, *keys])
        assert sum(map(len, found.values())) == len(emulator.models[path])
        assert asked(emulator) == {f"/{path}": 1}
    assert {len(found) for found in (await source.natives("custom_fields", keys)).values()} == {3}
    assert asked(emulator) == {"/customfields": 1}
    assert len(await source.natives("company", [*keys, *keys])) == 24
    assert asked(emulator) == {"/companies/*": 24}
    assert await source.natives("no_such_edge", keys) == {}
    assert await source.natives("projects", [Key("planhat:?")]) == {}
    assert asked(emulator) == {}


async def test_very_many_companies_are_asked_for_in_parts() -> None:
    emulator = PlanhatEmulator(rate_limit=None, scale=6)
    async with serve(emulator.app) as url:
        source = Planhat(url=url, token="planhat-token", per_page=100)
        keys = [Key(f"planhat:{id}") for id in emulator.models["companies"]]
        found = await source.natives("assets", keys)
        await source.close()
    assert len(found) == 144 == sum(map(len, found.values()))
    queries = [request.query for request in emulator.log]
    assert [len(parse_qs(query)["companyId"][0].split(",")) for query in queries] == [64, 64, 16]
    assert max(map(len, queries)) < 2000 * 1.1  # a comma takes three characters


async def test_a_list_without_end_is_not_cut(
    source: Planhat, emulator: PlanhatEmulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [Key(f"planhat:{id}") for id in emulator.models["companies"]]
    monkeypatch.setattr(api, "_MANY", 20)
    with pytest.raises(UpstreamBadResponse, match="more than 20"):
        await connect(per_page=10).natives("projects", keys)


async def test_children_of_all_parents_are_asked_for_at_once(
    source: Planhat, scope: Scope, emulator: PlanhatEmulator
) -> None:
    tasks = [each for each in (await source.list_tasks(ListQuery(1000, scope=scope))).records if each.native.children]
    asked(emulator)
    found = await source.sub_tasks_of_tasks(tasks, ListQuery(2, scope=scope))
    assert [len(slice.records) for slice in found.values()] == [2] * len(tasks) == [2] * 8
    assert asked(emulator) == {"/tasks/*": 16}


async def test_equal_questions_at_once_are_one_call(source: Planhat, scope: Scope, emulator: PlanhatEmulator) -> None:
    await asyncio.gather(*(source.list_tasks(ListQuery(5, scope=scope)) for _ in range(10)))
    assert asked(emulator) == {"/tasks": 1}


async def test_another_workspace_costs_nothing(source: Planhat, scope: Scope, emulator: PlanhatEmulator) -> None:
    tasks = (await source.list_tasks(ListQuery(50, scope=scope))).records
    asked(emulator)
    other = ListQuery(5, scope=Scope("other", None))
    assert not (await source.list_plans(other)).records
    assert await source.sub_tasks_of_tasks(tasks, other) == {}
    assert not (await source.list_plans(ListQuery(5))).records
    assert asked(emulator) == {}


GRAPH = """
{ plans(sources: ["planhat"], first: 3) { nodes { title startDate native { ... on PlanhatProject { company {
    name owner { name } projects { id } tasks { title assignee { name } subTasks { nodes { title } } native { ... on PlanhatTask {
        company { name } workflowStep { name native { ... on PlanhatWorkflowStep { workflowName task { title } } } } } } }
    endUsers { name company { name } } allLicenses { value } allSales { currency { symbol } }
    assets { usage { key value } } invoices { dueDay lineItems { dayTo license { product } } }
    issues { companies { company { name } } conversations { subject users { user { name } } } }
    conversations { endusers { endUser { email } } owner { name } } churn { churnReason } customFields { name }
} } } } } }
"""


async def test_one_query_over_everything(executor: str, source: Planhat, dated: PlanhatEmulator) -> None:
    gateway = Gateway(executor, {"planhat": source})
    data = await gateway.data(GRAPH, Viewer(Key("store:ada"), WORKSPACE, Role.VIEWER))
    plans = data["plans"]["nodes"]
    assert len(plans) == 3
    for plan in plans:
        company = plan["native"]["company"]
        assert plan["title"].endswith(company["name"])
        assert all(task["native"]["company"]["name"] == company["name"] for task in company["tasks"])
        assert company["invoices"][0]["lineItems"][0]["license"] == {"product": "Platform"}
        for issue in company["issues"]:
            assert issue["companies"][0]["company"]["name"] == company["name"]
            assert issue["conversations"][0]["users"][0]["user"]["name"]
    companies = len({plan["native"]["company"]["name"] for plan in plans})
    counts = asked(dated)
    # One call for each list, whatever the number of companies; /projects is asked for the plans too.
    lists = {path: count for path, count in counts.items() if not path.endswith("/*") and path != "/users"}
    assert lists == dict.fromkeys(
        ["/projects", "/tasks", "/endusers", "/assets", "/licenses", "/sales", "/invoices", "/issues", "/conversations",
         "/churn", "/customfields"], 1,
    ) | {"/projects": 2}  # fmt: skip
    assert counts.get("/users", 0) + counts.get("/users/*", 0) <= companies
    # What is only found by its id is asked for once by each of the edges that lead to it.
    assert counts["/companies/*"] <= companies * 4
    assert counts["/licenses/*"] == companies


async def test_the_steps_of_listed_tasks_cost_no_call(
    executor: str, source: Planhat, emulator: PlanhatEmulator
) -> None:
    query = """{ tasks(sources: ["planhat"], first: 80, orderBy: {field: POSITION}) { nodes { title native {
        ... on PlanhatTask { workflowStep { name subSteps { nodes { name parent { name } } } } } } } } }"""
    data = await Gateway(executor, {"planhat": source}).data(query, Viewer(Key("store:ada"), WORKSPACE, Role.VIEWER))
    steps = [task["native"]["workflowStep"] for task in data["tasks"]["nodes"]]
    assert [step["name"] for step in steps[:8]] == ["Onboard the customer"] * 8
    assert [each["name"] for each in steps[0]["subSteps"]["nodes"]] == [
        "Agree on goals",
        "Connect systems",
        "Train the team",
    ]
    assert steps[32:] == [None] * 48
    # The page, where the tasks without a place begin, and the two parts; then the 24 sub-steps by their ids.
    counts = asked(emulator)
    assert counts["/tasks"] <= 4
    assert counts["/tasks/*"] == 24
