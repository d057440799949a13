"""Plans of Scale in one list with those of another system."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.scale import Scale
from tests.gateway import Gateway

PLANS = """query ($first: Int, $after: String, $last: Int, $before: String, $order: [PlanOrder!]) {
  plans(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } sources { source answered code } } }"""


@pytest.fixture
def scale() -> ScaleEmulator:
    return ScaleEmulator()


@pytest.fixture
async def both(executor: str, scale: ScaleEmulator, upstream: tuple[PlanningCenter, Any]) -> AsyncIterator[Gateway]:
    async with serve(scale.app) as url:
        source = Scale(url=url, api_key="api-key", account_id="acct-halden", retries=0)
        yield Gateway(executor, {"planning_center": upstream[0], "scale": source})
        await source.close()


@pytest.mark.parametrize("order", [None, [{"field": "TITLE"}], [{"field": "CREATED_AT", "direction": "DESC"}]])
async def test_pages_visit_every_plan_once_in_both_directions(both: Gateway, order: Any) -> None:
    forward: list[str] = []
    page: dict[str, Any] = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await both.data(PLANS, first=25, after=page["pageInfo"]["endCursor"], order=order))["plans"]
        forward += [node["id"] for node in page["nodes"]]
    assert len(forward) == len(set(forward)) == page["totalCount"] == 120 + 48

    backward: list[str] = []
    page = {"pageInfo": {"hasPreviousPage": True, "startCursor": None}}
    while page["pageInfo"]["hasPreviousPage"]:
        page = (await both.data(PLANS, last=25, before=page["pageInfo"]["startCursor"], order=order))["plans"]
        backward = [node["id"] for node in page["nodes"]] + backward
    assert backward == forward


async def test_when_scale_is_down_the_other_answers(both: Gateway, scale: ScaleEmulator) -> None:
    scale.faults.set(Faults(status=503))
    plans = (await both.ask(PLANS, first=5))["data"]["plans"]
    assert len(plans["nodes"]) == 5
    assert {each["source"]: each["code"] for each in plans["sources"] if not each["answered"]} == {
        "scale": "UPSTREAM_UNAVAILABLE"
    }


async def test_a_filter_that_scale_has_not_is_refused_by_name(both: Gateway) -> None:
    answer = await both.ask('{ plans(sources: ["scale"], filter: {title: {contains: "x"}}) { nodes { id } } }')
    assert answer["errors"][0]["extensions"] == {
        "code": "FILTER_NOT_SUPPORTED", "classification": "ValidationError", "source": "scale", "argument": "title.contains",
    }  # fmt: skip
