"""Filters: values that no database can hold match nothing, values of another sort are refused; neither is a failure."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from plangate.errors import BadUserInput, FilterNotSupported
from plangate.listing import AllOf, AnyOf, Condition, Filter, ListQuery, Not, Scope
from plangate.model import Action, Plan, key
from plangate.sources.store import Store
from tests.databases import run

SCOPE = Scope("demo", None)
TITLES = (
    "Éclair",
    "éclair",
    "100%",
    "100 percent",
    "under_score",
    "underXscore",
    "back\\slash",
    "'; DROP TABLE plans",
    "",
)


@pytest.fixture(scope="module")
def titled_url(new_store_url: Callable[[], str]) -> str:
    url = new_store_url()

    async def fill() -> None:
        store = Store(url)
        await store.insert(Plan(key("store", str(n)), "demo", title=title) for n, title in enumerate(TITLES))
        await store.insert([Plan(key("store", "none"), "demo")])
        await store.insert([Action(key("store", "a"), "demo", due_date="2026-11-20", position=0)])
        await store.close()

    run(fill())
    return url


@pytest.fixture
async def titled(titled_url: str) -> AsyncIterator[Store]:
    store = Store(titled_url)
    yield store
    await store.close()


async def titles(store: Store, filter: Filter) -> list[str | None]:
    answer = await store.list_plans(ListQuery(100, scope=SCOPE, filter=filter, total=True))
    assert answer.total == len(answer.records)
    return [plan.title for plan in answer.records]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("ÉCL", ["Éclair", "éclair"]),
        ("0%", ["100%"]),
        ("r_s", ["under_score"]),
        ("K\\S", ["back\\slash"]),
        ("';", ["'; DROP TABLE plans"]),
        ("", list(TITLES)),
        ("\0", []),
        ("\udfff", []),
        ("x" * 100_000, []),
    ],
)
async def test_contains(titled: Store, part: str, found: list[str]) -> None:
    assert await titles(titled, Condition("title", "contains", part)) == found


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 1_000_000])
@pytest.mark.parametrize("operator", ["eq", "in", "contains"])
async def test_what_cannot_be_there_matches_nothing(titled: Store, operator: str, text: str) -> None:
    condition = Condition("title", operator, (text,) if operator == "in" else text)
    assert await titles(titled, condition) == []
    assert len(await titles(titled, Not(condition))) == len(TITLES) + 1
    for compared in ("lt", "lte", "gt", "gte"):
        await titles(titled, Condition("title", compared, text))


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("title", "eq", 7), ("title", "eq", True), ("title", "in", "abc"), ("title", "in", (1,)), ("title", "lt", None),
        ("title", "contains", None), ("title", "eq", ("a",)), ("sort_date", "eq", "yesterday"),
        ("sort_date", "gt", "2026-11-20"), ("sort_date", "gt", "2026-11-20T09:00:00"), ("sort_date", "gt", 10**400),
        ("sort_date", "gt", "0001-01-01T00:00:00+23:59"), ("sort_date", "in", ("9999-12-31T23:59:59-23:59",)),
        ("sort_date", "gt", "\0"), ("title", "eq", float("nan")),
    ],
)  # fmt: skip
async def test_values_of_another_sort_are_refused(titled: Store, field: str, operator: str, value: Any) -> None:
    with pytest.raises(BadUserInput):
        await titles(titled, Condition(field, operator, value))


async def test_days_are_days(titled: Store) -> None:
    for value in ("2026-11-20T00:00:00Z", "2026-02-30", "", 20):
        with pytest.raises(BadUserInput):
            await titled.list_actions(ListQuery(1, scope=SCOPE, filter=Condition("due_date", "gte", value)))
    query = ListQuery(1, scope=SCOPE, filter=Condition("due_date", "gte", "2026-11-20"))
    assert [action.due_date for action in (await titled.list_actions(query)).records] == ["2026-11-20"]


@pytest.mark.parametrize(
    ("field", "operator"),
    [("native", "is_null"), ("workspace", "eq"), ("private_to", "eq"), ("title", "like"), ("sort_date", "contains"),
     ("description", "contains"), ("title; --", "eq"), ("__class__", "eq")],
)  # fmt: skip
async def test_what_is_not_offered_is_refused(titled: Store, field: str, operator: str) -> None:
    with pytest.raises(FilterNotSupported):
        await titles(titled, Condition(field, operator, "x"))


async def test_filters_are_bounded(titled: Store) -> None:
    one = Condition("title", "eq", "100%")
    assert await titles(titled, AnyOf((one,) * 190)) == ["100%"]
    assert await titles(titled, Condition("title", "in", ("100%",) * 50_000)) == ["100%"]
    deep: Filter = one
    for _ in range(1000):
        deep = Not(deep)
    for huge in (AllOf((one,) * 201), deep):
        with pytest.raises(BadUserInput):
            await titles(titled, huge)
