"""Each fault as a client meets it, and the control endpoints that switch faults on."""

import asyncio
import time

import httpx2
import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator

PLANS = "/service_types/1001/plans"
Emulator = PlanningCenterEmulator
Client = httpx2.AsyncClient


async def test_latency(emulator: Emulator, client: Client) -> None:
    emulator.faults.latency = 0.1
    began = time.perf_counter()
    assert (await client.get(PLANS)).status_code == 200
    assert time.perf_counter() - began >= 0.1


async def test_rate_limited(emulator: Emulator, client: Client) -> None:
    emulator.faults.rate_limit = 7
    response = await client.get(PLANS)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json()["errors"][0]["title"] == "Too Many Requests"


@pytest.mark.parametrize(("status", "retry_after"), [(500, None), (503, 3)])
async def test_server_error(emulator: Emulator, client: Client, status: int, retry_after: int | None) -> None:
    emulator.faults.status, emulator.faults.retry_after = status, retry_after
    response = await client.get(PLANS)
    assert response.status_code == status
    assert response.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert response.json()["errors"][0]["status"] == str(status)


async def test_expired_credential(emulator: Emulator, client: Client) -> None:
    emulator.faults.expired = True
    response = await client.get(PLANS)
    assert response.status_code == 401
    assert "(BABOON)" in response.json()["errors"][0]["detail"]


async def test_reset(emulator: Emulator, client: Client) -> None:
    emulator.faults.reset = True
    with pytest.raises(httpx2.ReadError):
        await client.get(PLANS)
    assert [request.status for request in emulator.log] == [None]


async def test_slow_body(emulator: Emulator, client: Client) -> None:
    plain = await client.get("/attachment_types/1")
    emulator.faults.slow_body = 0.001
    began = time.perf_counter()
    slow = await client.get("/attachment_types/1")
    assert time.perf_counter() - began >= 0.001 * len(plain.content)
    assert slow.json() == plain.json()


async def test_a_slow_body_ends_with_its_reader(emulator: Emulator, client: Client) -> None:
    emulator.faults.slow_body = 0.01
    before = asyncio.all_tasks()
    with pytest.raises(httpx2.ReadTimeout):
        await client.get(PLANS, timeout=0.005)
    async with asyncio.timeout(1):
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)


async def test_html(emulator: Emulator, client: Client) -> None:
    emulator.faults.html = True
    response = await client.get(PLANS)
    assert (response.status_code, response.headers["content-type"]) == (403, "text/html; charset=utf-8")


async def test_malformed_json(emulator: Emulator, client: Client) -> None:
    emulator.faults.malformed = True
    response = await client.get(PLANS)
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        response.json()


async def test_truncated_body(emulator: Emulator, client: Client) -> None:
    emulator.faults.truncated = True
    with pytest.raises(httpx2.RemoteProtocolError, match=r"incomplete|closed"):
        await client.get(PLANS)


async def test_huge_body(emulator: Emulator, client: Client) -> None:
    emulator.faults.huge_body = 5_000_000
    response = await client.get(PLANS)
    assert len(response.content) == 5_000_000
    assert response.json()["data"].startswith("xxx")


async def test_redirect_to_another_host(emulator: Emulator, client: Client) -> None:
    emulator.faults.redirect = "http://evil.example/steal"
    response = await client.get(PLANS)
    assert (response.status_code, response.headers["location"]) == (302, "http://evil.example/steal")


async def test_wrong_content_type(emulator: Emulator, client: Client) -> None:
    emulator.faults.content_type = "text/plain"
    response = await client.get(PLANS)
    assert response.headers.get_list("content-type") == ["text/plain"]
    assert response.json()["meta"]["count"] == 25


async def test_only_the_next_requests(emulator: Emulator, client: Client) -> None:
    emulator.faults.status, emulator.faults.times = 500, 2
    assert [(await client.get(PLANS)).status_code for _ in range(4)] == [500, 500, 200, 200]


async def test_only_under_a_path(emulator: Emulator, client: Client) -> None:
    emulator.faults.status, emulator.faults.times, emulator.faults.path = 500, 1, "/services/v2/people"
    assert (await client.get(PLANS)).status_code == 200
    assert (await client.get("/people")).status_code == 500
    assert (await client.get("/people")).status_code == 200


async def test_cleared(emulator: Emulator, client: Client) -> None:
    emulator.faults.status = 500
    emulator.faults.clear()
    assert emulator.faults == Faults()
    assert (await client.get(PLANS)).status_code == 200


async def test_over_http(emulator: Emulator, client: Client) -> None:
    faults = client.base_url.copy_with(path="/_emulator/faults")
    assert (await client.put(faults, json={"status": 503, "times": 1})).json() == {"status": 503, "times": 1}
    assert (await client.get(PLANS)).status_code == 503
    assert (await client.get(faults)).json() == {"status": 503, "times": 0}
    assert (await client.delete(faults)).status_code == 204
    assert emulator.faults == Faults()


@pytest.mark.parametrize("body", [b"{", b"null", b'{"nonsense": 1}', b'{"latency": "long"}'])
async def test_bad_faults_are_refused(emulator: Emulator, client: Client, body: bytes) -> None:
    response = await client.put(client.base_url.copy_with(path="/_emulator/faults"), content=body)
    assert response.status_code == 400
    assert "latency" in response.json()["switches"]
    assert emulator.faults == Faults()


async def test_the_log_counts_requests(emulator: Emulator, client: Client) -> None:
    await client.get(PLANS, params={"per_page": 1})
    await client.get(f"{PLANS}/70000001")
    await client.get(f"{PLANS}/1")
    assert [request.status for request in emulator.log] == [200, 200, 404]
    assert next(iter(emulator.log)).query == "per_page=1"
    assert emulator.log.count() == len(emulator.log) == 3
    assert emulator.log.count("/services/v2/service_types/*/plans") == 1
    assert emulator.log.count("**/plans/*") == 2
    assert emulator.log.count("**/plans/*", status=404) == 1
    assert emulator.log.count(method="POST") == 0
    assert emulator.log.counts()["/services/v2/service_types/*/plans/*"] == 2
    log = client.base_url.copy_with(path="/_emulator/requests")
    assert (await client.get(log)).json()["count"] == 3
    assert (await client.delete(log)).status_code == 204
    assert len(emulator.log) == 0
