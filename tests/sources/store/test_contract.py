"""The store keeps the contract of all sources, on the demo data."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.listing import AllOf, AnyOf, Condition, Filter, Not, Order, Scope
from plangate.model import KINDS
from plangate.source import BY_ID, QUESTIONS
from plangate.sources.store import Store
from plangate.sources.store.demo import build
from plangate.sources.store.tables import OFFERS
from tests.sources.contract import SourceContract


def every_order(kind: type) -> list[tuple[Order, ...]]:
    fields = [*OFFERS[kind].order, *OFFERS[kind].orders, "key"]
    single = [(Order(field, descending),) for field in fields for descending in (False, True)]
    pairs = [(Order(fields[-2], descending), Order(fields[1], not descending)) for descending in (False, True)]
    return [*single, *pairs, (Order(fields[1]), Order(fields[2], True), Order(fields[0]))]


LISTED = {f"list_{BY_ID[kind]}": kind for kind in KINDS if OFFERS[kind].filters}


class TestStore(SourceContract):
    source_class = Store
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        name: every_order(kind) for name, kind in LISTED.items()
    }
    page_size = 17
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {
        "list_plans": [
            Condition("status", "eq", "done"),
            Condition("status", "in", ("done", "draft", "\0")),
            Condition("title", "contains", "ER"),
            Condition("title", "contains", "100%_\\"),
            Condition("title", "is_null", True),
            Condition("title", "eq", None),
            Not(Condition("title", "contains", "a")),
            Not(Not(Condition("series", "eq", "store:advent-2026"))),
            Condition("sort_date", "gte", "2026-11-20T03:00:00-06:00"),
            Condition("sort_date", "in", ("2026-11-22T10:00:00Z",)),
            Condition("end_date", "lt", "2026-12-01"),
            Condition("visibility", "eq", "PUBLIC"),
            Condition("service_type", "in", ("store:feasts", "store:no", "\ud800")),
            AllOf((Condition("title", "gte", "C"), Not(Condition("title", "lte", "M")))),
            AnyOf((Condition("status", "eq", "at risk"), Condition("parent", "is_null", False))),
            AnyOf(()),
            AllOf(()),
        ],
        "list_actions": [
            Condition("due_date", "lte", "2026-11-30"),
            Condition("due_date", "is_null", True),
            Condition("due_date", "in", ("2026-11-24", None)),
            Condition("plan", "eq", "planning_center:1001/70000046"),
            AllOf((Condition("assignee", "eq", "store:ada-okafor"), Condition("focus_type", "eq", "workload"))),
        ],
        "list_tasks": [
            Condition("is_done", "eq", True),
            Not(Condition("is_done", "in", (True,))),
            Condition("due_time", "is_null", True),
            Condition("parent", "is_null", False),
        ],
        "list_service_types": [Condition("name", "contains", "PRAY")],
    }

    @pytest.fixture
    def source(self, demo: Store) -> Store:
        return demo

    @pytest.fixture
    def scope(self) -> Scope:
        return Scope("demo", None)

    @pytest.fixture
    def sample_ids(self) -> dict[str, list[str]]:
        records = [record for record in build() if record.workspace == "demo"]
        return {
            name: [record.key.partition(":")[2] for record in records if type(record) is kind][:60]
            for kind, name in BY_ID.items()
        }


def test_it_answers_everything_but_what_is_native_elsewhere() -> None:
    assert set(QUESTIONS) - Store.capabilities == {"natives"}
