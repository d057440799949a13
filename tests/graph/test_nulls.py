"""A client's null where the schema has none: through a nullable variable with a default, validation lets it pass.

It is an error of the client's at the field that takes it, never one of ours, on both executors and at every argument,
input field and directive of the schema.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInputType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
)

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.graph.schema import build_schema
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store
from tests.gateway import Gateway

SCHEMA = build_schema()._schema
EXAMPLES = {
    "Boolean": "true", "Int": "1", "String": '"x"', "ID": '"Plan:store:x"', "Date": '"2026-11-21"',
    "DateTime": '"2026-11-21T00:00:00Z"', "_Any": '{__typename: "Plan", id: "Plan:store:x"}',
}  # fmt: skip
PARENTS = ("Plan", "Task", "ServiceType", "Person", "Series")
"""Types with records in the demo data; the others with arguments (Step, PlanTime) take the same."""


def example(type_: GraphQLInputType) -> str:
    """A literal of this type."""
    if is_list_type(type_ := get_nullable_type(type_)):
        return f"[{example(type_.of_type)}]"
    if is_enum_type(type_):
        return next(iter(type_.values))
    if is_input_object_type(type_):
        return "{" + " ".join(required(type_.fields, is_required_input_field)) + "}"
    return EXAMPLES[type_.name]


def required(given: dict[str, Any], is_required: Any, but: str = "") -> Iterator[str]:
    return (f"{name}: {example(each.type)}" for name, each in given.items() if is_required(each) and name != but)


def places(type_: GraphQLInputType, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, GraphQLInputType]]:
    """Literals of this type with the variable in every place it can take, and the type of that place."""
    yield "$v", type_
    if is_list_type(type_ := get_nullable_type(type_)):
        yield from ((f"[{literal}]", place) for literal, place in places(type_.of_type, seen))
    elif is_input_object_type(type_) and type_.name not in seen:
        for name, field in type_.fields.items():
            rest = " ".join(required(type_.fields, is_required_input_field, name))
            for literal, place in places(field.type, seen | {type_.name}):
                yield f"{{{name}: {literal} {rest}}}", place


def operations() -> Iterator[tuple[str, bool]]:
    """An operation for each argument and each place in its type, and whether a null there is an error."""
    tried: set[tuple[str, str]] = set()
    for parent in ("Query", *PARENTS):
        type_ = SCHEMA.type_map[parent]
        assert is_object_type(type_)
        for name, field in type_.fields.items():
            for argument, definition in field.args.items():
                rest = " ".join(required(field.args, is_required_argument, argument))
                for literal, place in places(definition.type):
                    if "{" in literal and (str(definition.type), literal) in tried:
                        continue  # the same input object of another field
                    tried.add((str(definition.type), literal))
                    inner = f"{name}({argument}: {literal} {rest}) {{ __typename }}"
                    if parent != "Query":
                        inner = f'nodes(ids: ["{parent}:ID"]) {{ ... on {parent} {{ {inner} }} }}'
                    declared = f"$v: {get_nullable_type(place)} = {example(place)}"
                    yield f"query ({declared}) {{ {inner} }}", is_non_null_type(place)


@pytest.fixture
def gateways(demo: Store, upstream: tuple[PlanningCenter, PlanningCenterEmulator]) -> list[Gateway]:
    return [Gateway(each, {"store": demo, "planning_center": upstream[0]}) for each in ("compiled", "stock")]


@pytest.fixture
async def ids(gateways: list[Gateway]) -> dict[str, str]:
    """An id of each type of the parents."""
    data = await gateways[0].data(
        """{ plans(sources: ["store"]) { nodes { id series { id } createdBy { id } tasks(first: 1) { nodes { id } } } }
             serviceTypes(sources: ["store"], first: 1) { nodes { id } } }"""
    )
    found = {"ServiceType": data["serviceTypes"]["nodes"][0]["id"]}
    for plan in data["plans"]["nodes"]:
        each = [plan, plan["series"], plan["createdBy"], *plan["tasks"]["nodes"]]
        found |= {record["id"].partition(":")[0]: record["id"] for record in each if record}
    assert set(found) == set(PARENTS)
    return found


async def same(gateways: list[Gateway], text: str, **variables: Any) -> dict[str, Any]:
    """The answer, which is the same on both executors."""
    compiled, stock = [await gateway.ask(text, **variables) for gateway in gateways]
    assert compiled == stock, text
    return compiled


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_null_in_every_place_of_an_argument(gateways: list[Gateway], ids: dict[str, str]) -> None:
    cases, refused = 0, 0
    for text, is_error in operations():
        for parent, id in ids.items():
            text = text.replace(f"{parent}:ID", id)
        answer = await same(gateways, text, v=None)
        for error in answer.get("errors", ()):
            assert error["extensions"]["classification"] == "ValidationError", (text, error)
        if is_error:
            [error] = answer["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT", (text, error)
            assert error["path"], text
            assert "$v" in error["message"]
            refused += 1
        cases += 1
    assert cases > 300
    assert refused > 50


BELOW_INTERFACE = 'query ($v: Boolean = true) { node(id: "Plan:store:harbour-campus") { ... on Plan { %s } } }'
BELOW_UNION = """query ($v: Boolean = true) { plan(id: "Plan:planning_center:1001/70000046") {
  native { ... on PlanningCenterPlan { dates %s @include(if: $v) } } id } }"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "path"),
    [
        (BELOW_INTERFACE % "actions { nodes { id @include(if: $v) } } id", ["node", "actions", "nodes", 0]),
        (BELOW_INTERFACE % "id parent @skip(if: $v) { id }", ["node"]),
        (BELOW_INTERFACE % "... @include(if: $v) { parent { id } }", ["node"]),
        (BELOW_INTERFACE.replace("... on Plan", "id ... on Plan @skip(if: $v)") % "title", ["node"]),
        (BELOW_UNION % "updatedAt", ["plan", "native"]),
        ('query ($v: Boolean = true) { plan(id: "Plan:store:harbour-campus") { id @skip(if: $v) } }', ["plan"]),
        ("query ($v: Boolean = true) { plans { nodes { ...F @include(if: $v) } } } fragment F on Plan { id }",
         ["plans", "nodes", 0]),
        ("query ($v: Boolean = true) { viewer @include(if: $v) { id } }", None),
        ("query ($v: Boolean = true) { ... @skip(if: $v) { viewer { id } } }", None),
    ],
)  # fmt: skip
async def test_null_in_a_directive(gateways: list[Gateway], text: str, path: list[Any] | None) -> None:
    answer = await same(gateways, text, v=None)
    error = answer["errors"][0]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "classification": "ValidationError"}
    assert error.get("path") == path
    if path is None:
        assert answer["data"] is None
    for value in ({}, {"v": True}, {"v": False}):
        assert "errors" not in await same(gateways, text, **value)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_null_in_a_directive_below_nothing(gateways: list[Gateway]) -> None:
    """No object, no field of it, no error: as by graphql-core."""
    answer = await same(gateways, BELOW_INTERFACE % "parent { id @include(if: $v) }", v=None)
    assert answer == {"data": {"node": {"parent": None}}}


def test_every_type_with_arguments_is_tried() -> None:
    with_arguments = {
        name for name, type_ in SCHEMA.type_map.items()
        if is_object_type(type_) and not name.startswith("__") and any(field.args for field in type_.fields.values())
    }  # fmt: skip
    assert with_arguments == {"Query", "Step", "PlanTime", *PARENTS}
    for name in ("Step", "PlanTime"):
        for field in SCHEMA.type_map[name].fields.values():  # type: ignore[union-attr]
            assert all(get_named_type(each.type).name in ("Int", "String") for each in field.args.values())
