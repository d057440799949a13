"""Clients without a credential that try to hurt a worker: `plangate serve`, over raw sockets.

    python tests/bench/soak_connections.py

1. One header of 100 MB. It is refused (431), and costs the worker neither CPU nor memory.
2. 300 unfinished bodies of 999 kB. They are bounded in total, and so is the worker's memory.
3. 150 each of clients that drip their headers, send half of them, are idle, and drip their body. All are gone in time,
   and an ordinary client waits at most 300 ms (95th percentile).
4. One client reads a response of 12 MB slowly, and gets all of it. 60 clients that read nothing of it are gone in time,
   and their memory is free.

The limits are those by default, but for the timeouts of 3 and 4, which are shorter. Takes a little more than a minute.
"""

import asyncio
import contextlib
import os
import select
import socket
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from serving import CHEAP, Client, resident, worker

from plangate.server import raise_file_limit

SETTINGS = {
    "PLANGATE_HTTP__HEADER_TIMEOUT": "4",
    "PLANGATE_HTTP__BODY_TIMEOUT": "5",
    "PLANGATE_HTTP__IDLE_TIMEOUT": "6",
    "PLANGATE_HTTP__WRITE_TIMEOUT": "4",
    "PLANGATE_LIMITS__ALIASES": "100",
}
GONE_S = 15.0
"""Seconds after which every slow client must be gone."""

LARGE = (
    "{ " + " ".join(f"a{n}: plans(first: 1000) {{ nodes {{ ...P }} }}" for n in range(9)) + " } "
    "fragment P on Plan { id title status startDate endDate sortDate createdAt updatedAt description "
    + " ".join(f"title{n}: displayTitle id{n}: id" for n in range(18)) + " }"
)  # fmt: skip


def cpu(pid: int) -> float:
    """Seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def post(body: bytes) -> bytes:
    head = b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


async def opened(port: int, buffer: int | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=connection)


async def status(reader: asyncio.StreamReader) -> str:
    """Status and code of the response; what happened instead, if there is none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = orjson.loads(await reader.readexactly(length))
        code = body["errors"][0]["extensions"]["code"] if "errors" in body else "data"
        return f"{head[9:12].decode()} {code}"
    except asyncio.IncompleteReadError:
        return "closed"
    except OSError as error:
        return type(error).__name__


# -------------------------------------------------------------------------------------------------------------- attacks


async def huge_header(pid: int, port: int) -> None:
    used, memory, began = cpu(pid), resident(pid), time.monotonic()
    reader, writer = await opened(port)
    writer.write(b"GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
    answer = asyncio.create_task(status(reader))
    sent, answered_after = 0, 0.0
    with contextlib.suppress(OSError):
        while sent < 100_000_000:
            writer.write(b"a" * 100_000)
            await writer.drain()
            sent += 100_000
            if answer.done() and not answered_after:
                answered_after = time.monotonic() - began
    got = await answer
    writer.close()
    used = cpu(pid) - used
    print(f"header of 100 MB: {got} after {1000 * answered_after:.0f} ms, {used:.2f} s of CPU, "
          f"{resident(pid) - memory:+.0f} MB", flush=True)  # fmt: skip
    assert got == "431 HEADERS_TOO_LARGE"
    assert used < 1.0 and resident(pid) - memory < 10


async def unfinished_bodies(pid: int, port: int) -> None:
    memory, highest = resident(pid), 0.0
    body = orjson.dumps({"query": CHEAP, "padding": "x" * 998_900})
    clients = [await opened(port) for _ in range(300)]
    answers = [asyncio.create_task(status(reader)) for reader, _ in clients]
    for _, writer in clients:
        with contextlib.suppress(OSError):
            writer.write(post(body)[:-1])
            await writer.drain()
        highest = max(highest, resident(pid) - memory)
    await asyncio.sleep(1)
    highest = max(highest, resident(pid) - memory)
    refused = Counter(answer.result() for answer in answers if answer.done())
    for answer, (_, writer) in zip(answers, clients, strict=True):
        if not answer.done():
            writer.write(body[-1:])
    finished = Counter([await answer for answer in answers])
    for _, writer in clients:
        writer.close()
    print(f"300 bodies of 999 kB: {highest:+.0f} MB at most; refused {dict(refused)}, all {dict(finished)}", flush=True)
    assert highest < 150
    assert set(finished) == {"503 OVERLOADED", "200 data"}
    assert finished["200 data"] >= 16, "those that fit are served, but as they end all at once, not all of them"


async def dripped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> str:
    answer = asyncio.create_task(status(reader))
    for byte in data:
        if answer.done():
            break
        with contextlib.suppress(OSError):
            writer.write(bytes([byte]))
        await asyncio.wait([answer], timeout=1)
    return await answer


async def dripped_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    return await dripped(reader, writer, b"GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"a" * 1_000)


async def half_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    writer.write(b"GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n")
    return await status(reader)


async def idle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> str:
    return await status(reader)


async def dripped_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    request = post(b" " * 1_000)
    writer.write(request[:-990])
    return await dripped(reader, writer, request[-990:])


async def unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Until the connection is reset."""
    writer.write(post(orjson.dumps({"query": LARGE})))
    reset = select.poll()
    reset.register(writer.get_extra_info("socket").fileno(), select.POLLHUP)
    while not reset.poll(0):
        await asyncio.sleep(0.1)
    return "reset"


SLOW: dict[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[str]], str] = {
    dripped_headers: "408 REQUEST_TIMEOUT",
    half_headers: "408 REQUEST_TIMEOUT",
    idle: "closed",
    dripped_body: "408 REQUEST_TIMEOUT",
}


async def ordinary(port: int, seconds: float) -> float:
    """The 95th percentile of a cheap query, in milliseconds."""
    took, ends = [], time.monotonic() + seconds
    async with Client(port) as client:
        while time.monotonic() < ends:
            began = time.perf_counter()
            assert (await client.ask(CHEAP)).startswith(b'{"data"')
            took.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(0.02)
    return statistics.quantiles(took, n=20)[-1]


async def slow_clients(port: int) -> None:
    alone = await ordinary(port, 3)

    async def one(behaviour: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[str]]) -> str:
        reader, writer = await opened(port, 4_096)
        try:
            async with asyncio.timeout(GONE_S):
                return await behaviour(reader, writer)
        except TimeoutError:
            return "still there"
        finally:
            writer.close()

    kinds = [behaviour for behaviour in SLOW for _ in range(150)]
    outcomes = asyncio.gather(*(one(behaviour) for behaviour in kinds))
    beside = await ordinary(port, GONE_S)
    counted = Counter(zip((each.__name__ for each in kinds), await outcomes, strict=True))
    for (name, outcome), count in counted.items():
        print(f"{count} x {name}: {outcome}")
    print(f"an ordinary client: p95 {alone:.0f} ms alone, {beside:.0f} ms beside them", flush=True)
    assert counted == {(behaviour.__name__, outcome): 150 for behaviour, outcome in SLOW.items()}
    assert beside < 300


async def unread_responses(pid: int, port: int, count: int) -> None:
    reader, writer = await opened(port)
    writer.write(post(orjson.dumps({"query": LARGE})))
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    received, began = 0, time.monotonic()
    while received < length:  # slowly, but without a pause of `write_timeout`
        received += len(await reader.read(2**20))
        await asyncio.sleep(0.5)
    print(f"a client that reads {received / 1e6:.1f} MB in {time.monotonic() - began:.0f} s is served", flush=True)
    writer.close()
    memory, highest = resident(pid), 0.0

    async def one() -> str:
        reader, writer = await opened(port, 4_096)
        try:
            async with asyncio.timeout(60):
                return await unread(reader, writer)
        finally:
            writer.close()

    outcomes = asyncio.gather(*(one() for _ in range(count)))
    while not outcomes.done():
        highest = max(highest, resident(pid) - memory)
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    after = resident(pid) - memory
    print(
        f"{count} unread responses of {length / 1e6:.1f} MB: all reset; {highest:+.0f} MB at most, {after:+.0f} MB after"
    )
    assert set(await outcomes) == {"reset"}


async def main() -> None:
    raise_file_limit(2_000)
    async with worker() as (pid, port):
        await huge_header(pid, port)
        await unfinished_bodies(pid, port)
    async with worker(scale=100, **SETTINGS) as (pid, port):
        await slow_clients(port)
        await unread_responses(pid, port, 60)


if __name__ == "__main__":
    asyncio.run(main())
