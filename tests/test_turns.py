"""Requests for one operation at once: who is executed with whom, and that nobody waits for ever."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence

import pytest

from plangate.turns import FIRST, OBJECTS, PATIENCE, SERVICE, Progress, Turns

WHO = contextvars.ContextVar("who", default="nobody")


class Work:
    """Each execution takes until it is told to end, and answers what it was asked, with its number."""

    def __init__(self) -> None:
        self.running: list[asyncio.Future[str]] = []
        self.asked: list[list[str]] = []
        self.fresh = False
        self.objects = 0
        self.cancelled: list[list[str]] = []
        self.contexts: list[str] = []
        self.forgets = 0

    async def __call__(self, progress: Progress, asked: Sequence[bytes]) -> list[str | Exception]:
        names = [each.decode() for each in asked]
        self.asked.append(names)
        number = len(self.asked)
        progress.is_fresh = lambda: self.fresh
        self.running.append(asyncio.get_running_loop().create_future())
        try:
            outcome = await self.running[-1]
        except asyncio.CancelledError:
            self.cancelled.append(names)
            raise
        progress.objects = self.objects
        self.contexts.append(WHO.get())
        answers: list[str | Exception] = [
            LookupError(each) if each == "error" else f"{number}: {each} {outcome}" for each in names
        ]
        return answers[: len(answers) - self.forgets]

    async def end(self, outcome: str | Exception = "done", which: int = 0) -> None:
        """End an execution, by default the one that began first; and let all that follows happen."""
        future = self.running.pop(which)
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work()


Ask = Callable[..., Awaitable[asyncio.Task[str]]]


@pytest.fixture
def turns() -> Turns[str]:
    return Turns()


@pytest.fixture
def ask(work: Work, turns: Turns[str]) -> Ask:
    async def ask(asked: str = "a", key: str = "key") -> asyncio.Task[str]:
        WHO.set(f"who asks {asked}")
        task = asyncio.create_task(turns.share(key, asked.encode(), work))
        await settle()
        return task

    return ask


@pytest.fixture(autouse=True)
def nothing_is_left(turns: Turns[str]) -> object:
    yield
    assert turns._lines == {}


async def test_who_comes_later_shares_the_next_execution_and_not_the_one_under_way(work: Work, ask: Ask) -> None:
    first = await ask()
    others = [await ask() for _ in range(5)]
    assert work.asked == [["a"]]
    await work.end("old")
    assert await first == "1: a old"
    assert work.asked == [["a"], ["a"]]
    await work.end("new")
    assert await asyncio.gather(*others) == ["2: a new"] * 5


async def test_others_are_executed_together(work: Work, ask: Ask) -> None:
    first = await ask("a")
    others = [await ask(each) for each in "bcab"]
    await work.end()
    assert work.asked == [["a"], ["b", "c", "a"]]
    await work.end()
    assert await first == "1: a done"
    assert await asyncio.gather(*others) == ["2: b done", "2: c done", "2: a done", "2: b done"]


async def test_an_exception_as_an_answer_is_for_one_alone(work: Work, ask: Ask) -> None:
    first, good, bad = await ask(), await ask("b"), await ask("error")
    await work.end()
    await work.end()
    await first
    assert await good == "2: b done"
    with pytest.raises(LookupError, match="error"):
        await bad


async def test_what_has_read_nothing_yet_is_joined_by_those_who_ask_the_same(work: Work, ask: Ask) -> None:
    work.fresh = True
    tasks = [await ask() for _ in range(4)]
    other = await ask("b")
    await work.end()
    assert await asyncio.gather(*tasks) == ["1: a done"] * 4
    await work.end()
    assert await other == "2: b done"


async def test_but_not_for_long(work: Work, ask: Ask) -> None:
    work.fresh = True
    first = await ask()
    await asyncio.sleep(PATIENCE * 1.2)
    second = await ask()
    await work.end("old")
    await work.end("new")
    assert (await first, await second) == ("1: a old", "2: a new")


async def test_nobody_waits_for_what_is_slow(work: Work, ask: Ask) -> None:
    first, second, third = await ask(), await ask(), await ask("b")
    await asyncio.sleep(PATIENCE * 1.5)
    assert work.asked == [["a"], ["a", "b"]]
    await work.end("fast", which=1)
    assert (await second, await third) == ("2: a fast", "2: b fast")
    await work.end("slow")
    assert await first == "1: a slow"


async def test_a_turn_begins_beside_a_quick_one_after_a_part_of_its_time(work: Work, ask: Ask) -> None:
    first, second = await ask("a"), await ask("b")
    await asyncio.sleep(PATIENCE / 4)
    await work.end()  # the line knows now what a turn takes
    third = await ask("c")
    assert work.asked == [["a"], ["b"]]
    await asyncio.sleep(PATIENCE / 4)
    assert work.asked == [["a"], ["b"], ["c"]]
    same = await ask("b")
    await asyncio.sleep(PATIENCE / 4)
    assert len(work.asked) == 3  # two are enough, and who asks what is being answered waits for the next
    while work.running:
        await work.end()
    answers = ["1: a done", "2: b done", "3: c done", "4: b done"]
    assert await asyncio.gather(first, second, third, same) == answers


async def test_a_company_that_fails_parts(work: Work, ask: Ask) -> None:
    first = await ask("a")
    company = [await ask(each) for each in "bcd"]
    await work.end()
    await work.end(ValueError("not together"))
    assert work.asked[1:] == [["b", "c", "d"], ["b"], ["c"], ["d"]]
    await work.end()
    await work.end(ValueError("broken"))
    await work.end()
    outcomes = await asyncio.gather(first, *company, return_exceptions=True)
    assert [str(each) for each in outcomes] == ["1: a done", "3: b done", "broken", "5: d done"]


async def test_each_is_executed_in_a_context_of_its_own(work: Work, ask: Ask) -> None:
    """What one execution sets is not seen by another, and those who go alone are who they are."""
    tasks = [await ask(each) for each in "abcd"]
    WHO.set("somebody else")
    await work.end()
    await work.end(ValueError("not together"))
    while work.running:
        await work.end(which=-1)
    await asyncio.gather(*tasks)
    assert sorted(work.contexts) == ["who asks a", "who asks b", "who asks c", "who asks d"]


async def test_and_there_is_no_other_for_a_while(work: Work, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plangate.turns.ALONE", PATIENCE * 3)
    work.objects = 1
    tasks = [await ask("a"), await ask("b"), await ask("c")]
    await work.end()
    await work.end(ValueError("not together"))
    tasks += [await ask(each) for each in "de"]
    await asyncio.sleep(PATIENCE * 1.5)
    assert work.asked[2:] == [["b"], ["c"], ["d"], ["e"]]
    await asyncio.sleep(PATIENCE * 2)
    while len(work.running) > 1:
        await work.end()
    tasks += [await ask(each) for each in "fg"]
    await work.end()
    assert work.asked[6:] == [["f", "g"]]
    await work.end()
    assert len(await asyncio.gather(*tasks)) == 7


async def test_a_company_that_is_not_served_in_time_parts(work: Work, ask: Ask) -> None:
    first, second, third = await ask("a"), await ask("b"), await ask("c")
    await work.end()
    await asyncio.sleep(SERVICE[1] * 1.1)
    assert work.cancelled == [["b", "c"]]
    assert work.asked[1:] == [["b", "c"], ["b"], ["c"]]
    work.running.pop(0)
    await work.end()
    await work.end()
    assert await asyncio.gather(first, second, third) == ["1: a done", "3: b done", "4: c done"]


async def test_equal_requests_are_no_company_and_wait_for_what_is_slow(work: Work, ask: Ask) -> None:
    tasks = [await ask(), await ask(), await ask()]
    await work.end()
    await asyncio.sleep(SERVICE[1] * 1.1)
    assert work.asked == [["a"], ["a"]]
    await work.end()
    assert await asyncio.gather(*tasks) == ["1: a done", "2: a done", "2: a done"]


async def test_a_company_is_as_large_as_the_answers_before_allow(work: Work, ask: Ask) -> None:
    work.objects = OBJECTS // 2
    tasks = [await ask("a"), *[await ask(each) for each in "bcdef"]]
    await work.end()
    assert work.asked == [["a"], ["b", "c"], ["d", "e"], ["f"]]
    while work.running:
        await work.end()
    await asyncio.gather(*tasks)


async def test_one_that_is_full_begins(work: Work, ask: Ask) -> None:
    tasks = [await ask(str(number)) for number in range(FIRST + 2)]
    assert work.asked == [["0"], [str(number) for number in range(1, FIRST + 1)]]
    while work.running:
        await work.end()
    await asyncio.gather(*tasks)


async def test_other_keys_have_turns_of_their_own(work: Work, ask: Ask) -> None:
    tasks = [await ask(key="one"), await ask(key="two")]
    assert len(work.asked) == 2
    await work.end()
    await work.end()
    assert await asyncio.gather(*tasks) == ["1: a done", "2: a done"]


async def test_an_exception_is_shared_by_those_who_ask_the_same(work: Work, ask: Ask) -> None:
    tasks = [await ask() for _ in range(3)]
    await work.end()
    await work.end(ValueError("broken"))
    assert await tasks[0] == "1: a done"
    assert [str(each) for each in await asyncio.gather(*tasks[1:], return_exceptions=True)] == ["broken"] * 2


async def test_who_came_first_may_go_without_the_others(work: Work, ask: Ask) -> None:
    work.fresh = True
    first, second = await ask(), await ask()
    first.cancel()
    await settle()
    await work.end()
    assert await second == "1: a done"
    assert first.cancelled()


async def test_an_execution_that_nobody_waits_for_ends(work: Work, ask: Ask) -> None:
    work.fresh = True
    first, second, other = await ask(), await ask(), await ask("b")
    first.cancel()
    second.cancel()
    await settle()
    assert work.cancelled == [["a"]]
    assert work.asked == [["a"], ["b"]]
    work.running.pop(0)
    await work.end()
    assert await other == "2: b done"


async def test_nobody_joins_an_execution_that_ends(work: Work, ask: Ask, turns: Turns[str]) -> None:
    work.fresh = True
    first = await ask()
    first.cancel()
    await asyncio.sleep(0)  # it has gone, and the execution is about to
    second = asyncio.create_task(turns.share("key", b"a", work))
    await settle()
    while len(work.running) > 1:
        work.running.pop(0)
    await work.end()
    assert await second == "2: a done"


async def test_a_company_that_is_left_has_not_parted(work: Work, ask: Ask) -> None:
    first, *gone = [await ask(each) for each in "abc"]
    await work.end()
    for each in gone:
        each.cancel()
    await settle()
    assert work.cancelled == [["b", "c"]]
    work.running.clear()
    tasks = [await ask(each) for each in "def"]
    await work.end()
    assert work.asked[2:] == [["d"], ["e", "f"]]
    await work.end()
    await asyncio.gather(first, *tasks)


async def test_an_answer_that_is_missing_is_an_error(work: Work, ask: Ask) -> None:
    work.forgets = 1
    first, second, third = await ask("a"), await ask("b"), await ask("c")
    await work.end()
    await work.end()
    outcomes = await asyncio.gather(first, second, third, return_exceptions=True)
    assert [str(each) for each in outcomes] == ["0 answers for 1 requests.", *["1 answers for 2 requests."] * 2]


async def test_who_waits_may_go(work: Work, ask: Ask) -> None:
    first, second, third = await ask(), await ask("b"), await ask("c")
    second.cancel()
    await settle()
    await work.end()
    assert await first == "1: a done"
    assert work.asked == [["a"], ["c"]]
    await work.end()
    await third


async def test_all_who_wait_may_go(work: Work, ask: Ask) -> None:
    first, second = await ask(), await ask("b")
    second.cancel()
    await settle()
    await work.end()
    assert await first == "1: a done"
    assert work.asked == [["a"]]
