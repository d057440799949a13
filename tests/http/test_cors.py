"""Web pages of other origins may call as the settings say, and in no other way."""

from typing import Any

import httpx2
import pytest

from plangate.errors import SettingsError
from plangate.settings import Settings, load
from plangate.settings.cors import CorsSettings
from plangate.settings.systems import PlanhatSettings

from .gateway import client_of

APP, OTHER = "https://app.example.org", "https://evil.example.org"
ALLOW_ORIGIN, ALLOW_CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"


async def preflight(client: httpx2.AsyncClient, origin: str, path: str = "/graphql") -> httpx2.Response:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    return await client.options(path, headers={"origin": origin, **asked})


async def post(client: httpx2.AsyncClient, origin: str | None, body: Any = None) -> httpx2.Response:
    headers = {} if origin is None else {"origin": origin}
    return await client.post("/graphql", json={"query": "{ __typename }"} if body is None else body, headers=headers)


def cors_headers(response: httpx2.Response) -> set[str]:
    return {name for name in response.headers if name.startswith("access-control-")}


async def test_a_preflight_request_of_an_allowed_origin() -> None:
    cors = CorsSettings(origins=(APP, "http://localhost:3000"), max_age=60)
    async with client_of(cors=cors) as client:
        response = await preflight(client, APP)
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers[ALLOW_ORIGIN] == APP
        assert response.headers["access-control-allow-methods"] == "GET, POST"
        assert response.headers["access-control-max-age"] == "60"
        allowed = response.headers["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type", "graphql-require-preflight"} <= set(allowed)
        assert ALLOW_CREDENTIALS not in response.headers
        assert "Origin" in response.headers["vary"]
        assert (await preflight(client, "http://localhost:3000")).headers[ALLOW_ORIGIN] == "http://localhost:3000"


async def test_responses_say_which_origin_may_read_them() -> None:
    cors = CorsSettings(origins=(APP,), exposed_headers=("X-Request-Id",))
    async with client_of(cors=cors) as client:
        for body, status in ((None, 200), ({}, 400)):
            response = await post(client, APP, body)
            assert (response.status_code, response.headers[ALLOW_ORIGIN]) == (status, APP)
            assert response.headers["access-control-expose-headers"] == "X-Request-Id"
            assert "Origin" in response.headers["vary"]
        # The answer to one origin must not be reused for another, nor that to no origin.
        response = await post(client, None)
        assert cors_headers(response) == set()
        assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("origin", [OTHER, "null", f"{APP}.evil.org", "https://app.example.org:444", "http://app.example.org", APP.upper(), "*", ""])  # fmt: skip
async def test_another_origin_is_never_allowed(origin: str) -> None:
    async with client_of(cors=CorsSettings(origins=(APP,), credentials=True)) as client:
        response = await preflight(client, origin)
        assert response.status_code == 403
        assert response.json()["errors"][0]["extensions"]["code"] == "ORIGIN_NOT_ALLOWED"
        assert cors_headers(response) == set()
        assert cors_headers(await post(client, origin)) == set()


async def test_without_origins_there_is_no_cors() -> None:
    async with client_of() as client:
        response = await preflight(client, APP)
        assert (response.status_code, cors_headers(response)) == (405, set())
        response = await post(client, APP)
        assert (response.status_code, cors_headers(response)) == (200, set())
        assert "Origin" not in response.headers["vary"]


async def test_credentials() -> None:
    async with client_of(cors=CorsSettings(origins=(APP,), credentials=True)) as client:
        for response in (await preflight(client, APP), await post(client, APP)):
            assert (response.headers[ALLOW_ORIGIN], response.headers[ALLOW_CREDENTIALS]) == (APP, "true")


async def test_every_origin_without_credentials() -> None:
    async with client_of(cors=CorsSettings(origins=("*",))) as client:
        for response in (await preflight(client, OTHER), await post(client, OTHER)):
            assert response.headers[ALLOW_ORIGIN] == "*"
            assert ALLOW_CREDENTIALS not in response.headers
            assert "Origin" not in response.headers["vary"]


async def test_a_header_with_a_viewers_credential_may_be_sent() -> None:
    planhat = PlanhatSettings(token="x", credentials="viewer")  # type: ignore[arg-type]
    async with client_of(cors=CorsSettings(origins=(APP,), headers=("X-Own",)), planhat=planhat) as client:
        allowed = (await preflight(client, APP)).headers["access-control-allow-headers"]
    assert allowed == "X-Own, x-plangate-planhat-authorization"


async def test_other_paths_and_other_options_are_not_preflights() -> None:
    async with client_of(cors=CorsSettings(origins=(APP,))) as client:
        assert (await preflight(client, APP, "/health")).status_code == 405
        assert (await client.options("/graphql", headers={"origin": APP})).status_code == 405
        assert (await client.options("/graphql")).status_code == 405


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ORIGINS": "*", "CREDENTIALS": "true"}, "only alone, and without"),
        ({"ORIGINS": f"*, {APP}"}, "only alone"),
        ({"ORIGINS": f"{APP}/"}, "without a path"),
        ({"ORIGINS": "app.example.org"}, "must be origins"),
        ({"ORIGINS": "https://App.example.org"}, "in lower case"),
        ({"ORIGINS": "https://user:hunter2@app.example.org"}, "must be origins"),
        ({"ORIGINS": "null"}, "must be origins"),
        ({"ORIGINS": APP, "HEADERS": "a b:c"}, "names of headers"),
        ({"ORIGINS": APP, "MAX_AGE": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_setting_that_is_not_right(settings: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"PLANGATE_CORS__{name}", value)
    with pytest.raises(SettingsError) as raised:
        load()
    assert message in raised.value.message
    assert "hunter2" not in raised.value.message


def test_origins_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_CORS__ORIGINS", f"{APP}, http://localhost:3000")
    assert load().cors.origins == (APP, "http://localhost:3000")
    assert Settings().cors.origins == ()
