"""The graph as a subgraph: prefixed type names, and root fields that the subgraph SDL leaves out.

`make check-clients` composes the SDL with other subgraphs and runs a router's plans.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, parse

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.errors import SettingsError
from plangate.graph.federation import SYSTEMS
from plangate.graph.schema import Schema
from plangate.graph.schema import build_schema as build
from plangate.settings.federation import FederationSettings
from plangate.sources import SOURCES
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import Gateway

BUILT_IN = {"String", "Int", "Float", "Boolean", "ID", "FederationAny"}
OMITTED = ("node", "nodes", "person", "sources", "viewer")
FEDERATION = FederationSettings(
    type_prefix="Plangate", prefixed_types=("Person", "PlanningCenterPlan"), omitted_root_fields=OMITTED
)


@pytest.fixture
def subgraph(executor: str, demo: Store, upstream: tuple[PlanningCenter, PlanningCenterEmulator]) -> Gateway:
    return Gateway(executor, {"store": demo, "planning_center": upstream[0]}, FEDERATION)


QUERY = """query ($title: Plangate__StringFilter, $person: ID!) {
  node(id: $person) { __typename id ... on Plangate__Person { name } ... on Plangate__Record { source } }
  viewer { __typename role person { __typename } }
  plans(first: 2, filter: {title: $title}, orderBy: [{field: TITLE, direction: DESC}], sources: ["store"]) {
    __typename edges { __typename node { __typename id visibility createdBy { __typename id } } }
    pageInfo { __typename hasNextPage } sources { __typename }
  }
  live: plan(id: "Plan:planning_center:1001/70000046") {
    __typename native { __typename ... on Plangate__PlanningCenterPlan { multiDay } }
    teamMembers(first: 1) { nodes { __typename person { __typename ... on Plangate__Person { id name } } } }
  }
  _entities(representations: [{__typename: "Plangate__Person", id: $person}, {__typename: "Series", id: "x"}]) {
    __typename ... on Plangate__Person { id name }
  }
}"""


async def test_answers_differ_in_nothing_but_type_names(gateway: Gateway, subgraph: Gateway) -> None:
    variables: dict[str, Any] = {"title": {"contains": "a"}, "person": "Person:store:ada-okafor"}
    plain = await gateway.ask(QUERY.replace("Plangate__", ""), **variables)
    prefixed = await subgraph.ask(QUERY.replace("Plangate__", "Plangate"), **variables)
    assert plain["data"]["node"]["name"] and plain["data"]["live"]["native"]["multiDay"] is not None
    assert [error["path"] for error in prefixed["errors"]] == [["_entities", 1]]
    names: dict[str, str] = {}
    assert renamed(plain, prefixed, names) == prefixed
    unchanged = {"Plan", "PageInfo", "TeamMember"}
    assert names == {name: name if name in unchanged else f"Plangate{name}" for name in names}
    assert {*unchanged, "Person", "Viewer", "PlanConnection", "PlanEdge", "SourceAnswer"} < set(names)


def renamed(plain: Any, prefixed: Any, names: dict[str, str]) -> Any:
    """`plain` with the type names of `prefixed`; `names` collects which became which."""
    if isinstance(plain, dict):
        if "__typename" in plain:
            names[plain["__typename"]] = prefixed["__typename"]
        return {
            key: prefixed[key] if key == "__typename" else renamed(value, prefixed[key], names)
            for key, value in plain.items()
        }
    if isinstance(plain, list):
        return [renamed(*pair, names) for pair in zip(plain, prefixed, strict=True)]
    return plain


async def test_a_representation_needs_the_name_of_the_subgraph(subgraph: Gateway) -> None:
    query = '{ _entities(representations: [{__typename: "Person", id: "Person:store:ada-okafor"}]) { __typename } }'
    answer = await subgraph.ask(query)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_sdl_leaves_out_root_fields_and_what_only_they_use(subgraph: Gateway) -> None:
    sdl = (await subgraph.data("{ _service { sdl } }"))["_service"]["sdl"]
    parse(sdl)
    query = sdl.partition("\ntype Query {")[2].partition("\n}")[0]
    assert "  plan(id: ID!): Plan\n" in query
    assert [name for name in OMITTED if f"\n  {name}(" in query or f"\n  {name}:" in query] == []
    assert "type PlangateSourceAnswer {" in sdl
    for name in ("Viewer", "Source", "Health"):
        assert f"type {name}" not in sdl and f"type Plangate{name} " not in sdl
    assert "\nenum Role" not in sdl and "\nenum PlangateRole" not in sdl
    viewer = await subgraph.data("{ viewer { __typename } sources { __typename } }")
    assert viewer["viewer"] == {"__typename": "PlangateViewer"}


def test_the_sdl_is_the_whole_schema_by_default() -> None:
    schema = build()
    assert schema.sdl == schema.as_str()
    assert schema.sdl is schema.sdl, "printed once"


def test_the_documentation_lists_the_types_without_a_prefix() -> None:
    names = Schema(FederationSettings(type_prefix="Plangate"))._schema.type_map
    own = {name for name in names if not name.startswith("_") and "__" not in name} - BUILT_IN
    kept = {name for name in own if not name.startswith("Plangate") and not name.lower().startswith(SYSTEMS)}
    text = (Path(__file__).parents[2] / "docs" / "federation.md").read_text("utf-8")
    listed = text.partition("These keep their names:")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == kept


def test_names_of_one_system_have_a_prefix_already() -> None:
    assert set(SYSTEMS) == {source.name.replace("_", "") for source in SOURCES} - {"store"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"type_prefix": "P", "prefixed_types": ["Persn"]}, "the graph has no type Persn that could get a prefix"),
        ({"type_prefix": "P", "prefixed_types": ["Query"]}, "no type Query"),
        ({"type_prefix": "P", "prefixed_types": ["DateTime"]}, "no type DateTime"),
        ({"type_prefix": "Scale", "prefixed_types": ["Plan"]}, "the graph has a type ScalePlan already"),
        ({"omitted_root_fields": ["nod"]}, "federation.omitted_root_fields (PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS)"),
        ({"omitted_root_fields": ["_entities"]}, "Query has no field _entities"),
    ],
)
def test_settings_that_the_graph_cannot_follow(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        build(FederationSettings(**settings))
    assert said in caught.value.message


def test_a_root_field_must_remain() -> None:
    query = Schema()._schema.query_type
    assert isinstance(query, GraphQLObjectType)
    fields = [name for name in query.fields if not name.startswith("_")]
    with pytest.raises(SettingsError) as caught:
        build(FederationSettings(omitted_root_fields=tuple(fields)))
    assert "at least one field of Query must remain" in caught.value.message
