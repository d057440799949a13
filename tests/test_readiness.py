"""/ready: an answer within a second whatever hangs, 503 only if no source answers or the process drains."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from plangate import readiness
from plangate.app import create_app
from plangate.errors import UpstreamUnavailable
from plangate.readiness import Readiness
from plangate.settings import Settings
from plangate.source import Health, Source


class Fake(Source):
    """A source whose health is what the test says: a Health, an error, or an event to wait for."""

    def __init__(self, name: str, state: Health | Exception | asyncio.Event) -> None:
        self.name = name
        self.state = state
        self.checks = 0

    async def health(self) -> Health:
        self.checks += 1
        if isinstance(self.state, asyncio.Event):
            await self.state.wait()
            return Health(True)
        if isinstance(self.state, Exception):
            raise self.state
        return self.state


Ask = Callable[[], Any]


async def answer(ready: Readiness) -> tuple[int, dict[str, Any]]:
    response = await ready.respond(None)  # type: ignore[arg-type]
    return response.status_code, json.loads(bytes(response.body))


@pytest.fixture(autouse=True)
async def quick(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(readiness, "READINESS_TIMEOUT_S", 0.1)
    yield
    await asyncio.sleep(0)


async def test_every_source_hangs() -> None:
    hanging = Fake("a", asyncio.Event()), Fake("b", asyncio.Event())
    ready = Readiness({source.name: source for source in hanging})
    for _ in range(3):
        async with asyncio.timeout(2):
            assert await answer(ready) == (
                503,
                {
                    "status": "unavailable",
                    "sources": {name: {"ok": False, "detail": "It has not answered yet."} for name in "ab"},
                },
            )
    assert [source.checks for source in hanging] == [1, 1]  # never more than one at a time
    hanging[0].state.set()  # type: ignore[union-attr]
    status, said = await answer(ready)
    assert (status, said["status"], said["sources"]["a"]) == (200, "degraded", {"ok": True, "detail": ""})
    await ready.close()
    assert ready._checks == {}


async def test_a_source_that_hangs_keeps_the_last_known_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "READINESS_TTL_S", 0.0)
    source = Fake("a", Health(True))
    ready = Readiness({"a": source})
    assert (await answer(ready))[0] == 200
    source.state, source.deadline = asyncio.Event(), 0.3
    assert (await answer(ready))[0] == 200
    async with asyncio.timeout(5):
        while (await answer(ready))[0] == 200:
            pass
    assert (await answer(ready))[1]["sources"]["a"]["detail"] == "a did not answer within 0.3 seconds."
    await ready.close()


async def test_answers_are_remembered() -> None:
    source = Fake("a", UpstreamUnavailable("a", "a answered HTTP 503."))
    ready = Readiness({"a": source, "b": Fake("b", Health(True))})
    for _ in range(3):
        status, said = await answer(ready)
        assert (status, said["sources"]["a"]) == (200, {"ok": False, "detail": "a answered HTTP 503."})
    assert source.checks == 1


async def test_concurrent_probes_share_a_check() -> None:
    source = Fake("a", asyncio.Event())
    ready = Readiness({"a": source})
    probes = [asyncio.create_task(answer(ready)) for _ in range(20)]
    await asyncio.sleep(0.02)
    probes[0].cancel()  # a client that has gone stops no check
    source.state.set()  # type: ignore[union-attr]
    assert {status for status, _ in await asyncio.gather(*probes[1:])} == {200}
    assert source.checks == 1


async def test_a_draining_process_is_not_ready() -> None:
    stopped: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    try:
        app = create_app(Settings(drain=0.3), {"a": Fake("a", Health(True))})
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1")
        async with app.router.lifespan_context(app), client:
            assert (await client.get("/ready")).status_code == 200
            begun = time.monotonic()
            os.kill(os.getpid(), signal.SIGTERM)
            ready = await client.get("/ready")
            assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
            assert (await client.get("/health")).status_code == 200
            assert stopped == []
            while not stopped and time.monotonic() < begun + 5:
                await asyncio.sleep(0.01)
            assert stopped == [signal.SIGTERM]
            assert time.monotonic() - begun >= 0.3
            os.kill(os.getpid(), signal.SIGTERM)  # the second one does not wait
            assert stopped == [signal.SIGTERM] * 2
        assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, None)
    finally:
        signal.signal(signal.SIGTERM, before)
