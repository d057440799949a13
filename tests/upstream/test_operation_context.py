"""What belongs to one operation: its viewer's own credentials, and how many calls it may take."""

import asyncio
from base64 import b64encode, urlsafe_b64encode

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
from plangate.operation_context import OperationContext
from plangate.upstream import Upstream, together

from .server import SECRET, Server


def shown(server: Server) -> list[str | None]:
    """The credentials that the server saw, in order."""
    return [request.headers.get("authorization") for request in server.requests]


async def test_the_gateways_credential_is_shown_unless_told_otherwise(server: Server) -> None:
    with OperationContext({"authorization": "Bearer ada"}):
        await server.upstream().get("x")
    assert shown(server) == [SECRET]


GATEWAY_TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


def of_viewer(credential: str, **others: str) -> OperationContext:
    """A request that sends this credential for the system, and these other headers."""
    return OperationContext({"x-plangate-system-authorization": credential, **others})


@pytest.mark.parametrize("others", [{}, {"authorization": f"Bearer {GATEWAY_TOKEN}"}, {"x-api-key": "plg_key"}])
@pytest.mark.parametrize(
    "credential", ["Basic eDp5", "Bearer ada", "bearer  ada", "eyJhbGciOiJub25lIn0.e30.", "Bearer aplg_b", "a-plg_b"]
)
async def test_sends_the_credential_of_the_header_named_for_the_system(
    server: Server, credential: str, others: dict[str, str]
) -> None:
    with of_viewer(credential, **others):
        await server.upstream(credentials="viewer").get("x")
    assert shown(server) == [credential]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": f"Bearer {GATEWAY_TOKEN}"},
        {"authorization": "Bearer plg_key-of-the-gateway"},
        {"authorization": "Bearer"},
        {"authorization": "Basic eDp5"},
        {"x-api-key": "plg_key-of-the-gateway"},
        {"x-plangate-system-authorization": ""},
        {"x-plangate-other-authorization": "Bearer ada"},
        {"x-plangate-system-authorization": "Bearer a\r\nx-evil: 1"},
        {"x-plangate-system-authorization": "Bearer \xe9"},
        {"x-plangate-system-authorization": "Bearer " + "x" * 9_000},
    ],
)
async def test_sends_nothing_without_that_header(server: Server, headers: dict[str, str]) -> None:
    with OperationContext(headers), pytest.raises(UpstreamUnauthenticated) as raised:
        await server.upstream(credentials="viewer").get("x")
    assert server.requests == []
    extensions = raised.value.extensions
    assert extensions == {"code": "UPSTREAM_UNAUTHENTICATED", "source": "system", "retryable": False}
    assert "x-plangate-system-authorization" in raised.value.message
    assert "plg_" not in raised.value.message


@pytest.mark.parametrize(
    "credential",
    [
        "plg_key-of-the-gateway",
        "Bearer plg_key-of-the-gateway",
        "Token token=plg_key-of-the-gateway",
        "Basic " + b64encode(b"plg_key-of-the-gateway:").decode(),
        "Basic " + b64encode(b"ada:plg_key-of-the-gateway").decode().rstrip("="),
        "Basic " + urlsafe_b64encode("ada\u00bf\u00ff\u00fb:plg_key-of-the-gateway".encode()).decode(),
        GATEWAY_TOKEN,
        f"Bearer {GATEWAY_TOKEN}",
        "Basic " + b64encode(f"ada:{GATEWAY_TOKEN}".encode()).decode(),
    ],
)
async def test_refuses_to_pass_on_a_credential_of_the_gateway(server: Server, credential: str) -> None:
    with (
        of_viewer(credential, authorization=f"Bearer {GATEWAY_TOKEN}"),
        pytest.raises(UpstreamUnauthenticated, match="never passed on") as raised,
    ):
        await server.upstream(credentials="viewer").get("x")
    assert server.requests == []
    assert "x-plangate-system-authorization" in raised.value.message
    assert "plg_" not in raised.value.message and GATEWAY_TOKEN not in raised.value.message


async def test_refuses_to_pass_on_the_requests_own_api_key(server: Server) -> None:
    with (
        of_viewer("Bearer key of another form", **{"x-api-key": "key of another form"}),
        pytest.raises(UpstreamUnauthenticated, match="never passed on"),
    ):
        await server.upstream(credentials="viewer").get("x")
    assert server.requests == []


async def test_the_gateway_asks_for_itself_with_its_own(server: Server) -> None:
    await server.upstream(credentials="viewer").get("x")
    assert shown(server) == [SECRET]
    with pytest.raises(UpstreamUnauthenticated):
        await server.upstream(credentials="viewer", secret_headers=None).get("x")


async def test_no_secret_of_the_gateway_goes_along(server: Server) -> None:
    upstream = server.upstream(credentials="viewer", secret_headers={"x-api-key": "s3cr3t", "authorization": SECRET})
    with of_viewer("Bearer ada"):
        await upstream.get("x")
    assert shown(server) == ["Bearer ada"]
    assert "s3cr3t" not in str(server.requests[0].headers)


async def test_who_is_refused_is_said(server: Server) -> None:
    server.answers = [Response(status_code=401)]
    with (
        of_viewer("Bearer ada"),
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
        with of_viewer(f"Bearer {name}"):
            return await upstream.get("x", type=str)

    names = ["ada", "bob", "ada", "bob"]
    assert await together(map(ask, names)) == [f"Bearer {name}" for name in names]
    assert sorted(map(str, shown(server))) == ["Bearer ada", "Bearer bob"]


async def test_the_credential_follows_a_redirect_on_the_same_host(server: Server) -> None:
    server.answers = [RedirectResponse("/api/y")]
    with of_viewer("Bearer ada"):
        await server.upstream(credentials="viewer").get("x")
    assert shown(server) == ["Bearer ada", "Bearer ada"]


async def test_an_operation_takes_so_many_calls_and_no_more(server: Server) -> None:
    upstream, other = server.upstream(max_calls=3), Upstream("other", f"{server.url}/api", max_calls=3)
    for _ in range(2):  # each operation has its own
        with OperationContext({}):
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
    with OperationContext({}):
        assert await together(upstream.get("x") for _ in range(5)) == [1] * 5


@pytest.mark.parametrize("refusal", [Response(status_code=429, headers={"retry-after": "60"}), HTMLResponse("no", 403)])
async def test_what_one_viewer_meets_keeps_nobody_else_out(server: Server, refusal: Response) -> None:
    async def answer(request: Request) -> Response:
        return refusal if request.headers["authorization"] == "Bearer ada" else PlainTextResponse("{}")

    server.answer = answer
    upstream = server.upstream(credentials="viewer", circuit_failures=2, retries=0)
    for number in range(4):
        with of_viewer("Bearer ada"), pytest.raises(UpstreamError) as raised:
            await upstream.get(str(number))
        assert type(raised.value) in (UpstreamRateLimited, UpstreamDenied)
        with of_viewer("Bearer ben"):
            assert await upstream.get(str(number)) == {}


async def test_budgets_of_very_many_viewers_are_not_kept(server: Server) -> None:
    upstream = server.upstream(credentials="viewer", cache_bytes=0)
    for number in range(1100):
        upstream._budget(str(number).encode())
    assert len(upstream._budgets) == 1000
