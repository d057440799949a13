"""The loader of one kind of record, and what an execution remembers of records that came along with others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from aiodataloader import DataLoader

from plangate.listing import ListQuery
from plangate.model import Key, Record
from plangate.source import Wants


class Asked(NamedTuple):
    """What is asked of records by id: their kind, and what is costly and wanted of them.

    `tree` is what will be asked of the plans' sub-plans: a source that foretells them tells them along, and then reads
    of the plans no more than is wanted.
    """

    kind: type[Record]
    wants: Wants
    tree: ListQuery | None = None


class RecordLoader(DataLoader[Key, Record | None]):
    """The records of one kind by key, each fetched once. `load` is for one key, `load_batch` for all of a level.

    A batch waits for one future, however many keys it has; the batches of one tick are fetched together.
    """

    def __init__(self, fetch: Callable[[list[Key]], Awaitable[dict[Key, Any]]]) -> None:
        super().__init__()
        self._fetch = fetch
        self._answers: dict[Key, Any] = {}
        self._fetching: dict[Key, asyncio.Future[None]] = {}
        self._next: list[Key] = []

    def load(self, key: Key | None = None) -> Any:
        """The record, or None. Shielded: who is cancelled stops waiting, the load goes on for the others."""
        loaded: Any = super().load(key)  # type: ignore[arg-type]
        loaded.add_done_callback(lambda future: future.cancelled() or future.exception())  # nobody may be left to look
        return asyncio.shield(loaded)

    async def batch_load_fn(self, keys: list[Key]) -> list[Any]:
        return await self.load_batch(keys)

    async def load_batch(self, keys: Sequence[Key | None]) -> list[Any]:
        """The answers to the keys, aligned with them: a record, None or an exception."""
        answers, fetching = self._answers, self._fetching
        missing = [key for key in dict.fromkeys(keys) if key and key not in answers]
        if missing:
            new = [key for key in missing if key not in fetching]
            if new:
                if not self._next:
                    self._arrived = self.loop.create_future()
                    self.loop.call_soon(self._dispatch)
                self._next += new
                fetching.update(dict.fromkeys(new, self._arrived))
            for arrived in {fetching[key] for key in missing}:
                await asyncio.shield(arrived)
        return [answers.get(key) if key else None for key in keys]

    def _dispatch(self) -> None:
        keys, arrived, self._next = self._next, self._arrived, []
        self._task = self.loop.create_task(self._arrive(keys, arrived))

    async def _arrive(self, keys: list[Key], arrived: asyncio.Future[None]) -> None:
        answers: dict[Key, Any] = dict.fromkeys(keys)
        try:
            answers |= await self._fetch(keys)
        except Exception as error:
            answers = dict.fromkeys(keys, error)
        except asyncio.CancelledError:  # by a source that is closed meanwhile: nobody may wait for ever
            answers = dict.fromkeys(keys, RuntimeError("A load was cancelled by its source."))
        self._answers |= answers
        for key in keys:
            del self._fetching[key]
        arrived.set_result(None)


class Memory:
    """Records that lists brought, for loads by id in the same execution; looked through only for such a load."""

    def __init__(self) -> None:
        self._heard: list[tuple[Wants, Sequence[Record]]] = []
        self._known: dict[tuple[type[Record], Key], tuple[Wants, Record]] = {}

    def hear(self, records: Sequence[Record], wants: Wants) -> None:
        if records:
            self._heard.append((wants, records))

    def recall(self, kind: type[Record], keys: Sequence[Key | None], wants: Wants) -> dict[Key, Record]:
        """The records among the keys that are known with all that is wanted of them."""
        for known_wants, records in self._heard:
            self._known.update(((type(record), record.key), (known_wants, record)) for record in records)
        self._heard.clear()
        if not self._known:
            return {}
        found = ((key, self._known.get((kind, key))) for key in keys if key)
        return {key: known[1] for key, known in found if known and wants <= known[0]}


def local_ids(keys: Sequence[Key]) -> dict[str, list[str]]:
    """The local ids that the keys hold, by source."""
    ids: dict[str, list[str]] = {}
    for source in {each.partition(":")[0] for each in keys}:
        start = len(source) + 1
        ids[source] = [each[start:] for each in keys if each.startswith(f"{source}:")]
    return ids
