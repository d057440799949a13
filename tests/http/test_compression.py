"""Responses are compressed as clients accept it; request bodies may be compressed with gzip."""

import gzip
import sys
import threading
import zlib
from collections.abc import Callable

import brotli
import httpx2
import orjson
import pytest

from plangate.http import compression

from .gateway import client_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress
}  # fmt: skip
JSON = {"content-type": "application/json"}


def query_of(size: int) -> dict[str, str]:
    """A request whose response is so many bytes long."""
    return {"query": "{ %s: __typename }" % ("a" * (size - len('{"data":{"":"Query"}}')))}


async def raw_response(
    client: httpx2.AsyncClient, size: int, accept_encoding: str | None
) -> tuple[dict[str, str], bytes]:
    """The headers and the body as they are sent."""
    headers = {} if accept_encoding is None else {"accept-encoding": accept_encoding}
    async with client.stream("POST", "/graphql", json=query_of(size), headers=headers) as response:
        assert response.status_code == 200
        body = b"".join([chunk async for chunk in response.aiter_raw()])
        assert int(response.headers["content-length"]) == len(body)
        return dict(response.headers), body


@pytest.mark.parametrize("coding", DECOMPRESS)
async def test_a_response_is_compressed_from_a_size_on(coding: str) -> None:
    async with client_of() as client:
        for size in (compression.MIN_SIZE, compression.THREAD_SIZE // 2):
            headers, body = await raw_response(client, size, coding)
            assert headers["content-encoding"] == coding
            assert "Accept-Encoding" in headers["vary"]
            assert len(body) < size / 5
            assert len(DECOMPRESS[coding](body)) == size
            assert orjson.loads(DECOMPRESS[coding](body))["data"]
        headers, body = await raw_response(client, compression.MIN_SIZE - 1, coding)
        assert "content-encoding" not in headers
        assert "Accept-Encoding" in headers["vary"]
        assert len(body) == compression.MIN_SIZE - 1


async def test_a_response_is_not_compressed_for_others() -> None:
    async with client_of() as client:
        for accept_encoding in (None, "", "identity", "gzip;q=0", "deflate"):
            headers, body = await raw_response(client, 2_000, accept_encoding)
            assert "content-encoding" not in headers
            assert len(body) == 2_000
    async with client_of(compression=False) as client:
        assert "content-encoding" not in (await raw_response(client, 2_000, "gzip"))[0]


async def test_a_long_response_is_compressed_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []

    def seen(body: bytes) -> bytes:
        threads.append(threading.current_thread() is threading.main_thread())
        return zlib.compress(body)

    monkeypatch.setitem(compression.COMPRESSORS, "gzip", seen)
    await compression.compress(b"x" * (compression.THREAD_SIZE - 1), "gzip")
    await compression.compress(b"x" * compression.THREAD_SIZE, "gzip")
    assert threads == [True, False]


QUERY = b'{"query": "{ __typename }"}'
ANSWER = {"data": {"__typename": "Query"}}


async def post(client: httpx2.AsyncClient, body: bytes, **headers: str) -> httpx2.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/graphql", content=body, headers=JSON | names)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
async def test_a_body_may_be_gzip(coding: str) -> None:
    async with client_of() as client:
        assert (await post(client, gzip.compress(QUERY), content_encoding=coding)).json() == ANSWER

        async def in_bytes():  # type: ignore[no-untyped-def]
            for byte in gzip.compress(QUERY):
                yield bytes([byte])

        response = await client.post("/graphql", content=in_bytes(), headers=JSON | {"content-encoding": coding})
        assert response.json() == ANSWER


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "nonsense", ""])
async def test_a_body_in_another_coding_is_refused(coding: str) -> None:
    async with client_of() as client:
        response = await post(client, QUERY, content_encoding=coding)
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "gzip"
    assert response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


BROKEN = {
    "not gzip": QUERY,
    "empty": b"",
    "truncated": gzip.compress(QUERY)[:-3],
    "wrong checksum": gzip.compress(QUERY)[:-8] + b"\0" * 8,
    "followed by text": gzip.compress(QUERY) + b"more",
    "two members": gzip.compress(QUERY) + gzip.compress(b" "),
    "zlib": zlib.compress(QUERY),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_body_that_is_not_one_gzip_stream_is_refused(name: str) -> None:
    async with client_of() as client:
        response = await post(client, BROKEN[name], content_encoding="gzip")
    assert response.status_code == 400
    assert "gzip" in response.json()["errors"][0]["message"]


async def test_the_size_limit_is_of_the_decompressed_body() -> None:
    def padded(size: int) -> bytes:
        return gzip.compress(QUERY + b" " * (size - len(QUERY)))

    async with client_of(max_body=100_000) as client:
        assert (await post(client, padded(100_000), content_encoding="gzip")).json() == ANSWER
        for size in (100_001, 20_000_000):
            response = await post(client, padded(size), content_encoding="gzip")
            assert response.status_code == 413
            assert "100000 bytes" in response.json()["errors"][0]["message"]


def test_a_bomb_is_not_decompressed() -> None:
    """20 MB of zeros are 20 kB of gzip: what is over the limit is never in memory."""
    gunzip = compression.Gunzip()
    bomb = gzip.compress(bytes(20_000_000))
    assert len(gunzip.feed(bomb, 1_001)) == 1_001


async def test_an_endless_body_that_decompresses_to_nothing_is_cut_off() -> None:
    compressor = zlib.compressobj(wbits=compression.GZIP)
    start = compressor.compress(b"") + compressor.flush(zlib.Z_SYNC_FLUSH)
    asked = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal asked
        yield start
        for _ in range(10_000):
            asked += 1
            yield b"\0\0\0\xff\xff" * 1_000  # empty blocks

    async with client_of(max_body=100_000) as client:
        response = await client.post("/graphql", content=endless(), headers=JSON | {"content-encoding": "gzip"})
    assert response.status_code == 413
    assert asked <= 25
