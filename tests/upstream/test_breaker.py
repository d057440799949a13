"""The circuit breaker: what opens it and for whom, the probe call, and that retries are no storm."""

import asyncio
import time

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plangate.errors import (
    UpstreamBadResponse,
    UpstreamCircuitOpen,
    UpstreamDenied,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from plangate.source import Circuit
from plangate.upstream import Upstream, together

from .server import Answer, Server


async def failing(request: Request) -> Response:
    return Response(status_code=503)


async def fail(
    upstream: Upstream, times: int, error: type[UpstreamError] = UpstreamUnavailable, first: int = 0
) -> None:
    """So many different requests fail."""
    for n in range(first, first + times):
        with pytest.raises(error) as raised:
            await upstream.get(str(n))
        assert type(raised.value) is error


async def test_it_opens_after_so_many_failures_and_says_when_to_retry(server: Server) -> None:
    server.answer = failing
    upstream = server.upstream(retries=0, circuit_failures=3, circuit_pause=30)
    await fail(upstream, 2)
    assert upstream.circuit is Circuit.CLOSED
    await fail(upstream, 1, first=2)
    assert upstream.circuit is Circuit.OPEN
    server.answer = server.pop
    begun = time.monotonic()
    with pytest.raises(UpstreamCircuitOpen, match=r"^system: circuit open, retry in 30 s\.$") as raised:
        await upstream.get("x")
    assert time.monotonic() - begun < 0.1
    assert len(server.requests) == 3
    extensions = raised.value.extensions
    assert (extensions["code"], extensions["source"], extensions["retryable"]) == (
        "UPSTREAM_CIRCUIT_OPEN",
        "system",
        True,
    )
    assert 29 < extensions["retryAfter"] <= 30


async def breaks_off(request: Request) -> Response:
    request.scope["extensions"]["emulator.connection"].reset()
    return Response()


@pytest.mark.parametrize("how", [failing, breaks_off, None], ids=["503", "reset", "silence"])
async def test_one_record_that_always_fails_stops_only_itself(server: Server, how: Answer | None) -> None:
    async def answer(request: Request) -> Response:
        if not request.url.path.endswith("/bad"):
            return PlainTextResponse("1")
        if how is None:
            await asyncio.sleep(1)
        return await (how or failing)(request)

    server.answer = answer
    upstream = server.upstream(circuit_failures=3, circuit_pause=0.3, deadline=0.15)
    codes = []
    for _ in range(6):
        with pytest.raises(UpstreamError) as raised:
            await upstream.get("bad", {"a": 1})
        codes.append(raised.value.code)
        assert upstream.circuit is Circuit.CLOSED
    assert codes[-1] == "UPSTREAM_CIRCUIT_OPEN"
    assert raised.value.message == "system: this request keeps failing and is not sent, retry in 1 s."
    assert len(server.requests) == 3
    assert await upstream.get("good") == 1  # and with that the record may be tried again
    with pytest.raises((UpstreamUnavailable, UpstreamTimeout)):
        await upstream.get("bad", {"a": 1})
    assert len(server.requests) > 4


async def test_a_request_with_an_open_circuit_is_probed_after_the_pause(server: Server) -> None:
    server.answer = failing
    upstream = server.upstream(circuit_failures=2, circuit_pause=0.2, retries=0)
    for error in (UpstreamUnavailable, UpstreamUnavailable, UpstreamCircuitOpen):
        with pytest.raises(error):
            await upstream.get("x")
    await asyncio.sleep(0.25)
    for error in (UpstreamUnavailable, UpstreamCircuitOpen):  # the probe fails: open again
        with pytest.raises(error):
            await upstream.get("x")
    await asyncio.sleep(0.25)
    server.answer = server.pop
    assert await upstream.get("x") == {"ok": True}
    assert len(server.requests) == 4


async def test_a_success_between_failures_keeps_it_closed(server: Server) -> None:
    upstream = server.upstream(retries=0, circuit_failures=3)
    for _ in range(3):
        server.answers = [Response(status_code=500), Response(status_code=500)]
        await fail(upstream, 2)
        await upstream.get("x")
    assert upstream.circuit is Circuit.CLOSED


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, UpstreamBadResponse), (401, UpstreamDenied), (403, UpstreamDenied), (429, UpstreamRateLimited)],
)
async def test_what_is_refused_was_understood(server: Server, status: int, error: type[UpstreamError]) -> None:
    async def answer(request: Request) -> Response:
        return Response(status_code=status)

    server.answer = answer
    upstream = server.upstream(retries=0, circuit_failures=2)
    await fail(upstream, 5, error)
    assert upstream.circuit is Circuit.CLOSED
    assert len(server.requests) == 5


async def test_failed_connections_of_one_request_count_for_the_system() -> None:
    upstream = Upstream("system", "http://127.0.0.1:1/api", retries=0, circuit_failures=2)
    await fail(upstream, 1)
    await fail(upstream, 1)
    assert upstream.circuit is Circuit.OPEN
    await upstream.close()


@pytest.mark.parametrize("given_up", [None, 0.1], ids=["by the deadline", "by the caller"])
async def test_silence_is_a_failure(server: Server, given_up: float | None) -> None:
    async def silent(request: Request) -> Response:
        await asyncio.sleep(5)
        return PlainTextResponse("1")

    server.answer = silent
    upstream = server.upstream(retries=0, circuit_failures=2, deadline=0.3, circuit_pause=30)
    for n in range(2):
        with pytest.raises((UpstreamTimeout, TimeoutError)):
            await asyncio.wait_for(upstream.get(str(n)), given_up)
    async with asyncio.timeout(2):
        while upstream.circuit is not Circuit.OPEN:
            await asyncio.sleep(0.02)


async def test_a_caller_that_leaves_early_says_nothing_of_the_system(server: Server) -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.2)
        return PlainTextResponse("1")

    server.answer = slow
    upstream = server.upstream(circuit_failures=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(upstream.get("x"), 0.05)
    assert upstream.circuit is Circuit.CLOSED
    await asyncio.sleep(0.25)
    assert upstream.circuit is Circuit.CLOSED


async def test_one_probe_call_is_made_when_it_is_half_open(server: Server) -> None:
    server.answer = failing
    upstream = server.upstream(circuit_failures=1, circuit_pause=0.2)
    await fail(upstream, 1)
    assert len(server.requests) == 1  # no retry into an open circuit
    await asyncio.sleep(0.25)
    assert upstream.circuit is Circuit.HALF_OPEN

    await fail(upstream, 1)  # the probe fails: open again, without a retry
    assert upstream.circuit is Circuit.OPEN
    assert len(server.requests) == 2
    await asyncio.sleep(0.25)

    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return PlainTextResponse("1")

    server.answer = slow
    outcomes = await asyncio.gather(*(upstream.get(f"x{n}") for n in range(5)), return_exceptions=True)
    assert [outcome for outcome in outcomes if outcome == 1] == [1]
    assert [type(outcome) for outcome in outcomes if outcome != 1] == [UpstreamCircuitOpen] * 4
    assert len(server.requests) == 3
    assert upstream.circuit is Circuit.CLOSED
    assert await together(upstream.get(f"y{n}") for n in range(5)) == [1] * 5


async def test_a_probe_without_a_caller_still_decides(server: Server) -> None:
    server.answer = failing
    upstream = server.upstream(circuit_failures=1, circuit_pause=0.1, retries=0)
    await fail(upstream, 1)
    await asyncio.sleep(0.15)

    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.3)
        return PlainTextResponse("1")

    server.answer = slow
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(upstream.get("x"), 0.05)
    with pytest.raises(UpstreamCircuitOpen):
        await upstream.get("y")
    async with asyncio.timeout(2):
        while upstream.circuit is not Circuit.CLOSED:
            await asyncio.sleep(0.02)
    assert len(server.requests) == 2


async def test_retries_are_a_share_of_the_calls(server: Server) -> None:
    server.answer = failing
    upstream = server.upstream(circuit_failures=10_000, retries=2, concurrency=64, deadline=5)
    outcomes = await asyncio.gather(*(upstream.get(str(n)) for n in range(200)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {UpstreamUnavailable}
    retries = len(server.requests) - 200
    assert 10 <= retries <= 0.2 * 200 + 10 + 5
