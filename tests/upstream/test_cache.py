"""What is kept of answers, for how long, and for whom; and what stands in for an answer that fails."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plangate.errors import UpstreamBadResponse, UpstreamDenied, UpstreamTimeout, UpstreamUnavailable
from plangate.operation_context import OperationContext
from plangate.source import Circuit
from plangate.upstream import Upstream

from .server import Server


def numbered(server: Server, **headers: str) -> None:
    """Answers with how many requests there were, under these headers."""

    async def answer(request: Request) -> Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return PlainTextResponse(str(len(server.requests)), headers=given)

    server.answer = answer


def date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


FRESH: dict[str, dict[str, str]] = {
    "max-age": {"cache_control": "private, max-age=60"},
    "quoted": {"cache_control": 'Max-Age="60"'},
    "Expires": {"expires": date(86_400)},
    "Expires by its own clock": {"date": date(-3600), "expires": date(-3540)},
    "max-age goes before Expires": {"cache_control": "max-age=60", "expires": date(-86_400)},
    "Age": {"cache_control": "max-age=60", "age": "30"},
    "Vary by what is constant": {"cache_control": "max-age=60", "vary": "Accept, Accept-Encoding,authorization"},
}
NOT_FRESH: dict[str, dict[str, str]] = {
    "nothing said": {},
    "max-age=0": {"cache_control": "max-age=0"},
    "max-age is nonsense": {"cache_control": "max-age=soon", "expires": date(60)},
    "Expires is past": {"expires": date(-86_400)},
    "Expires is 0": {"expires": "0"},
    "Age": {"cache_control": "max-age=60", "age": "60"},
    "no-cache": {"cache_control": "no-cache, max-age=60"},
    "no-store": {"cache_control": "max-age=60, no-store"},
    "s-maxage is for others": {"cache_control": "s-maxage=60"},
    "Vary by another header": {"cache_control": "max-age=60", "vary": "Accept, X-Mood"},
    "Vary by anything": {"cache_control": "max-age=60", "vary": "*"},
}


@pytest.mark.parametrize("name", FRESH)
async def test_what_is_fresh_costs_no_call(server: Server, name: str) -> None:
    numbered(server, **FRESH[name])
    upstream = server.upstream(max_calls=1)
    with OperationContext({}):
        assert [await upstream.get("x", {"a": 1}) for _ in range(3)] == [1, 1, 1]
    assert await upstream.get("x", {"a": 2}) == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", NOT_FRESH)
async def test_what_is_not_is_asked_for(server: Server, name: str) -> None:
    numbered(server, **NOT_FRESH[name])
    upstream = server.upstream()
    assert [await upstream.get("x") for _ in range(3)] == [1, 2, 3]
    assert not any("if-none-match" in request.headers for request in server.requests)


async def test_freshness_ends(server: Server) -> None:
    numbered(server, cache_control="max-age=1")
    upstream = server.upstream()
    assert [await upstream.get("x") for _ in range(2)] == [1, 1]
    await asyncio.sleep(1.05)
    assert await upstream.get("x") == 2


@pytest.mark.parametrize(
    ("validator", "condition"),
    [(("etag", 'W/"abc"'), "if-none-match"), (("last-modified", date(-60)), "if-modified-since")],
)
async def test_what_has_a_validator_is_asked_about(server: Server, validator: tuple[str, str], condition: str) -> None:
    name, value = validator
    changed = False

    async def answer(request: Request) -> Response:
        headers = {name: value, "cache-control": "max-age=0, private, must-revalidate"}
        if request.headers.get(condition) == value and not changed:
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(f'{{"changed": {str(changed).lower()}}}', headers=headers)

    server.answer = answer
    upstream = server.upstream()
    assert [await upstream.get("x") for _ in range(3)] == [{"changed": False}] * 3
    assert [request.headers.get(condition) for request in server.requests] == [None, value, value]
    changed = True
    assert await upstream.get("x") == {"changed": True}


async def test_304_makes_fresh_again(server: Server) -> None:
    async def answer(request: Request) -> Response:
        if "if-none-match" in request.headers:
            return Response(status_code=304, headers={"cache-control": "max-age=60"})
        return PlainTextResponse("1", headers={"etag": '"1"'})

    server.answer = answer
    upstream = server.upstream()
    assert [await upstream.get("x") for _ in range(4)] == [1] * 4
    assert len(server.requests) == 2


async def test_304_that_nobody_asked_for_is_no_answer(server: Server) -> None:
    server.answers = [Response(status_code=304)]
    with pytest.raises(UpstreamBadResponse):
        await server.upstream().get("x")


@pytest.mark.parametrize("answer", [Response(status_code=404), Response(status_code=403), Response(b"<html>")])
async def test_what_is_taken_back_is_kept_no_longer(server: Server, answer: Response) -> None:
    server.answers = [PlainTextResponse("1", headers={"etag": '"1"'}), answer, PlainTextResponse("2")]
    upstream = server.upstream(stale_if_error=60)
    assert await upstream.get("x") == 1
    if answer.status_code == 404:
        assert await upstream.get("x") is None
    else:
        with pytest.raises((UpstreamDenied, UpstreamBadResponse)):
            await upstream.get("x")
    assert await upstream.get("x") == 2
    assert "if-none-match" not in server.requests[2].headers


async def test_what_makes_no_sense_is_not_kept(server: Server) -> None:
    server.answers = [PlainTextResponse("<html>", headers={"cache-control": "max-age=60"}), PlainTextResponse("1")]
    upstream = server.upstream()
    with pytest.raises(UpstreamBadResponse):
        await upstream.get("x")
    assert await upstream.get("x") == 1


async def test_it_is_bounded(server: Server) -> None:
    async def answer(request: Request) -> Response:
        return PlainTextResponse('"' + "x" * 998 + '"', headers={"cache-control": "max-age=60"})

    server.answer = answer
    upstream = server.upstream(cache_bytes=3_000)
    for path in ("a", "b", "c", "a", "d"):  # b is what was not used for longest
        await upstream.get(path)
    cache = upstream._cache
    assert (len(cache), cache.bytes) == (3, 3_000)
    asked = len(server.requests)
    for path in ("a", "c", "d"):
        await upstream.get(path)
    assert len(server.requests) == asked
    await upstream.get("b")
    assert len(server.requests) == asked + 1

    for bytes in (999, 0):
        small = server.upstream(cache_bytes=bytes)
        await small.get("a")
        assert (len(small._cache), small._cache.bytes) == (0, 0)
    cache._max_entries = 2
    await upstream.get("e")
    assert (len(cache), cache.bytes) == (2, 2_000)


async def test_viewers_do_not_share_what_is_kept(server: Server) -> None:
    numbered(server, cache_control="max-age=60")
    upstream = server.upstream(credentials="viewer")

    async def ask(name: str) -> object:
        with OperationContext({"x-plangate-system-authorization": f"Bearer {name}"}):
            return await upstream.get("x")

    assert [await ask(name) for name in ("ada", "bob", "ada", "bob")] == [1, 2, 1, 2]
    assert await upstream.get("x") == 3
    assert "ada" not in repr(upstream._cache._entries)


async def test_the_system_itself_is_asked_where_that_is_wanted(server: Server) -> None:
    numbered(server, cache_control="max-age=60")
    upstream = server.upstream(stale_if_error=60, retries=0)
    assert [await upstream.get("x", cached=False) for _ in range(2)] == [1, 2]
    server.answers, server.answer = [Response(status_code=503)], server.pop
    with pytest.raises(UpstreamUnavailable):
        await upstream.get("x", cached=False)


# --------------------------------------------------------------------------------------------------------------- stale


async def failing(request: Request) -> Response:
    return Response(status_code=503)


async def ask(upstream: Upstream) -> tuple[object, list[dict[str, str | float]]]:
    with OperationContext({}) as context:
        return await upstream.get("x"), context.stale


async def test_a_failure_is_a_failure_unless_told_otherwise(server: Server) -> None:
    numbered(server, etag='"1"')
    upstream = server.upstream(retries=0)
    await ask(upstream)
    server.answer = failing
    with pytest.raises(UpstreamUnavailable):
        await ask(upstream)


@pytest.mark.parametrize("headers", [{}, {"cache_control": "max-age=0, must-revalidate", "etag": '"1"'}])
async def test_the_last_answer_stands_in_and_that_is_said(server: Server, headers: dict[str, str]) -> None:
    numbered(server, **headers)
    upstream = server.upstream(stale_if_error=60, retries=0, circuit_failures=3, circuit_pause=30)
    assert await ask(upstream) == (1, [])
    server.answer = failing
    await asyncio.sleep(0.2)
    for _ in range(5):  # also when the circuit is open
        found, stale = await ask(upstream)
        assert found == 1
        assert stale == [{"source": "system", "age": pytest.approx(0.3, abs=0.15)}]
    assert len(server.requests) == 4


async def test_everyone_who_shares_a_stale_answer_is_told(server: Server) -> None:
    numbered(server)
    upstream = server.upstream(stale_if_error=60, retries=0)
    await ask(upstream)

    async def slowly_failing(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return Response(status_code=503)

    server.answer = slowly_failing
    answers = await asyncio.gather(*(ask(upstream) for _ in range(3)))
    assert [len(stale) for _, stale in answers] == [1, 1, 1]
    assert len(server.requests) == 2


async def test_silence_is_not_waited_for_to_the_end(server: Server) -> None:
    numbered(server)
    upstream = server.upstream(stale_if_error=60, deadline=1.0, circuit_failures=1, circuit_pause=0.1)
    await ask(upstream)

    async def silent(request: Request) -> Response:
        await asyncio.sleep(5)
        return PlainTextResponse("2")

    server.answer = silent
    begun = time.monotonic()
    found, stale = await ask(upstream)
    assert (found, len(stale)) == (1, 1)
    assert 0.4 < time.monotonic() - begun < 0.8
    assert upstream.circuit is Circuit.OPEN
    await asyncio.sleep(0.15)
    begun = time.monotonic()
    with pytest.raises(UpstreamTimeout):
        await upstream.get("other")
    assert time.monotonic() - begun > 0.9


async def test_it_stands_in_for_so_long_and_no_longer(server: Server) -> None:
    numbered(server)
    upstream = server.upstream(stale_if_error=0.3, retries=0)
    await ask(upstream)
    server.answer = failing
    assert (await ask(upstream))[0] == 1
    await asyncio.sleep(0.35)
    with pytest.raises(UpstreamUnavailable):
        await ask(upstream)


async def test_no_store_goes_before_it(server: Server) -> None:
    numbered(server, cache_control="no-store")
    upstream = server.upstream(stale_if_error=60, retries=0)
    await ask(upstream)
    server.answer = failing
    with pytest.raises(UpstreamUnavailable):
        await ask(upstream)
