"""The Host header check of anonymous gateways, over the whole application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from plangate.app import create_app
from plangate.hosts import AllowedHosts
from plangate.settings import AuthenticationSettings, Settings
from plangate.settings.systems import StoreSettings

QUERY = {"query": "{ viewer { id } }"}


@asynccontextmanager
async def client(**settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    authentication = settings.pop("authentication", AuthenticationSettings(anonymous=True))
    app = create_app(Settings(authentication=authentication, store=StoreSettings(url="sqlite://"), **settings))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client,
    ):
        yield client


async def post(client: httpx2.AsyncClient, host: str) -> int:
    return (await client.post("/graphql", json=QUERY, headers={"Host": host})).status_code


async def test_anonymous_access_rejects_other_host_names() -> None:
    async with client() as anonymous:
        for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
            assert await post(anonymous, host) == 200
        refused = await anonymous.post("/graphql", json=QUERY, headers={"Host": "evil.test:8000"})
        assert refused.status_code == 421
        assert refused.headers["content-type"] == "application/json"
        [error] = refused.json()["errors"]
        assert error["extensions"] == {"code": "MISDIRECTED_REQUEST"}
        assert "allowed_hosts" in error["message"] and "PLANGATE_ALLOWED_HOSTS" in error["message"]
        assert "evil" not in refused.text
        # /ready names the systems and their faults; /health says only that the process is up.
        assert (await anonymous.get("/ready", headers={"Host": "evil.test"})).status_code == 421
        assert (await anonymous.get("/health", headers={"Host": "evil.test"})).status_code == 200


async def test_every_host_header_of_a_request_is_checked() -> None:
    async with client() as anonymous:
        two = [("Host", "localhost"), ("Host", "evil.test"), ("Content-Type", "application/json")]
        assert (await anonymous.post("/graphql", json=QUERY, headers=two)).status_code == 421


async def test_allowed_hosts_are_answered_beside_this_machine() -> None:
    async with client(allowed_hosts=("plans.test", "*.example.org")) as anonymous:
        for host in ("plans.test", "PLANS.test:443", "a.example.org", "localhost"):
            assert await post(anonymous, host) == 200
        for host in ("other.test", "example.org", "evilexample.org"):
            assert await post(anonymous, host) == 421


async def test_a_star_allows_every_host() -> None:
    async with client(allowed_hosts=("*",)) as anonymous:
        assert await post(anonymous, "evil.test") == 200


async def test_host_is_not_checked_where_a_credential_is_required() -> None:
    async with client(authentication=AuthenticationSettings(api_keys=True)) as gateway:
        assert await post(gateway, "plans.test") == 401
    async with client(authentication=AuthenticationSettings(api_keys=True), allowed_hosts=("plans.test",)) as gateway:
        assert [await post(gateway, host) for host in ("plans.test", "evil.test")] == [401, 421]


@pytest.mark.parametrize(
    ("listen_at", "host", "allowed"),
    [
        ("127.0.0.1", "localhost.", True),
        ("127.0.0.1", "gateway.localhost", True),
        ("127.0.0.1", "127.1.2.3:80", True),
        ("127.0.0.1", "192.168.1.5", False),
        ("192.168.1.5", "192.168.1.5:8000", True),
        ("192.168.1.5", "192.168.1.6:8000", False),
        ("2001:db8::1", "[2001:db8:0::1]", True),
        ("plans.test", "plans.test", True),
        # Listening at all addresses, every address may be this machine's; a name is not.
        ("0.0.0.0", "192.168.1.5:8000", True),
        ("::", "[2001:db8::1]:8000", True),
        ("0.0.0.0", "evil.test", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "localhost@evil.test", False),
        ("127.0.0.1", "localhost:80evil", False),
        ("127.0.0.1", "localhost/evil.test", False),
        ("127.0.0.1", "evillocalhost", False),
        ("127.0.0.1", "127.0.0.1.evil.test", False),
        ("127.0.0.1", "[::1]evil", False),
        ("127.0.0.1", "[evil]", False),
    ],
)
def test_which_hosts_are_this_gateway(listen_at: str, host: str, allowed: bool) -> None:
    assert (host in AllowedHosts(listen_at, ())) is allowed
