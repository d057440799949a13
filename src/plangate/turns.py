"""Equal requests at once are executed in turns: one execution for all that came while the last one was under way.

No answer is older than its request as far as the own database is concerned. Who comes while an equal request is
executed does not share that execution if it has read there already; it waits for the next one, with all others that
came meanwhile. Databases write their logs like that (group commit). An execution that has only called upstream systems
so far is joined as it is, in its first moments, as a call under way is shared.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Waiter = asyncio.Future[Any]

PATIENCE = 0.05
"""Seconds that anybody waits for a turn; then it goes alone. So nothing becomes much slower by waiting for what is.
Also how long an execution may be joined."""


class Turn:
    """One execution: `followers` share what it gives, `waiting` came too late for that."""

    def __init__(self, followers: list[Waiter]) -> None:
        self.followers = followers
        self.waiting: list[Waiter] = []
        self.is_fresh: Callable[[], bool] = lambda: False
        """Set by who executes: whether nothing was read yet that one who comes now must not get."""
        self.began = asyncio.get_running_loop().time()


class Turns(Generic[T]):
    """`share` is all there is. An execution is done by the request that leads it, in its own task and context."""

    def __init__(self) -> None:
        self._turns: dict[Hashable, Turn] = {}

    async def share(self, key: Hashable, execute: Callable[[Turn], Awaitable[T]]) -> T:
        """What `execute` gives: called here, or by an equal request whose execution this one may share.

        An exception is shared too. If who leads is cancelled, another one leads.
        """
        turn = self._turns.get(key)
        if turn is None:
            return await self._lead(key, Turn([]), execute)
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        if loop.time() - turn.began < PATIENCE and turn.is_fresh():
            turn.followers.append(waiter)
            outcome = await self._awaited(key, waiter)
        else:
            turn.waiting.append(waiter)
            patience = loop.call_later(PATIENCE, _give_up, turn, waiter)
            try:
                outcome = await self._awaited(key, waiter)
            finally:
                patience.cancel()
        if isinstance(outcome, Turn):
            return await self._lead(key, outcome, execute)
        return await execute(Turn([])) if outcome is _ALONE else outcome

    async def _awaited(self, key: Hashable, waiter: Waiter) -> Any:
        try:
            return await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled() and not waiter.exception() and isinstance(waiter.result(), Turn):
                self._end(key, waiter.result())  # it was to lead
            raise

    async def _lead(self, key: Hashable, turn: Turn, execute: Callable[[Turn], Awaitable[T]]) -> T:
        self._turns[key] = turn
        turn.began = asyncio.get_running_loop().time()
        try:
            outcome = await execute(turn)
        except Exception as error:
            for follower in _left(turn.followers):
                follower.set_exception(error)
            raise
        else:
            for follower in _left(turn.followers):
                follower.set_result(outcome)
            return outcome
        finally:
            self._end(key, turn)

    def _end(self, key: Hashable, turn: Turn) -> None:
        """Give the lead to one of those who wait, and of followers who got nothing, for all of them."""
        left = _left([*turn.followers, *turn.waiting])
        turn.waiting.clear()
        if left:
            # Until it wakes up, whoever comes is told to wait for it.
            self._turns[key] = following = Turn(left[1:])
            left[0].set_result(following)
        else:
            del self._turns[key]


_ALONE = object()


def _left(waiters: list[Waiter]) -> list[Waiter]:
    return [waiter for waiter in waiters if not waiter.done()]


def _give_up(turn: Turn, waiter: Waiter) -> None:
    """Not if its own turn has begun: then it waits for an execution."""
    if not waiter.done() and waiter in turn.waiting:
        turn.waiting.remove(waiter)
        waiter.set_result(_ALONE)
