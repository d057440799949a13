"""One upstream system becomes slow: what that does to those who do not ask it.

    python tests/bench/isolation.py

Starts `plangate serve` on a SQLite store with demo data and on an emulated Planning Center, which takes five seconds
for any answer. Sixteen clients ask the store, first alone, then while sixteen others wait for the slow system. Prints
the latency of those who ask the store in both cases, several times, and the ratio.
"""

import asyncio
import itertools
import statistics
import time

from serving import Client, worker

from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve

CLIENTS = 16
SECONDS = 8.0
STORE = '{{ plans(sources: ["store"], first: {}) {{ nodes {{ id title serviceType {{ name }} }} }} }}'
SLOW = '{{ plans(sources: ["planning_center"], first: {}) {{ nodes {{ id title }} }} }}'


async def asked(port: int, query: str, ends: float) -> list[float]:
    """The latency of each request of one client, in milliseconds. All requests differ, so that none is shared."""
    took = []
    async with Client(port) as client:
        for n in itertools.count(1):
            if time.monotonic() > ends:
                return took
            began = time.perf_counter()
            await client.ask(query.format(1 + n % 40))
            took.append(1000 * (time.perf_counter() - began))
    return took


async def measured(port: int, *, beside: bool) -> tuple[float, float]:
    """Median and 99th percentile of those who ask the store."""
    ends = time.monotonic() + SECONDS
    others = [asyncio.create_task(asked(port, SLOW, ends)) for _ in range(CLIENTS if beside else 0)]
    took = sorted(itertools.chain(*await asyncio.gather(*(asked(port, STORE, ends) for _ in range(CLIENTS)))))
    slow = list(itertools.chain(*await asyncio.gather(*others)))
    print(f"  {len(took)} of the store; of the slow system {len(slow)}, at least {min(slow, default=0):.0f} ms each")
    return statistics.median(took), statistics.quantiles(took, n=100)[-1]


async def main() -> None:
    emulator = PlanningCenterEmulator(rate_limit=None)
    async with serve(emulator.app) as url:
        settings = {"URL": f"{url}/services/v2", "APP_ID": "app-id", "SECRET": "secret", "TIME_ZONE": "UTC"}
        environment = {f"PLANGATE_PLANNING_CENTER__{name}": value for name, value in settings.items()}
        async with worker(**environment) as (_, port):
            await measured(port, beside=False)  # until all is warm
            emulator.faults.set(Faults(latency=5.0))
            for _ in range(3):
                median, p99 = await measured(port, beside=False)
                beside_median, beside_p99 = await measured(port, beside=True)
                print(f"alone: median {median:.1f} ms, p99 {p99:.1f} ms; ", end="")
                print(f"beside: median {beside_median:.1f} ms, p99 {beside_p99:.1f} ms; p99 x {beside_p99 / p99:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
