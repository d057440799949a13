"""Whatever question finds a record, it is the record that was written, as far as it was asked for."""

from collections.abc import Iterable
from typing import Any

import pytest

from plangate.listing import ListQuery, Scope, Slice
from plangate.model import Record
from plangate.sources.store import Store
from plangate.sources.store.demo import build
from tests.sources.contract import EDGES, KIND_OF, LISTS

SCOPE = Scope("demo", None)
WRITTEN = {(type(record), record.key): record for record in build() if record.workspace == "demo"}
ALWAYS = {"key", "workspace", "private_to"}


def of(kind: type[Record]) -> list[Any]:
    return [record for record in WRITTEN.values() if type(record) is kind]


def some_fields(kind: type[Record], start: int) -> frozenset[str]:
    """Every other field, of those that may be left unread."""
    return frozenset([name for name in kind.__struct_fields__ if name not in ALWAYS][start::2])


def check(found: Iterable[Record], wants: frozenset[str]) -> None:
    for record in found:
        written = WRITTEN[type(record), record.key]
        if not wants:
            assert record == written
        for name in type(record).__struct_fields__:
            read = getattr(record, name)
            assert read == getattr(written, name) or (read is None and name not in ALWAYS | wants), name


@pytest.mark.parametrize("part", [None, 0, 1])
@pytest.mark.parametrize("question", LISTS)
async def test_of_lists(demo: Store, question: str, part: int | None) -> None:
    ask: Any = getattr(demo, question)
    kind = type((await ask(ListQuery(1, scope=SCOPE))).records[0])
    wants = frozenset() if part is None else some_fields(kind, part)
    found = (await ask(ListQuery(1000, scope=SCOPE, wants=wants))).records
    assert {record.key for record in found} == {record.key for record in of(kind)}
    check(found, wants)


@pytest.mark.parametrize("part", [None, 0, 1])
@pytest.mark.parametrize("question", EDGES)
async def test_of_edges(demo: Store, question: str, part: int | None) -> None:
    ask: Any = getattr(demo, question)
    parents_of, reference = EDGES[question]
    parents = of(KIND_OF[parents_of])
    whole: dict[str, Slice[Any]] = await ask(parents, ListQuery(1000, scope=SCOPE))
    kind = type(next(record for slice in whole.values() for record in slice.records))
    wants = frozenset() if part is None else some_fields(kind, part)
    families = await ask(parents, ListQuery(1000, scope=SCOPE, wants=wants))
    for parent in parents:
        found = families[parent.key].records if parent.key in families else []
        # By what was written, not by what a record that was read says of itself.
        hang_on_it = {record.key for record in of(kind) if getattr(record, reference) == parent.key}
        assert {record.key for record in found} == hang_on_it
        assert {getattr(record, reference) for record in found} <= {parent.key}
        check(found, wants)


@pytest.mark.parametrize("part", [None, 0, 1])
async def test_of_trees(demo: Store, part: int | None) -> None:
    plans = of(KIND_OF["plans"])
    wants = frozenset() if part is None else some_fields(KIND_OF["plans"], part)
    tree = await demo.sub_plans_of_plans(plans, ListQuery(1000, scope=SCOPE, wants=wants, repeats=2))
    assert any(slice.records for slice in tree.values())
    for parent, slice in tree.items():
        assert {record.key for record in slice.records} == {plan.key for plan in plans if plan.parent == parent}
        check(slice.records, wants)


@pytest.mark.parametrize("part", [None, 0, 1])
@pytest.mark.parametrize("question", ["next_plans", "previous_plans"])
async def test_of_neighbours(demo: Store, question: str, part: int | None) -> None:
    ask: Any = getattr(demo, question)
    wants = frozenset() if part is None else some_fields(KIND_OF["plans"], part)
    found = await ask(of(KIND_OF["plans"]), ListQuery(1, scope=SCOPE, wants=wants))
    assert found
    check(found.values(), wants)
