"""What operations on this graph cost: what is sized by ids is counted by them, and introspection is not free."""

import itertools
import time
from typing import Any

import pytest
from graphql import get_introspection_query, get_nullable_type, is_input_object_type, is_list_type

from plangate.documents import Operation, RequestError
from plangate.graph.binding import SLICING
from plangate.graph.schema import build_schema
from plangate.settings import Settings
from plangate.sources.store import Store
from tests.gateway import Gateway, engine_of

PLAN = "Plan:store:harbour-campus"
NESTED = "... on Plan { actions { nodes { id } } tasks { nodes { id } } }"
ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { %s } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { %s } }"


def representations(number: int) -> list[dict[str, str]]:
    return [{"__typename": "Plan", "id": f"{PLAN}-{n}"} for n in range(number)]


async def cost(gateway: Gateway, query: str, **variables: Any) -> dict[str, Any]:
    """The extensions of the error of a cost over the limit; empty if it is within."""
    answer = await gateway.ask(query, **variables)
    refused = [each["extensions"] for each in answer.get("errors", ())]
    return refused[0] if refused and refused[0]["code"] == "COST_LIMIT_EXCEEDED" else {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_entities_and_nodes_cost_as_much_as_they_are_asked_for(executor: str, demo: Store) -> None:
    gateway = Gateway(executor, {"store": demo})
    for number, total in ((1_000, 23_000), (500, 11_500)):  # 1 + 2 lists of 1 + 10
        refused = await cost(gateway, ENTITIES % NESTED, r=representations(number))
        assert refused["cost"] == total
        assert refused["mostExpensiveField"].startswith("_entities.")
    assert not await cost(gateway, ENTITIES % NESTED, r=representations(100))
    assert not await cost(gateway, ENTITIES % "... on Plan { title }", r=representations(1_000))
    ids = [f"{PLAN}-{n}" for n in range(100)]
    more = NESTED + " ... on Plan { subPlans(first: 100) { nodes { id title } } }"
    assert (await cost(gateway, NODES % more, ids=ids))["cost"] == 100 * (1 + 2 * 11 + 101)
    literal = "{ nodes(ids: [%s]) { %s } }" % (" ".join(f'"{each}"' for each in ids), more)
    assert (await cost(gateway, literal))["cost"] == 100 * (1 + 2 * 11 + 101)
    assert not await cost(gateway, NODES % more, ids=PLAN)  # one value is a list of one


def test_every_list_of_the_input_is_counted_or_only_narrows() -> None:
    """Whoever adds a list that multiplies work names it in SLICING; the others are bounded where they are read."""
    schema = build_schema()._schema
    arguments = {
        (name, argument)
        for type_ in schema.type_map.values() if not is_input_object_type(type_)
        for name, field in getattr(type_, "fields", {}).items()
        for argument, each in field.args.items() if is_list_type(get_nullable_type(each.type))
    }  # fmt: skip
    assert {argument for _, argument in arguments} - {*SLICING} == {"orderBy", "sources"}
    fields = {
        name
        for type_ in schema.type_map.values() if is_input_object_type(type_)
        for name, each in type_.fields.items() if is_list_type(get_nullable_type(each.type))
    }  # fmt: skip
    assert fields == {"and", "or", "in"}


def introspection_queries() -> list[str]:
    """What tools send: descriptions or not, and each newer part of the specification or not."""
    options = ("descriptions", "specified_by_url", "directive_is_repeatable", "schema_description",
               "input_value_deprecation", "one_of")  # fmt: skip
    return [get_introspection_query(**dict(zip(options, given, strict=True)))
            for given in itertools.product((False, True), repeat=6)][::9]  # fmt: skip


def test_the_standard_introspection_query_is_within_the_limits_once() -> None:
    one = engine_of("compiled")
    costs = []
    for text in introspection_queries():
        operation = one.prepare(text)
        costs.append(one._costs.cost_of(operation.definition, operation.fragments, {}).total)
    limit = Settings().limits.cost
    assert limit / 2 < max(costs) < limit * 0.8


async def test_introspection_is_refused_by_its_cost(executor: str) -> None:
    gateway = Gateway(executor, {})
    assert "errors" not in await gateway.ask(get_introspection_query())
    twice = get_introspection_query().replace("__schema {", "b: __schema { types { ...FullType } } a: __schema {", 1)
    assert (await cost(gateway, twice))["mostExpensiveField"].endswith("types.fields")
    wide = """{ __schema { types { fields { args { type { name } }
        type { ofType { ofType { fields { name args { name } type { name } } } } } } possibleTypes { fields { name } } } } }"""
    assert await cost(gateway, wide)


async def test_a_large_variable_is_refused_in_milliseconds(executor: str) -> None:
    one = engine_of(executor)
    operation: Operation = one.prepare("query ($f: PlanFilter) { plans(filter: $f) { totalCount } }")
    for filter in ({"or": [{}] * 320_000}, {"or": [{"or": [{}] * 1_000}] * 320}, {"and": [{"not": {}}] * 200_000}):
        began = time.process_time()
        with pytest.raises(RequestError) as caught:
            await one.run(operation, variables={"f": filter})
        assert time.process_time() - began < 0.05
        assert caught.value.code in ("MAX_LIST_ITEMS_EXCEEDED", "MAX_VALUES_EXCEEDED")
