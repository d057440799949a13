"""Equal calls under way: who boards when."""

import asyncio

from plangate.upstream.flights import Flights


async def test_who_comes_when_it_has_just_landed_shares_it() -> None:
    flights, loop = Flights(), asyncio.get_running_loop()
    landing: asyncio.Future[None] = loop.create_future()
    started: list[str] = []

    async def fly() -> str:
        started.append("flight")
        # Whoever waits for this wakes after the flight's outcome was handed out, and before anybody has taken it.
        loop.call_soon(landing.set_result, None)
        return "landed"

    async def late() -> object:
        await landing
        return await flights.share("key", fly)

    comes = loop.create_task(late())
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        assert await asyncio.gather(flights.share("key", fly), comes) == ["landed", "landed"]
    assert started == ["flight"]
    await flights.close()
