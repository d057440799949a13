"""What one GET costs, by HTTP client: the numbers behind the choice in plangate/upstream/transport.py.

    PYTHONPATH=src python tests/bench/http_clients.py [--concurrency 16] [--calls 4000]

A local server in a process of its own answers JSON of two sizes. The CPU is that of the client's process alone, Rust
threads included, and the best of three rounds counts: the machine has other things to do. The last rows read the body
in pieces under a size limit and a deadline, as the gateway must; `Upstream` is all of plangate/upstream.
"""

import argparse
import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import orjson
from pyreqwest.client import Client, ClientBuilder

from plangate.upstream import Upstream

SIZES = (1_000, 50_000)
Get = Callable[[str], Awaitable[Any]]

SERVER = (
    f"SIZES = {SIZES}"
    + """
import asyncio, orjson, uvicorn
bodies = {f"/{size}": orjson.dumps({"data": ["x" * 98] * (size // 100)}) for size in SIZES}
async def app(scope, receive, send):
    body = bodies[scope["path"]]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
async def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving
asyncio.run(main())
"""
)


class OverPyreqwest(httpx2.AsyncBaseTransport):
    """httpx2's API, with the bytes moved by pyreqwest."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        sent = self.client.request(request.method, str(request.url)).headers(request.headers.multi_items())
        response = await sent.build().send()
        return httpx2.Response(
            response.status, headers=list(response.headers.items()), content=bytes(await response.bytes())
        )


@contextlib.asynccontextmanager
async def with_httpx2() -> AsyncIterator[Get]:
    async with httpx2.AsyncClient() as client:

        async def get(url: str) -> Any:
            return orjson.loads((await client.get(url)).content)

        yield get


@contextlib.asynccontextmanager
async def with_httpx2_over_pyreqwest() -> AsyncIterator[Get]:
    async with ClientBuilder().build() as below, httpx2.AsyncClient(transport=OverPyreqwest(below)) as client:

        async def get(url: str) -> Any:
            return orjson.loads((await client.get(url)).content)

        yield get


@contextlib.asynccontextmanager
async def with_pyreqwest() -> AsyncIterator[Get]:
    async with ClientBuilder().build() as client:

        async def get(url: str) -> Any:
            response = await client.get(url).build().send()
            return orjson.loads(bytes(await response.bytes()))

        yield get


@contextlib.asynccontextmanager
async def with_httpx2_streaming() -> AsyncIterator[Get]:
    async with httpx2.AsyncClient() as client:

        async def get(url: str) -> Any:
            body = bytearray()
            async with asyncio.timeout(10), client.stream("GET", url) as response:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    assert len(body) < 10_000_000
            return orjson.loads(body)

        yield get


@contextlib.asynccontextmanager
async def with_pyreqwest_streaming() -> AsyncIterator[Get]:
    async with ClientBuilder().build() as client:

        async def get(url: str) -> Any:
            body = bytearray()
            async with asyncio.timeout(10), client.get(url).build_streamed() as response:
                while (chunk := await response.body_reader.read_chunk()) is not None:
                    body += chunk
                    assert len(body) < 10_000_000
            return orjson.loads(body)

        yield get


@contextlib.asynccontextmanager
async def with_upstream() -> AsyncIterator[Get]:
    ups: dict[str, Upstream] = {}
    count = 0

    async def get(url: str) -> Any:
        nonlocal count
        base, _, path = url.rpartition("/")
        if base not in ups:
            ups[base] = Upstream("bench", base, concurrency=64)
        count += 1  # else equal GETs would be made once, which is not what is measured here
        return await ups[base].get(path, {"n": count})

    yield get
    for upstream in ups.values():
        await upstream.close()


CLIENTS = {
    "httpx2": with_httpx2,
    "httpx2 over pyreqwest": with_httpx2_over_pyreqwest,
    "pyreqwest": with_pyreqwest,
    "httpx2, streamed + deadline": with_httpx2_streaming,
    "pyreqwest, streamed + deadline": with_pyreqwest_streaming,
    "Upstream (on pyreqwest)": with_upstream,
}


async def cpu_per_get(get: Get, url: str, calls: int, concurrency: int) -> tuple[float, float]:
    """Microseconds of CPU and of wall time per call."""
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await get(url)

    await get(url)
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return (time.process_time() - cpu) / calls * 1e6, (time.perf_counter() - wall) / calls * 1e6


async def main(calls: int, concurrency: int) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            print(f"concurrency {concurrency}, {calls} GETs, best of 3; microseconds per GET: CPU of the client (wall)")
            print(f"{'':32}" + "".join(f"{f'{size:,} bytes':>20}" for size in SIZES))
            for name, client in CLIENTS.items():
                row = f"{name:32}"
                async with client() as get:
                    for size in SIZES:
                        rounds = [await cpu_per_get(get, f"{base}/{size}", calls, concurrency) for _ in range(3)]
                        cpu, wall = min(rounds)
                        row += f"{f'{cpu:.0f} ({wall:.0f})':>20}"
                print(row, flush=True)
        finally:
            server.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--calls", type=int, default=4000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.calls, arguments.concurrency))
