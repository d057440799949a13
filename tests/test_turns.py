"""Equal requests at once: who shares what, and that nobody waits for ever."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from plangate.turns import PATIENCE, Turn, Turns


class Work:
    """Counts executions; each takes until it is told to end."""

    def __init__(self) -> None:
        self.running: list[asyncio.Future[str]] = []
        self.began = 0
        self.fresh = False
        self.at_the_end: Callable[[], object] = lambda: None

    async def __call__(self, turn: Turn) -> str:
        self.began += 1
        number = self.began
        turn.is_fresh = lambda: self.fresh
        self.running.append(asyncio.get_running_loop().create_future())
        outcome = await self.running[-1]
        self.at_the_end()
        return f"{number}: {outcome}"

    def end(self, outcome: str | Exception = "done") -> None:
        future = self.running.pop(0)
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def ask(work: Work) -> Callable[[], Awaitable[asyncio.Task[str]]]:
    turns: Turns[str] = Turns()

    async def ask(key: str = "key") -> asyncio.Task[str]:
        task = asyncio.create_task(turns.share(key, work))
        await asyncio.sleep(0)
        return task

    ask.turns = turns  # type: ignore[attr-defined]
    return ask


Ask = Callable[..., Awaitable[asyncio.Task[str]]]


def nothing_is_left(ask: Ask) -> bool:
    return ask.turns._turns == {}  # type: ignore[attr-defined, no-any-return]


async def test_who_comes_later_shares_the_next_execution_and_not_the_one_under_way(work: Work, ask: Ask) -> None:
    first = await ask()
    others = [await ask() for _ in range(5)]
    assert work.began == 1
    work.end("old")
    assert await first == "1: old"
    await asyncio.sleep(0)
    assert work.began == 2
    work.end("new")
    assert await asyncio.gather(*others) == ["2: new"] * 5
    assert nothing_is_left(ask)


async def test_what_has_read_nothing_yet_is_joined(work: Work, ask: Ask) -> None:
    work.fresh = True
    tasks = [await ask() for _ in range(4)]
    work.end()
    assert await asyncio.gather(*tasks) == ["1: done"] * 4
    assert nothing_is_left(ask)


async def test_but_not_for_long(work: Work, ask: Ask) -> None:
    work.fresh = True
    first = await ask()
    await asyncio.sleep(PATIENCE * 1.2)
    second = await ask()
    work.end("old")
    assert await first == "1: old"
    await asyncio.sleep(0)
    work.end("new")
    assert await second == "2: new"


async def test_nobody_waits_for_what_is_slow(work: Work, ask: Ask) -> None:
    first, second = await ask(), await ask()
    await asyncio.sleep(PATIENCE * 1.5)
    assert work.began == 2
    work.end("slow")
    work.end("alone")
    assert (await first, await second) == ("1: slow", "2: alone")
    assert nothing_is_left(ask)


async def test_other_keys_have_turns_of_their_own(work: Work, ask: Ask) -> None:
    tasks = [await ask("a"), await ask("b")]
    assert work.began == 2
    work.end()
    work.end()
    assert await asyncio.gather(*tasks) == ["1: done", "2: done"]


async def test_an_exception_is_shared(work: Work, ask: Ask) -> None:
    tasks = [await ask() for _ in range(3)]
    work.end()
    assert await tasks[0] == "1: done"
    await asyncio.sleep(0)
    work.end(ValueError("broken"))
    assert [str(each) for each in await asyncio.gather(*tasks[1:], return_exceptions=True)] == ["broken"] * 2
    assert nothing_is_left(ask)


async def test_when_the_leader_goes_another_one_leads(work: Work, ask: Ask) -> None:
    work.fresh = True
    leader, *followers = [await ask() for _ in range(3)]
    leader.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert work.began == 2
    work.running.pop(0)
    work.end("for all")
    assert await asyncio.gather(*followers) == ["2: for all"] * 2
    assert leader.cancelled()
    assert nothing_is_left(ask)


async def test_who_goes_just_when_it_is_to_lead_passes_the_lead_on(work: Work, ask: Ask) -> None:
    first, second, third = [await ask() for _ in range(3)]
    loop = asyncio.get_running_loop()
    work.at_the_end = lambda: loop.call_soon(second.cancel)  # it has the lead then, and has not woken up yet
    work.end()
    await first
    work.at_the_end = lambda: None
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert work.began == 2
    work.end("led by the third")
    assert await third == "2: led by the third"
    assert second.cancelled()
    assert nothing_is_left(ask)


async def test_who_waits_may_go(work: Work, ask: Ask) -> None:
    first, second = await ask(), await ask()
    second.cancel()
    await asyncio.sleep(0)
    work.end()
    assert await first == "1: done"
    assert work.began == 1
    assert nothing_is_left(ask)
