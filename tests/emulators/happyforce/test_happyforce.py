"""The emulator does what Happyforce documents: envelope, filters, computed values, writes, errors."""

from datetime import datetime
from typing import Any

import httpx2
import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.happyforce.emulator import NOW
from plangate.emulators.server import serve

PLANS = "/action-plans"
Emulator = HappyforceEmulator
Client = httpx2.AsyncClient
MANAGER = {"SessionId": "managers"}


async def listed(client: Client, path: str = PLANS, **params: Any) -> Any:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


async def made(client: Client, **changes: Any) -> dict[str, Any]:
    body = {"title": "Listen", "description": "To everybody"} | changes
    return dict((await client.post(PLANS, json=body, headers=MANAGER)).json())


async def test_the_envelope(client: Client) -> None:
    page = await listed(client)
    assert (page["from"], page["to"], page["total"], len(page["result"])) == (0, 10, 48, 10)
    assert set(page["result"][0]) == {
        "id", "companyId", "title", "description", "visibility", "completionPercent", "createdBy", "createdAt",
        "updatedAt", "actions",
    }  # fmt: skip


async def test_the_end_is_exclusive_and_the_order_newest_first(client: Client) -> None:
    whole = (await listed(client, to=1000))["result"]
    assert [each["createdAt"] for each in whole] == sorted((each["createdAt"] for each in whole), reverse=True)
    second = await listed(client, **{"from": 10, "to": 20})
    assert second["result"] == whole[10:20]
    beyond = await listed(client, **{"from": 45, "to": 60})
    assert (beyond["result"], beyond["total"], beyond["to"]) == (whole[45:], 48, 60)
    assert (await listed(client, **{"from": 60, "to": 70}))["result"] == []
    assert (await listed(client, **{"from": 7, "to": 7}))["result"] == []


@pytest.mark.parametrize(
    "odd", [{"from": "-1"}, {"to": "ten"}, {"to": str(2**31)}, {"status": "NONSENSE"}, {"actionType": "x"}]
)
async def test_parameters_that_make_no_sense(client: Client, odd: dict[str, str]) -> None:
    response = await client.get(PLANS, params=odd)
    assert response.status_code == 400
    assert set(response.json()) == {"errorCode", "errorMessage", "customMessage"}


async def test_a_filter_trims_the_actions_and_counts_the_plans_that_match(client: Client) -> None:
    whole = {each["id"]: each for each in (await listed(client, to=1000))["result"]}
    page = await listed(client, to=1000, status="COMPLETED", actionType="MANAGER")
    assert page["total"] == len(page["result"]) < 48
    for plan in page["result"]:
        kept = [
            each
            for each in whole[plan["id"]]["actions"]
            if each["status"] == "COMPLETED" and each["actionType"] == "MANAGER"
        ]
        assert plan["actions"] == kept != []
        assert plan["completionPercent"] == whole[plan["id"]]["completionPercent"]
    by_text = await listed(client, to=1000, q="QUIET")
    assert {each["title"] for plan in by_text["result"] for each in plan["actions"]} == {"Agree on quiet hours"}
    some = next(iter(whole.values()))["title"]
    assert not (await listed(client, q=some))["result"]  # the text of plans is not searched


async def test_what_is_computed(client: Client, emulator: Emulator) -> None:
    for plan in (await listed(client, to=1000))["result"]:
        for action in plan["actions"]:
            states = list(action["assigneeStatuses"].values())
            assert list(action["assigneeStatuses"]) == action["assignees"]
            assert action["completionPercent"] == 100 * states.count("COMPLETED") // len(states)
            assert (action["status"] == "COMPLETED") == (set(states) == {"COMPLETED"})
        # The percentage is over the actions that this user may not read, too.
        whole = [each for each in emulator.company.actions.values() if each["planId"] == plan["id"]]
        done = [each for each in whole if set(each["assigneeStatuses"].values()) == {"COMPLETED"}]
        assert plan["completionPercent"] == (100 * len(done) // len(whole) if whole else 0)


async def test_instants_are_true_to_the_clock(emulator: Emulator) -> None:
    for document in [*emulator.company.plans.values(), *emulator.company.actions.values()]:
        times = [document.get(name) for name in ("createdAt", "startedAt", "completedAt")]
        told = [datetime.fromisoformat(each) for each in times if each]
        assert told == sorted(told)
        assert told[-1] <= NOW


async def test_overdue_actions_expire_when_they_are_read() -> None:
    clock = [NOW]
    emulator = HappyforceEmulator(clock=lambda: clock[0])
    async with serve(emulator.app) as url, httpx2.AsyncClient(base_url=f"{url}/api/v1/company", verify=False) as client:
        client.headers["SessionId"] = "session-id"
        begun = {each["id"] for each in await listed(client, "/actions", status="IN_PROGRESS")}
        assert begun
        clock[0] = NOW.replace(year=2030)
        after = {each["id"]: each for each in await listed(client, "/actions")}
        assert {after[id]["status"] for id in begun} == {"EXPIRED"}
        assert {after[id]["updatedAt"] for id in begun} == {"2030-11-20T12:00:00.000Z"}


async def test_the_list_of_actions(client: Client) -> None:
    everything = await listed(client, "/actions")
    assert isinstance(everything, list)
    assert [each["createdAt"] for each in everything] == sorted(
        (each["createdAt"] for each in everything), reverse=True
    )
    alone = await listed(client, "/actions", standaloneOnly="true")
    assert alone == [each for each in everything if each["planId"] is None] != []
    plan = next(each["planId"] for each in everything if each["planId"])
    assert await listed(client, "/actions", planId=plan) == [each for each in everything if each["planId"] == plan]
    assert await listed(client, "/actions", planId=plan, standaloneOnly="true") == alone
    assert await listed(client, "/actions", planId="nobody") == []
    one = everything[0]
    for name, key, wanted in (
        ("hierarchyId", "hierarchyIds", next(each["hierarchyIds"][0] for each in everything if each["hierarchyIds"])),
        ("assigneeId", "assignees", one["assignees"][0]),
    ):
        found = await listed(client, "/actions", **{name: wanted})
        assert found == [each for each in everything if wanted in each[key]] != []
    found = await listed(client, "/actions", focusType="ENPS")
    assert found == [each for each in everything if "ENPS" in [item["focusType"] for item in each["focusItems"]]]


async def test_create(client: Client, emulator: Emulator) -> None:
    response = await client.post(PLANS, json={"title": "Listen", "description": "To all"}, headers=MANAGER)
    assert response.status_code == 200
    plan = response.json()
    assert (plan["visibility"], plan["completionPercent"], plan["actions"]) == ("PRIVATE", 0, [])
    assert plan["createdBy"] == emulator.people[2]
    assert (await client.get(f"{PLANS}/{plan['id']}", headers=MANAGER)).json() == plan
    assert (await client.get(f"{PLANS}/{plan['id']}")).status_code == 403  # another's
    assert (await listed(client))["total"] == 48
    public = await made(client, visibility="PUBLIC")
    assert (await listed(client))["result"][0]["id"] == public["id"]


@pytest.mark.parametrize("body", [{"title": "x"}, {"description": "x"}, {"title": "", "description": "x"}, []])
async def test_create_needs_title_and_description(client: Client, body: Any) -> None:
    response = await client.post(PLANS, json=body)
    assert response.status_code == 400
    if isinstance(body, dict):
        assert response.json()["errorMessage"] == "Validation failed: missing title or description"


async def test_update_ignores_nulls(client: Client) -> None:
    plan = await made(client)
    path = f"{PLANS}/{plan['id']}"
    changed = (await client.patch(path, json={"title": None, "visibility": "PUBLIC"}, headers=MANAGER)).json()
    assert changed == plan | {"visibility": "PUBLIC"}
    assert (await client.patch(path, json={"visibility": "TEAM"}, headers=MANAGER)).status_code == 400
    assert (await client.patch(path, json={"title": "x"}, headers={"SessionId": "users"})).status_code == 403
    assert (await client.patch(path, json={"title": "Hear"})).json()["title"] == "Hear"  # an admin may


async def test_delete_takes_the_actions_with_it(client: Client, emulator: Emulator) -> None:
    plans = (await listed(client, to=1000))["result"]
    plan = next(each for each in plans if len(each["actions"]) > 2 and each["createdBy"] == emulator.people[2])
    path = f"{PLANS}/{plan['id']}"
    assert (await client.delete(path, headers={"SessionId": "users"})).status_code == 403
    response = await client.delete(path, headers=MANAGER)
    assert (response.status_code, response.content) == (204, b"")
    assert (await client.delete(path)).status_code == (await client.get(path)).status_code == 404
    assert await listed(client, "/actions", planId=plan["id"]) == []
    legacy = plans[-1]
    assert "createdBy" not in legacy
    assert (await client.delete(f"{PLANS}/{legacy['id']}", headers={"SessionId": "users"})).status_code == 204


async def test_export_answers_with_nothing(client: Client) -> None:
    plan = (await listed(client))["result"][0]
    response = await client.post(f"{PLANS}/{plan['id']}/excel")
    assert (response.status_code, response.content) == (200, b"")
    assert "content-type" not in response.headers
    assert (await client.post(f"{PLANS}/nobody/excel")).status_code == 404


async def test_errors_and_content_types(client: Client, emulator: Emulator) -> None:
    wrong = await client.get(PLANS, headers={"SessionId": "over"})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (401, "INVALID_SESSION")
    assert (await client.get("/nothing")).json()["errorCode"] == "NOT_FOUND"
    assert (await client.put(PLANS)).json()["errorCode"] == "METHOD_NOT_ALLOWED"
    assert (await client.get(PLANS)).headers["content-type"] == "application/json;charset=UTF-8"
    emulator.faults.rate_limit = 7
    limited = await client.get(PLANS)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert limited.json()["errorCode"] == "TOO_MANY_REQUESTS"
    emulator.faults.clear()
    assert emulator.log.count("/api/v1/company/action-plans", status=200) == 1


async def test_what_is_put_is_read_back_exactly(client: Client, emulator: Emulator) -> None:
    plan = {"id": "1", "createdAt": "2027-01-01T00:00:00.1234567Z", "Budget #1": {}, "status": 3, "actions": [None, {}]}
    emulator.put(plan)
    assert (await client.get(f"{PLANS}/1")).json() == plan
    assert (await listed(client))["result"][0] == plan
    bare = {"id": "2"}
    emulator.put(bare)
    assert (await client.get(f"{PLANS}/2")).json() == bare
    action = {"id": "a", "planId": "2", "status": "undefined", "createdAt": "2027"}
    emulator.put_actions([action])
    assert (await listed(client, "/actions"))[0] == action
    assert (await client.get(f"{PLANS}/2")).json() == bare | {"actions": [action]}


async def test_the_same_company_every_time(client: Client) -> None:
    async with serve(HappyforceEmulator().app) as url, httpx2.AsyncClient(verify=False) as other:
        headers = {"SessionId": "session-id"}
        again = await other.get(f"{url}/api/v1/company{PLANS}", params={"to": 1000}, headers=headers)
    assert again.json() == await listed(client, to=1000)
