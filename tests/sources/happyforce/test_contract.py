"""Happyforce keeps the contract of all sources, as far as its API goes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.listing import AllOf, AnyOf, Condition, Filter, Not, Order
from plangate.source import QUESTIONS
from plangate.sources.happyforce import Happyforce
from tests.sources.contract import SourceContract

ALONE = "happyforce:603cad10a1b2c3d4e500001d"
"""Whatever this person is to do, nobody else is."""
TITLE = "Agree on quiet hours"


class TestHappyforce(SourceContract):
    source_class = Happyforce
    page_size = 7
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        "list_plans": [
            (Order("sort_date"),),
            (Order("sort_date", True),),
            (Order("created_at"),),
            (Order("created_at", True),),
            (Order("start_date"), Order("created_at", True)),
        ],
        "list_actions": [
            *((Order(field, down),) for field in ("position", "due_date", "title", "created_at") for down in (False, True)),
            (Order("title"), Order("due_date", True)),
        ],
    }  # fmt: skip
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {
        "list_plans": [AllOf(())],
        "list_actions": [
            Condition("title", "eq", TITLE),
            Condition("title", "in", (TITLE, "Nothing", "\ud800")),
            Condition("title", "in", ()),
            Condition("title", "contains", "QUIET"),
            Condition("title", "is_null", True),
            Condition("status", "eq", "COMPLETED"),
            Condition("status", "eq", "no such status"),
            Condition("due_date", "gte", "2026-11-20"),
            Condition("created_at", "lt", "2026-03-01T00:00:00+02:00"),
            Condition("plan", "is_null", True),
            Condition("plan", "is_null", False),
            Condition("plan", "eq", "happyforce:6ad0a420a1b2c3d4e50010ad"),
            Condition("plan", "eq", "store:1"),
            Condition("assignee", "eq", ALONE),
            Condition("assignee", "eq", "happyforce:\ud800"),
            AllOf((Condition("plan", "is_null", True), AllOf((Condition("assignee", "eq", ALONE),)))),
            Not(AllOf((Condition("status", "eq", "COMPLETED"), Condition("plan", "is_null", False)))),
            AnyOf((Condition("title", "eq", TITLE), Condition("status", "eq", "IN_PROGRESS"))),
            AllOf(()),
        ],
    }

    @pytest.fixture
    def sample_ids(self, emulator: HappyforceEmulator) -> dict[str, list[str]]:
        company = emulator.company
        readable = [plan["id"] for plan in company.newest_plans() if plan["visibility"] == "PUBLIC"]
        actions = [each["id"] for each in company.newest_actions() if each["visibility"] == "PUBLIC"]
        return {"plans": readable[:9], "actions": actions[::7], "people": [ALONE.partition(":")[2]]}


def test_what_it_answers() -> None:
    assert Happyforce.capabilities == {
        "plans", "actions", "people", "list_plans", "list_actions", "actions_of_plans", "actions_of_people", "natives"
    }  # fmt: skip
    assert set(QUESTIONS) > Happyforce.capabilities
