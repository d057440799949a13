"""Arguments become for the compiled executor what Strawberry makes of them."""

from typing import Any

import pytest
from graphql import GraphQLObjectType
from strawberry.types.arguments import convert_arguments

from plangate.graph.arguments import arguments_of
from plangate.graph.filters import Direction, PlanOrderField
from plangate.graph.schema import build_schema
from plangate.model import Visibility

SCHEMA = build_schema()
GIVEN: dict[str, list[dict[str, Any]]] = {
    "plans": [
        {},
        {"first": 3, "after": None, "sources": ["store"]},
        {"sources": None, "filter": None, "orderBy": None},
        {"filter": {}},
        {"filter": {"title": {"eq": "x", "in": ["a", "b"], "isNull": False}, "status": None}},
        {"filter": {"visibility": {"in": [Visibility.TEAM]}, "serviceType": {"eq": "ServiceType:store:1"}}},
        {"filter": {"or": [{"not": {"sortDate": {"gte": "2026-11-20T00:00:00+00:00"}}}, {"and": [{}]}]}},
        {"orderBy": [{"field": PlanOrderField.TITLE, "direction": Direction.DESC}]},
    ],
    "plan": [{"id": "Plan:store:1"}],
    "nodes": [{"ids": ["Plan:store:1", "Task:store:2"]}],
}


@pytest.mark.parametrize("name", GIVEN)
def test_arguments_are_converted_as_strawberry_does(name: str) -> None:
    query = SCHEMA._schema.query_type
    assert isinstance(query, GraphQLObjectType)
    field = query.fields[name].extensions["strawberry-definition"]
    convert = arguments_of(field, SCHEMA)
    scalars = SCHEMA.schema_converter.scalar_registry
    for given in GIVEN[name]:
        expected = convert_arguments(given, field.arguments, scalar_registry=scalars, config=SCHEMA.config)
        assert convert(given) == expected
