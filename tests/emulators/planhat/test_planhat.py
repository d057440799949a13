"""The emulator speaks as Planhat does, as far as that is public."""

from typing import Any

import httpx2
import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.planhat.gate import RateLimit
from plangate.emulators.server import serve

Client = httpx2.AsyncClient
Emulator = PlanhatEmulator
PROJECT = "609a88660b73992504816060"


async def get(client: Client, path: str, **params: Any) -> Any:
    response = await client.get(path, params=params)
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer planhat-token", 200), ("Basic cGxhbmhhdC10b2tlbjo=", 200), ("Bearer wrong", 401), ("", 401)],
)
async def test_credentials(client: Client, authorization: str, status: int) -> None:
    response = await client.get("/projects", headers={"authorization": authorization})
    assert response.status_code == status
    assert isinstance(response.json(), list if status == 200 else str)


async def test_a_list_is_a_bare_array_and_ends_with_a_short_page(client: Client, emulator: Emulator) -> None:
    everything = list(emulator.models["tasks"].values())
    assert len(everything) == 80
    pages = [await get(client, "/tasks", limit=30, offset=offset) for offset in (0, 30, 60, 90)]
    assert [len(page) for page in pages] == [30, 30, 20, 0]
    assert [each for page in pages for each in page] == everything


async def test_the_limit_is_100_unless_said_and_2000_at_most() -> None:
    for strict, status in ((False, 200), (True, 400)):
        emulator = PlanhatEmulator(scale=50, strict_limit=strict)
        headers = {"authorization": "Bearer planhat-token"}
        async with serve(emulator.app) as url, Client(base_url=url, headers=headers, verify=False) as client:
            assert len(await get(client, "/projects")) == 100
            assert len(await get(client, "/projects", limit=2000)) == 2000
            assert (await client.get("/projects", params={"limit": 2001})).status_code == status


@pytest.mark.parametrize("params", [{"limit": "x"}, {"offset": "-1"}, {"limit": "-1"}])
async def test_nonsense_is_refused(client: Client, params: dict[str, str]) -> None:
    assert (await client.get("/projects", params=params)).status_code == 400


async def test_filter_by_companies(client: Client, emulator: Emulator) -> None:
    first, second, *_ = emulator.models["companies"]
    for model in ("projects", "tasks", "licenses", "invoices", "issues", "conversations"):
        found = await get(client, f"/{model}", companyId=f"{first},{second}")
        owners = {each.get("companyId") or each.get("cId") or each["companyIds"][0] for each in found}
        assert owners <= {first, second}
        assert first in owners


async def test_sort_takes_what_is_missing_for_the_smallest(client: Client) -> None:
    up = [each.get("startDate") for each in await get(client, "/projects", sort="startDate")]
    down = [each.get("startDate") for each in await get(client, "/projects", sort="-startDate")]
    assert up[0] is None
    assert down[-1] is None
    assert [each or "" for each in up] == sorted(each or "" for each in up)
    assert down == up[::-1]
    assert [each["sortPosition"] for each in await get(client, "/tasks", sort="-sortPosition", limit=2)] == [3, 3]


async def test_select_leaves_the_ids(client: Client) -> None:
    assert {tuple(each) for each in await get(client, "/projects", select="name")} == {("_id", "companyId", "name")}


async def test_lean_companies(client: Client) -> None:
    assert set((await get(client, "/leancompanies"))[0]) == {"_id", "name", "externalId", "sourceId"}


async def test_one_by_any_of_its_ids(client: Client, emulator: Emulator) -> None:
    company = next(iter(emulator.models["companies"].values()))
    for id in (company["_id"], f"extid-{company['externalId']}", f"srcid-{company['sourceId']}"):
        assert await get(client, f"/companies/{id}") == company
    assert (await client.get("/companies/extid-none")).status_code == 404
    assert (await client.get("/no-such-model")).status_code == 404
    assert (await client.get("/a/b/c")).json() == "Not found"


async def test_what_is_put_is_read_back_as_it_is(client: Client, emulator: Emulator) -> None:
    sample = {"_id": PROJECT, "custom": {"# a b": "undefined", "x": None}, "n": 29.285714285714285, "t": "Ä\n<p>"}
    emulator.put("projects", sample)
    assert await get(client, f"/projects/{PROJECT}") == sample


async def test_done_tasks_can_be_hidden() -> None:
    counts = []
    for hide in (False, True):
        emulator = PlanhatEmulator(hide_archived=hide)
        headers = {"authorization": "Bearer planhat-token"}
        async with serve(emulator.app) as url, Client(base_url=url, headers=headers, verify=False) as client:
            counts.append(len(await get(client, "/tasks")))
    assert counts == [80, 66]


async def test_updates_are_partial(client: Client, emulator: Emulator) -> None:
    emulator.put("projects", {"_id": PROJECT, "name": "a", "mrr": 1, "custom": {"Industry": ["x", "y"], "other": 1}})
    changes = {"name": "b", "custom": {"Industry": {"operation": "remove", "data": ["x"]}}}
    assert (await client.put(f"/projects/{PROJECT}", json=changes)).json()["custom"] == {"Industry": ["y"], "other": 1}
    for operation, left in (("add", ["y", "z"]), ("replace", ["z"])):
        given = {"custom": {"Industry": {"operation": operation, "data": ["z"]}}}
        assert (await client.put(f"/projects/{PROJECT}", json=given)).json()["custom"]["Industry"] == left
    assert await get(client, f"/projects/{PROJECT}") == {
        "_id": PROJECT, "name": "b", "mrr": 1, "custom": {"Industry": ["z"], "other": 1},
    }  # fmt: skip
    assert (await client.put(f"/projects/{PROJECT}", content=b"{")).status_code == 400


async def test_create_and_delete(client: Client) -> None:
    created = (await client.post("/projects", json={"name": "New project", "companyId": "c"})).json()
    assert (created["name"], created["__v"], len(created["_id"])) == ("New project", 0, 24)
    deleted = await client.delete(f"/projects/{created['_id']}")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert (await client.get(f"/projects/{created['_id']}")).status_code == 404


async def test_bulk_upsert_answers_206_if_something_failed(client: Client, emulator: Emulator) -> None:
    emulator.put("tasks", {"_id": PROJECT, "action": "a", "sourceId": "s"})
    given = [{"sourceId": "s", "action": "b"}, {"action": "new"}, {"_id": PROJECT, "action": "b"}]
    response = await client.put("/tasks", json=given)
    assert response.status_code == 200
    assert {name: response.json()[name] for name in ("created", "updated", "nonupdates")} == {
        "created": 1, "updated": 1, "nonupdates": 1,
    }  # fmt: skip
    assert response.json()["updatesKeys"] == [{"_id": PROJECT, "sourceId": "s"}]
    failed = await client.put("/tasks", json=[{"status": "x"}])
    assert (failed.status_code, len(failed.json()["createdErrors"])) == (206, 1)
    assert (await client.put("/customfields", json=[])).status_code == 400
    assert (await client.put("/tasks", json={})).status_code == 400


async def test_200_calls_a_minute() -> None:
    now = 0.0
    limit = RateLimit(200, monotonic=lambda: now)
    assert [limit.spend() for _ in range(201)] == [True] * 200 + [False]
    now = 61.0
    assert limit.spend()
    emulator = PlanhatEmulator(rate_limit=1)
    headers = {"authorization": "Bearer planhat-token"}
    async with serve(emulator.app) as url, Client(base_url=url, headers=headers, verify=False) as client:
        assert [(await client.get("/users")).status_code for _ in range(2)] == [200, 429]


async def test_faults_and_the_log(client: Client, emulator: Emulator) -> None:
    emulator.faults.set(Faults(status=503, retry_after=3, times=1))
    response = await client.get("/projects")
    assert (response.status_code, response.headers["Retry-After"], type(response.json())) == (503, "3", str)
    emulator.faults.set(Faults(expired=True))
    assert (await client.get("/projects")).json() == "Unauthorized"
    assert [request.status for request in emulator.log] == [503, 401]


async def test_it_is_the_same_every_time() -> None:
    assert PlanhatEmulator().models == PlanhatEmulator().models
    assert {name: len(some) for name, some in PlanhatEmulator().models.items()} == {
        "users": 6, "companies": 24, "projects": 48, "tasks": 80, "endusers": 72, "assets": 24, "licenses": 24,
        "sales": 24, "invoices": 24, "issues": 12, "conversations": 24, "churn": 4, "customfields": 3,
    }  # fmt: skip
