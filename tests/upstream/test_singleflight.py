"""Equal calls in flight: when a call can be joined, and when it ends."""

import asyncio

import pytest

from plangate.upstream.singleflight import Callers, SingleFlight


async def test_a_caller_that_comes_when_a_call_has_just_finished_gets_its_outcome() -> None:
    calls, loop = SingleFlight(), asyncio.get_running_loop()
    finishing: asyncio.Future[None] = loop.create_future()
    started: list[str] = []

    async def call(callers: Callers) -> str:
        started.append("call")
        # Whoever waits for this runs after the call's outcome was handed out, and before a caller has taken it.
        loop.call_soon(finishing.set_result, None)
        return "outcome"

    async def late() -> object:
        await finishing
        return await calls.do("key", call)

    comes = loop.create_task(late())
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        assert await asyncio.gather(calls.do("key", call), comes) == ["outcome", "outcome"]
    assert started == ["call"]
    await calls.close()


@pytest.mark.parametrize("on_wire", [False, True])
async def test_a_call_without_callers_is_cancelled_unless_it_is_on_the_wire(on_wire: bool) -> None:
    calls = SingleFlight()
    answered, ended = asyncio.Event(), asyncio.Event()
    started: list[Callers] = []

    async def call(callers: Callers) -> str:
        started.append(callers)
        callers.on_wire = on_wire
        try:
            await answered.wait()
            return "outcome"
        finally:
            ended.set()

    first = asyncio.create_task(calls.do("key", call))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    if on_wire:
        assert started[0].waiting == []
        second = asyncio.create_task(calls.do("key", call))  # it joins the call that still runs
        await asyncio.sleep(0)
        answered.set()
        assert await second == "outcome"
        assert len(started) == 1
    async with asyncio.timeout(1):
        await ended.wait()
    answered.set()
    assert await calls.do("key", call) == "outcome"
    assert len(started) == 2
    await calls.close()
    assert calls._calls == {}
