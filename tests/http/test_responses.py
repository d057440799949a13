"""Every response, whatever its status, says that it is not to be stored, sniffed or framed."""

import pytest

from plangate.settings import AuthenticationSettings

from .gateway import client_of

KEYS = AuthenticationSettings(api_keys=True)  # type: ignore[call-arg]
REQUESTS = {
    "executed": ("POST", "/graphql", {}, b'{"query": "{ __typename }"}', 200),
    "invalid document": ("POST", "/graphql", {}, b'{"query": "{ a }"}', 200),
    "bad request": ("POST", "/graphql", {}, b"", 400),
    "other method": ("DELETE", "/graphql", {}, b"", 405),
    "not acceptable": ("POST", "/graphql", {"accept": "image/png"}, b"", 406),
    "other host": ("POST", "/graphql", {"host": "evil.test"}, b"", 421),
    "not found": ("GET", "/nowhere", {}, b"", 404),
    "health": ("GET", "/health", {}, b"", 200),
    "readiness": ("GET", "/ready", {}, b"", 503),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_every_response_is_protected(name: str) -> None:
    method, path, headers, body, status = REQUESTS[name]
    async with client_of() as client:
        response = await client.request(
            method, path, content=body, headers={"content-type": "application/json"} | headers
        )
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert {"Accept", "Accept-Encoding", "Authorization"} <= set(response.headers["vary"].split(", "))
    assert len(response.headers["x-request-id"]) == 32
    assert len(response.headers.multi_items()) == len(set(response.headers))


async def test_so_is_an_unauthenticated_request() -> None:
    async with client_of(authentication=KEYS) as client:
        response = await client.post("/graphql", json={"query": "{ __typename }"})
    assert (response.status_code, response.headers["cache-control"]) == (401, "no-store")
