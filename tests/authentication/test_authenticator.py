"""Which requests are let in: by their headers alone, and over the whole application while the store is away."""

from typing import Any

import httpx2
import pytest
from starlette.datastructures import Headers

from plangate.access import Role, Viewer
from plangate.app import create_app
from plangate.authentication import Authenticator, cache
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.model import Key
from plangate.settings import AuthenticationSettings, Settings
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.store import Store

from .conftest import failing
from .credentials import add, refused


async def test_without_credential() -> None:
    await refused(Authenticator(AuthenticationSettings()), {})
    allowed = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
    assert await Authenticator(allowed).authenticate({}) == Viewer(Key("anonymous"), "demo", Role.ADMIN)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer plg_made-up"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": f"Bearer {'x' * 9000}"},
        {"X-API-Key": ""},
        {"X-API-Key": "not ours"},
    ],
)
async def test_a_wrong_credential_is_not_anonymous(headers: dict[str, str]) -> None:
    await refused(Authenticator(AuthenticationSettings(anonymous=True)), Headers(headers))


async def test_other_systems_answer_a_viewer_with_a_key_while_the_store_is_away(
    store: Store, upstream: tuple[PlanningCenter, PlanningCenterEmulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "FRESH_S", 0.0)
    app = create_app(
        Settings(authentication=AuthenticationSettings(api_keys=True)),
        {"store": store, "planning_center": upstream[0]},
    )
    headers = {"X-API-Key": await add(store)}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:

        async def ask(headers: dict[str, str]) -> tuple[int, Any]:
            query = {"query": '{ plans(sources: ["planning_center"], first: 2) { nodes { id } } }'}
            response = await client.post("/graphql", json=query, headers=headers)
            return response.status_code, response.json()

        before = await ask(headers)
        assert before[0] == 200 and len(before[1]["data"]["plans"]["nodes"]) == 2
        async with failing(store):
            for _ in range(3):
                assert await ask(headers) == before
            status, answer = await ask({"X-API-Key": "plg_unknown"})
            assert (status, answer["errors"][0]["extensions"]["code"]) == (503, "STORE_UNAVAILABLE")
