"""Clients that are too slow, or make the server hold too much: they are gone in time, and others do not notice."""

import asyncio
import contextlib
import select
from collections.abc import Awaitable, Callable

import pytest

from plangate.server import raise_file_limit

from .running import LARGE, MAX_BODY, Client, get, post, serving

TIMEOUTS = {"header_timeout": 1.2, "body_timeout": 1.2, "idle_timeout": 1.0, "write_timeout": 0.5}
UPLOAD = post(b"x" * 1_000)
TIMED_OUT = 408, "REQUEST_TIMEOUT"
ENDED = b""
Outcome = tuple[int, str] | bytes


async def dripped(client: Client, data: bytes) -> Outcome:
    answer = asyncio.ensure_future(client.response())
    for byte in data:
        client.send(bytes([byte]))
        await asyncio.wait([answer], timeout=0.1)
        if answer.done():
            break
    return (await answer).refused


async def dripped_headers(client: Client) -> Outcome:
    return await dripped(client, get("/", "X: " + "a" * 1_000))


async def half_headers(client: Client) -> Outcome:
    client.send(get()[:-10])
    return (await client.response()).refused


async def dripped_body(client: Client) -> Outcome:
    client.send(UPLOAD[:-990])
    return await dripped(client, UPLOAD[-990:])


async def idle(client: Client) -> Outcome:
    return await client.rest()


async def unread(client: Client) -> Outcome:
    """Takes what fits into the buffers, then nothing, until the connection has been reset."""
    client.send(get("/large"))
    reset = select.poll()
    reset.register(client.writer.get_extra_info("socket").fileno(), select.POLLHUP)
    while not reset.poll(0):
        await asyncio.sleep(0.05)
    return ENDED


async def half_headers_of_a_second_request(client: Client) -> Outcome:
    client.send(get() + get()[:-10])
    assert (await client.response()).status == 200
    return (await client.response()).refused


async def half_headers_after_a_request(client: Client) -> Outcome:
    assert (await client.ask(get())).status == 200
    return await half_headers(client)


async def half_body_after_a_request(client: Client) -> Outcome:
    assert (await client.ask(get())).status == 200
    client.send(UPLOAD[:-10])
    return (await client.response()).refused


async def idle_after_a_request(client: Client) -> Outcome:
    assert (await client.ask(get())).status == 200
    return await client.rest()


SLOW: dict[Callable[[Client], Awaitable[Outcome]], tuple[int, Outcome]] = {
    dripped_headers: (150, TIMED_OUT),
    half_headers: (150, TIMED_OUT),
    dripped_body: (150, TIMED_OUT),
    idle: (150, ENDED),
    unread: (150, ENDED),
    half_headers_of_a_second_request: (10, TIMED_OUT),
    idle_after_a_request: (10, ENDED),
}


async def test_slow_clients_are_gone_in_time_and_others_are_served() -> None:
    """All of them at once. `make soak` measures how long the others wait, on `plangate serve`."""
    raise_file_limit(2_000)
    served = 0

    async def slow(behaviour: Callable[[Client], Awaitable[Outcome]], port: int) -> None:
        async with asyncio.timeout(20), Client(port, receive_buffer=4_096) as client:
            try:
                outcome = await behaviour(client)
            except asyncio.IncompleteReadError:  # this machine was so busy that nothing was sent in time
                outcome = ENDED
            assert outcome in (SLOW[behaviour][1], ENDED)

    async def ordinary(port: int) -> None:
        nonlocal served
        async with Client(port) as client:
            while not all_gone.done():
                assert (await client.ask(UPLOAD)).status == 200
                served += 1
                await asyncio.sleep(0.01)

    with serving(**TIMEOUTS) as running:
        all_gone = asyncio.gather(
            *(slow(each, running.port) for each, (count, _) in SLOW.items() for _ in range(count))
        )
        await asyncio.gather(all_gone, ordinary(running.port))
    assert served > 3


@pytest.mark.parametrize(
    "behaviour",
    [
        dripped_headers,
        half_headers_of_a_second_request,
        half_headers_after_a_request,
        half_body_after_a_request,
        dripped_body,
    ],
)
async def test_slow_requests_get_a_typed_408(behaviour: Callable[[Client], Awaitable[Outcome]]) -> None:
    with serving(header_timeout=0.3, body_timeout=0.2) as running:
        async with Client(running.port) as client:
            assert await behaviour(client) == TIMED_OUT
            assert await client.rest() == b""


async def test_stream_lasts_longer_than_all_timeouts() -> None:
    with serving(header_timeout=0.2, body_timeout=0.2, idle_timeout=0.2, write_timeout=0.2) as running:
        async with Client(running.port) as client:
            client.send(get("/stream"))
            assert (await client.reader.readuntil(b"end")).count(b",") == 50


async def test_running_request_has_no_timeout_here() -> None:
    with serving(header_timeout=0.1, body_timeout=0.1, idle_timeout=0.1, write_timeout=0.1) as running:
        async with Client(running.port) as client:
            client.send(get("/hold") + get()[:-10])  # the next one is late, but the first one's response comes first
            await asyncio.sleep(0.4)
            running.release()
            assert (await client.response()).json["path"] == "/hold"
            assert (await client.response()).refused == TIMED_OUT


async def test_unfinished_bodies_are_bounded_in_total() -> None:
    """The oldest ones are given up, so a body that arrives quickly gets through."""
    limit, size = 1_000_000, MAX_BODY - 10
    with serving(max_buffered_bodies=limit) as running:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(running.port)) for _ in range(30)]
            for client in clients:
                client.send(post(b"x" * MAX_BODY)[:-10])
                await client.writer.drain()
                quick = post(b"x" * MAX_BODY)
                async with Client(running.port) as other:
                    other.send(quick[:50_000])
                    await asyncio.sleep(0.005)
                    assert (await other.ask(quick[50_000:])).status == 200
                held = running.call(lambda: running.worker._body_bytes)
                assert 0 < held <= limit
            fitting = limit // size
            for client in clients[: -fitting - 1]:
                assert (await client.response()).refused == (503, "OVERLOADED")
            for client in clients[2 - fitting :]:
                assert (await client.ask(b"x" * 10)).status == 200
        await asyncio.sleep(0.05)
        assert running.call(lambda: running.worker._body_bytes) == 0


async def test_unread_responses_are_bounded_in_total() -> None:
    """Those that have waited longest for their clients are cut."""
    limit = 2 * len(LARGE)
    with serving(max_buffered_responses=limit, header_timeout=0.2) as running:
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for _ in range(8):
                clients.append(await stack.enter_async_context(Client(running.port, 65_536)))
                clients[-1].send(get("/large"))
                await asyncio.sleep(0.1)
            assert running.call(lambda: sum(each.unread for each in running.worker.connections)) <= limit
            assert len(await clients[0].rest()) < len(LARGE)
            assert len(await clients[-1].reader.readexactly(len(LARGE))) == len(LARGE)
