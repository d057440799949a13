"""A worker under a long load: memory over 100,000 requests of 200 operations, and latency beside hostile documents.

    python tests/bench/soak.py [requests]

Starts `plangate serve` on a SQLite store with demo data and asks it over keep-alive connections. Prints the worker's
resident memory as it goes, then the 99th percentile of a cheap query alone, beside the same number of cheap queries
from others, and beside hostile documents.
"""

import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson

from plangate.sources.store import Store, migrate
from plangate.sources.store.demo import load

CLIENTS = 8
CHEAP = "{ sources { name } }"
FIELDS = ("title", "status", "description", "startDate", "endDate", "sortDate", "createdAt", "updatedAt", "archivedAt")
EDGES = (
    "", "serviceType { name }", "nextPlan { title }", "actions(first: 5) { nodes { title assignee { name } } }",
    "tasks(first: 5) { nodes { title } }", "subPlans(first: 3) { nodes { title } pageInfo { hasNextPage } }",
)  # fmt: skip


def operations() -> list[str]:
    """200 operations that differ in fields, edges and page."""
    pairs = itertools.product(range(1, 1 << len(FIELDS), 15), EDGES)
    made = [
        f"query Q{n} {{ plans(first: {5 + n % 40}) {{ nodes {{ id "
        f"{' '.join(field for i, field in enumerate(FIELDS) if bits >> i & 1)} {edge} }} }} }}"
        for n, (bits, edge) in enumerate(pairs)
    ]
    return made[:200]


def hostile() -> Iterator[str]:
    """Documents that are made to cost, all different."""
    for n in itertools.count():
        yield (
            "{ plans { nodes { ...F0 } } } "
            + " ".join(f"fragment F{i} on Plan {{ ...F{i + 1} ...F{i + 1} }}" for i in range(30))
            + f" fragment F30 on Plan {{ id a{n}: title }}"
        )
        yield "{ " + "title " * 100_000 + f"a{n}: title }}"
        yield "{ " + " ".join(f"a{i}_{n}: sources {{ name }}" for i in range(10_000)) + " }"
        yield f"{{ b{n}: plans {{ nodes {{ ...A }} }} }} fragment A on Plan {{ ...B }} fragment B on Plan {{ ...A }}"
        yield f"{{ c{n}: plans " + "{ nodes { subPlans " * 2_500 + "{ nodes { id } }" + " } }" * 2_500 + " }"
        types = "fields { type { " * 20 + "name" + " } }" * 20
        yield f"{{ d{n}: __schema {{ types {{ {types} }} }} }}"
        yield f"{{ e{n}: sources {{ name }} }}"


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def ask(self, query: str) -> bytes:
        body = orjson.dumps({"query": query})
        head = f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        return await self.reader.readexactly(length)


def resident(pid: int) -> float:
    """Megabytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1000


@asynccontextmanager
async def worker(**settings: str) -> AsyncIterator[tuple[int, int]]:
    """The worker's pid and port. `settings` go into its environment."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/soak.sqlite"
        await migrate(url)
        store = Store(url)
        await load(store)
        await store.close()
        port = 9200 + os.getpid() % 500
        environment = {
            **os.environ, "PLANGATE_STORE__URL": url, "PLANGATE_LOG_LEVEL": "error", "PLANGATE_PORT": str(port),
            "PLANGATE_AUTHENTICATION__ANONYMOUS_WORKSPACE": "demo", **settings,
        }  # fmt: skip
        command = [str(Path(sys.executable).parent / "plangate"), "serve", "--anonymous"]
        process = await asyncio.create_subprocess_exec(*command, env=environment)
        try:
            for _ in range(200):
                with suppress(OSError):
                    async with Client(port) as client:
                        await client.ask(CHEAP)
                        break
                await asyncio.sleep(0.1)
            yield process.pid, port
        finally:
            process.terminate()
            await process.wait()


async def memory(pid: int, port: int, requests: int) -> None:
    asked = operations()
    print(f"{len(set(asked))} operations, {requests} requests; resident at first: {resident(pid):.0f} MB")
    for lap in range(5):
        numbers = iter(range(requests // 5))

        async def ask(numbers: Iterator[int] = numbers) -> None:
            async with Client(port) as client:
                for n in numbers:
                    assert (await client.ask(asked[n % len(asked)])).startswith(b'{"data":{"plans"')

        await asyncio.gather(*(ask() for _ in range(CLIENTS)))
        print(f"after {(lap + 1) * requests // 5:>7}: {resident(pid):.0f} MB", flush=True)


async def latency(port: int, beside: Iterator[str] | None, seconds: float = 10) -> tuple[float, float, float, int]:
    """Of the cheap query, while two others ask what is `beside`: median, 99th percentile, worst; and how many those were."""
    ends, took, count = time.monotonic() + seconds, [], 0

    async def others() -> None:
        nonlocal count
        async with Client(port) as client:
            while beside is not None and time.monotonic() < ends:
                await client.ask(next(beside))
                count += 1

    async def cheap() -> None:
        async with Client(port) as client:
            while time.monotonic() < ends:
                began = time.perf_counter()
                await client.ask(CHEAP)
                took.append(1000 * (time.perf_counter() - began))
                await asyncio.sleep(0.005)

    await asyncio.gather(cheap(), others(), others())
    return statistics.median(took), statistics.quantiles(took, n=100)[-1], max(took), count


async def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    async with worker() as (pid, port):
        await memory(pid, port, requests)
        for name, beside in (("alone", None), ("beside cheap ones", itertools.repeat(CHEAP)), ("hostile", hostile())):
            median, p99, worst, count = await latency(port, beside)
            print(f"{name}: median {median:.1f} ms, p99 {p99:.1f} ms, worst {worst:.1f} ms; {count} asked beside it")
        print(f"resident at last: {resident(pid):.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
