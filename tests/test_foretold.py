"""What is asked for together with a tree does not depend on it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from plangate.foretold import PATIENCE, Foretold
from plangate.listing import ListQuery
from plangate.model import Key, Plan, Record
from plangate.sources.store import Store

TREE = ListQuery(5, repeats=2)
TASKS = ListQuery(5)
PARENTS = [Plan(Key("store:a"), "demo"), Plan(Key("store:b"), "demo")]


class Asked:
    """Answers each parent with its own key, once it may."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may = asyncio.Event()
        self.error = error
        self.parents: list[Sequence[Record]] = []

    async def __call__(self, parents: Sequence[Record]) -> list[Any]:
        self.parents.append(parents)
        await self.may.wait()
        if self.error:
            raise self.error
        return [parent.key for parent in parents]


@pytest.fixture
def teller() -> Store:
    return Store("postgresql://nobody@localhost/nothing")  # nothing is opened before the first question


async def both(foretold: Foretold, teller: Store, tree: Asked, tasks: Asked) -> list[asyncio.Task[list[Any]]]:
    asking = [
        asyncio.create_task(foretold.related("sub_plans_of_plans", TREE, PARENTS, tree, teller)),
        asyncio.create_task(foretold.related("tasks_of_plans", TASKS, PARENTS[:1], tasks, teller)),
        asyncio.create_task(foretold.related("tasks_of_plans", TASKS, PARENTS[1:], tasks, teller)),
    ]
    await asyncio.sleep(0.01)
    return asking


async def test_others_wait_for_the_tree_and_are_asked_for_at_once(teller: Store) -> None:
    tree, tasks = Asked(), Asked()
    asking = await both(Foretold(), teller, tree, tasks)
    assert tasks.parents == []
    tasks.may.set()
    tree.may.set()
    assert await asyncio.gather(*asking) == [["store:a", "store:b"], ["store:a"], ["store:b"]]
    assert tasks.parents == [PARENTS]


async def test_but_not_for_a_slow_one(teller: Store) -> None:
    tree, tasks = Asked(), Asked()
    asking = await both(Foretold(), teller, tree, tasks)
    tasks.may.set()
    assert await asyncio.wait_for(asyncio.gather(*asking[1:]), PATIENCE * 4) == [["store:a"], ["store:b"]]
    tree.may.set()
    assert await asking[0] == ["store:a", "store:b"]


async def test_nor_do_they_fail_with_it(teller: Store) -> None:
    tree, tasks = Asked(ValueError("broken")), Asked()
    asking = await both(Foretold(), teller, tree, tasks)
    tree.may.set()
    tasks.may.set()
    error, *answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(error, ValueError)
    assert answers == [["store:a"], ["store:b"]]


async def test_nothing_is_asked_after_the_end(teller: Store) -> None:
    foretold, tree, tasks = Foretold(), Asked(), Asked()
    asking = await both(foretold, teller, tree, tasks)
    for each in asking:
        each.cancel()
    foretold.close()
    await asyncio.sleep(PATIENCE * 2)
    assert tasks.parents == []
    assert foretold._asking == {}
    assert foretold._growing == []
