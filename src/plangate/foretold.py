"""A tree that is asked for level by level, and known at once: what a source told along (see `ListQuery.repeats`).

It is told with its first level, or even with the plan at its root (`Source.plans_with_sub_plans`). The edge that makes
the tree is answered from here, without a question to anybody. So its levels follow each other at once, and the other
edges of all of them, their tasks say, are asked for together; those of the root too, which wait for the tree.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import structs

from plangate.errors import PlangateError, SourceError
from plangate.listing import ListQuery
from plangate.model import Key, Plan, Record
from plangate.operation_context import note_failure
from plangate.source import Ids, Source, Wants

LEVELS = 3
"""How many levels are waited for, a tick of the loop each, to ask the same of all of them at once."""
PATIENCE = 0.05
"""For how many seconds a tree is waited for: a slow one fails alone."""

SUB_PLANS = "sub_plans_of_plans"
"""The question that makes a tree of plans."""

Ask = Callable[[Sequence[Record]], Awaitable[list[Any]]]


class Foretold:
    """What one execution knows of trees."""

    def __init__(self) -> None:
        self._trees: dict[tuple[str, ListQuery], tuple[Wants, Mapping[Key, Any]]] = {}
        self._growing: list[asyncio.Future[None]] = []
        self._asking: dict[tuple[str, ListQuery], tuple[list[Record], asyncio.Task[list[Any]]]] = {}

    async def related(
        self, question: str, query: ListQuery, parents: Sequence[Record], ask: Ask, teller: Source | None
    ) -> list[Any]:
        """What `ask` answers, or what is known already. `teller` may answer a tree along: the home of all these."""
        if self._trees and (known := self._answers(question, query, parents)) is not None:
            return known
        if teller and (query.repeats or self._growing) and any(each.source != teller.name for each in parents):
            return await ask(parents)
        if teller and query.repeats and question in teller.foretells:
            self._growing.append(grown := asyncio.get_running_loop().create_future())
            try:
                return await ask(parents)
            finally:
                self._growing.remove(grown)
                grown.cancel()  # which is what those look for who wait
        return await (self._together(question, query, parents, ask) if self._trees or self._growing else ask(parents))

    async def with_tree(
        self, teller: Source, ids: Ids, query: ListQuery, seconds: float, admit: Callable[[Any], Mapping[Key, Any]]
    ) -> Mapping[str, Plan] | None:
        """The plans with these ids, whose tree is known from then on. None: ask for them alone.

        What is wrong with a tree, or slow, is so of the edge, which will be asked for itself, and not of the plan.
        """
        try:
            async with asyncio.timeout(seconds):
                plans, below = await teller.plans_with_sub_plans(ids, query)
                if below:
                    self.hear(SUB_PLANS, query, admit(below))
                return plans
        except TimeoutError:
            note_failure(teller.too_late())
        except SourceError as error:
            note_failure(error)
        except PlangateError:
            pass  # of the edge, which will raise it again
        return None

    def hear(self, question: str, query: ListQuery, answers: Mapping[Key, Any]) -> None:
        """Answers of a source to a question, by parent; more than it was asked for, perhaps."""
        self._trees[question, _level(query)] = query.wants, answers

    def _answers(self, question: str, query: ListQuery, parents: Sequence[Record]) -> list[Any] | None:
        """The answers to all the parents, if they are known with all that is wanted of them."""
        wants, known = self._trees.get((question, _level(query)), (frozenset(), {}))
        if not query.wants <= wants or any(parent.key not in known for parent in parents):
            return None
        return [known[parent.key] for parent in parents]

    async def _together(self, question: str, query: ListQuery, parents: Sequence[Record], ask: Ask) -> list[Any]:
        """What `ask` answers, with the parents of other levels for which the same is wanted."""
        key = question, query
        if key not in self._asking:
            everyone: list[Record] = []
            self._asking[key] = everyone, asyncio.create_task(self._asked(key, everyone, ask))
            # Nobody may be left to look at what is raised.
            self._asking[key][1].add_done_callback(lambda task: task.cancelled() or task.exception())
        everyone, asked = self._asking[key]
        start = len(everyone)
        everyone += parents
        return (await asyncio.shield(asked))[start : start + len(parents)]

    async def _asked(self, key: tuple[str, ListQuery], parents: list[Record], ask: Ask) -> list[Any]:
        try:
            if self._growing:
                await asyncio.wait(tuple(self._growing), timeout=PATIENCE)
            for _ in range(LEVELS):
                await asyncio.sleep(0)
        finally:
            del self._asking[key]
        return await ask(parents)

    def close(self) -> None:
        """The end: what is about to be asked is not asked any more."""
        for _, asked in self._asking.values():
            asked.cancel()


def foretells(source: Source | None, keys: Sequence[Key | None]) -> bool:
    """Whether all these plans are of this source, and it can tell their trees."""
    if source is None or SUB_PLANS not in source.foretells:
        return False
    return all(key.startswith(f"{source.name}:") for key in keys if key)


def _level(query: ListQuery) -> ListQuery:
    """What the queries of all levels have in common."""
    return structs.replace(query, wants=frozenset(), repeats=0)
