"""Whatever Scale says of a plan can be selected in the graph: what comes out is what went in, value by value."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve
from plangate.sources.scale import Scale
from tests.gateway import Gateway

SEED: dict[str, Any] = json.loads((Path(__file__).parent / "seeds" / "scale_plan.json").read_text())
ACCOUNT = SEED["account_id"]

ODD: dict[str, Any] = {
    "id": "V1StGXR8_Z5jdHi6B-myT",
    "title": "undefined",
    "associated_file_ids": ["file #1", "file #1", "a/b"],
    "steps": {
        "Kick off #1": {"threadIds": ["t 1"], "<b>html</b>": {"threadIds": []}, "days": 19676, "access": {}},
        "a/b~c": {"": {"deep": {"deeper": [{"x": 1.5, "y": None, "z": True, "big": 2**70}]}}},
        "undefined": "undefined",
        "empty": {},
    },
    "created_at": "2026-01-31T23:59:59.1234567+00:00",
    "updated_at": "2026-02-01T00:00:00.0000001Z",
    "created_by_user_id": "undefined",
    "created_by_identity_type": "agent_of_2027",
    "account_id": ACCOUNT,
    "start_date": None,
}

NATIVE = "native { ... on ScalePlan { %s } }"
STEPS = "steps(first: 100) { nodes { name parent { id } native { ... on ScaleStep { pointer state threadIds } } } }"


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a sample that has nothing below it, with the way to it."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    deeper = [leaf for name, member in members for leaf in leaves(member, (*path, name))]
    yield from deeper or [(path, value)]


@pytest.fixture
def emulator() -> ScaleEmulator:
    return ScaleEmulator()


@pytest.fixture
async def gateway(executor: str, emulator: ScaleEmulator) -> AsyncIterator[Gateway]:
    async with serve(emulator.app) as url:
        source = Scale(url=url, api_key="api-key", account_id=ACCOUNT)
        yield Gateway(executor, {"scale": source})
        await source.close()


async def by_id(gateway: Gateway, sample: dict[str, Any], selection: str) -> Any:
    query = "query ($id: ID!) { plan(id: $id) { %s } }" % selection
    return (await gateway.data(query, id=f"Plan:scale:{sample['id']}"))["plan"]


async def in_list(gateway: Gateway, sample: dict[str, Any], selection: str) -> Any:
    nodes = (await gateway.data("{ plans { nodes { %s } } }" % selection))["plans"]["nodes"]
    assert len(nodes) == 1
    return nodes[0]


@pytest.mark.parametrize("read", [by_id, in_list])
@pytest.mark.parametrize("sample", [SEED, ODD], ids=["seed", "odd"])
async def test_nothing_is_missing_and_nothing_is_invented(
    gateway: Gateway, emulator: ScaleEmulator, sample: dict[str, Any], read: Callable[..., Any]
) -> None:
    emulator.put(sample)
    fields = await gateway.data('{ __type(name: "ScalePlan") { fields { name } } }')
    names = [field["name"] for field in fields["__type"]["fields"]]
    assert {camel(name) for name in SEED} == set(names)
    native = (await read(gateway, sample, NATIVE % " ".join(names)))["native"]
    expected = {(camel(name), *path): value for name in sample for path, value in leaves(sample[name])}
    found = dict(leaves(native))
    assert {path: found.pop(path) for path in expected} == expected
    assert {path: value for path, value in found.items() if value is not None} == {}


async def test_what_is_unified_is_what_the_sample_says(gateway: Gateway, emulator: ScaleEmulator) -> None:
    emulator.put(SEED)
    plan = await by_id(
        gateway, SEED,
        "source externalId title startDate endDate sortDate createdAt updatedAt archivedAt attachments { nodes { externalId } }",
    )  # fmt: skip
    for name in ("title", "created_at", "updated_at", "archived_at"):
        assert plan[camel(name)] == SEED[name]
    assert (plan["source"], plan["externalId"], plan["sortDate"]) == ("scale", SEED["id"], SEED["start_date"])
    assert SEED["start_date"].startswith(plan["startDate"])
    assert SEED["end_date"].startswith(plan["endDate"])
    assert [file["externalId"] for file in plan["attachments"]["nodes"]] == SEED["associated_file_ids"]


async def test_every_leaf_of_the_tree_is_in_the_state_of_its_step(gateway: Gateway, emulator: ScaleEmulator) -> None:
    emulator.put(ODD)
    steps = (await by_id(gateway, ODD, STEPS))["steps"]["nodes"]
    states = {step["native"]["pointer"]: step["native"] for step in steps}
    assert len(states) == len(steps) == 8
    for path, value in leaves(ODD["steps"]):
        pointers = ["".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path[: n + 1] if isinstance(part, str)) for n in range(len(path))]  # fmt: skip
        nearest = [pointer for pointer in pointers if pointer in states][-1]
        rest = path[nearest.count("/") :]
        state = states[nearest]["state"]
        for part in rest:
            state = state[part]
        assert state == value
    assert states["/Kick off #1"]["threadIds"] == ["t 1"]
    assert [step["parent"] is None for step in steps] == [step["native"]["pointer"].count("/") == 1 for step in steps]


async def test_every_step_is_found_by_its_own_id(gateway: Gateway, emulator: ScaleEmulator) -> None:
    emulator.put(ODD)
    fields = "id name plan { title } native { ... on ScaleStep { pointer } } subSteps { nodes { id } totalCount }"
    steps = (await by_id(gateway, ODD, "steps(first: 100) { nodes { %s } }" % fields))["steps"]["nodes"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Step { %s } } }" % fields
    assert (await gateway.data(query, ids=[step["id"] for step in steps]))["nodes"] == steps
    assert {step["plan"]["title"] for step in steps} == {ODD["title"]}
    below = [node["id"] for step in steps for node in step["subSteps"]["nodes"]]
    assert len(below) == len(set(below)) == sum(step["subSteps"]["totalCount"] for step in steps) == 4


@pytest.mark.parametrize("executor", ["compiled", "stock"])
async def test_the_main_query_costs_one_call_and_one_for_each_creator(executor: str) -> None:
    emulator = ScaleEmulator()
    async with serve(emulator.app) as url:
        source = Scale(url=url, api_key="api-key", account_id="acct-halden")
        gateway = Gateway(executor, {"scale": source})
        query = """{ plans(first: 25) { totalCount nodes { title createdBy { name email } native { ... on ScalePlan { createdByUserId } }
            attachments { nodes { externalId } } steps { nodes { name subSteps { nodes { name } } } } } } }"""
        plans = (await gateway.data(query))["plans"]
        await source.close()
    assert (plans["totalCount"], len(plans["nodes"])) == (48, 25)
    assert any(step["subSteps"]["nodes"] for plan in plans["nodes"] for step in plan["steps"]["nodes"])
    users = emulator.accounts.users
    creators = {plan["native"]["createdByUserId"]: plan["createdBy"] for plan in plans["nodes"]}
    assert {id: person["email"] for id, person in creators.items() if person} == {
        id: users[id]["email"] for id in creators if id in users
    }
    assert emulator.log.count("/v4/plans") == 1
    assert emulator.log.count("/users/*") == len(creators) == 5  # one is a service account, and not found
    assert len(emulator.log) == 6
