"""429 and Retry-After: no call while they say so, up to a maximum; then one probe call decides."""

import asyncio
import time

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plangate.errors import UpstreamRateLimited, UpstreamTimeout
from plangate.operation_context import OperationContext
from plangate.upstream import Upstream, together

from .server import Server


def limited(retry_after: str = "3600") -> Response:
    return Response(status_code=429, headers={"retry-after": retry_after})


async def refused(upstream: Upstream, path: str) -> float:
    """The seconds after which a call that is refused may be repeated."""
    with pytest.raises(UpstreamRateLimited) as raised:
        await upstream.get(path)
    return raised.value.retry_after or 0.0


@pytest.mark.parametrize("said", ["3600", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_retry_after_is_obeyed_up_to_a_minute(server: Server, said: str) -> None:
    server.answers = [limited(said)]
    upstream = server.upstream()
    for path in ("x", "y"):
        assert 59 < await refused(upstream, path) <= 60
    assert len(server.requests) == 1


async def test_after_the_maximum_one_probe_call_decides(server: Server) -> None:
    upstream = server.upstream(retry_after_max=0.3, deadline=0.2)
    server.answers = [limited()]
    await refused(upstream, "x")
    await refused(upstream, "y")
    assert len(server.requests) == 1
    await asyncio.sleep(0.3)

    answering = asyncio.Event()

    async def probed(request: Request) -> Response:
        await answering.wait()
        return PlainTextResponse("1")

    server.answer = probed
    upstream.deadline = 2.0
    calls = [asyncio.create_task(upstream.get(str(n))) for n in range(5)]
    await asyncio.sleep(0.3)
    assert [request.url.path for request in server.requests] == ["/api/x", "/api/0"]  # the others wait for the probe
    answering.set()
    assert await asyncio.gather(*calls) == [1] * 5
    assert await together(upstream.get(f"more-{n}") for n in range(5)) == [1] * 5


async def test_a_probe_that_meets_429_renews_the_block(server: Server) -> None:
    upstream = server.upstream(retry_after_max=0.2, deadline=0.2)
    server.answers = [limited(), limited()]
    await refused(upstream, "x")
    await asyncio.sleep(0.2)
    await refused(upstream, "probe")
    await refused(upstream, "y")
    assert len(server.requests) == 2
    await asyncio.sleep(0.2)
    assert await upstream.get("y") == {"ok": True}


async def test_a_probe_without_an_answer_is_followed_by_another(server: Server) -> None:
    async def silent(request: Request) -> Response:
        await asyncio.sleep(0.4)
        return PlainTextResponse("1")

    upstream = server.upstream(retry_after_max=0.2, deadline=0.2)
    server.answers = [limited()]
    await refused(upstream, "x")
    await asyncio.sleep(0.2)
    server.answer = silent
    with pytest.raises(UpstreamTimeout):
        await upstream.get("probe")
    calls = [asyncio.create_task(upstream.get(str(n))) for n in range(3)]
    await asyncio.gather(*calls, return_exceptions=True)
    assert len(server.requests) == 3  # the second probe was not answered either, and nothing else was sent


async def test_the_block_is_for_one_credential(server: Server) -> None:
    async def answer(request: Request) -> Response:
        return limited() if request.headers["authorization"] == "Bearer ada" else PlainTextResponse("1")

    server.answer = answer
    upstream = server.upstream(credentials="viewer")
    with OperationContext({"x-plangate-system-authorization": "Bearer ada"}):
        await refused(upstream, "x")
        await refused(upstream, "y")
    with OperationContext({"x-plangate-system-authorization": "Bearer ben"}):
        assert await upstream.get("y") == 1
    assert len(server.requests) == 2


async def test_calls_that_can_wait_do(server: Server) -> None:
    server.answers = [limited("1")]
    upstream = server.upstream(deadline=4.0, concurrency=2)
    begun = time.monotonic()
    assert await together(upstream.get(str(n)) for n in range(4)) == [{"ok": True}] * 4
    assert time.monotonic() - begun >= 1
