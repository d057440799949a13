"""What belongs to one operation: its viewer's own credentials, and how many calls it may take."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from plangate.errors import (
    UpstreamBudgetExceeded,
    UpstreamDenied,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnauthenticated,
)
from plangate.upstream import Caller, Upstream, together

from .server import SECRET, Server


def shown(server: Server) -> list[str | None]:
    """The credentials that the server saw, in order."""
    return [request.headers.get("authorization") for request in server.requests]


async def test_the_gateways_credential_is_shown_unless_told_otherwise(server: Server) -> None:
    with Caller({"authorization": "Bearer ada"}):
        await server.upstream().get("x")
    assert shown(server) == [SECRET]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"authorization": "Bearer ada"}, "Bearer ada"),
        ({"authorization": "bearer  ada "}, "Bearer ada"),
        ({"x-plangate-system-authorization": "Basic eDp5"}, "Basic eDp5"),
        ({"x-plangate-system-authorization": "Basic eDp5", "authorization": "Bearer ada"}, "Basic eDp5"),
        ({"x-plangate-system-authorization": "Basic eDp5", "authorization": "Bearer plg_key"}, "Basic eDp5"),
    ],
)
async def test_the_viewers_own_credential_is_shown(server: Server, headers: dict[str, str], expected: str) -> None:
    with Caller(headers):
        await server.upstream(credentials="viewer").get("x")
    assert shown(server) == [expected]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer plg_key-of-the-gateway"},
        {"authorization": "Bearer"},
        {"authorization": "Basic eDp5"},
        {"x-api-key": "plg_key-of-the-gateway"},
        {"x-plangate-other-authorization": "Bearer ada"},
        {"x-plangate-system-authorization": "Bearer a\r\nx-evil: 1"},
        {"x-plangate-system-authorization": "Bearer \xe9"},
        {"x-plangate-system-authorization": "Bearer " + "x" * 9_000},
    ],
)
async def test_without_one_nothing_is_sent(server: Server, headers: dict[str, str]) -> None:
    with Caller(headers), pytest.raises(UpstreamUnauthenticated) as raised:
        await server.upstream(credentials="viewer").get("x")
    assert server.requests == []
    extensions = raised.value.extensions
    assert extensions == {"code": "UPSTREAM_UNAUTHENTICATED", "source": "system", "retryable": False}
    assert "x-plangate-system-authorization" in raised.value.message
    assert "plg_" not in raised.value.message


async def test_the_gateway_asks_for_itself_with_its_own(server: Server) -> None:
    await server.upstream(credentials="viewer").get("x")
    assert shown(server) == [SECRET]
    with pytest.raises(UpstreamUnauthenticated):
        await server.upstream(credentials="viewer", secret_headers=None).get("x")


async def test_no_secret_of_the_gateway_goes_along(server: Server) -> None:
    upstream = server.upstream(credentials="viewer", secret_headers={"x-api-key": "s3cr3t", "authorization": SECRET})
    with Caller({"authorization": "Bearer ada"}):
        await upstream.get("x")
    assert shown(server) == ["Bearer ada"]
    assert "s3cr3t" not in str(server.requests[0].headers)


async def test_who_is_refused_is_said(server: Server) -> None:
    server.answers = [Response(status_code=401)]
    with (
        Caller({"authorization": "Bearer ada"}),
        pytest.raises(UpstreamDenied, match="the viewer's credential") as raised,
    ):
        await server.upstream(credentials="viewer").get("x")
    assert "ada" not in f"{raised.value!r}{raised.value.extensions}"


async def test_equal_calls_of_two_viewers_are_two(server: Server) -> None:
    async def whose(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return PlainTextResponse('"' + request.headers["authorization"] + '"')

    server.answer = whose
    upstream = server.upstream(credentials="viewer")

    async def ask(name: str) -> str | None:
        with Caller({"authorization": f"Bearer {name}"}):
            return await upstream.get("x", type=str)

    names = ["ada", "bob", "ada", "bob"]
    assert await together(map(ask, names)) == [f"Bearer {name}" for name in names]
    assert sorted(map(str, shown(server))) == ["Bearer ada", "Bearer bob"]


async def test_the_credential_follows_a_redirect_on_the_same_host(server: Server) -> None:
    server.answers = [RedirectResponse("/api/y")]
    with Caller({"authorization": "Bearer ada"}):
        await server.upstream(credentials="viewer").get("x")
    assert shown(server) == ["Bearer ada", "Bearer ada"]


async def test_an_operation_takes_so_many_calls_and_no_more(server: Server) -> None:
    upstream, other = server.upstream(max_calls=3), Upstream("other", f"{server.url}/api", max_calls=3)
    for _ in range(2):  # each operation has its own
        with Caller({}):
            await together(upstream.get(str(n)) for n in range(3))
            for _ in range(2):
                with pytest.raises(UpstreamBudgetExceeded) as raised:
                    await upstream.get("4")
            assert raised.value.extensions == {
                "code": "UPSTREAM_CALLS_EXCEEDED",
                "source": "system",
                "retryable": False,
            }
            await other.get("x")
    await together(upstream.get(str(n)) for n in range(10))  # the gateway for itself
    await other.close()
    assert len(server.requests) == 2 * (3 + 1) + 10


async def test_a_shared_call_counts_for_who_began_it(server: Server) -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return PlainTextResponse("1")

    server.answer = slow
    upstream = server.upstream(max_calls=1)
    with Caller({}):
        assert await together(upstream.get("x") for _ in range(5)) == [1] * 5


@pytest.mark.parametrize("refusal", [Response(status_code=429, headers={"retry-after": "60"}), HTMLResponse("no", 403)])
async def test_what_one_viewer_meets_keeps_nobody_else_out(server: Server, refusal: Response) -> None:
    async def answer(request: Request) -> Response:
        return refusal if request.headers["authorization"] == "Bearer ada" else PlainTextResponse("{}")

    server.answer = answer
    upstream = server.upstream(credentials="viewer", circuit_failures=2, retries=0)
    for number in range(4):
        with Caller({"authorization": "Bearer ada"}), pytest.raises(UpstreamError) as raised:
            await upstream.get(str(number))
        assert type(raised.value) in (UpstreamRateLimited, UpstreamDenied)
        with Caller({"authorization": "Bearer ben"}):
            assert await upstream.get(str(number)) == {}


async def test_budgets_of_very_many_viewers_are_not_kept(server: Server) -> None:
    upstream = server.upstream(credentials="viewer", cache_bytes=0)
    for number in range(1100):
        upstream._budget(str(number).encode())
    assert len(upstream._budgets) == 1000
