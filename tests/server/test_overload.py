"""More connections or requests than a worker can serve, over real sockets."""

import asyncio
import contextlib

from plangate.http.cors import Cors
from plangate.server.worker import RESERVED

from .running import Client, Running, get, post, serving

OVERLOADED = 503, "OVERLOADED"


async def holding(running: Running, stack: contextlib.AsyncExitStack, count: int) -> list[Client]:
    """Clients whose requests run until `running.release()`."""
    clients = [await stack.enter_async_context(Client(running.port)) for _ in range(count)]
    for client in clients:
        client.send(get("/hold"))
    async with asyncio.timeout(5):
        while running.application.started.count("/hold") < count:
            await asyncio.sleep(0.005)
    return clients


async def test_requests_above_the_limit_are_shed_and_the_connection_stays() -> None:
    with serving(max_requests=20) as running:
        async with contextlib.AsyncExitStack() as stack:
            clients = await holding(running, stack, 20)
            async with Client(running.port) as client:
                for request in (get(), post(b"x" * 50_000)):
                    response = await client.ask(request)
                    assert response.refused == OVERLOADED
                    assert response.headers["retry-after"] == "1"
                    assert response.headers["cache-control"] == "no-store"
                    assert "connection" not in response.headers
                client.send(get().replace(b"GET", b"HEAD"))
                assert (await client.response(head_only=True)).status == 503
                for path in ("/health", "/ready"):
                    assert (await client.ask(get(path))).json["path"] == path
                assert (await client.ask(get("/", "Connection: close"))).headers["connection"] == "close"
                assert await client.rest() == b""
            async with Client(running.port) as client:
                client.send(get()[:-5])
                await asyncio.sleep(0.02)
                running.call(lambda: [each.shutdown() for each in tuple(running.state.connections)])
                client.send(get()[-5:] + get("/health"))
                assert (await client.response()).headers["connection"] == "close"
                assert await client.rest() == b""
            running.release()
            for client in clients:
                assert (await client.response()).json["path"] == "/hold"
            async with Client(running.port) as client:
                assert (await client.ask(get())).status == 200
        assert running.application.started.count("/") == 1
        assert running.application.started.count("/health") == 1, "nothing is read after the end of a connection"


async def test_page_of_another_origin_can_read_a_refusal() -> None:
    cors = Cors(["https://app.test"], credentials=True, headers=[], exposed_headers=[], max_age=1)
    with serving(cors, max_requests=1) as running:
        async with contextlib.AsyncExitStack() as stack:
            await holding(running, stack, 1)
            for bad in ("", "GET / HTTP/1.1\r\nOrigin: https://app.test\r\nX: " + "a" * 90_000):
                async with Client(running.port) as client:
                    response = await client.ask(bad.encode() or get("/", "Origin: https://app.test"))
                    assert response.status in (431, 503)
                    assert response.headers["access-control-allow-origin"] == "https://app.test"
                    assert "origin" in response.headers["vary"]
            async with Client(running.port) as client:
                response = await client.ask(get("/", "Origin: https://other.test"))
                assert response.refused == OVERLOADED
                assert "access-control-allow-origin" not in response.headers


async def test_requests_that_wait_for_something_slow_do_not_delay_others() -> None:
    with serving() as running:
        async with contextlib.AsyncExitStack() as stack:
            await holding(running, stack, 300)
            async with Client(running.port) as client:
                for _ in range(100):
                    assert (await client.ask(get())).status == 200
            running.release()


async def test_pipelined_requests_are_shed_in_order() -> None:
    with serving(max_requests=1) as running:
        async with Client(running.port) as client, Client(running.port) as other:
            client.send(get("/hold") + get("/2") + get("/health") + get("/3"))
            await asyncio.sleep(0.02)
            assert (await other.ask(get())).refused == OVERLOADED
            running.release()
            answers = [await client.response() for _ in range(4)]
            assert [each.status for each in answers][::2] == [200, 200]
            assert all(each.status == 200 or each.refused == OVERLOADED for each in answers)


async def test_request_whose_client_has_gone_is_not_started() -> None:
    with serving() as running:
        async with contextlib.AsyncExitStack() as stack:
            await holding(running, stack, 16)
            async with Client(running.port) as client:
                await client.ask(get("/health"))
                # In one turn of the event loop, so that it is queued when the connection is lost.
                [protocol] = [each for each in running.state.connections if each.cycle is None]  # type: ignore[union-attr]
                running.call(lambda: (protocol.data_received(get("/gone")), protocol.connection_lost(None)))
            await asyncio.sleep(0.02)
            assert "/gone" not in running.application.started
            running.release()


async def test_connections_above_the_limit_get_503_at_once_and_health_an_answer() -> None:
    with serving(max_connections=3) as running:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(running.port)) for _ in range(3)]
            for client in clients:
                assert (await client.ask(get())).status == 200
            for request, status in ((get(), 503), (post(b"x" * 200), 503), (get("/health"), 200), (get("/ready"), 200)):
                async with Client(running.port) as client:
                    response = await client.ask(request)
                    assert (response.status, response.headers["connection"]) == (status, "close")
                    assert status == 200 or response.refused == OVERLOADED
                    assert await client.rest() == b""
            silent = [await stack.enter_async_context(Client(running.port)) for _ in range(RESERVED + 3)]
            for client in silent[:3]:
                assert (await client.response()).refused == OVERLOADED, "there are too many that say nothing"
            assert (await silent[-1].ask(get("/health"))).status == 200
            assert (await silent[5].response()).refused == OVERLOADED, "it has said nothing for a second"
            assert (await clients[0].ask(get())).status == 200
            await clients[0].__aexit__()
            await asyncio.sleep(0.02)
            async with Client(running.port) as client:
                assert "connection" not in (await client.ask(get())).headers


async def test_pipelined_requests_after_a_refusal_end_the_connection() -> None:
    """Thousands of them fit into one packet: each of their refusals would cost the loop time."""
    with serving(max_requests=1) as running:
        async with contextlib.AsyncExitStack() as stack:
            await holding(running, stack, 1)
            async with Client(running.port) as client:
                client.send(get() * 1_000)
                assert (await client.rest()).count(b"HTTP/1.1 503") == 2
