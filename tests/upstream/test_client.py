"""The client against a server that misbehaves: every failure becomes one typed error, in time, in plain words."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from plangate.emulators.server import serve
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamDenied,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from plangate.upstream import RateHeaders, Upstream, together

from .server import SECRET, Server


async def test_a_get_is_sent_and_decoded(server: Server) -> None:
    class Answer(msgspec.Struct):
        ok: bool

    upstream = server.upstream(headers={"x-version": "1"})
    assert await upstream.get("a/b", {"where[x]": "é &", "n": 1}, type=Answer) == Answer(True)
    assert await upstream.get("") == {"ok": True}
    first, second = server.requests
    assert (first.url.path, second.url.path) == ("/api/a/b", "/api")
    assert dict(first.query_params) == {"where[x]": "é &", "n": "1"}
    assert first.headers["authorization"] == SECRET
    assert first.headers["x-version"] == "1"
    assert first.headers["user-agent"].startswith("plangate")


async def test_nothing_there_is_none(server: Server) -> None:
    server.answers = [Response(status_code=404), Response(status_code=410)]
    upstream = server.upstream()
    assert await upstream.get("x") is None
    assert await upstream.get("x") is None


@pytest.mark.parametrize(
    ("answer", "error", "calls"),
    [
        (lambda: HTMLResponse("<h1>403 SECRETBODY</h1>", 403), UpstreamDenied, 1),
        (lambda: Response(status_code=401), UpstreamDenied, 1),
        (lambda: HTMLResponse("<h1>SECRETBODY</h1>"), UpstreamBadResponse, 1),
        (lambda: Response(status_code=204), UpstreamBadResponse, 1),
        (lambda: Response(b""), UpstreamBadResponse, 1),
        (lambda: Response(b'{"ok": "SECRETBODY'), UpstreamBadResponse, 1),
        (lambda: Response(b'{"ok": "\xff"}'), UpstreamBadResponse, 1),
        (lambda: Response(b"[" * 100_000), UpstreamBadResponse, 1),
        (lambda: Response(b'{"other": 1}'), UpstreamBadResponse, 1),
        (lambda: Response(b'{"ok": "' + b"x" * 2000 + b'"}'), UpstreamBadResponse, 1),
        (lambda: Response(b"{}", headers={"content-length": "100"}), UpstreamBadResponse, 1),
        (lambda: Response(status_code=400), UpstreamBadResponse, 1),
        (lambda: Response(status_code=302), UpstreamBadResponse, 1),
        (lambda: RedirectResponse("http://localhost:1/x"), UpstreamBadResponse, 1),
        (lambda: RedirectResponse("https://[nonsense"), UpstreamBadResponse, 1),
        (lambda: RedirectResponse("/api/x"), UpstreamBadResponse, 4),
        (lambda: Response(status_code=500), UpstreamUnavailable, 3),
        (lambda: Response(status_code=503), UpstreamUnavailable, 3),
        (lambda: Response(status_code=429), UpstreamRateLimited, 3),
        (lambda: Response(status_code=429, headers={"retry-after": "60"}), UpstreamRateLimited, 1),
    ],
)
async def test_every_failure_is_a_typed_error_in_plain_words(
    server: Server,
    caplog: pytest.LogCaptureFixture,
    answer: Callable[[], Response],
    error: type[UpstreamError],
    calls: int,
) -> None:
    caplog.set_level(logging.DEBUG)

    class Answer(msgspec.Struct):
        ok: bool | str

    async def always(request: Request) -> Response:
        return answer()

    server.answer = always
    upstream = server.upstream(max_bytes=1000)
    with pytest.raises(error) as raised:
        await upstream.get("x", type=Answer)
    assert type(raised.value) is error
    assert raised.value.source == "system"
    assert len(server.requests) == calls
    said = f"{raised.value!r} {raised.value.extensions} {raised.value.cause} {upstream!r} {caplog.text}"
    assert "s3cr3t" not in said
    assert "SECRETBODY" not in said
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b'{"items": [{"ok": true}, {"ok": "SECRETBODY"}]}', "ValidationError at $.items[1].ok"),
        (b'["SECRETBODY"]', "ValidationError"),
        (b'{"items": SECRETBODY', "DecodeError: JSON is malformed: invalid character (byte 10)"),
        (b'{"items": [{"ok": "\xff"}]}', "ValidationError at $.items[0].ok"),
    ],
)
async def test_the_cause_of_an_answer_that_cannot_be_read_says_where(server: Server, answer: bytes, cause: str) -> None:
    class Item(msgspec.Struct):
        ok: bool

    class Answer(msgspec.Struct):
        items: list[Item]

    server.answers = [Response(answer)]
    with pytest.raises(UpstreamBadResponse) as raised:
        await server.upstream().get("x", type=Answer)
    assert raised.value.cause == cause


async def test_the_cause_of_a_connection_that_fails_does_not_quote_the_url() -> None:
    upstream = Upstream("system", "http://127.0.0.1:1/api?key=s3cr3t", retries=0)
    with pytest.raises(UpstreamUnavailable) as raised:
        await upstream.get("x", {"token": "s3cr3t"})
    await upstream.close()
    assert raised.value.cause == "ConnectError: Connection refused (os error 111)"


async def test_retry_after_is_obeyed_within_the_deadline(server: Server) -> None:
    server.answers = [Response(status_code=503, headers={"retry-after": "1"})]
    begun = time.monotonic()
    assert await server.upstream().get("x") == {"ok": True}
    assert time.monotonic() - begun >= 1
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.answers = [Response(status_code=429, headers={"retry-after": soon})]
    with pytest.raises(UpstreamRateLimited) as raised:
        await server.upstream().get("x")
    assert 27 < (raised.value.retry_after or 0) <= 30
    assert raised.value.extensions["http"] == {"status": 429}


async def test_one_failure_is_forgotten(server: Server) -> None:
    server.answers = [Response(status_code=502)]
    assert await server.upstream().get("x") == {"ok": True}
    assert len(server.requests) == 2
    server.answers = [Response(status_code=502)]
    with pytest.raises(UpstreamUnavailable):
        await server.upstream(retries=0).get("x")


async def test_redirects_on_the_same_host_keep_the_credentials(server: Server) -> None:
    server.answers = [RedirectResponse("/api/elsewhere?a=1")]
    assert await server.upstream().get("x") == {"ok": True}
    assert server.requests[1].url.path == "/api/elsewhere"
    assert server.requests[1].headers["authorization"] == SECRET


async def test_another_host_is_never_asked(server: Server) -> None:
    asked: list[Request] = []

    async def other(request: Request) -> Response:
        asked.append(request)
        return PlainTextResponse("1")

    async with serve(Starlette(routes=[Route("/{path:path}", other)])) as elsewhere:
        for url in (f"{elsewhere}/api/x", elsewhere.replace("http://", "//")):
            server.answers = [RedirectResponse(url)]
            with pytest.raises(UpstreamBadResponse, match="another host"):
                await server.upstream().get("x")
    assert asked == []


async def test_nobody_listens() -> None:
    upstream = Upstream("system", "http://127.0.0.1:1/api", deadline=2, retries=1)
    with pytest.raises(UpstreamUnavailable):
        await upstream.get("x")
    await upstream.close()
    await upstream.close()


@pytest.mark.parametrize("slow", ["silence", "body"])
async def test_a_call_ends_with_its_deadline(server: Server, slow: str) -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    async def answer(request: Request) -> Response:
        if slow == "silence":
            await asyncio.sleep(5)
        return StreamingResponse(drip())

    server.answer = answer
    upstream = server.upstream(deadline=0.3)
    begun = time.monotonic()
    with pytest.raises(UpstreamTimeout):
        await upstream.get("x")
    assert time.monotonic() - begun < 0.8


async def test_a_huge_body_is_not_read_to_its_end(server: Server) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)
            sent += 65_536

    async def answer(request: Request) -> Response:
        return StreamingResponse(endless())

    server.answer = answer
    with pytest.raises(UpstreamBadResponse):
        await server.upstream(max_bytes=100_000).get("x")
    before = sent
    await asyncio.sleep(0.1)
    assert sent - before < 20_000_000


async def test_equal_calls_in_flight_are_one(server: Server) -> None:
    server.answer = slowly
    upstream = server.upstream()
    answers = await asyncio.gather(*(upstream.get("x", {"a": 1}) for _ in range(10)), upstream.get("x", {"a": 2}))
    assert answers == [{"ok": True}] * 11
    assert len(server.requests) == 2
    await upstream.get("x", {"a": 1})
    assert len(server.requests) == 3


async def test_a_shared_failure_reaches_everyone(server: Server) -> None:
    async def answer(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return Response(status_code=401)

    server.answer = answer
    upstream = server.upstream()
    answers = await asyncio.gather(*(upstream.get("x") for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [UpstreamDenied] * 5
    assert len(server.requests) == 1


async def test_one_waiter_may_go_without_the_others(server: Server) -> None:
    server.answer = slowly
    upstream = server.upstream()
    first, second = (asyncio.ensure_future(upstream.get("x")) for _ in range(2))
    await asyncio.sleep(0.05)
    first.cancel()
    assert await second == {"ok": True}
    assert first.cancelled()
    assert len(server.requests) == 1


async def test_when_the_last_waiter_goes_the_call_ends(server: Server) -> None:
    server.answer = slowly
    upstream = server.upstream(concurrency=1)
    begun = time.monotonic()
    for _ in range(3):
        waiter = asyncio.ensure_future(upstream.get("x"))
        await asyncio.sleep(0.02)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    assert await upstream.get("x") == {"ok": True}
    assert time.monotonic() - begun < 1
    gc.collect()
    assert len(asyncio.all_tasks()) <= 2


async def slowly(request: Request) -> Response:
    await asyncio.sleep(0.2)
    return PlainTextResponse('{"ok": true}')


async def test_concurrency_is_bounded(server: Server) -> None:
    running = most = 0

    async def answer(request: Request) -> Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return PlainTextResponse("1")

    server.answer = answer
    upstream = server.upstream(concurrency=3)
    await together(upstream.get(str(n)) for n in range(12))
    assert most == 3


class Limited:
    """A server that allows so many calls a period, and says so."""

    def __init__(self, allowed: int, period: int) -> None:
        self.allowed = allowed
        self.period = period
        self.began = 0.0
        self.count = 0
        self.refused = 0

    async def __call__(self, request: Request) -> Response:
        now = time.monotonic()
        if now - self.began >= self.period:
            self.began, self.count = now, 0
        self.count += 1
        count = self.count
        headers = {
            "rate-limit": str(self.allowed),
            "rate-period": f"{self.period} seconds",
            "rate-count": str(count),
        }
        await asyncio.sleep(0.01 * (count % 3))  # so that the answers overtake each other
        if count > self.allowed:
            self.refused += 1
            return Response(status_code=429, headers=headers)
        return PlainTextResponse("1", headers=headers)


RATE = RateHeaders("rate-limit", "rate-period", "rate-count")


async def test_calls_wait_rather_than_run_into_the_limit(server: Server) -> None:
    server.answer = limited = Limited(10, 1)
    upstream = server.upstream(rate=RATE, concurrency=4, deadline=5)
    begun = time.monotonic()
    assert await together(upstream.get(str(n)) for n in range(25)) == [1] * 25
    assert limited.refused == 0
    assert 1.9 < time.monotonic() - begun < 4
    assert len(server.requests) == 25


async def test_a_limit_that_cannot_be_waited_for_is_said_at_once(server: Server) -> None:
    server.answer = limited = Limited(3, 60)
    upstream = server.upstream(rate=RATE)
    for n in range(3):
        await upstream.get(str(n))
    begun = time.monotonic()
    with pytest.raises(UpstreamRateLimited) as raised:
        await upstream.get("x")
    assert time.monotonic() - begun < 0.1
    assert 50 < (raised.value.retry_after or 0) <= 60
    assert limited.refused == 0


async def test_together_stops_the_rest_when_one_fails() -> None:
    stopped = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            stopped.set()

    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise UpstreamDenied("system", "no")

    with pytest.raises(UpstreamDenied):
        await together([waits(), fails()])
    assert stopped.is_set()
    assert await together([]) == []
