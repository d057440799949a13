"""What a client may send: sizes, framing, pipelining. Raw bytes over real sockets."""

import asyncio
import time
from collections.abc import Iterator
from typing import cast

import pytest

from plangate.server import HttpProtocol

from .running import MAX_BODY, Client, get, post, serving

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as running:
        yield running.port


async def refusal(port: int, *parts: bytes) -> tuple[int, str]:
    """Status and code of the answer to the parts, each sent as a packet of its own; the connection must be closed."""
    async with Client(port) as client:
        for part in parts:
            client.send(part)
            await asyncio.sleep(0.02)
        response = await client.response()
        assert response.headers["connection"] == "close"
        assert await client.rest() == b""
        return response.refused


# --------------------------------------------------------------------------------------------------------------- sizes


async def test_url_of_8192_bytes_is_served_and_a_longer_one_refused(port: int) -> None:
    async with Client(port) as client:
        response = await client.ask(get("/" + "a" * 8191))
        assert (response.status, len(response.json["path"])) == (200, 8192)
    for whole in (get("/" + "a" * 8192), get("/?q=" + "a" * 30_000)):
        assert await refusal(port, whole) == (414, "URI_TOO_LONG")
        assert await refusal(port, whole[:5000], whole[5000:8300]) == (414, "URI_TOO_LONG"), "even before its end"


async def test_headers_of_32768_bytes_are_served_and_larger_ones_refused(port: int) -> None:
    name_and_host = len("X: \r\n") + len("Host: x\r\n")
    fitting = get("/", "X: " + "a" * (32_768 - name_and_host))
    async with Client(port) as client:
        assert (await client.ask(fitting)).status == 200
        for start in range(0, len(fitting), 10_000):  # the same in several packets
            client.send(fitting[start : start + 10_000])
            await asyncio.sleep(0.01)
        assert (await client.response()).status == 200
    larger = get("/", "X: " + "a" * (32_769 - name_and_host))
    assert await refusal(port, larger) == (431, "HEADERS_TOO_LARGE")
    assert await refusal(port, larger[:9_000], larger[9_000:]) == (431, "HEADERS_TOO_LARGE")


async def test_number_of_headers_is_limited(port: int) -> None:
    async with Client(port) as client:
        assert (await client.ask(get("/", *["a:"] * 199))).status == 200
    whole = get("/", *["a:"] * 200)
    assert await refusal(port, whole) == (431, "HEADERS_TOO_LARGE")
    assert await refusal(port, get("/", *["a:"] * 202)[:-2]) == (431, "HEADERS_TOO_LARGE"), "even before their end"


async def test_idle_connection_keeps_nothing_of_its_last_request() -> None:
    with serving() as running:
        async with Client(running.port) as client:
            assert (await client.ask(post(b"x" * MAX_BODY, "X: " + "a" * 30_000))).status == 200
            [protocol] = cast(set[HttpProtocol], running.worker.connections)
            kept = running.call(lambda: (protocol.cycle, protocol.scope, protocol.headers, protocol._body))
            assert kept == (None, None, None, b"")


async def test_endless_header_is_refused_after_few_bytes_and_without_cpu() -> None:
    with serving() as running:
        before = running.call(time.thread_time)
        async with Client(running.port) as client:
            client.send(b"GET / HTTP/1.1\r\nX: ")
            answer = asyncio.create_task(client.response())
            piece, sent = b"a" * 50_000, 0
            while not answer.done():
                assert sent < 50_000_000
                client.send(piece)
                await client.writer.drain()
                await asyncio.sleep(0.001)
                sent += len(piece)
            assert (await answer).refused == (431, "HEADERS_TOO_LARGE")
            while sent < 100_000_000:  # the client goes on; what it sends costs next to nothing
                client.send(piece)
                await client.writer.drain()
                sent += len(piece)
        assert running.call(time.thread_time) - before < 1.0


async def test_body_over_the_limit_is_refused(port: int) -> None:
    too_large = (413, "PAYLOAD_TOO_LARGE")
    async with Client(port) as client:
        assert len((await client.ask(post(b"x" * MAX_BODY))).json["body"]) == MAX_BODY
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1)
    assert await refusal(port, head) == too_large, "before any of it has arrived"
    assert await refusal(port, post(b"x" * (MAX_BODY + 1))) == too_large
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert await refusal(port, CHUNKED, *[chunk] * 4) == too_large


async def test_trailers_and_chunk_extensions_are_bounded(port: int) -> None:
    assert await refusal(port, CHUNKED + b"1\r\nx\r\n0\r\nX: ", *[b"a" * 20_000] * 4) == (431, "HEADERS_TOO_LARGE")
    many = b"".join(b"X-%d: a\r\n" % n for n in range(2_000))
    assert await refusal(port, CHUNKED + b"1\r\nx\r\n0\r\n", many, many) == (431, "HEADERS_TOO_LARGE")
    assert await refusal(port, CHUNKED + b"1;", *[b"a" * 20_000] * 4) == (431, "HEADERS_TOO_LARGE")


# ------------------------------------------------------------------------------------------------------------- framing


async def test_trailers_are_not_headers(port: int) -> None:
    async with Client(port) as client:
        response = await client.ask(CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
        assert response.json["body"] == "abc"
        assert response.json["headers"] == [["host", "x"], ["transfer-encoding", "chunked"]]


async def test_request_may_arrive_in_any_pieces() -> None:
    """A POST, a chunked POST and a GET in one stream, cut in two at each byte."""
    stream = post(b"first", "X-A: 1") + CHUNKED + b"6\r\nsecond\r\n0\r\n\r\n" + get("/third?a=1")
    with serving() as running:
        async with Client(running.port) as client:
            await client.ask(get())
            [protocol] = cast(set[HttpProtocol], running.worker.connections)
            for cut in range(1, len(stream)):
                pieces = stream[:cut], stream[cut:]
                running.call(lambda pieces=pieces: [protocol.data_received(piece) for piece in pieces])  # type: ignore[misc]
                first, second, third = [(await client.response()).json for _ in range(3)]
                assert (first["body"], second["body"]) == ("first", "second")
                assert (third["path"], third["query"]) == ("/third", "a=1")


async def test_expect_100_continue(port: int) -> None:
    async with Client(port) as client:
        for _ in range(2):
            client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            assert (await client.ask(b"abc")).json["body"] == "abc"
        assert (await client.ask(post(b"abc", "Expect: 100-continue"))).json["body"] == "abc", "it did not wait"
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.response()).refused == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", CHUNKED + b"zz\r\n", "GET /é HTTP/1.1\r\n\r\n".encode("latin-1"),
    ],
)  # fmt: skip
async def test_malformed_requests_get_a_typed_400(port: int, data: bytes) -> None:
    assert await refusal(port, data) == (400, "BAD_REQUEST")


async def test_http_1_0_and_connection_close_end_the_connection(port: int) -> None:
    for request in (b"GET / HTTP/1.0\r\n\r\n", get("/", "Connection: close")):
        async with Client(port) as client:
            assert (await client.ask(request)).headers["connection"] == "close"
            assert await client.rest() == b""


OFFER = ("Connection: Upgrade, HTTP2-Settings, keep-alive", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")


async def test_offer_to_upgrade_is_ignored_and_the_body_arrives(port: int) -> None:
    """Java's HTTP client sends such an offer with each request."""
    chunked = CHUNKED[:-2] + "\r\n".join((*OFFER, "", "")).encode() + b"3\r\nabc\r\n0\r\n\r\n"
    for request in (post(b"abc", *OFFER), chunked):
        async with Client(port) as client:
            for cut in (len(request), len(request) - 4, 60):
                client.send(request[:cut])
                await asyncio.sleep(0.01)
                client.send(request[cut:])
                assert (await client.response()).json["body"] == "abc"
            assert (await client.ask(get())).status == 200
    websocket = get("/", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    async with Client(port) as client:
        assert (await client.ask(websocket)).status == 200


# ---------------------------------------------------------------------------------------------------------- pipelining


async def test_pipelined_requests_are_answered_in_order() -> None:
    with serving() as running:
        async with Client(running.port) as client:
            client.send(get("/hold") + get("/2") + post(b"x", path="/3"))
            await asyncio.sleep(0.02)
            assert running.application.started == ["/hold"]
            running.release()
            assert [(await client.response()).json["path"] for _ in range(3)] == ["/hold", "/2", "/3"]


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", get("/" + "a" * 9_000), b"G" * 100_000])
async def test_response_of_an_earlier_request_is_not_spoiled_by_a_bad_one(data: bytes) -> None:
    with serving() as running:
        async with Client(running.port) as client:
            client.send(get("/hold") + get("/2") + data)
            await asyncio.sleep(0.02)
            running.release()
            assert [(await client.response()).json["path"] for _ in range(2)] == ["/hold", "/2"]
            assert await client.rest() == b""


async def test_pipelined_requests_are_bounded() -> None:
    with serving() as running:
        async with Client(running.port) as client:
            client.send(get("/hold") + get("/2") * 1_000)
            await asyncio.sleep(0.05)
            running.release()
            answers = await client.rest()
            assert answers.count(b"HTTP/1.1 200") == 17
            assert b"connection: close" in answers


async def test_client_that_has_gone_is_noticed_while_its_request_runs() -> None:
    with serving() as running:
        async with Client(running.port) as client:
            client.send(get("/hold"))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.02)
        running.release()
        await asyncio.sleep(0.02)
        assert running.application.disconnected == ["/hold"]


async def test_server_that_stops_answers_requests_that_have_begun() -> None:
    with serving() as running:
        async with Client(running.port) as begun, Client(running.port) as runs, Client(running.port) as idle:
            request = post(b"abc")
            begun.send(request[:-2])
            runs.send(get("/hold"))
            assert (await idle.ask(get())).status == 200
            running.call(lambda: [each.shutdown() for each in tuple(running.state.connections)])
            assert await idle.rest() == b""
            begun.send(request[-2:])
            running.release()
            for client in (begun, runs):
                response = await client.response()
                assert (response.status, response.headers["connection"]) == (200, "close")
                assert await client.rest() == b""
