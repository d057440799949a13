"""The queue before a system: no call is made after its deadline, and the system never gets more than it should."""

import asyncio
import time
from collections import Counter

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plangate.errors import UpstreamCircuitOpen, UpstreamError, UpstreamTimeout
from plangate.operation_context import OperationContext
from plangate.source import Circuit
from plangate.upstream import Upstream
from plangate.upstream.concurrency import ConcurrencyLimit

from .server import Server, SilentServer


async def outcomes(upstream: Upstream, calls: int, prefix: str = "") -> Counter[type]:
    """The classes of what so many different calls, made at once, come to."""
    found = await asyncio.gather(*(upstream.get(f"{prefix}{n}") for n in range(calls)), return_exceptions=True)
    return Counter(type(each) for each in found)


async def test_calls_whose_deadline_passes_in_the_queue_are_not_made() -> None:
    server = SilentServer()
    async with server.upstream(deadline=0.6, concurrency=8, circuit_failures=10, circuit_pause=30) as upstream:
        found = await outcomes(upstream, 389)
        await asyncio.sleep(0.1)
        assert len(server.paths) == 8
        assert found.total() == found[UpstreamTimeout] + found[UpstreamCircuitOpen] == 389
        assert upstream.circuit is Circuit.OPEN


async def test_a_call_that_timed_out_in_the_queue_says_so() -> None:
    server = SilentServer()
    async with server.upstream(deadline=0.3, concurrency=1, circuit_failures=1_000) as upstream:
        found = await asyncio.gather(*(upstream.get(str(n)) for n in range(3)), return_exceptions=True)
        assert [str(each) for each in found] == [
            "system did not answer in 0.3 s.",
            *["system was not called: all its connections were busy for 0.3 s."] * 2,
        ]
        assert {each.code for each in found if isinstance(each, UpstreamError)} == {"UPSTREAM_TIMEOUT"}
        assert server.paths == ["/0"]


@pytest.mark.parametrize(("concurrency", "calls"), [(3, 3), (1, 3)], ids=["at the system", "in the queue"])
async def test_timeouts_count_for_the_circuit(concurrency: int, calls: int) -> None:
    server = SilentServer()
    async with server.upstream(deadline=0.2, concurrency=concurrency, circuit_failures=3) as upstream:
        await outcomes(upstream, calls - 1)
        assert upstream.circuit is Circuit.CLOSED
    async with server.upstream(deadline=0.2, concurrency=concurrency, circuit_failures=3) as upstream:
        await outcomes(upstream, calls)
        assert upstream.circuit is Circuit.OPEN


async def test_a_queue_that_is_too_long_for_a_slow_system_does_not_open_the_circuit(server: Server) -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.2)
        return PlainTextResponse("1")

    server.answer = slow
    upstream = server.upstream(deadline=0.5, concurrency=2, circuit_failures=3)
    found = await outcomes(upstream, 30)
    assert found[int] >= 2
    assert found[UpstreamTimeout] > 20
    assert upstream.circuit is Circuit.CLOSED
    assert len(server.requests) <= 6


async def test_a_system_never_gets_more_requests_at_once_than_it_should() -> None:
    """Also not after timeouts and cancellations: a cancelled request is on the wire until its deadline."""
    server = SilentServer()
    async with server.upstream(deadline=0.4, concurrency=4, retries=0, circuit_failures=1_000) as upstream:
        for wave in range(3):
            calls = [asyncio.create_task(upstream.get(f"{wave}-{n}")) for n in range(12)]
            await asyncio.sleep(0.1)
            for call in calls[:6]:
                call.cancel()
            await asyncio.sleep(0.05)
            assert await outcomes(upstream, 6, f"{wave}-more-") == {UpstreamTimeout: 6}
            await asyncio.gather(*calls, return_exceptions=True)
        assert server.most_open == 4
        assert len(server.paths) >= 12


async def test_a_call_that_gets_its_slot_too_late_is_not_made(server: Server) -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.97)
        return PlainTextResponse("1")

    server.answer = slow
    upstream = server.upstream(deadline=1.0, concurrency=1)
    assert await outcomes(upstream, 2) == {int: 1, UpstreamTimeout: 1}
    await asyncio.sleep(0.05)
    assert len(server.requests) == 1


async def test_queued_calls_without_callers_are_not_made(server: Server) -> None:
    answering = asyncio.Event()

    async def answer(request: Request) -> Response:
        await answering.wait()
        return PlainTextResponse("1")

    server.answer = answer
    upstream = server.upstream(concurrency=1)
    first = asyncio.create_task(upstream.get("first"))
    queued = [asyncio.create_task(upstream.get(str(n))) for n in range(5)]
    await asyncio.sleep(0.05)
    for call in queued:
        call.cancel()
    await asyncio.gather(*queued, return_exceptions=True)
    answering.set()
    assert await first == 1
    assert await upstream.get("last") == 1
    assert [request.url.path for request in server.requests] == ["/api/first", "/api/last"]
    assert upstream._calls._calls == {}


async def test_calls_in_the_queue_fail_when_the_circuit_opens(server: Server) -> None:
    async def silent(request: Request) -> Response:
        await asyncio.sleep(5)
        return PlainTextResponse("2")

    upstream = server.upstream(deadline=1.0, concurrency=1, circuit_failures=1, circuit_pause=30, stale_if_error=60)
    await upstream.get("known")
    server.answer = silent
    first = asyncio.create_task(upstream.get("first"))
    queued = [asyncio.create_task(upstream.get(str(n))) for n in range(3)]
    await asyncio.sleep(0.05)
    await upstream.get("known")  # a timeout in the queue after half of the deadline, and the last answer instead
    assert upstream.circuit is Circuit.OPEN
    await asyncio.sleep(0.05)
    assert not first.done()
    assert [type(call.exception()) for call in queued if call.done()] == [UpstreamCircuitOpen] * 3
    await asyncio.gather(first, *queued, return_exceptions=True)


async def test_an_open_circuit_is_not_waited_for_in_the_queue() -> None:
    server = SilentServer()
    async with server.upstream(deadline=1.0, concurrency=1, circuit_failures=1, circuit_pause=30) as upstream:
        first = asyncio.create_task(upstream.get("first"))
        await asyncio.sleep(0.3)
        late = [asyncio.create_task(upstream.get(str(n))) for n in range(5)]
        await asyncio.gather(first, return_exceptions=True)
        assert upstream.circuit is Circuit.OPEN
        await asyncio.sleep(0.05)  # their own deadline is 0.25 s later
        assert [type(call.exception()) for call in late if call.done()] == [UpstreamCircuitOpen] * 5
        begun = time.monotonic()
        with pytest.raises(UpstreamCircuitOpen):
            await upstream.get("after")
        assert time.monotonic() - begun < 0.1
        assert server.paths == ["/first"]


async def test_a_call_that_waits_for_the_rate_limit_holds_no_slot(server: Server) -> None:
    async def answer(request: Request) -> Response:
        if request.headers["authorization"] == "Bearer ada" and len(server.requests) == 1:
            return Response(status_code=429, headers={"retry-after": "1"})
        return PlainTextResponse("1")

    server.answer = answer
    upstream = server.upstream(credentials="viewer", concurrency=1, deadline=4.0)

    async def ask(name: str, path: str) -> object:
        with OperationContext({"x-plangate-system-authorization": f"Bearer {name}"}):
            return await upstream.get(path)

    waits = [asyncio.create_task(ask("ada", str(n))) for n in range(3)]
    while not server.requests:
        await asyncio.sleep(0.01)
    assert await ask("ben", "x") == 1
    assert not any(call.done() for call in waits)
    assert await asyncio.gather(*waits) == [1, 1, 1]


# ------------------------------------------------------------------------------------------------------------ the slots


async def test_slots_are_given_in_order() -> None:
    limit, order = ConcurrencyLimit(1), []

    async def use(n: int) -> None:
        await limit.acquire(time.monotonic() + 5)
        order.append(n)
        await asyncio.sleep(0)
        limit.release()

    await asyncio.gather(*(use(n) for n in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert limit._free == 1


async def test_a_slot_that_comes_with_the_deadline_is_given_back() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire(time.monotonic() + 5)
    late = asyncio.create_task(limit.acquire(time.monotonic() + 0.05))
    await asyncio.sleep(0)
    limit.release()
    time.sleep(0.06)
    with pytest.raises(TimeoutError):
        await late
    assert limit._free == 1
    with pytest.raises(TimeoutError):
        await limit.acquire(time.monotonic() - 0.01)
    assert limit._free == 1


async def test_a_slot_for_a_call_that_is_cancelled_at_the_same_time_is_given_back() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire(time.monotonic() + 5)
    waits = asyncio.create_task(limit.acquire(time.monotonic() + 5))
    await asyncio.sleep(0)
    limit.release()
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    assert waits.cancelled()
    assert limit._free == 1
