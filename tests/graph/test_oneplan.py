"""OnePlan in the graph beside another system: what the main query costs, one merged list, and orders that all can give."""

from collections.abc import AsyncIterator

import pytest

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.server import serve
from plangate.sources.oneplan import OnePlan
from plangate.sources.store import Store
from tests.gateway import Gateway
from tests.sources.oneplan.conftest import SETTINGS, asked

MAIN = """{
  plans(sources: ["oneplan"], first: 25) {
    totalCount
    nodes {
      id title startDate createdBy { name } parent { title }
      subPlans { nodes { title } } notes { nodes { body author { name } } }
      native { ... on OnePlanWorkPlan {
        planNumber portfolioParent { title } lockInfo { holder { name } } fields { key value }
        rateTables { resourceRates { baseRate resource { name } } } stageGateFlow { approvalState starter { name } }
      } }
    }
  }
}"""


@pytest.fixture
def emulator() -> OnePlanEmulator:
    return OnePlanEmulator()


@pytest.fixture
async def oneplan(emulator: OnePlanEmulator) -> AsyncIterator[OnePlan]:
    async with serve(emulator.app) as url:
        source = OnePlan(url=f"{url}/api", **(SETTINGS | {"workspace": "demo"}))
        yield source
        await source.close()


async def test_the_main_query_takes_a_list_for_each_kind(
    executor: str, oneplan: OnePlan, emulator: OnePlanEmulator
) -> None:
    """Plans, their sub-plans, parents and portfolios, and the people: a list each, whatever the number of plans."""
    plans = (await Gateway(executor, {"oneplan": oneplan}).data(MAIN))["plans"]
    calls = asked(emulator)
    assert set(calls) <= {"/api/workplan", "/api/workplan/*", "/api/resources", "/api/resources/*"}
    assert sum(calls.values()) == {"compiled": 3, "stock": 4}[executor], calls
    assert plans["totalCount"] == 45
    nodes = plans["nodes"]
    assert [each["startDate"] for each in nodes] == sorted(each["startDate"] for each in nodes)
    assert all(each["createdBy"]["name"] for each in nodes)
    assert {"Grid Modernisation", "Customer Platform", "Water Resilience"} == {
        each["native"]["portfolioParent"]["title"] for each in nodes if each["native"]["portfolioParent"]
    }
    assert any(each["subPlans"]["nodes"] for each in nodes)
    assert any(each["native"]["lockInfo"] for each in nodes)
    assert {each["native"]["stageGateFlow"]["approvalState"] for each in nodes if each["native"]["stageGateFlow"]} == {
        "PENDING"
    }


@pytest.mark.parametrize("order", ["SORT_DATE", "TITLE", "CREATED_AT", "UPDATED_AT"])
async def test_it_is_merged_with_the_store(demo: Store, oneplan: OnePlan, order: str) -> None:
    gateway = Gateway("compiled", {"store": demo, "oneplan": oneplan})
    query = """query($after: String, $order: PlanOrderField!) {
      plans(first: 40, after: $after, orderBy: [{field: $order}]) {
        nodes { id source } totalCount pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = (await gateway.data(query, after=after, order=order))["plans"]
        seen += [each["id"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == page["totalCount"]
    assert sum(":oneplan:" in id for id in seen) == 45
