"""One execution's door to data: group keys by source, ask the sources at once, align the answers, apply access.

What a caller may rely on:

- `load(kind, key)` and `many(kind, keys)` ask a source at most once for a record within an execution (once more with
  its tree), and all keys that are wanted in the same tick of the event loop together.
- `related(question, parents, query)` makes one call per source, whatever the number of parents.
- Answers are aligned with what was asked for: a record, None (absent, or not for this viewer), or the exception that
  this one source raised. A failing source never fails the keys of another one.
- Loads survive the cancellation of one who waits for them: graphql-core cancels the siblings of a failing field
  (https://github.com/graphql-python/graphql-core/pull/238), and a cancelled shared future would fail everybody else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, TypeVar

import structlog
from msgspec import structs

from plangate import access
from plangate.errors import BadUserInput, InvalidCursor, SourceError
from plangate.foretold import Foretold, foretells
from plangate.listing import ListQuery, Slice
from plangate.merge import Listed, merge, query_for
from plangate.model import Key, Plan, Record, key, split
from plangate.operation_context import note_failure
from plangate.record_loader import Asked, Memory, RecordLoader, local_ids
from plangate.source import BY_ID, EMPTY, Health, Source, Wants

R = TypeVar("R", bound=Record)
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Loaders:
    """Made for one execution (of several requests, perhaps) and one viewer, inside the running event loop.

    No source is waited for beyond `ends`, in the loop's time: a slow one fails alone, before the whole request does.
    `home` is the store (see `provider`). `leave_home` is called before any other source is asked; if it
    raises, that source is not asked. A source of another workspace than the viewer's is never called, nor named.
    """

    def __init__(
        self, sources: Mapping[str, Source], viewer: access.Viewer, *, ends: float = inf, home: str = "store",
        leave_home: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.sources = access.usable_sources(viewer, sources)
        self.viewer = viewer
        self.ends = ends
        self.home = self.sources.get(home)
        self.costly = frozenset[str]().union(*(source.costly for source in self.sources.values()))
        self._loaders: dict[Asked, RecordLoader] = {}
        self._memory = Memory()
        self._foretold = Foretold()
        self._home_was_asked = False
        self._leave_home = leave_home
        self._calling: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def is_fresh(self) -> bool:
        """Whether nothing was read yet from `home`, which must not be read before it is asked for."""
        return not self._home_was_asked

    def close(self) -> None:
        """End the execution: no source is called any more, and tasks that still wait for one are cancelled.

        Also breaks reference cycles, so that the loaders are freed at once.
        """
        self._is_closed = True
        for task in tuple(self._calling):
            task.cancel()
        self._loaders.clear()
        self._foretold.close()

    # -------------------------------------------------------------------------------------------------------- by id

    def load(self, kind: type[R], key: Key, wants: Wants = frozenset()) -> Awaitable[R | None]:
        answer: Awaitable[R | None] = self._loader(self._asked(kind, wants)).load(key)
        return answer

    async def many(
        self, kind: type[R], keys: Sequence[Key | None], wants: Wants = frozenset(), tree: ListQuery | None = None
    ) -> list[Any]:
        """The records behind the keys, aligned with them: a record, None or an exception. `tree`: see `Asked`."""
        asked = self._asked(kind, wants, tree if foretells(self.home, keys) else None)
        known = self._memory.recall(kind, keys, asked.wants)
        if known and all(key in known for key in keys if key):
            return [known[key] if key and self._readable(known[key]) else None for key in keys]
        return await self._loader(asked).load_batch(keys)

    def _asked(self, kind: type[Record], wants: Wants, tree: ListQuery | None = None) -> Asked:
        tree = tree and structs.replace(access.narrow(self.viewer, tree), wants=tree.wants | wants)
        return Asked(kind, wants & self.costly if kind is Plan else frozenset(), tree)

    def _loader(self, asked: Asked) -> RecordLoader:
        if (loader := self._loaders.get(asked)) is None:
            loader = self._loaders[asked] = RecordLoader(lambda keys: self._fetch(asked, keys))
        return loader

    async def _fetch(self, asked: Asked, keys: list[Key]) -> dict[Key, Any]:
        """The answers of all sources that the keys name; what no source knows is left out."""
        known = self._memory.recall(asked.kind, keys, asked.wants)
        found: dict[Key, Any] = {key: record if self._readable(record) else None for key, record in known.items()}
        ids = local_ids([each for each in keys if each not in known] if known else keys)
        names = [name for name in ids if name in self.sources]
        answers = await self._ask_all(names, lambda source: self._by_id(asked, source, ids[source.name]))
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, Exception):
                found.update((key(name, local), answer) for local in ids[name])
            else:
                found.update({each.key: each for each in access.readable(self.viewer, answer.values())})
        return found

    async def _by_id(self, asked: Asked, source: Source, ids: list[str]) -> Mapping[str, Record]:
        if tree := asked.tree:
            admit = partial(self._admitted, source.name, query=tree)
            if (plans := await self._foretold.with_tree(source, ids, tree, self._left(source) / 2, admit)) is not None:
                return plans
        if asked.kind is Plan:
            return await source.plans(ids, asked.wants & source.costly)
        return await getattr(source, BY_ID[asked.kind])(ids)  # type: ignore[no-any-return]

    # -------------------------------------------------------------------------------------------------------- edges

    def provider(self, question: str, child: type[Record] | None, parent: Record) -> Source | None:
        """Who answers an edge of this parent: its own system, or nobody if that system has the kind but not the edge.

        A kind that the parent's system does not know at all may be kept in the store: tasks on a Planning Center plan.
        """
        source = self.sources.get(parent.source)
        if source is None:
            return None
        can = source.capabilities
        if question in can:
            return source
        return self.home if child is not None and BY_ID[child] not in can else None

    async def related(
        self, question: str, child: type[Record] | None, parents: Sequence[Record], query: ListQuery,
        ends: Mapping[str, Any] | None = None, missing: Slice[Any] | None = EMPTY,
    ) -> list[Any]:  # fmt: skip
        """Per parent: its page (or what else the question answers), None if no system says, or an exception.

        `missing` is what a parent has that the answering system does not mention: an empty page.
        """
        query = access.narrow(self.viewer, query)

        def ask(parents: Sequence[Record]) -> Awaitable[list[Any]]:
            return self._related(question, child, parents, query, ends, missing)

        return await (ask(parents) if ends else self._foretold.related(question, query, parents, ask, self.home))

    async def _related(
        self, question: str, child: type[Record] | None, parents: Sequence[Record], query: ListQuery,
        ends: Mapping[str, Any] | None, missing: Slice[Any] | None,
    ) -> list[Any]:  # fmt: skip
        homes = [parent.key.partition(":")[0] for parent in parents]
        some = dict(zip(homes, parents, strict=True))
        providers = {home: self.provider(question, child, parent) for home, parent in some.items()}
        groups: dict[str, dict[Key, Record]] = {}
        for home, parent in zip(homes, parents, strict=True):
            if (provider := providers[home]) is not None:
                groups.setdefault(provider.name, {})[parent.key] = parent
        queries = {name: query_for(name, query, ends or {}) for name in groups}
        if any(name not in end["at"] for end in (ends or {}).values() for name in groups):
            raise InvalidCursor("That cursor belongs to a list of another system. Start again without it.")
        answers = await self._ask_all(
            groups, lambda source: getattr(source, question)([*groups[source.name].values()], queries[source.name])
        )
        found: dict[str, Mapping[Key, Any] | Exception] = {}
        for name, answer in zip(groups, answers, strict=True):
            if isinstance(answer, Exception):
                found[name] = answer
                continue
            found[name] = admitted = self._admitted(name, answer, query)
            if query.repeats and len(admitted) > len(groups[name]):
                self._foretold.hear(question, query, admitted)
        absent = None if missing is None else {name: Listed(missing, (name,), own=name) for name in groups}
        return [
            None if provider is None else _at(found[provider.name], parent.key, absent and absent[provider.name])
            for parent, provider in zip(parents, [providers[home] for home in homes], strict=True)
        ]

    def _admitted(self, source: str, answers: Mapping[Key, Any], query: ListQuery) -> dict[Key, Any]:
        """The answers to parents as this viewer gets them."""
        slices = [answer for answer in answers.values() if isinstance(answer, Slice)]
        if len(slices) < len(answers):
            return {parent: answer for parent, answer in answers.items() if self._may_pass(answer)}
        whole = [record for slice in slices for record in slice.records]
        if len(access.readable(self.viewer, whole)) < len(whole) or (slices and (slices[0].whole or slices[0].also)):
            slices = [self._admit(slice, query) for slice in slices]
        return {parent: Listed(slice, (source,), own=source) for parent, slice in zip(answers, slices, strict=True)}

    def _may_pass(self, answer: Any) -> bool:
        return not isinstance(answer, Record) or self._readable(answer)

    async def native(self, edge: str, parents: Sequence[Any]) -> list[Any]:
        """Per parent, a plan's native struct: what its own system says under this name of its own.

        What came along with the plan is not asked for again. Records at the other end are checked like all others.
        """
        keys: dict[str, list[Key]] = {}
        for parent in parents:
            if edge not in parent.along:
                keys.setdefault(split(parent.key)[0], []).append(parent.key)
        answers = await self._ask_all(keys, lambda source: source.natives(edge, keys[source.name]))
        by_source = dict(zip(keys, answers, strict=True))

        def answer(parent: Any) -> Any:
            found = parent.along if edge in parent.along else by_source[split(parent.key)[0]]
            if isinstance(found, Exception):
                return found
            ends = found.get(edge if found is parent.along else parent.key, ())
            return [each for each in ends if not isinstance(each, Record) or self._readable(each)]

        return [answer(parent) for parent in parents]

    # -------------------------------------------------------------------------------------------------------- lists

    async def page(
        self, question: str, query: ListQuery, ends: Mapping[str, Any], names: Sequence[str] | None = None
    ) -> Listed:
        """One page over several sources (all that can answer, or those named), merged by the order of the query.

        One failing source is noted in `failures`; if all fail, or one cannot apply what was asked, that is raised.
        """
        can = [name for name, source in self.sources.items() if question in source.capabilities]
        if names is not None and not names:
            raise BadUserInput("Name at least one source, or leave `sources` out to ask all.", argument="sources")
        if names is not None and (unknown := [name for name in names if name not in can]):
            raise BadUserInput(f"No source named {unknown[0]!r:.60} has these. Choose from: {', '.join(can)}.")
        query = access.narrow(self.viewer, query)
        asked = [name for name in can if names is None or name in names]
        queries = {name: query_for(name, query, ends) for name in asked}
        answers = await self._ask_all(asked, lambda source: getattr(source, question)(queries[source.name]))
        slices: dict[str, Slice[Any]] = {}
        failures: dict[str, SourceError] = {}
        for name, answer in zip(asked, answers, strict=True):
            if isinstance(answer, SourceError):
                failures[name] = answer
            elif isinstance(answer, Exception):
                raise answer
            else:
                slices[name] = self._admit(answer, query)
        shown = None if slices else next(iter(failures.values()), None)
        for failure in failures.values():
            if failure is not shown:  # that one is an error of the response, and logged as such
                note_failure(failure)
        if shown is not None:
            raise shown
        if len(asked) == 1:
            return Listed(slices[asked[0]], (asked[0],), own=asked[0])
        return merge(slices, failures, query, ends)

    async def check(self, source: Source) -> Health:
        """Whether a source answers now."""
        if source is not self.home:
            self._leave_home()
        health = await source.check()
        if health.error is not None:
            note_failure(health.error)
        return health

    # -------------------------------------------------------------------------------------------------------- rules

    def _readable(self, record: Record | None) -> bool:
        return record is not None and access.can_read(self.viewer, record)

    def _admit(self, answer: Slice[Any], query: ListQuery) -> Slice[Any]:
        """The slice without what this viewer may not read: nothing, if the source applied the scope."""
        if answer.whole:
            self._memory.hear(answer.records, query.wants & self.costly)
            self._memory.hear(answer.also, query.wants & self.costly)
        if len(access.readable(self.viewer, answer.records)) == len(answer.records):
            return answer
        kept = [i for i, record in enumerate(answer.records) if self._readable(record)]
        log.warning("scope_not_applied", source=answer.records[0].source, hidden=len(answer.records) - len(kept))
        return structs.replace(
            answer,
            records=[answer.records[i] for i in kept],
            position=lambda i: answer.position(kept[i]),
            total=None,
        )

    async def _ask_all(self, names: Iterable[str], question: Callable[[Source], Awaitable[Any]]) -> list[Any]:
        """Each source's answer or exception, in order; all are asked at once."""
        names = list(names)
        if len(names) == 1:
            return [await self._ask(self.sources[names[0]], question)]
        return list(await asyncio.gather(*(self._ask(self.sources[name], question) for name in names)))

    async def _ask(self, source: Source, question: Callable[[Source], Awaitable[T]]) -> T | Exception:
        if source is self.home:
            self._home_was_asked = True
        else:
            self._leave_home()
        if self._is_closed or (task := asyncio.current_task()) is None:
            return RuntimeError("The execution has ended.")
        self._calling.add(task)
        try:
            async with asyncio.timeout(self._left(source)):
                return await question(source)
        except TimeoutError:
            return source.too_late()
        except Exception as error:
            return error
        finally:
            self._calling.discard(task)

    def _left(self, source: Source) -> float:
        """For how many seconds a source may be asked."""
        return min(source.deadline, self.ends - asyncio.get_running_loop().time())


def _at(answers: Mapping[Key, Any] | Exception, parent: Key, missing: Any) -> Any:
    return answers if isinstance(answers, Exception) else answers.get(parent, missing)
