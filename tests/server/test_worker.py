"""The sweep, with connections that say what they say at a given time."""

import asyncio
from typing import Any

import pytest
import structlog

from plangate.app import create_app
from plangate.server import STATE, Worker
from plangate.server.admission import Admission
from plangate.settings import AuthenticationSettings, Settings
from plangate.settings.http import HttpSettings
from plangate.source import Source


class Time:
    """An event loop's clock, set by hand. Nothing that is to be called later is called."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Any) -> None: ...

    def call_soon(self, callback: Any) -> None: ...


class Connection:
    """Its own transport and socket."""

    def __init__(self, deadline: float = 1e9) -> None:
        self.deadline = deadline
        self.waiting_since = 0.0
        self.unread = 0
        self.size = 0
        self.body = 0
        self.events: list[str] = []
        self.transport: Any = self

    def get_write_buffer_size(self) -> int:
        return self.size

    def get_extra_info(self, _: str) -> "Connection":
        return self

    def setsockopt(self, *_: Any) -> None:
        self.events.append("linger 0")

    def abort(self) -> None:
        self.events.append("abort")

    def expire(self) -> None:
        self.events.append("expire")

    def give_up_body(self) -> bool:
        raise NotImplementedError


class Swept(Worker):
    """`sweep(seconds)` lets time pass, then sweeps."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(HttpSettings(**limits), 1_000_000)
        self.clock = Time()
        self._loop = self.clock  # type: ignore[assignment]
        self.admission = Admission(self.clock, max_requests=1, max_wait=1, is_saturated=lambda: False)

    def sweep(self, seconds: float) -> None:
        self.clock.now += seconds
        self._sweep()


def test_connection_expires_at_its_deadline() -> None:
    worker, connection = Swept(), Connection(deadline=110.0)
    worker.add(connection)
    worker.sweep(9.9)
    assert connection.events == []
    worker.sweep(0.2)
    assert connection.events == ["expire"]


def test_unread_response_is_cut_only_while_no_byte_is_taken() -> None:
    worker, connection = Swept(write_timeout=30.0), Connection()
    worker.add(connection)
    connection.size = 10_000_000
    for _ in range(20):  # a byte every 29 s
        worker.sweep(29)
        connection.size -= 1
    worker.sweep(1)
    assert connection.events == []
    worker.sweep(29)
    assert connection.events == []
    worker.sweep(2)
    assert connection.events == ["linger 0", "abort"], "reset: the kernel must not keep what was sent"


def test_stream_is_not_cut_while_it_is_read_or_has_nothing_to_send() -> None:
    worker, connection = Swept(write_timeout=30.0), Connection()
    worker.add(connection)
    for size in (0, 0, 500, 0, 0, 700, 900, 100, 0):
        connection.size = size
        worker.sweep(29)
    assert connection.events == []


def test_unread_responses_above_the_limit_cut_those_that_wait_longest() -> None:
    worker = Swept(max_buffered_responses=10_000_000)
    first, second, third, fourth = connections = [Connection() for _ in range(4)]
    for connection in connections:
        worker.add(connection)
        connection.size = 3_000_000
        if connection is third:
            first.size -= 1
        worker.sweep(1)
    assert second.events == ["linger 0", "abort"]
    assert not first.events and not third.events and not fourth.events


def test_interval_fits_the_shortest_timeout() -> None:
    assert Swept()._interval == 0.25
    assert Swept(write_timeout=0.5)._interval == 0.05


def test_refusals_are_one_line_of_the_log_every_ten_seconds() -> None:
    worker = Swept()
    with structlog.testing.capture_logs() as lines:
        for _ in range(300):
            worker.refused["OVERLOADED"] += 5
            worker.refused["REQUEST_TIMEOUT"] += 1
            worker.sweep(0.25)
    assert 7 <= len(lines) <= 8
    assert sum(line["OVERLOADED"] for line in lines) > 1_300
    assert {line["event"] for line in lines} == {"requests_refused"}


async def test_sweeps_while_it_is_open() -> None:
    connection = Connection(deadline=0.0)
    async with Worker(HttpSettings(idle_timeout=0.01), 1_000_000) as worker:
        worker.add(connection)
        async with asyncio.timeout(5):
            while len(connection.events) < 2:
                await asyncio.sleep(0.001)
    swept = len(connection.events)
    await asyncio.sleep(0.02)
    assert len(connection.events) == swept


@pytest.mark.parametrize("hard", [100, 5_000, -1])
def test_file_limit(monkeypatch: pytest.MonkeyPatch, hard: int) -> None:
    """It is raised as far as the system allows, never lowered, and the operator is told if that is not enough."""
    import resource

    from plangate.server import raise_file_limit

    limits = [50, hard]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: limits.__setitem__(slice(None), given))
    with structlog.testing.capture_logs() as lines:
        raise_file_limit(1_000)
        raised = limits[0]
        raise_file_limit(10)
    assert limits[0] == raised
    assert raised == 100 if hard == 100 else raised > 1_200
    assert len(lines) == (2 if hard == 100 else 0)


@pytest.mark.parametrize("saturated", [True, False])
async def test_gateway_tells_its_worker_when_a_source_is_saturated(saturated: bool) -> None:
    class Busy(Source):
        name = "store"
        is_saturated = saturated

    app = create_app(Settings(authentication=AuthenticationSettings(anonymous=True)), {"store": Busy()})
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        worker = state[STATE]
        assert worker.admission._is_saturated() is saturated
