"""A source of another workspace is not called and not named: by no root field, over no edge, not for its health."""

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType
from msgspec import structs

from plangate import model
from plangate.access import Role, Viewer
from plangate.app import build_sources
from plangate.emulated import Emulated, served, systems
from plangate.graph.ids import identify
from plangate.graph.schema import build_schema
from plangate.model import Key, key
from plangate.settings import Settings
from plangate.sources.store import Store, migrate
from tests.gateway import Gateway

from .test_access import EDGES, KIND_NAMES, ids_in

NORTH = Viewer(Key("store:ada"), "north", Role.ADMIN)
SOUTH = Viewer(Key("store:ben"), "south", Role.ADMIN)
REFERENCES = {
    "plan": "Plan", "service_type": "ServiceType", "series": "Series", "created_by": "Person", "updated_by": "Person",
    "assignee": "Person", "author": "Person", "person": "Person", "plan_time": "PlanTime",
}  # fmt: skip
"""The attributes that hold the key of another record, and that record's kind. `parent` is of the record's own kind."""


@pytest.fixture
def emulated() -> dict[str, Emulated]:
    return systems("north", deadline=5.0)


@pytest.fixture
async def gateway(executor: str, tmp_path: Path, emulated: dict[str, Emulated]) -> AsyncIterator[Gateway]:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"  # the rule lies above the sources: one database is enough
    await migrate(url)
    store = Store(url)
    async with served(emulated) as upstreams:
        sections: dict[str, Any] = {**upstreams}
        others = {name: each for name, each in build_sources(Settings(**sections)).items() if name != "store"}
        yield Gateway(executor, {"store": store, **others})
        for source in others.values():
            await source.close()
    await store.close()


async def ids_of_north(gateway: Gateway, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """An id of each kind that each system has, by system and kind: found as a viewer of its workspace finds them."""
    below = " ".join(f"{field} {few(selection)}" for kind, field, _, selection in EDGES if kind == "Plan")
    lists = {"plans": below, "actions": "assignee { id }", "tasks": "assignee { id }", "serviceTypes": ""}
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for name, by_kind in found.items():
        for root, selection in lists.items():
            query = f"query ($of: [String!]) {{ {root}(sources: $of, first: 9) {{ nodes {{ id {selection} }} }} }}"
            for id in ids_in(await gateway.ask(query, NORTH, of=[name])):
                if id.split(":")[1] == name:
                    by_kind.setdefault(id.split(":")[0], id)
    return found


def few(selection: str) -> str:
    return "{ id }" if selection == "{ id }" else "{ nodes { id } }"


def records_of_south(ids: Mapping[str, Mapping[str, str]]) -> list[model.Record]:
    """For each system, a record of every kind in the store of south, which refers to that system's records."""
    records: list[model.Record] = []
    for system, by_kind in ids.items():
        for kind in model.KINDS:
            names = {
                name: identify(by_kind[of])[1]
                for name in kind.__struct_fields__
                if (of := kind.__name__ if name == "parent" else REFERENCES.get(name)) in by_kind
            }
            records.append(structs.replace(kind(key("store", f"{kind.__name__}-{system}"), "south"), **names))
    return records


BY_ID = {"plan": "Plan", "action": "Action", "task": "Task", "serviceType": "ServiceType", "person": "Person"}
LISTS = ("plans", "actions", "tasks", "serviceTypes")
ROOTS = {"node", "nodes", "_entities", "_service", "sources", "viewer", *BY_ID, *LISTS}
"""All fields of the root. The SDL of `_service` is the same for everybody, and names every kind of system."""
PAGE = "{ page: %s { nodes { id source } totalCount sources { source code message } } }"


async def test_a_source_of_another_workspace_is_neither_called_nor_named(
    gateway: Gateway, emulated: dict[str, Emulated]
) -> None:
    query_type = build_schema()._schema.query_type
    assert isinstance(query_type, GraphQLObjectType)
    assert set(query_type.fields) == ROOTS, "a root field that this test does not ask"

    ids = await ids_of_north(gateway, emulated)
    assert all({"Plan", "Person"} <= set(by_kind) for by_kind in ids.values()), "this test could not fail"
    records = records_of_south(ids)
    await gateway.sources["store"].insert(records)  # type: ignore[attr-defined]
    for each in emulated.values():
        each.emulator.log.clear()

    async def ask(query: str, **variables: Any) -> Any:
        answer = await gateway.ask(query, SOUTH, **variables)
        text = orjson.dumps(answer).decode()
        for name, each in emulated.items():
            assert len(each.emulator.log) == 0, (query, name, each.emulator.log.counts())
            assert f'"{name}"' not in text.replace("\\", ""), (query, text)
            assert f"{name} " not in text, (query, text)
            assert f", {name}" not in text, (query, text)
        return answer

    for system, by_kind in ids.items():
        for kind, id in by_kind.items():
            of = [{"__typename": kind, "id": id}]
            asked = [
                ("query ($id: ID!) { node(id: $id) { id } }", {"id": id}, "node", None),
                ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [id]}, "nodes", [None]),
                (
                    "query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }",
                    {"of": of},
                    "_entities",
                    [None],
                ),
                *(
                    (f"query ($id: ID!) {{ {root}(id: $id) {{ id }} }}", {"id": id}, root, None)
                    for root, expected in BY_ID.items()
                    if expected == kind
                ),
            ]
            for query, variables, root, expected in asked:
                assert (await ask(query, **variables))["data"][root] == expected, (query, id)
        for root in LISTS:
            answer = await ask(
                "query ($names: [String!]) { %s(sources: $names) { nodes { id } } }" % root, names=[system]
            )
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    for root in LISTS:
        page = (await ask(PAGE % root))["data"]["page"]
        assert {each["source"] for each in page["sources"]} == {"store"}
        assert {node["source"] for node in page["nodes"]} == {"store"}
        assert page["totalCount"] == len(page["nodes"]) == len(emulated)
    sources = (await ask("{ sources { name mode capabilities circuit health { ok detail } } }"))["data"]["sources"]
    assert [each["name"] for each in sources] == ["store"]
    await ask("{ viewer { id person { id } } }")

    nodes = {kind: [each.id for each in records if type(each).__name__ == kind] for kind in KIND_NAMES}
    for kind, field, _, selection in EDGES:
        query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ id edge: {field} {selection} }} }} }}"
        answer = await ask(query, ids=nodes[kind])
        assert [node["id"] for node in answer["data"]["nodes"]] == nodes[kind]


@pytest.mark.parametrize("filter", [{"q": "a"}, {"status": "COMPLETED"}])
async def test_an_argument_of_another_workspaces_system_is_refused_by_the_own_sources(
    gateway: Gateway, emulated: dict[str, Emulated], filter: dict[str, str]
) -> None:
    query = "query ($filter: PlanFilter) { plans(filter: $filter) { nodes { id } } }"
    [error] = (await gateway.ask(query, SOUTH, filter={"happyforce": filter}))["errors"]
    assert error["extensions"]["source"] == "store"
    assert all(len(each.emulator.log) == 0 for each in emulated.values())
