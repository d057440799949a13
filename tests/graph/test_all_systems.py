"""One list over all systems: paging, totals, what each can honour, and one that is away."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from plangate.app import build_sources
from plangate.emulated import Emulated, served, systems
from plangate.settings import Settings
from plangate.sources import SOURCES
from plangate.sources.store import Store
from tests.gateway import Gateway

PAGE = """query Page($first: Int, $after: String, $last: Int, $before: String, $sources: [String!], $by: PlanOrderField!) {
  plans(first: $first, after: $after, last: $last, before: $before, sources: $sources, orderBy: [{field: $by}]) {
    edges { cursor node { id source sortDate } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { source answered code }
    totalCount
  }
}"""


@pytest.fixture
def emulated() -> dict[str, Emulated]:
    return systems("demo", deadline=5.0)


@pytest.fixture
async def gateway(executor: str, demo: Store, emulated: dict[str, Emulated]) -> AsyncIterator[Gateway]:
    async with served(emulated) as upstreams:
        sections: dict[str, Any] = {**upstreams}
        sources = {"store": demo} | {
            name: source for name, source in build_sources(Settings(**sections)).items() if name != "store"
        }
        yield Gateway(executor, sources)
        for name, source in sources.items():
            if name != "store":
                await source.close()


async def walk(gateway: Gateway, size: int, backward: bool, query: str = PAGE, **variables: Any) -> list[str]:
    """The ids of the whole list, page by page."""
    found: list[str] = []
    position: str | None = None
    for _ in range(1000):
        ends: dict[str, Any] = {"last": size, "before": position} if backward else {"first": size, "after": position}
        page = (await gateway.data(query, **ends, **variables))["plans"]
        ids = [edge["node"]["id"] for edge in page["edges"]]
        found = ids + found if backward else found + ids
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        position = page["pageInfo"]["startCursor" if backward else "endCursor"]
    raise AssertionError("the list does not end")


async def test_every_system_is_emulated(emulated: dict[str, Emulated]) -> None:
    assert ["store", *emulated] == [source.name for source in SOURCES]


async def test_all_plans_of_all_systems_by_pages(gateway: Gateway) -> None:
    whole = (await gateway.data(PAGE, first=1000, by="SORT_DATE"))["plans"]
    nodes = [edge["node"] for edge in whole["edges"]]
    assert not whole["pageInfo"]["hasNextPage"]
    assert {each["source"]: each["answered"] for each in whole["sources"]} == dict.fromkeys(gateway.sources, True)
    assert {node["source"] for node in nodes} == set(gateway.sources)
    assert whole["totalCount"] in (None, len(nodes))
    dated = [node["sortDate"] is not None for node in nodes]
    assert dated == sorted(dated, reverse=True)
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    assert await walk(gateway, 97, backward=False, by="SORT_DATE") == ids


async def test_the_list_backward(gateway: Gateway) -> None:
    some = ["store", "scale", "happyforce", "oneplan", "planhat"]
    forward = await walk(gateway, 61, backward=False, by="SORT_DATE", sources=some)
    assert await walk(gateway, 47, backward=True, by="SORT_DATE", sources=some) == forward


@pytest.mark.parametrize("order", ["TITLE", "CREATED_AT"])
async def test_an_order_is_honoured_by_all_or_refused_by_name(gateway: Gateway, order: str) -> None:
    answer = await gateway.ask(PAGE, first=5, by=order)
    if "errors" in answer:
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "ORDER_NOT_SUPPORTED"
        assert error["extensions"]["source"] in gateway.sources
        assert error["extensions"]["source"] in error["message"]


async def test_all_systems_but_one(gateway: Gateway, emulated: dict[str, Emulated]) -> None:
    for name, each in emulated.items():
        each.emulator.faults.status = 503
        page = (await gateway.data(PAGE, first=1000, by="SORT_DATE"))["plans"]
        assert {answer["source"] for answer in page["sources"] if not answer["answered"]} == {name}
        assert {edge["node"]["source"] for edge in page["edges"]} == set(gateway.sources) - {name}
        assert page["totalCount"] is None
        each.emulator.faults.clear()


async def test_offsets_are_encrypted_and_values_of_a_record_are_not(gateway: Gateway) -> None:
    for name in gateway.sources:
        page = (await gateway.data(PAGE, first=12, by="SORT_DATE", sources=[name]))["plans"]
        starts = {each["cursor"][:1] for each in page["edges"]}
        assert starts == ({"W"} if name in ("store", "oneplan") else {"A"}), name  # a bracket of JSON, or a byte 1


TASKS = """query Page($first: Int, $after: String, $last: Int, $before: String, $by: TaskOrderField!) {
  plans: tasks(first: $first, after: $after, last: $last, before: $before, orderBy: [{field: $by}]) {
    edges { cursor node { id source title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { source answered code }
    totalCount
  }
}"""


@pytest.mark.parametrize("backward", [False, True])
async def test_all_tasks_of_all_systems_by_pages(gateway: Gateway, backward: bool) -> None:
    whole = (await gateway.data(TASKS, first=1000, by="TITLE"))["plans"]
    nodes = [edge["node"] for edge in whole["edges"]]
    assert not whole["pageInfo"]["hasNextPage"]
    assert {each["source"] for each in whole["sources"] if each["answered"]} == {"store", "planhat"}
    assert {node["source"] for node in nodes} == {"store", "planhat"}
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids) > 100
    assert await walk(gateway, 37, backward=backward, query=TASKS, by="TITLE") == ids
