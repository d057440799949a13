"""The seed's own sample of a work plan through the graph: every leaf comes back as it was, and nothing else does."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_object_type

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.server import serve
from plangate.graph.schema import build_schema
from plangate.sources.oneplan import OnePlan
from tests.gateway import Gateway

SEED = Path(__file__).parent / "seeds" / "oneplan_work_plan.json"
ODD: dict[str, Any] = {
    "Name": "undefined",
    "Fields": {
        "Budget # (€)": 12.5, "with space": "undefined", "": None, "html": "<p>a &amp; b</p>", "nested": {"a": [1, {}]},
        "big": 9007199254740993, "choice": "78b3f318-60e9-48f3-a32c-7a01749b8d4f", "flag": False, "days": 20412,
    },
    "SummaryFields": {},
    "UserList": [{}, {"upn": "b9d6b14a-42fe-4793-880a-560af1bd0b01", "Level": 3, "Inherited": True, "AccessType": 0}],
    "TeamList": [{"TeamId": "b9d6b14a-42fe-4793-880a-560af1bd0b01", "Level": "MyWork", "Inherited": False}],
    "Snapshots": [],
    "LockInfo": None,
    "StageGateFlow": {"ApprovalState": "Rejected", "StepState": 7, "Approvals": [], "RulesRejected": None},
    "DateSets": [{"CostTypeId": None, "SetType": "Baseline", "StartDate": "2024-01-01T00:00:00+00:00", "EndDate": None}],
    "PortfolioOrder": 0,
}  # fmt: skip
TASK: dict[str, Any] = {
    "id": "679d0936-f7c2-4efb-9e5a-77a8670909a3", "WorkPlanId": "e5d1e66d-25b4-4641-a393-73cc2907ee60",
    "Name": "sample string 1", "WorkTypeId": "9fa79242-32c7-420a-a52d-12606b98d6e0", "ParentId": None,
    "WorkTypeParentId": None, "WorkTypeIndex": 2, "Index": 1, "Complete": True,
    "StartDate": "2025-09-03T18:05:54.1145769+00:00", "DueDate": "2025-09-03T18:05:54.1145769+00:00",
    "IsScheduled": True, "TaskScheduleType": 0, "AssignedTo": ["b9d6b14a-42fe-4793-880a-560af1bd0b01"],
    "Assignments": [{"Id": "1", "Type": 0, "ResourceId": "b9d6b14a-42fe-4793-880a-560af1bd0b01", "Units": 50.5}],
    "Fields": {"Effort #": 3.5}, "Comments": [], "LastComment": None, "StatusUpdate": {"State": 0, "Complete": True},
    "Integration": {"IntegrationId": "1", "ExternalItemId": "7", "ExternalUrl": "https://x.example", "ReadOnlyFields": ["Name"]},
    "Created": "2025-09-03T18:05:54.1145769+00:00", "Modified": "2025-09-03T18:05:54.1145769+00:00",
    "Author": "somebody", "Editor": "somebody else", "ConfigId": "34652a0b-ff57-4bff-915f-693535975e9f",
    "Custom Thing": {"a": 1},
}  # fmt: skip
STEP: dict[str, Any] = {
    "StepId": "409c7c28-4c8d-4f34-a305-fbf4dcf04a8d", "StepName": "Gate 1", "Start": "2025-09-03T18:05:54.1145769+00:00",
    "End": None, "StepStarter": "50aad33f-12fe-400f-8c2e-3bce53d62dfd", "StepApprover": None, "ApprovalState": 0,
    "StepState": "Started", "Comments": "sample string 8",
}  # fmt: skip
RESOURCE: dict[str, Any] = {
    "id": "b9d6b14a-42fe-4793-880a-560af1bd0b01", "ConfigId": "34652a0b-ff57-4bff-915f-693535975e9f",
    "userid": "c93368c5-90d7-4b29-85e5-4b54050b99d1", "Office365Id": None, "ProfilePicture": "data", "Generic": False,
    "Inactive": False, "CanLogin": True, "UserOnly": False, "GlobalPermissions": 4, "OnePlanSecurityGroup": None,
    "LastLogin": "2025-09-03T18:05:54.1145769+00:00", "Fields": {"Name": "Ada", "Email": "ada@x.example"},
    "TimeZone": "GMT Standard Time", "ExternalId": "", "Delegates": [], "Notifications": {"Mail": [1]},
}  # fmt: skip


def selection(type_: GraphQLObjectType) -> str:
    """Every field of a native type and of those below it; edges, which lead to records, are left out."""
    found = []
    for name, field in type_.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            found.append(name)
        elif is_object_type(below) and below.name.startswith("OnePlan"):
            found.append(f"{name} {{ {selection(below)} }}")
    return " ".join(found)


def everything(type_name: str) -> str:
    return f"... on {type_name} {{ {selection(build_schema()._schema.type_map[type_name])} }}"  # type: ignore[arg-type]


def returned(given: Any, found: Any, path: str = "") -> None:
    """Everything in `given` is in `found`, and whatever else is in `found` is null or empty."""
    if isinstance(given, dict) and isinstance(found, list):
        assert [each["key"] for each in found] == list(given), path
        for entry in found:
            value, rest = given[entry["key"]], {name: each for name, each in entry.items() if name != "key"}
            if "value" in rest:
                assert rest == {"value": value}, path
            else:
                returned(value, rest, f"{path}.{entry['key']}")
    elif isinstance(given, dict):
        names = {name.lower(): name for name in given}
        left = dict(found)
        others = {entry["key"]: entry["value"] for entry in left.pop("other", ())}
        for name, value in given.items():
            if name in others:
                assert others.pop(name) == value, f"{path}.{name}"
                continue
            [field] = [each for each in left if each.lower() == name.lower()]
            own = left.pop(field)
            if f"{field}Raw" in left:  # an enum: its name, and beside it the value as it came
                assert left.pop(f"{field}Raw") == value, f"{path}.{name}"
                assert isinstance(own, str) or value is None, f"{path}.{name}"
            else:
                returned(value, own, f"{path}.{name}")
        assert all(value is None for value in left.values()), (path, left, names)
        assert others == {}, path
    elif isinstance(given, list):
        assert len(given) == len(found), path
        for number, (one, other) in enumerate(zip(given, found, strict=True)):
            returned(one, other, f"{path}.{number}")
    else:
        assert (type(found), found) == (type(given), given), path


@pytest.fixture
def emulator() -> OnePlanEmulator:
    return OnePlanEmulator()


@pytest.fixture
async def gateway(executor: str, emulator: OnePlanEmulator) -> AsyncIterator[Gateway]:
    async with serve(emulator.app) as url:
        source = OnePlan(url=f"{url}/api", key_name="plangate", key_value="key-value")
        yield Gateway(executor, {"oneplan": source})
        await source.close()


@pytest.mark.parametrize("changes", [{}, ODD, {name: None for name in json.loads(SEED.read_text()) if name != "id"}], ids=["seed", "odd", "null"])  # fmt: skip
async def test_a_plan(gateway: Gateway, emulator: OnePlanEmulator, changes: dict[str, Any]) -> None:
    sample = {**json.loads(SEED.read_text()), **changes}
    emulator.put(sample)
    query = f"query($id: ID!) {{ plan(id: $id) {{ title createdAt updatedAt native {{ {everything('OnePlanWorkPlan')} }} }} }}"
    plan = (await gateway.data(query, id=f"Plan:oneplan:{sample['id']}"))["plan"]
    returned(sample, plan["native"])
    assert (plan["title"], plan["createdAt"], plan["updatedAt"]) == (
        sample["Name"],
        sample["Created"],
        sample["Modified"],
    )


async def test_only_the_id(gateway: Gateway, emulator: OnePlanEmulator) -> None:
    sample = {"id": "e5d1e66d-25b4-4641-a393-73cc2907ee60"}
    emulator.put(sample)
    query = f"query($id: ID!) {{ plan(id: $id) {{ native {{ {everything('OnePlanWorkPlan')} }} notes {{ totalCount }} subPlans {{ totalCount }} }} }}"
    plan = (await gateway.data(query, id=f"Plan:oneplan:{sample['id']}"))["plan"]
    returned(sample, plan["native"])
    assert (plan["notes"], plan["subPlans"]) == ({"totalCount": 0}, {"totalCount": 0})


async def test_what_hangs_on_a_plan(gateway: Gateway, emulator: OnePlanEmulator) -> None:
    sample = json.loads(SEED.read_text())
    emulator.put(sample)
    for id in (sample["ParentPlanId"], sample["PortfolioParentId"], *sample["SubPlans"]):
        listed = {"Archived": False, "Fragment": False}
        emulator.put({**sample, **listed, "id": id, "Name": id, "ParentPlanId": sample["id"], "SubPlans": []})
    emulator.put_task(sample["id"], TASK)
    emulator.put_step(sample["id"], STEP)
    emulator.put_step(sample["id"], STEP)
    emulator.put_resource(RESOURCE)
    native = everything("OnePlanWorkPlan").removesuffix("}")
    query = f"""query($id: ID!) {{ plan(id: $id) {{
      parent {{ title }} subPlans {{ nodes {{ title parent {{ externalId }} }} }}
      tasks {{ nodes {{ title isDone native {{ {everything("OnePlanWorkPlanTask")} }} assignee {{ name }} plan {{ title }} }} }}
      steps {{ nodes {{ externalId name status native {{ {everything("OnePlanStageStep")} }} }} }}
      notes {{ nodes {{ body createdAt author {{ name email native {{ {everything("OnePlanResource")} }} }} }} }}
      native {{ {native} portfolioParent {{ title native {{ ... on OnePlanWorkPlan {{ portfolioPlans {{ title }} }} }} }}
        portfolioPlans {{ title }} comments {{ author {{ name }} }} }} }}
    }} }}"""
    plan = (await gateway.data(query, id=f"Plan:oneplan:{sample['id']}"))["plan"]
    assert plan["parent"] == {"title": sample["ParentPlanId"]}
    assert sorted(each["title"] for each in plan["subPlans"]["nodes"]) == sorted(sample["SubPlans"])
    assert {each["parent"]["externalId"] for each in plan["subPlans"]["nodes"]} == {sample["id"]}
    [task] = plan["tasks"]["nodes"]
    returned(TASK, task["native"])
    assert (task["title"], task["isDone"], task["assignee"]) == (TASK["Name"], True, {"name": "Ada"})
    once, twice = plan["steps"]["nodes"]
    returned(STEP, once["native"])
    returned(STEP, twice["native"])
    assert (once["name"], once["status"], twice["externalId"]) == ("Gate 1", "Started", f"{STEP['StepId']}.2")
    [note] = plan["notes"]["nodes"]  # both comments of the sample have the same id
    assert (note["body"], note["createdAt"]) == (sample["Comments"][0]["Comment"], sample["Comments"][0]["PostDate"])
    assert (note["author"]["name"], note["author"]["email"]) == ("Ada", "ada@x.example")
    returned(RESOURCE, note["author"]["native"])
    portfolio = plan["native"]["portfolioParent"]
    assert portfolio["title"] == sample["PortfolioParentId"]
    within = [each["title"] for each in portfolio["native"]["portfolioPlans"]]
    assert sorted(within) == sorted([sample["ParentPlanId"], sample["PortfolioParentId"], *sample["SubPlans"]])
    assert plan["native"]["portfolioPlans"] == []
    assert [each["author"] for each in plan["native"]["comments"]] == [{"name": "Ada"}] * 2
