"""Overload in simulated time: what becomes of requests when more come than one event loop, or the store, can serve."""

import heapq
import itertools
import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from plangate.server.admission import REFUSALS_PER_S, UNQUEUED, Admission

READ_S = 40e-6
"""CPU that reading a request costs the loop."""
REFUSE_S = 30e-6


class Simulation:
    """An event loop in simulated time, its worker's admission, and a store with a pool of connections.

    A turn runs the timers that are due, then what was ready before it, as asyncio does.
    """

    def __init__(self, max_requests: int = 1_000, max_wait: float = 0.5) -> None:
        self.now = 0.0
        self.max_wait = max_wait
        self._ready: list[Callable[[], None]] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self.idle = 0.0
        self.admission = Admission(
            self,
            max_requests=max_requests,
            max_wait=max_wait,
            is_saturated=self.is_saturated,
            clock=lambda: self.now,
            cpu_clock=lambda: self.now - self.idle,
        )
        self.waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self.connections = 10
        self.store_free_at = 0.0
        self.store_answered_at = 0.0

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._ready.append(callback)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        self.call_at(self.now + delay, callback)

    def call_at(self, time: float, callback: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time, next(self._numbers), callback))

    def run(self, until: float) -> None:
        while self.now < until and (self._ready or self._timers):
            if not self._ready and self._timers[0][0] > self.now:
                self.idle += self._timers[0][0] - self.now
                self.now = self._timers[0][0]
            began = self.now
            while self._timers and self._timers[0][0] <= began:
                heapq.heappop(self._timers)[2]()
            ready, self._ready = self._ready, []
            for callback in ready:
                callback()
            self.now += 1e-6

    # The store executes one statement after the other, for at most as many as there are connections.

    def is_saturated(self) -> bool:
        return bool(self.waiting) and self.now - self.store_answered_at < 0.2

    def query(self, seconds: float, callback: Callable[[], None]) -> None:
        self.waiting.append((seconds, callback))
        self._send()

    def _send(self) -> None:
        while self.waiting and self.connections:
            self.connections -= 1
            seconds, callback = self.waiting.popleft()
            self.store_free_at = max(self.now, self.store_free_at) + seconds

            def answered(callback: Callable[[], None] = callback) -> None:
                self.connections += 1
                self.store_answered_at = self.now
                self.call_soon(callback)
                self._send()

            self.call_at(self.store_free_at, answered)


@dataclass
class Load:
    """Requests of one kind: `steps` of `cpu` / `steps` each, with a statement or a wait for an upstream in between."""

    simulation: Simulation
    cpu: float
    steps: int = 6
    statement: float = 0.0
    upstream: float = 0.0
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def at(self, rate: float, begin: float, end: float) -> None:
        """Requests come at a constant rate, whatever becomes of them."""
        for n in range(int((end - begin) * rate)):
            time = begin + n / rate
            self.simulation.call_at(time, lambda time=time: self.arrive(time))  # type: ignore[misc]

    def clients(self, count: int) -> None:
        """Clients that send the next request as soon as they are answered, or refused."""
        for n in range(count):
            client = Client(self)
            self.simulation.call_at(n * 1e-4, client.resume)

    def arrive(self, time: float, client: "Client | None" = None) -> None:
        simulation, admission = self.simulation, self.simulation.admission
        simulation.now += READ_S
        if admission.is_overloaded():
            simulation.now += REFUSE_S
            self.refused.append(simulation.now - time)
            if client is not None:
                admission.refused(client)
        else:
            admission.enter(Request(self, time, client))

    def capacity(self) -> float:
        return 1 / max(self.cpu + READ_S, self.statement * (self.steps - 1))

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.served, n=100)[-1]


class Client:
    def __init__(self, load: Load) -> None:
        self.load = load

    def resume(self) -> None:
        now = self.load.simulation.now
        self.load.simulation.call_at(now, lambda: self.load.arrive(now, self))


class Request:
    def __init__(self, load: Load, sent: float, client: Client | None) -> None:
        self.load, self.sent, self.client = load, sent, client
        self.left = load.steps

    def start(self) -> None:
        self.load.simulation.admission.running += 1
        self.load.simulation.call_soon(self.step)

    def step(self) -> None:
        load, simulation = self.load, self.load.simulation
        simulation.now += load.cpu / load.steps
        self.left -= 1
        if not self.left:
            simulation.admission.running -= 1
            load.served.append(simulation.now - self.sent)
            if self.client is not None:
                self.client.resume()
        elif load.upstream and self.left == 1:
            simulation.call_later(load.upstream, self.step)
        elif load.statement:
            simulation.query(load.statement, self.step)
        else:
            simulation.call_soon(self.step)


KINDS: dict[str, dict[str, Any]] = {
    "light": {"cpu": 0.0005},
    "usual": {"cpu": 0.004},
    "of many steps": {"cpu": 0.006, "steps": 40},
    "heavy": {"cpu": 0.03},
    "bound by the store": {"cpu": 0.002, "statement": 0.001},
    "bound by both": {"cpu": 0.005, "statement": 0.0009},
}
SECONDS = 5.0


@pytest.mark.parametrize("times", [2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_goodput_and_latency_hold_above_the_capacity(kind: str, times: int) -> None:
    simulation = Simulation()
    load = Load(simulation, **KINDS[kind])
    load.at(times * load.capacity(), 0, SECONDS)
    simulation.run(until=SECONDS)
    possible = SECONDS - times * load.capacity() * SECONDS * READ_S - len(load.refused) * REFUSE_S
    assert len(load.served) >= 0.9 * possible * load.capacity()
    assert load.p99 <= 1.5
    assert max(load.refused) <= 0.1


@pytest.mark.parametrize(
    ("kind", "count"),
    [("usual", 16), ("heavy", 16), ("usual", 64), ("usual", 300), ("heavy", 64), ("bound by both", 300)],
)
def test_clients_that_repeat_at_once(kind: str, count: int) -> None:
    """A few of them are just served. Many cannot use up the loop with refusals."""
    simulation = Simulation()
    load = Load(simulation, **KINDS[kind])
    load.clients(count)
    simulation.run(until=SECONDS)
    assert len(load.served) >= 0.8 * SECONDS * load.capacity()
    assert load.p99 <= 2.0
    assert len(load.refused) <= SECONDS * REFUSALS_PER_S
    assert not load.refused or count * load.cpu > simulation.max_wait


def test_requests_that_wait_for_an_upstream_neither_delay_nor_refuse_others() -> None:
    simulation = Simulation()
    slow = Load(simulation, cpu=0.002, steps=3, upstream=5.0)
    slow.at(150, 0, 5)
    store = Load(simulation, **KINDS["bound by both"])
    store.at(store.capacity() / 3, 0, 5)
    simulation.run(until=5)
    assert simulation.admission.running > 700
    assert not store.refused and not slow.refused
    assert store.p99 <= 0.1


def test_store_that_hangs_does_not_hold_up_requests_that_do_not_need_it() -> None:
    simulation = Simulation()
    hanging = Load(simulation, cpu=0.001, statement=1_000.0)
    hanging.at(100, 0, 5)
    others = Load(simulation, **KINDS["usual"])
    others.at(100, 0, 5)
    simulation.run(until=5)
    assert not hanging.served
    assert len(others.served) > 490 and not others.refused
    assert others.p99 <= 0.3


def test_no_more_than_the_limit_run_or_wait() -> None:
    simulation = Simulation(max_requests=50)
    load = Load(simulation, cpu=0.001, steps=3, upstream=60.0)
    load.at(1_000, 0, 1)
    simulation.run(until=1)
    assert len(load.refused) == 950
    assert 48 <= simulation.admission.running <= 50


def test_wait_is_bound_by_the_recent_pace() -> None:
    """After a while the worker knows what its requests take, and a burst of more than it can serve in time is cut."""
    simulation = Simulation(max_wait=0.2)
    load = Load(simulation, **KINDS["usual"])
    load.at(100, 0, 3)
    simulation.run(until=3.9)
    simulation.admission.measure()
    load.at(100_000, 4, 4.01)  # 1,000 requests, which would take 4 s
    simulation.run(until=10)
    assert 900 <= len(load.refused) <= 960
    assert max(load.served) <= 0.2 + 0.2


def test_no_request_waits_while_few_run() -> None:
    simulation = Simulation()
    load = Load(simulation, **KINDS["heavy"])
    for _ in range(UNQUEUED + 1):
        load.arrive(0)
    assert simulation.admission.running == UNQUEUED
