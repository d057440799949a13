"""What every source must do, whichever its system: subclass `SourceContract`, give it a source with data in it, run it.

    class TestStore(SourceContract):
        orders = {"list_plans": [(), (Order("title"),)]}
        filters = {"list_plans": [Condition("status", "eq", "done")]}

        @pytest.fixture
        async def source(self): ...            # a Source that has data; closed by the fixture
        @pytest.fixture
        def scope(self): ...                   # the Scope of a viewer who sees (much of) that data
        @pytest.fixture
        def sample_ids(self): ...              # {"plans": ["1", "2"], "people": [...]}: local ids, by question

Give samples for every by-id question that the source answers, and for the parents of its edges; what the source does
not answer is not asked. Everything else has a default that may be overridden as a class attribute.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import pytest

from plangate.errors import FilterNotSupported, InvalidCursor, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Bound, Condition, Filter, ListQuery, Not, Offset, Order, Scope, Slice
from plangate.model import Record, key
from plangate.source import BY_ID, QUESTIONS, Source

EDGES: dict[str, tuple[str, str]] = {
    "sub_plans_of_plans": ("plans", "parent"),
    "actions_of_plans": ("plans", "plan"),
    "steps_of_plans": ("plans", "plan"),
    "tasks_of_plans": ("plans", "plan"),
    "plan_times_of_plans": ("plans", "plan"),
    "items_of_plans": ("plans", "plan"),
    "notes_of_plans": ("plans", "plan"),
    "attachments_of_plans": ("plans", "plan"),
    "team_members_of_plans": ("plans", "plan"),
    "needed_positions_of_plans": ("plans", "plan"),
    "plans_of_service_types": ("service_types", "service_type"),
    "plans_of_series": ("series", "series"),
    "sub_tasks_of_tasks": ("tasks", "parent"),
    "sub_steps_of_steps": ("steps", "parent"),
    "needed_positions_of_plan_times": ("plan_times", "plan_time"),
    "created_plans_of_people": ("people", "created_by"),
    "updated_plans_of_people": ("people", "updated_by"),
    "actions_of_people": ("people", "assignee"),
    "tasks_of_people": ("people", "assignee"),
    "team_members_of_people": ("people", "person"),
    "notes_of_people": ("people", "author"),
    "attachments_of_people": ("people", "created_by"),
}
"""Every edge that lists records: the by-id question that finds its parents, and the child's reference to its parent."""

T = TypeVar("T")

LISTS = tuple(name for name in QUESTIONS if name.startswith("list_"))
KIND_OF = {question: kind for kind, question in BY_ID.items()}
ODD_IDS = ("", "no-such-id", "0", "-1", "9" * 40, "x" * 10_000, "a\0b", "\ud800", "../..", "%", "'\"", "1/2/3", "é✓")


def over(parameter: str, questions: Iterable[str]) -> Callable[[T], T]:
    """Run a test once for each of the questions."""

    def mark(test: T) -> T:
        test.over = parameter, tuple(questions)  # type: ignore[attr-defined]
        return test

    return mark


class SourceContract:
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {}
    """Orders to page through, by list; the empty order (the source's own) is always tried."""
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {}
    """Filters that the source applies, by list."""
    counts: ClassVar[bool] = True
    """Whether the source knows totals. If not, they are None."""
    page_size: ClassVar[int] = 3
    unplaceable: ClassVar[Sequence[Any]] = (
        "x", 7, [], ["x"] * 9, {"a": 1}, [None], [[]], ["\0", "\ud800"],
        # Numbers are an Offset, which cannot be made up by a client, or nothing.
        [0], [0, 0], ["plans", 0], ["1001", {"1001": 1}], {"n": "00000000"},
        Offset(()), Offset((-1,)), Offset((2**31,)), Offset((1,), ("nowhere",)), Offset((1, 1, 1)), Offset((1,), ("a", "b")),
    )  # fmt: skip
    """Positions that this source never gave; None is left out, because a source may give it."""

    source_class: ClassVar[type[Source]]

    def __init_subclass__(cls) -> None:
        """What is over questions that the source answers none of is no test at all."""
        for name, test in vars(SourceContract).items():
            if hasattr(test, "over") and cls.source_class.capabilities.isdisjoint(test.over[1]):
                setattr(cls, name, None)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test is made for each question that the source answers; what it does not answer is no test."""
        asked = getattr(metafunc.function, "over", None)
        if asked is not None:
            parameter, questions = asked
            can = self.source_class.capabilities
            metafunc.parametrize(parameter, [question for question in questions if question in can])

    def ask(self, source: Source, question: str) -> Any:
        assert type(source) is self.source_class
        return getattr(source, question)

    async def parents(self, source: Source, edge: str, sample_ids: Mapping[str, Sequence[str]]) -> list[Record]:
        question, _ = EDGES.get(edge, ("plans", ""))
        found = list((await getattr(source, question)(sample_ids.get(question, ()))).values())
        assert found, f"the contract needs sample_ids of {question} for {edge}"
        return found

    # ------------------------------------------------------------------------------------------------------- by id

    @over("question", BY_ID.values())
    async def test_by_id_finds_what_exists_and_nothing_else(
        self, source: Source, sample_ids: Mapping[str, Sequence[str]], question: str
    ) -> None:
        ask = self.ask(source, question)
        known = sample_ids[question]
        found = await ask([*known, *ODD_IDS, *known])
        assert set(found) == set(known)
        for local, record in found.items():
            assert type(record) is KIND_OF[question]
            assert record.key == key(source.name, local)
        assert await ask(()) == {}
        assert await ask(ODD_IDS) == {}

    async def test_the_same_record_is_found_alone_and_in_company(
        self, source: Source, sample_ids: Mapping[str, Sequence[str]]
    ) -> None:
        together = await source.plans(sample_ids["plans"])
        for local in sample_ids["plans"][:2]:
            assert (await source.plans([local]))[local] == together[local]

    # ------------------------------------------------------------------------------------------------------- lists

    @over("question", LISTS)
    async def test_paging_visits_every_record_once_in_both_directions(
        self, source: Source, scope: Scope, question: str
    ) -> None:
        ask = self.ask(source, question)
        for order in dict.fromkeys([(), *self.orders.get(question, ())]):
            query = ListQuery(self.page_size, scope=scope, order=order)
            forward = await pages(ask, query)
            backward = await pages(ask, replaced(query, backward=True))
            whole = [record.key for record in (await ask(replaced(query, limit=1000))).records]
            assert forward == whole, order
            assert backward == whole, order
            assert len(set(whole)) == len(whole) > 0
            assert is_sorted(order, (await ask(replaced(query, limit=1000))).records), order

    @over("question", LISTS)
    async def test_a_bound_may_include_its_record(self, source: Source, scope: Scope, question: str) -> None:
        ask = self.ask(source, question)
        query = ListQuery(4, scope=scope)
        page = await ask(query)
        last = len(page.records) - 1
        between = replaced(query, after=Bound(page.position(0)), before=Bound(page.position(last)))
        assert keys(await ask(between)) == keys(page)[1:-1]
        within = replaced(
            query, after=Bound(page.position(0), inclusive=True), before=Bound(page.position(last), inclusive=True)
        )
        assert keys(await ask(within)) == keys(page)

    @over("question", LISTS)
    async def test_filters_select_what_they_say(self, source: Source, scope: Scope, question: str) -> None:
        ask = self.ask(source, question)
        everything = (await ask(ListQuery(1000, scope=scope))).records
        for filter in self.filters.get(question, ()):
            answer = await ask(ListQuery(1000, scope=scope, filter=filter, total=True))
            expected = {record.key for record in everything if matches(filter, record)}
            assert {record.key for record in answer.records} == expected, filter
            assert answer.total == (len(expected) if self.counts else None), filter

    @over("question", LISTS)
    async def test_total_is_the_count_wherever_the_page_is(self, source: Source, scope: Scope, question: str) -> None:
        ask = self.ask(source, question)
        whole = await ask(ListQuery(1000, scope=scope))
        first = await ask(ListQuery(1, scope=scope, total=True))
        assert whole.total is None
        assert first.total == (len(whole.records) if self.counts else None)
        later = await ask(ListQuery(1, scope=scope, total=True, after=Bound(first.position(0))))
        assert later.total == first.total

    @over("question", LISTS)
    async def test_what_cannot_be_applied_is_refused(self, source: Source, scope: Scope, question: str) -> None:
        ask = self.ask(source, question)
        for filter in (
            Condition("no_such_field", "eq", "x"),
            Not(AllOf((AnyOf((Condition("__class__", "eq", "x"),)),))),
            Condition("native", "is_null", True),
        ):
            with pytest.raises(FilterNotSupported) as refused:
                await ask(ListQuery(1, scope=scope, filter=filter))
            assert refused.value.details["source"] == source.name
        with pytest.raises(OrderNotSupported):
            await ask(ListQuery(1, scope=scope, order=(Order("no_such_field"),)))

    @over("question", LISTS)
    async def test_a_position_of_nowhere_is_refused(self, source: Source, scope: Scope, question: str) -> None:
        ask = self.ask(source, question)
        for position in self.unplaceable:
            with pytest.raises(InvalidCursor):
                await ask(ListQuery(1, scope=scope, after=Bound(position)))

    # ------------------------------------------------------------------------------------------------------- edges

    @over("edge", EDGES)
    async def test_each_parent_gets_its_own_children(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]], edge: str
    ) -> None:
        ask = self.ask(source, edge)
        parents = await self.parents(source, edge, sample_ids)
        reference = EDGES[edge][1]
        whole = await ask(parents, ListQuery(1000, scope=scope, total=True))
        assert set(whole) <= {parent.key for parent in parents}
        assert any(slice.records for slice in whole.values()), f"no sample parent has {edge}"
        for parent, slice in whole.items():
            assert {getattr(record, reference) for record in slice.records} <= {parent}
            assert len(set(keys(slice))) == len(slice.records)
            assert not slice.more
            assert slice.total == (len(slice.records) if self.counts else None)

    @over("edge", EDGES)
    async def test_the_limit_is_per_parent(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]], edge: str
    ) -> None:
        ask = self.ask(source, edge)
        parents = await self.parents(source, edge, sample_ids)
        whole = await ask(parents, ListQuery(1000, scope=scope))
        for backward in (False, True):
            few = await ask(parents, ListQuery(2, scope=scope, backward=backward, total=True))
            for parent, slice in whole.items():
                if not slice.records:
                    continue
                expected = keys(slice)[-2:] if backward else keys(slice)[:2]
                assert keys(few[parent]) == expected
                assert few[parent].more == (len(slice.records) > 2)
                assert few[parent].total == (len(slice.records) if self.counts else None)

    @over("edge", EDGES)
    async def test_an_edge_pages_like_a_list(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]], edge: str
    ) -> None:
        ask = self.ask(source, edge)
        parents = await self.parents(source, edge, sample_ids)
        whole = await ask(parents, ListQuery(1000, scope=scope))
        parent = max(parents, key=lambda parent: len(whole[parent.key].records) if parent.key in whole else 0)

        async def of_one(query: ListQuery) -> Slice[Any]:
            answer: Slice[Any] = (await ask([parent], query))[parent.key]
            return answer

        assert await pages(of_one, ListQuery(1, scope=scope)) == keys(whole[parent.key])

    @over("edge", EDGES)
    async def test_an_edge_of_nobody_is_empty(self, source: Source, scope: Scope, edge: str) -> None:
        ask = self.ask(source, edge)
        stranger = KIND_OF[EDGES[edge][0]](key(source.name, "no-such-id"))
        assert await ask([], ListQuery(2, scope=scope)) == {}
        answer = await ask([stranger], ListQuery(2, scope=scope))
        assert all(not slice.records and not slice.more for slice in answer.values())

    @over("question", ("next_plans",))
    async def test_next_and_previous_mirror_each_other(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]], question: str
    ) -> None:
        next_plans, previous_plans = self.ask(source, question), self.ask(source, "previous_plans")
        plans = list((await source.plans(sample_ids["plans"])).values())
        query = ListQuery(1, scope=scope)
        after = {plan: reference(next) for plan, next in (await next_plans(plans, query)).items()}
        assert after, "no sample plan has a next one"
        nexts = list((await source.plans([key.partition(":")[2] for key in after.values()])).values())
        before = {plan: reference(previous) for plan, previous in (await previous_plans(nexts, query)).items()}
        assert {before[next]: next for next in after.values()} == after

    # --------------------------------------------------------------------------------------------------- the whole

    async def test_many_questions_at_once(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]]
    ) -> None:
        alone = keys(await source.list_plans(ListQuery(self.page_size, scope=scope)))
        plans = await source.plans(sample_ids["plans"])
        lists = asyncio.gather(*(source.list_plans(ListQuery(self.page_size, scope=scope)) for _ in range(20)))
        found = asyncio.gather(*(source.plans(sample_ids["plans"]) for _ in range(20)))
        assert [keys(slice) for slice in await lists] == [alone] * 20
        assert await found == [plans] * 20

    async def test_it_is_healthy_and_closes_twice(self, source: Source) -> None:
        assert (await source.health()).ok
        await source.close()
        await source.close()

    async def test_records_speak_the_model(
        self, source: Source, scope: Scope, sample_ids: Mapping[str, Sequence[str]]
    ) -> None:
        for question in BY_ID.values():
            if question in source.capabilities:
                for record in (await getattr(source, question)(sample_ids[question])).values():
                    for name in type(record).__struct_fields__:
                        value = getattr(record, name)
                        if value is not None and name in INSTANTS:
                            assert datetime.fromisoformat(value).tzinfo is not None, (record.key, name, value)


INSTANTS = {"sort_date", "created_at", "updated_at", "archived_at", "starts_at", "ends_at", "start_time", "due_time"}


def replaced(query: ListQuery, **changes: Any) -> ListQuery:
    return ListQuery(**{name: getattr(query, name) for name in query.__struct_fields__} | changes)


def keys(slice: Slice[Any]) -> list[str]:
    return [record.key for record in slice.records]


def reference(plan: Any) -> str:
    return plan if isinstance(plan, str) else plan.key


async def pages(ask: Any, query: ListQuery) -> list[str]:
    """All keys in list order, a page at a time from the end where the query starts."""
    visited: list[str] = []
    while True:
        page = await ask(query)
        visited = keys(page) + visited if query.backward else visited + keys(page)
        if not page.more:
            return visited
        assert len(page.records) == query.limit
        assert len(visited) < 10_000, "the pages do not end"
        if query.backward:
            query = replaced(query, before=Bound(page.position(0)))
        else:
            query = replaced(query, after=Bound(page.position(len(page.records) - 1)))


def comparable(field: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if field in INSTANTS and isinstance(value, str) else value


def is_sorted(order: tuple[Order, ...], records: Sequence[Record]) -> bool:
    """Whether the records are in this order: those without a value last when ascending, first when descending."""
    wanted = list(records)
    for one in reversed(order):
        with_value = [record for record in wanted if getattr(record, one.field) is not None]
        without = [record for record in wanted if getattr(record, one.field) is None]
        with_value.sort(key=lambda record: comparable(one.field, getattr(record, one.field)), reverse=one.descending)
        wanted = without + with_value if one.descending else with_value + without
    return [[getattr(record, one.field) for one in order] for record in wanted] == [
        [getattr(record, one.field) for one in order] for record in records
    ]


def matches(filter: Filter, record: Record) -> bool:
    """What a filter means. A record without a value meets no condition but `is_null` and `eq None`."""
    match filter:
        case AllOf(of):
            return all(matches(one, record) for one in of)
        case AnyOf(of):
            return any(matches(one, record) for one in of)
        case Not(of):
            return not matches(of, record)
        case Condition(field, operator, wanted):
            return meets(comparable(field, getattr(record, field)), operator, field, wanted)


def meets(value: Any, operator: str, field: str, wanted: Any) -> bool:
    if operator == "is_null":
        return bool((value is None) == wanted)
    if operator == "in":
        return value in [comparable(field, one) for one in wanted]
    wanted = comparable(field, wanted)
    if operator == "eq":
        return bool(value == wanted)
    if value is None or wanted is None:
        return False
    if operator == "contains":
        return wanted.lower() in value.lower()
    return bool({"lt": value < wanted, "lte": value <= wanted, "gt": value > wanted, "gte": value >= wanted}[operator])
