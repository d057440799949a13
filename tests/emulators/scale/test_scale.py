"""Scale's dialect: what is documented of plans, what is inferred of them, paging, accounts and errors."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve

SEED = json.loads((Path(__file__).parents[2] / "graph" / "seeds" / "scale_plan.json").read_text())
PLANS = "/v4/plans"
NEW = {
    "title": "New",
    "associated_file_ids": [],
    "steps": {"a": {"b c": [1, {"#": None}]}},
    "account_id": "acct-halden",
}
REQUIRED = {
    "id", "title", "associated_file_ids", "steps", "created_at", "updated_at", "created_by_user_id",
    "created_by_identity_type", "account_id",
}  # fmt: skip
OPTIONAL = {"start_date", "end_date", "archived_at"}
Client = httpx2.AsyncClient


async def get(client: Client, path: str = PLANS, **params: Any) -> Any:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_plan_is_made_as_documented(client: Client) -> None:
    response = await client.post(PLANS, json={**NEW, "start_date": "2026-12-01T00:00:00Z"})
    assert response.status_code == 200
    plan = response.json()
    assert set(plan) == REQUIRED | {"start_date"}
    assert {name: plan[name] for name in NEW} == NEW
    assert plan["created_at"] == plan["updated_at"] == "2026-11-20T12:00:00Z"
    assert await get(client, f"{PLANS}/{plan['id']}") == plan


async def test_what_is_missing_or_wrong_is_said_as_fastapi_does(client: Client) -> None:
    response = await client.post(PLANS, json={"title": 7, "steps": {}})
    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["body", "associated_file_ids"], "msg": "Field required", "type": "missing"},
        {"loc": ["body", "account_id"], "msg": "Field required", "type": "missing"},
        {"loc": ["body", "title"], "msg": "Input should be a valid str", "type": "str_type"},
    ]
    for body in (b"{", b"[]"):
        assert (await client.post(PLANS, content=body)).status_code == 422


async def test_plans_have_what_is_documented_and_nothing_else(client: Client) -> None:
    plans = (await get(client))["items"]
    assert len({plan["id"] for plan in plans}) == 42
    everything = (await get(client, include_archived=True))["items"]
    assert len(everything) == 48
    for plan in everything:
        assert REQUIRED <= set(plan) <= REQUIRED | OPTIONAL
        assert plan["created_by_identity_type"] in ("user", "service_account")
        assert plan["created_at"] < plan["updated_at"] < plan.get("archived_at", "9")
        assert plan.get("start_date", "") < plan.get("end_date", "0")
    assert any("start_date" not in plan for plan in everything)
    assert any(not plan["steps"] for plan in everything)
    assert {plan["created_by_identity_type"] for plan in everything} == {"user", "service_account"}


async def test_pages_are_counted_from_one(client: Client) -> None:
    whole = (await get(client))["items"]
    seen = []
    for page in range(1, 6):
        answer = await get(client, page=page, limit=10)
        assert (answer["current_page"], answer["items_per_page"], answer["total_item_count"]) == (page, 10, 42)
        seen += answer["items"]
    assert seen == whole
    assert answer["items"] == whole[40:]
    assert (await get(client, page=6, limit=10))["items"] == []


@pytest.mark.parametrize(
    "params",
    [{"page": 0}, {"page": "x"}, {"limit": 0}, {"limit": 10_001}, {"limit": "1.5"}, {"sort_by": "steps:asc"},
     {"sort_by": "title"}, {"sort_by": "title:up"}],
)  # fmt: skip
async def test_parameters_that_make_no_sense(client: Client, params: dict[str, Any]) -> None:
    response = await client.get(PLANS, params=params)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][0] == "query"


async def test_a_limit_above_the_maximum_may_be_clamped() -> None:
    emulator = ScaleEmulator(longest_page=20, clamps=True)
    async with serve(emulator.app) as url, Client(base_url=url, headers={"x-api-key": "api-key"}) as client:
        assert len((await get(client, limit=500))["items"]) == 20


async def test_orders(client: Client) -> None:
    plans = (await get(client, sort_by="start_date:asc,title:desc"))["items"]
    dates = [plan.get("start_date") for plan in plans]
    known = [date for date in dates if date]
    assert dates == sorted(known) + [None] * (len(dates) - len(known))
    undated = [plan["title"] for plan in plans[len(known) :]]
    assert undated == sorted(undated, reverse=True)
    assert (await get(client, sort_by="start_date:desc"))["items"][0].get("start_date") is None


async def test_deleting_archives_and_both_ways_restore(client: Client) -> None:
    plan = (await get(client))["items"][0]
    path = f"{PLANS}/{plan['id']}"
    for restoring in ({"restore": True}, {"archived_at": None}):
        assert (await client.delete(path)).json() == {"count": 1, "success": True}
        assert plan["id"] not in [each["id"] for each in (await get(client))["items"]]
        assert (await get(client, path))["archived_at"] == "2026-11-20T12:00:00Z"
        assert "archived_at" not in (await client.patch(path, json=restoring)).json()
    changed = (await client.patch(path, json={"title": "Other"})).json()
    assert changed == {**plan, "title": "Other", "updated_at": "2026-11-20T12:00:00Z"}
    assert (await client.patch(path, json={"steps": []})).status_code == 422


async def test_a_sample_is_read_back_exactly(client: Client, emulator: ScaleEmulator) -> None:
    emulator.put(SEED)
    response = await client.get(f"{PLANS}/%3Cstring%3E", headers={"x-selected-account-id": "<string>"})
    assert response.json() == SEED
    assert (await client.get(f"{PLANS}/%3Cstring%3E")).status_code == 404  # it is of another account


async def test_who_has_no_key(client: Client) -> None:
    for key in ("", "wrong", "é".encode()):
        response = await client.get(PLANS, headers={"x-api-key": key})
        assert response.status_code == 401
        assert isinstance(response.json()["detail"], str)
        assert response.headers["x-should-retry"] == "false"
    assert (await client.get(PLANS, headers={"x-selected-account-id": "acct-of-others"})).status_code == 403


@pytest.mark.parametrize(("conflict", "status"), [(403, 403), (409, 409), (None, 200)])
async def test_two_accounts_in_one_request(conflict: int | None, status: int) -> None:
    emulator = ScaleEmulator(conflict=conflict)
    headers = {"x-api-key": "api-key", "x-selected-account-id": "acct-halden"}
    async with serve(emulator.app) as url, Client(base_url=url, headers=headers) as client:
        assert (await client.get(PLANS, params={"account_id": "acct-brightwater"})).status_code == status
        assert (await client.post(PLANS, json={**NEW, "account_id": "acct-brightwater"})).status_code == status
        assert (await client.get(PLANS, params={"account_id": "acct-halden"})).status_code == 200


async def test_an_account_may_be_said_in_either_place(emulator: ScaleEmulator) -> None:
    async with serve(emulator.app) as url, Client(base_url=url, headers={"x-api-key": "api-key"}) as client:
        assert (await get(client, account_id="acct-brightwater"))["total_item_count"] == 5
        assert (await get(client))["total_item_count"] == 47  # of both


async def test_what_is_not_there(client: Client) -> None:
    for path in (f"{PLANS}/nope", "/users/nope", "/v5/plans", "/"):
        response = await client.get(path)
        assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})
    response = await client.put(PLANS)
    assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})


async def test_without_what_is_inferred_plans_can_be_made_only() -> None:
    emulator = ScaleEmulator(inferred=False)
    async with serve(emulator.app) as url, Client(base_url=url, headers={"x-api-key": "api-key"}) as client:
        plan = (await client.post(PLANS, json=NEW)).json()
        assert (await client.get(PLANS)).status_code == 405
        for method in ("GET", "PATCH", "DELETE"):
            assert (await client.request(method, f"{PLANS}/{plan['id']}")).status_code == 404


async def test_errors_may_be_doubled() -> None:
    emulator = ScaleEmulator(doubled=True)
    async with serve(emulator.app) as url, Client(base_url=url, headers={"x-api-key": "api-key"}) as client:
        assert (await client.get(f"{PLANS}/nope")).json() == {"detail": {"detail": "Not Found"}}
        assert (await client.get("/nowhere")).json() == {"detail": {"detail": "Not Found"}}
        emulator.faults.set(Faults(status=500))
        assert (await client.get(PLANS)).json() == {"detail": {"detail": "Internal Server Error"}}


@pytest.mark.parametrize(
    ("faults", "status", "retry"),
    [
        (Faults(status=503, retry_after=3), 503, "true"),
        (Faults(rate_limit=7), 429, "true"),
        (Faults(expired=True), 401, "false"),
    ],
)
async def test_faults_speak_its_words(
    client: Client, emulator: ScaleEmulator, faults: Faults, status: int, retry: str
) -> None:
    emulator.faults.set(faults)
    response = await client.get(PLANS)
    assert (response.status_code, response.headers["x-should-retry"]) == (status, retry)
    assert list(response.json()) == ["detail"]
    assert response.headers.get("retry-after") == {503: "3", 429: "7"}.get(status)


def test_it_is_the_same_every_time() -> None:
    first, second = ScaleEmulator(), ScaleEmulator()
    assert first.accounts.plans == second.accounts.plans
    assert len(ScaleEmulator(scale=3).accounts.of("acct-halden")) == 144
