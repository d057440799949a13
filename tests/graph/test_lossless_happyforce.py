"""Every value of Happyforce's own samples can be selected in the graph, and nothing else is there.

The plan is the seed's, whose page has examples of single attributes (without one: title, description, the instants);
the action is that of the vendor's page of actions. The names that the pages do not tell are inferred.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.graph.schema import build_schema
from plangate.sources.happyforce import Happyforce
from tests.gateway import Gateway

SEEDS = Path(__file__).parent / "seeds"
PLAN: dict[str, Any] = json.loads((SEEDS / "happyforce_plan.json").read_text())
ACTION: dict[str, Any] = json.loads((SEEDS / "happyforce_action.json").read_text())
SESSION = {"creators-session": PLAN["createdBy"]}

FULL_PLAN = PLAN | {
    "title": "<b>Listen</b> &amp; act",
    "description": "undefined",
    "createdAt": "2025-09-03T18:05:54.1145769+00:00",
    "visibility": "COMPANY_WIDE",
    "Budget #1 (in k€)": 12.5,
    "the last owner": None,
    "access": {"users": {}, "groups": [{}]},
    "kind": 3,
    "day": 20412,
    "actions": [
        ACTION,
        ACTION | {
            "id": "507f1f77bcf86cd799439021", "planId": None, "status": "PAUSED", "origin": "AI", "actionType": "BOARD",
            "assignees": [{"id": "507f1f77bcf86cd799439012", "name": "undefined"}, None, "someone"],
            "assigneeStatuses": [], "completedAt": "2025-06-01T00:00:00.000Z", "priority": 2,
            "focusItems": [{"focusType": "ENPS", "target": {"question": 4}}, {}, "HI"], "hierarchyIds": [],
            "createdAt": "2025-01-15T08:30:59.000Z",
        },
        ACTION | {"id": "507f1f77bcf86cd799439022", "assignees": "none", "focusItems": None, "groupIds": 7,
                  "createdAt": "2025-01-15T08:30:58.000Z"},
    ],
}  # fmt: skip
"""The same with what may come: HTML, words of later, seven digits, integers for words, days since 1970, odd names."""

QUERY = """
query ($id: ID!) { plan(id: $id) {
  externalId title description completionPercent createdAt updatedAt createdBy { externalId }
  actions { totalCount nodes { externalId native { ... on HappyforceAction { id } } } }
  native { ... on HappyforcePlan {
    id companyId title description visibility visibilityRaw completionPercent createdBy createdAt updatedAt
    additional { key value }
    matchingActions { id native { ... on HappyforceAction {
      id companyId planId title description hierarchyIds groupIds
      actionType actionTypeRaw origin originRaw visibility visibilityRaw status statusRaw completionPercent
      assignees { id status statusRaw raw person { externalId } } assigneeStatuses
      focusItems { focusType focusTypeRaw raw } targetDate startedAt completedAt
      createdBy creator { externalId } createdAt updatedAt additional { key value }
    } } }
  } }
} }
"""


def rebuilt(native: dict[str, Any]) -> dict[str, Any]:
    """The document that Happyforce sent, out of the answer alone."""
    document = {each["key"]: each["value"] for each in native["additional"]}
    for name, value in native.items():
        if name in ("additional", "creator") or f"{name}Raw" in native or value is None:
            continue
        if name == "matchingActions":
            document["actions"] = [rebuilt(each["native"]) for each in value]
        elif name in ("assignees", "focusItems"):
            document[name] = [each["raw"] for each in value]
        else:
            document[name.removesuffix("Raw")] = value
    return document


def told(document: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The document without nulls where a name is documented: there null and absent are the same."""
    return {
        name: [told(each, known) for each in value] if name == "actions" else value
        for name, value in document.items()
        if value is not None or name not in known
    }


@pytest.fixture
async def asked(executor: str) -> AsyncIterator[tuple[Gateway, HappyforceEmulator]]:
    emulator = HappyforceEmulator(sessions=SESSION)
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id="creators-session")
        yield Gateway(executor, {"happyforce": source}), emulator
        await source.close()


@pytest.mark.parametrize("sample", [PLAN, PLAN | {"actions": [ACTION]}, FULL_PLAN], ids=["seed", "with-action", "odd"])
async def test_nothing_is_lost_and_nothing_invented(
    asked: tuple[Gateway, HappyforceEmulator], sample: dict[str, Any]
) -> None:
    gateway, emulator = asked
    emulator.put(sample)
    plan = (await gateway.data(QUERY, id=f"Plan:happyforce:{sample['id']}"))["plan"]
    names = {"planId", "completedAt", "assignees", "focusItems"}
    expected = told(sample, names)
    expected.setdefault("actions", [])  # no actions and an empty list are the same
    assert rebuilt(plan["native"]) == expected

    for name in ("title", "description", "completionPercent", "createdAt", "updatedAt"):
        assert plan[name] == sample.get(name), name
    assert plan["createdBy"] == {"externalId": sample["createdBy"]}
    assert plan["externalId"] == sample["id"]
    assert [each["externalId"] for each in plan["actions"]["nodes"]] == [each["id"] for each in expected["actions"]]
    for action, given in zip(plan["native"]["matchingActions"], expected["actions"], strict=True):
        people = given["assignees"] if isinstance(given["assignees"], list) else []
        ids = [each.get("id") if isinstance(each, dict) else each for each in people]
        assert [each["id"] for each in action["native"]["assignees"] or []] == ids
        known = [each["person"]["externalId"] for each in action["native"]["assignees"] or [] if each["person"]]
        assert known == [id for id in ids if id and len(id) == 24]


async def test_the_query_selects_every_field_that_there_is(asked: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = asked
    emulator.put(PLAN | {"actions": [ACTION]})
    plan = (await gateway.data(QUERY, id=f"Plan:happyforce:{PLAN['id']}"))["plan"]["native"]
    action = plan["matchingActions"][0]["native"]
    types = build_schema()._schema.type_map
    for name, answer in (
        ("HappyforcePlan", plan),
        ("HappyforceAction", action),
        ("HappyforceAssignee", action["assignees"][0]),
        ("HappyforceFocusItem", action["focusItems"][0]),
    ):
        type_ = types[name]
        assert isinstance(type_, GraphQLObjectType)
        assert set(answer) == set(type_.fields), name


async def test_a_word_that_is_not_known_reads_so(asked: tuple[Gateway, HappyforceEmulator]) -> None:
    gateway, emulator = asked
    emulator.put(FULL_PLAN)
    plan = (await gateway.data(QUERY, id=f"Plan:happyforce:{PLAN['id']}"))["plan"]["native"]
    assert (plan["visibility"], plan["visibilityRaw"]) == ("UNKNOWN", "COMPANY_WIDE")
    action = plan["matchingActions"][1]["native"]
    assert [action[name] for name in ("status", "actionType", "origin", "visibility")] == [
        "UNKNOWN", "UNKNOWN", "AI", "PRIVATE"
    ]  # fmt: skip
    assert [each["focusType"] for each in action["focusItems"]] == ["ENPS", None, None]
