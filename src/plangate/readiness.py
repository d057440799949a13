"""Whether this process should be sent requests: `GET /ready`, for load balancers and orchestrators."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plangate.operation_context import note_failure
from plangate.source import Health, Source

READINESS_TTL_S = 5.0
"""Seconds for which /ready remembers the state of a source, so that probes do not become a load on the systems."""

READINESS_TIMEOUT_S = 0.8
"""Maximum seconds that /ready waits for checks. One that takes longer goes on, and the last known state is shown."""


class Checked(NamedTuple):
    at: float
    health: Health


NOT_YET = Checked(float("-inf"), Health(False, "It has not answered yet."))


class Readiness:
    """200 while any source answers, 503 if none does or the process drains. Says which source does not, and why.

    It answers within a second, whatever hangs: each source has at most one check at a time, in the background.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._checked = dict.fromkeys(sources, NOT_YET)
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._draining = False

    async def respond(self, _: Request) -> Response:
        if self._draining:
            return JSONResponse({"status": "draining"}, 503)
        oldest = time.monotonic() - READINESS_TTL_S
        for name, checked in self._checked.items():
            if checked.at < oldest and name not in self._checks:
                self._checks[name] = asyncio.create_task(self._check(name))
        if self._checks:
            await asyncio.wait(self._checks.values(), timeout=READINESS_TIMEOUT_S)
        healths = [checked.health for checked in self._checked.values()]
        serving = any(health.ok for health in healths)
        status = "ready" if all(health.ok for health in healths) else "degraded" if serving else "unavailable"
        return JSONResponse({"status": status, "sources": self._states()}, 200 if serving else 503)

    @contextmanager
    def draining_on_sigterm(self, seconds: float) -> Iterator[None]:
        """From SIGTERM on /ready answers 503. The server's own handler, which stops it, is called `seconds` later.

        A second SIGTERM stops the server at once. Nothing happens where the server has no handler of its own.
        """
        stop = signal.getsignal(signal.SIGTERM)
        if not callable(stop) or threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()

        def drain(number: int, frame: FrameType | None) -> None:
            at_once = self._draining or not seconds
            self._draining = True
            if at_once:
                stop(number, frame)
            else:
                loop.call_soon_threadsafe(loop.call_later, seconds, stop, number, None)

        signal.signal(signal.SIGTERM, drain)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, stop)

    async def close(self) -> None:
        """Cancel the checks that are under way."""
        checks = list(self._checks.values())
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)

    async def _check(self, name: str) -> None:
        try:
            health = await self._sources[name].check()
            if health.error is not None:
                note_failure(health.error)
            self._checked[name] = Checked(time.monotonic(), health)
        finally:
            del self._checks[name]

    def _states(self) -> dict[str, dict[str, Any]]:
        states: dict[str, dict[str, Any]] = {}
        for name, (_, health) in self._checked.items():
            circuit = self._sources[name].circuit
            states[name] = {"ok": health.ok, "detail": health.detail} | ({"circuit": circuit.name} if circuit else {})
        return states
