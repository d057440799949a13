"""Whatever question finds a record, it is the record that was written, as far as it was asked for."""

from collections.abc import Iterable
from typing import Any

import pytest

from plangate.listing import ListQuery, Scope, Slice
from plangate.model import Plan, Record
from plangate.sources.store import Store
from plangate.sources.store.demo import build
from tests.sources.contract import EDGES, KIND_OF, LISTS

SCOPE = Scope("demo", None)
WRITTEN = {(type(record), record.key): record for record in build() if record.workspace == "demo"}
ALWAYS = {"key", "workspace", "private_to"}


def of(kind: type[Record]) -> list[Any]:
    return [record for record in WRITTEN.values() if type(record) is kind]


def wishes(kind: type[Record]) -> tuple[frozenset[str], ...]:
    """What may be asked of a record: everything, or every other field of those that may be left unread."""
    fields = [name for name in kind.__struct_fields__ if name not in ALWAYS]
    return frozenset(), frozenset(fields[::2]), frozenset(fields[1::2])


def check(found: Iterable[Record], wants: frozenset[str]) -> None:
    for record in found:
        written = WRITTEN[type(record), record.key]
        if not wants:
            assert record == written
        for name in type(record).__struct_fields__:
            read = getattr(record, name)
            assert read == getattr(written, name) or (read is None and name not in ALWAYS | wants), name


@pytest.mark.parametrize("question", LISTS)
async def test_of_lists(demo: Store, question: str) -> None:
    ask: Any = getattr(demo, question)
    kind = type((await ask(ListQuery(1, scope=SCOPE))).records[0])
    for wants in wishes(kind):
        found = (await ask(ListQuery(1000, scope=SCOPE, wants=wants))).records
        assert {record.key for record in found} == {record.key for record in of(kind)}
        check(found, wants)


@pytest.mark.parametrize("question", EDGES)
async def test_of_edges(demo: Store, question: str) -> None:
    ask: Any = getattr(demo, question)
    parents_of, reference = EDGES[question]
    parents = of(KIND_OF[parents_of])
    whole: dict[str, Slice[Any]] = await ask(parents, ListQuery(1000, scope=SCOPE))
    kind = type(next(record for slice in whole.values() for record in slice.records))
    # By what was written, not by what a record that was read says of itself.
    children = {
        parent.key: {each.key for each in of(kind) if getattr(each, reference) == parent.key} for parent in parents
    }
    for wants in wishes(kind):
        families = await ask(parents, ListQuery(1000, scope=SCOPE, wants=wants))
        for parent in parents:
            found = families[parent.key].records if parent.key in families else []
            assert {record.key for record in found} == children[parent.key]
            assert {getattr(record, reference) for record in found} <= {parent.key}
            check(found, wants)


async def test_of_trees(demo: Store) -> None:
    plans = of(Plan)
    for wants in wishes(Plan):
        tree = await demo.sub_plans_of_plans(plans, ListQuery(1000, scope=SCOPE, wants=wants, repeats=2))
        assert any(slice.records for slice in tree.values())
        for parent, slice in tree.items():
            assert {record.key for record in slice.records} == {plan.key for plan in plans if plan.parent == parent}
            check(slice.records, wants)


@pytest.mark.parametrize("question", ["next_plans", "previous_plans"])
async def test_of_neighbours(demo: Store, question: str) -> None:
    ask: Any = getattr(demo, question)
    for wants in wishes(Plan):
        found = await ask(of(Plan), ListQuery(1, scope=SCOPE, wants=wants))
        assert found
        check(found.values(), wants)
