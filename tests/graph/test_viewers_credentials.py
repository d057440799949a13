"""`credentials = "viewer"`: each system is shown what the viewer sends for it, in the header that it understands."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from plangate.access import Role
from plangate.app import create_app
from plangate.emulated import served, systems
from plangate.settings import AuthenticationSettings, Settings

CREDENTIALS = {
    "planning_center": "Basic " + base64.b64encode(b"app-id:secret").decode(),
    "scale": "api-key",
    "happyforce": "session-id",
    "oneplan": "Basic " + base64.b64encode(b"plangate:key-value").decode(),
    "planhat": "Bearer planhat-token",
}
QUERY = "query ($name: String!) { plans(sources: [$name], first: 2) { nodes { id source } } }"


@pytest.fixture
async def client(executor: str) -> AsyncIterator[httpx2.AsyncClient]:
    authentication = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
    async with served(systems("demo", credentials="viewer")) as upstreams:
        sections: dict[str, Any] = {**upstreams, "authentication": authentication, "executor": executor}
        app = create_app(Settings(**sections))
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client,
        ):
            yield client


async def ask(client: httpx2.AsyncClient, name: str, credential: str | None) -> dict[str, Any]:
    headers = {f"x-plangate-{name.replace('_', '-')}-authorization": credential} if credential else {}
    body = {"query": QUERY, "variables": {"name": name}}
    answer: dict[str, Any] = (await client.post("/graphql", json=body, headers=headers)).json()
    return answer


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_the_viewers_own_is_shown(client: httpx2.AsyncClient, name: str) -> None:
    answer = await ask(client, name, CREDENTIALS[name])
    assert "errors" not in answer
    assert [node["source"] for node in answer["data"]["plans"]["nodes"]] == [name] * 2


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_anybody_elses_is_not(client: httpx2.AsyncClient, name: str) -> None:
    await ask(client, name, CREDENTIALS[name])
    for credential, code in ((None, "UPSTREAM_UNAUTHENTICATED"), ("Bearer somebody-elses", "UPSTREAM_DENIED")):
        [error] = (await ask(client, name, credential))["errors"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["source"] == name
        assert "somebody" not in str(error)
