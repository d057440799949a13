"""Pages by position: every record once, in order, whatever is missing or equal, in both directions."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plangate.errors import InvalidCursor, OrderNotSupported
from plangate.listing import Bound, ListQuery, Order, Scope
from plangate.model import Plan, key
from plangate.sources.store import Store
from tests.sources.contract import is_sorted, keys, pages, replaced

SCOPE = Scope("demo", None)
TITLES = (None, "a", "B", "é", "a ")
DATES = (None, "2026-11-20T09:00:00+00:00", "2026-11-20T09:00:00.100000+00:00", "2026-11-20T10:00:00.12+01:00")
FIELDS = ("title", "sort_date", "updated_at", "key")


@pytest.fixture
async def tied(store: Store) -> Store:
    """Every combination of a few values and of none, twice over."""
    await store.insert(
        Plan(key("store", f"{n:03}"), "demo", title=title, sort_date=sort_date, updated_at=updated_at)
        for n, (title, sort_date, updated_at, _) in enumerate(product(TITLES, DATES, DATES[:2], (1, 2)))
    )
    return store


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.builds(Order, st.sampled_from(FIELDS), st.booleans()), max_size=3).map(tuple),
    st.integers(min_value=3, max_value=40),
)
async def test_pages_of_any_order(tied: Store, order: tuple[Order, ...], size: int) -> None:
    query = ListQuery(size, scope=SCOPE, order=order)
    whole = await tied.list_plans(replaced(query, limit=1000))
    assert len(whole.records) == 80
    assert is_sorted(order, whole.records)
    assert await pages(tied.list_plans, query) == keys(whole)
    assert await pages(tied.list_plans, replaced(query, backward=True)) == keys(whole)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_any_range(tied: Store, data: Any) -> None:
    order = tuple(data.draw(st.lists(st.builds(Order, st.sampled_from(FIELDS), st.booleans()), max_size=2)))
    query = ListQuery(1000, scope=SCOPE, order=order)
    whole = await tied.list_plans(query)
    start, end = (data.draw(st.integers(0, 79)) for _ in range(2))
    with_start, with_end = (data.draw(st.booleans()) for _ in range(2))
    found = await tied.list_plans(
        replaced(query, after=Bound(whole.position(start), with_start), before=Bound(whole.position(end), with_end))
    )
    assert keys(found) == keys(whole)[start + (not with_start) : end + with_end]


async def test_a_record_that_comes_meanwhile_shifts_nothing(tied: Store) -> None:
    query = ListQuery(10, scope=SCOPE)
    page = await tied.list_plans(query)
    await tied.insert([Plan(key("store", "early"), "demo", sort_date="2001-01-01T00:00:00Z")])
    rest = await tied.list_plans(replaced(query, limit=1000, after=Bound(page.position(9))))
    assert len(rest.records) == 70
    assert not set(keys(rest)) & set(keys(page))


@pytest.mark.parametrize(
    "position",
    [
        None, {}, "text", ["2026-11-20T09:00:00+00:00"], ["2026-11-20T09:00:00+00:00", None], [1, "store:1"],
        ["2026-11-20", "store:1"], ["2026-11-20T09:00:00", "store:1"], ["0001-01-01T00:00:00+23:00", "store:1"],
        ["not a date", "store:1"], [None, "\0"], [None, "\ud800"], [None, 10**30], [True, "store:1"], [None, "a", "b"],
    ],
)  # fmt: skip
async def test_what_is_no_position(store: Store, position: Any) -> None:
    for bound in ({"after": Bound(position)}, {"before": Bound(position)}):
        with pytest.raises(InvalidCursor):
            await store.list_plans(ListQuery(1, scope=SCOPE, **bound))


@pytest.mark.parametrize("number", [10**30, -(2**31) - 1, 1.5, True, "1"])
async def test_what_is_no_number(store: Store, number: Any) -> None:
    with pytest.raises(InvalidCursor):
        await store.list_tasks(ListQuery(1, scope=SCOPE, after=Bound([number, "store:1"])))


async def test_an_edge_has_the_orders_of_its_kind(demo: Store) -> None:
    plans = list((await demo.plans(["northwind-bakeries", "halden-shipping"])).values())
    found = await demo.tasks_of_plans(plans, ListQuery(3, scope=SCOPE, order=(Order("due_time", True), Order("title"))))
    assert len(found) == 2
    for slice in found.values():
        assert slice.records[0].due_time is None
        assert is_sorted((Order("due_time", True), Order("title")), slice.records)
    with pytest.raises(OrderNotSupported):
        await demo.steps_of_plans(plans, ListQuery(3, scope=SCOPE, order=(Order("ended_at"),)))
