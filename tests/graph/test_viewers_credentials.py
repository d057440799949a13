"""`credentials = "viewer"`: each system is shown what the viewer sends for it, in the header that it understands."""

import base64
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from plangate.access import Role
from plangate.app import create_app
from plangate.emulated import served, systems
from plangate.emulators.request_log import RequestLog
from plangate.settings import AuthenticationSettings, JwtSettings, Settings

CREDENTIALS = {
    "planning_center": "Basic " + base64.b64encode(b"app-id:secret").decode(),
    "scale": "api-key",
    "happyforce": "session-id",
    "oneplan": "Basic " + base64.b64encode(b"plangate:key-value").decode(),
    "planhat": "Bearer planhat-token",
}
QUERY = "query ($name: String!) { plans(sources: [$name], first: 2) { nodes { id source } } }"


SHARED = "a key that both sides know, 32 bytes"
CLAIMS = {"sub": "ada", "workspace": "demo", "role": "admin"}


class Gateway(NamedTuple):
    client: httpx2.AsyncClient
    calls: Mapping[str, RequestLog]


@pytest.fixture
async def gateway(executor: str) -> AsyncIterator[Gateway]:
    authentication = AuthenticationSettings(
        anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN, jwt=JwtSettings(key=SecretStr(SHARED))
    )
    emulated = systems("demo", credentials="viewer")
    async with served(emulated) as upstreams:
        sections: dict[str, Any] = {**upstreams, "authentication": authentication, "executor": executor}
        app = create_app(Settings(**sections))
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client,
        ):
            yield Gateway(client, {name: each.emulator.log for name, each in emulated.items()})


async def ask(gateway: Gateway, name: str, credential: str | None, **headers: str) -> dict[str, Any]:
    if credential:
        headers[f"x-plangate-{name.replace('_', '-')}-authorization"] = credential
    body = {"query": QUERY, "variables": {"name": name}}
    answer: dict[str, Any] = (await gateway.client.post("/graphql", json=body, headers=headers)).json()
    return answer


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_the_viewers_own_is_shown(gateway: Gateway, name: str) -> None:
    answer = await ask(gateway, name, CREDENTIALS[name])
    assert "errors" not in answer
    assert [node["source"] for node in answer["data"]["plans"]["nodes"]] == [name] * 2


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_anybody_elses_is_not(gateway: Gateway, name: str) -> None:
    await ask(gateway, name, CREDENTIALS[name])
    for credential, code in ((None, "UPSTREAM_UNAUTHENTICATED"), ("Bearer somebody-elses", "UPSTREAM_DENIED")):
        [error] = (await ask(gateway, name, credential))["errors"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["source"] == name
        assert "somebody" not in str(error)


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_the_gateways_own_token_never_leaves(gateway: Gateway, name: str) -> None:
    token = jwt.encode({"alg": "HS256"}, {**CLAIMS, "exp": int(time.time()) + 60}, OctKey.import_key(SHARED))
    basic = "Basic " + base64.b64encode(f"ada:{token}".encode()).decode()
    for credential in (None, token, f"Bearer {token}", basic, "Bearer plg_a-key-of-the-gateway"):
        [error] = (await ask(gateway, name, credential, authorization=f"Bearer {token}"))["errors"]
        assert error["extensions"]["code"] == "UPSTREAM_UNAUTHENTICATED"
        assert f"x-plangate-{name.replace('_', '-')}-authorization" in error["message"]
        assert token not in str(error) and "plg_" not in str(error)
    assert len(gateway.calls[name]) == 0
    answer = await ask(gateway, name, CREDENTIALS[name], authorization=f"Bearer {token}")
    assert "errors" not in answer
