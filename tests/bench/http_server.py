"""What the HTTP server's limits cost a request: CPU of the server per request, with uvicorn's own protocol and with ours.

    python tests/bench/http_server.py [rounds]

A trivial ASGI application answers POST requests like a GraphQL client's over 16 keep-alive connections. Both servers
run at once and take turns, so that a busy machine slows both alike. Prints the median of the rounds, in microseconds.
"""

import asyncio
import multiprocessing
import resource
import socket
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any

import uvicorn

from plangate.server import STATE, Worker, server_config
from plangate.settings.http import HttpSettings

CLIENTS = 16
REQUESTS = 20_000
BODY = b'{"query":"query Q1($id: ID!) { plan(id: $id) { id title } }","variables":{"id":"Plan:store:1"}}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:8000\r\nuser-agent: bench\r\naccept: application/json\r\n"
    b"accept-encoding: gzip, deflate, br\r\ncontent-type: application/json\r\nauthorization: Bearer "
    + b"x"
    * 47
    + b"\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"11")]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        async with Worker(HttpSettings(), 1_000_000) as worker:
            scope["state"][STATE] = worker
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
    await send({"type": "http.response.body", "body": b'{"data":{}}'})


def serve(ours: bool, listener: socket.socket, asked: Connection) -> None:
    options: dict[str, Any] = {"loop": "uvloop"}
    if ours:
        config = server_config(application, **options)
    else:
        config = uvicorn.Config(
            application, http="httptools", ws="none", access_log=False, log_config=None, server_header=False,
            proxy_headers=False, lifespan="on", **options,
        )  # fmt: skip
    server = uvicorn.Server(config)

    async def run() -> None:
        serving = asyncio.create_task(server.serve([listener]))

        def answer() -> None:
            asked.recv()
            used = resource.getrusage(resource.RUSAGE_SELF)
            asked.send(used.ru_utime + used.ru_stime)

        asyncio.get_running_loop().add_reader(asked.fileno(), answer)
        await serving

    import uvloop

    uvloop.run(run())


@asynccontextmanager
async def server(ours: bool) -> AsyncIterator[tuple[int, Connection]]:
    listener = socket.create_server(("127.0.0.1", 0))
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(ours, listener, there))
    process.start()
    try:
        yield listener.getsockname()[1], here
    finally:
        process.terminate()
        process.join()


def cpu(pipe: Connection) -> float:
    pipe.send(None)
    return float(pipe.recv())


async def client(port: int, requests: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(requests):
        writer.write(REQUEST)
        data = await reader.readuntil(b'{"data":{}}')
        assert data.startswith(b"HTTP/1.1 200"), data
    writer.close()


async def measured(port: int, pipe: Connection) -> float:
    """Microseconds of CPU per request."""
    before = cpu(pipe)
    await asyncio.gather(*(client(port, REQUESTS // CLIENTS) for _ in range(CLIENTS)))
    return 1e6 * (cpu(pipe) - before) / REQUESTS


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    async with server(False) as theirs, server(True) as ours:
        await asyncio.sleep(1)
        taken: dict[str, list[float]] = {"uvicorn": [], "plangate": []}
        for _ in range(rounds):
            taken["uvicorn"].append(await measured(*theirs))
            taken["plangate"].append(await measured(*ours))
        for name, values in taken.items():
            print(f"{name}: {statistics.median(values):.1f} us ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    asyncio.run(main())
