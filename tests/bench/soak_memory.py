"""A worker under a long load: memory over 12,000 requests of 200 operations, and latency beside hostile documents.

    python tests/bench/soak_memory.py [requests]

Prints the worker's resident memory as it goes, then the 99th percentile of a cheap query alone, beside the same number
of cheap queries from others, and beside hostile documents. Fails if memory grows after the first 2,400 requests.
"""

import asyncio
import itertools
import statistics
import sys
import time
from collections.abc import Iterator

from serving import CHEAP, Client, resident, worker

CLIENTS = 8
MAX_GROWTH_MB = 15.0
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


async def memory(pid: int, port: int, requests: int) -> None:
    asked = operations()
    print(f"{len(set(asked))} operations, {requests} requests; resident at first: {resident(pid):.0f} MB")
    laps = []
    for lap in range(5):
        numbers = iter(range(requests // 5))

        async def ask(numbers: Iterator[int] = numbers) -> None:
            async with Client(port) as client:
                for n in numbers:
                    assert (await client.ask(asked[n % len(asked)])).startswith(b'{"data":{"plans"')

        await asyncio.gather(*(ask() for _ in range(CLIENTS)))
        laps.append(resident(pid))
        print(f"after {(lap + 1) * requests // 5:>7}: {laps[-1]:.0f} MB", flush=True)
    assert laps[-1] - laps[0] < MAX_GROWTH_MB, "memory grows"


async def latency(port: int, beside: Iterator[str] | None, seconds: float = 5) -> tuple[float, float, float, int]:
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
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    async with worker() as (pid, port):
        await memory(pid, port, requests)
        for name, beside in (("alone", None), ("beside cheap ones", itertools.repeat(CHEAP)), ("hostile", hostile())):
            median, p99, worst, count = await latency(port, beside)
            print(f"{name}: median {median:.1f} ms, p99 {p99:.1f} ms, worst {worst:.1f} ms; {count} asked beside it")
        print(f"resident at last: {resident(pid):.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
