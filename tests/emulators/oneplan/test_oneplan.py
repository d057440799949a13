"""OnePlan's dialect: routes, casing, credentials, whole lists, and refusals that are data."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.oneplan.values import guid
from plangate.emulators.server import serve

SAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "graph/seeds/oneplan_work_plan.json").read_text())
EVERYTHING = {"FilterField": "", "FilterValue": "", "ShowArchived": "true", "ShowTemplates": "true"}
PROJECT = guid("plan", "project 0.1")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00")
Emulator = OnePlanEmulator
Client = httpx2.AsyncClient


async def get(client: Client, path: str, **params: str) -> Any:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response.json()


def kinds(value: Any) -> Any:
    """The shape of a value: types by name, and the first of a list."""
    if isinstance(value, dict):
        return {name: kinds(each) for name, each in value.items()}
    return [kinds(value[0])] if isinstance(value, list) and value else type(value)


async def test_every_plan_has_what_the_seed_documents(client: Client) -> None:
    plans = await get(client, "/workplan", **EVERYTHING)
    assert len(plans) == 47
    for plan in plans:
        assert set(plan) == set(SAMPLE)
        assert GUID.fullmatch(plan["id"])
        assert INSTANT.fullmatch(plan["Created"])
        assert INSTANT.fullmatch(plan["Modified"])
    for name in (
        "Comments",
        "Integrations",
        "Snapshots",
        "RateTables",
        "Splits",
        "LockInfo",
        "FragmentInfo",
        "SubPlans",
    ):
        with_it = next(plan[name] for plan in plans if plan[name])
        ours, documented = kinds(with_it), kinds(SAMPLE[name])
        if isinstance(ours, dict):
            assert ours == documented, name
        elif isinstance(ours[0], dict):
            assert set(ours[0]) == set(documented[0]), name
    flow = next(plan["StageGateFlow"] for plan in plans if plan["StageGateFlow"])
    assert set(flow) == set(SAMPLE["StageGateFlow"])
    assert set(flow["Approvals"][0]) == set(SAMPLE["StageGateFlow"]["Approvals"][0])
    assert flow["ApprovalState"] == 0
    assert any({} in plan["UserList"] for plan in plans)


async def test_what_is_put_is_read_back_as_it_was(client: Client, emulator: Emulator) -> None:
    emulator.put(SAMPLE)
    assert await get(client, f"/workplan/{SAMPLE['id']}") == SAMPLE
    assert await get(client, f"/workplan/{SAMPLE['id'].upper()}") == SAMPLE
    assert SAMPLE in await get(client, "/workplan", **EVERYTHING)


@pytest.mark.parametrize("auth", [None, ("plangate", "wrong"), ("wrong", "key-value")])
async def test_without_the_key_nothing(client: Client, auth: Any) -> None:
    client.auth = auth
    response = await client.get("/resources")
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Basic")
    assert response.json() == {"Message": "Authorization has been denied for this request."}


async def test_lists_are_whole(client: Client) -> None:
    usual = {"FilterField": "", "FilterValue": ""}
    assert len(await get(client, "/workplan", **usual)) == 45
    assert len(await get(client, "/workplan", **usual, ShowArchived="true")) == 46
    named = {"FilterField": "Name", "FilterValue": "Billing migration", "BuiltInField": "true"}
    assert [plan["Name"] for plan in await get(client, "/workplan", **named)] == ["Billing migration"]
    at_risk = await get(client, "/workplan", FilterField="status", FilterValue="At risk")
    assert {plan["Fields"]["status"] for plan in at_risk} == {"At risk"}
    assert (await client.get("/workplan")).status_code == 404


async def test_find_says_whether_there_are_more(client: Client) -> None:
    asked = {"Filter": [{"field": "status", "operator": "eq", "value": "At risk"}], "MaxItems": 2}
    few = (await client.post("/workplan/find", json=asked)).json()
    assert (len(few["Items"]), few["MoreItems"]) == (2, True)
    every = (await client.post("/workplan/find", json={**asked, "MaxItems": 100})).json()
    assert (len(every["Items"]) > 2, every["MoreItems"]) == (True, False)


async def test_what_hangs_on_a_plan(client: Client) -> None:
    plan = await get(client, f"/workplan/{PROJECT}")
    assert [each["id"] for each in await get(client, f"/workplan/{PROJECT}/subplans")] == plan["SubPlans"] != []
    tasks = await get(client, f"/workplan/{PROJECT}/tasks", FilterField="", FilterValue="", HasUpdates="false")
    assert await get(client, f"/workplan/{PROJECT}/tasks/{tasks[1]['id']}") == tasks[1]
    assert tasks[1]["ParentId"] == tasks[0]["id"]
    history = await get(client, f"/workplan/{PROJECT}/processhistory")
    assert history[-1]["StepId"] == plan["StageGateFlow"]["CurrentGateId"]
    comments = await get(client, f"/workplan/{PROJECT}/comments")
    assert comments["Comments"] == plan["Comments"]
    assert {each["UPN"] for each in plan["Comments"]} == {each["id"] for each in comments["Resources"]}
    for path in ("", "/tasks", "/subplans", "/comments", "/processhistory", f"/tasks/{PROJECT}"):
        assert (await client.get(f"/workplan/{guid('nobody')}{path}")).status_code == 404
    assert (await client.get("/nothing")).json()["Message"].startswith("No HTTP resource")


async def test_an_update_answers_nothing_and_a_lock_refuses(client: Client, emulator: Emulator) -> None:
    changes = {"WorkPlan": {"Name": "New", "Fields": {"status": "Off track"}}}
    emulator.account.plans[PROJECT]["LockInfo"] = None
    response = await client.post(f"/workplan/{PROJECT}", json=changes)
    assert (response.status_code, response.json()) == (200, {})
    plan = await get(client, f"/workplan/{PROJECT}")
    assert (plan["Name"], plan["Fields"]["status"]) == ("New", "Off track")
    assert "Region" in plan["Fields"]
    emulator.account.plans[PROJECT]["LockInfo"] = SAMPLE["LockInfo"]
    response = await client.post(f"/workplan/{PROJECT}", json=changes)
    assert (response.status_code, response.json()) == (409, {"Message": "The plan is locked by another user."})


async def test_a_rejection_is_data_and_goes_back_a_step(client: Client) -> None:
    before = await get(client, f"/workplan/{PROJECT}/processhistory")
    response = await client.post(f"/workplan/{PROJECT}/step/approve", params={"state": "Rejected", "comment": "No."})
    flow = response.json()["StageGateFlow"]
    assert response.status_code == 200
    assert (flow["ApprovalState"], flow["ApprovalRejectionOrFailReason"]) == (2, "No.")
    assert [each["FailureText"] for each in flow["RulesRejected"]] == ["Set a budget before this gate."]
    after = await get(client, f"/workplan/{PROJECT}/processhistory")
    assert len(after) == len(before) + 1
    assert after[-1]["StepId"] == flow["CurrentGateId"] == before[-2]["StepId"]
    response = await client.post(f"/workplan/{PROJECT}/step/approve", params={"state": "Approved", "comment": "Yes."})
    assert response.json()["StageGateFlow"]["RulesRejected"] == []
    assert (await client.post(f"/workplan/{PROJECT}/step/approve", params={"state": "Maybe"})).status_code == 400


async def test_the_edition_of_2024() -> None:
    emulator = OnePlanEmulator(edition=2024)
    async with (
        serve(emulator.app) as url,
        Client(base_url=f"{url}/api", auth=("plangate", "key-value"), verify=False) as client,
    ):
        plan = await get(client, f"/workplan/{PROJECT}")
        assert "StageGateFlow" not in plan
        assert plan["DateSets"][0]["StartDate"] == plan["Fields"]["Start Date"]
        assert {each["ApprovalState"] for each in await get(client, f"/workplan/{PROJECT}/processhistory")} == {
            "Approved",
            "Pending",
        }


async def test_it_is_the_same_each_time_and_grows(client: Client, emulator: Emulator) -> None:
    assert OnePlanEmulator().account == emulator.account
    assert len(OnePlanEmulator(scale=10).account.plans) > 400


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_faults_are_in_its_words(client: Client, emulator: Emulator, status: int) -> None:
    emulator.faults.set(Faults(status=status, retry_after=3))
    response = await client.get("/resources")
    assert (response.status_code, response.headers["Retry-After"]) == (status, "3")
    assert list(response.json()) == ["Message"]
    assert emulator.log.count("/api/resources", status=status) == 1
