"""Scale keeps the contract of all sources, as far as its API goes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.emulators.scale import ScaleEmulator
from plangate.listing import AllOf, Condition, Filter, Order
from plangate.sources.scale import Scale
from tests.sources.contract import SourceContract

from .conftest import ACCOUNT, Connect

PLAN_FIELDS = ("sort_date", "start_date", "title", "created_at", "updated_at")


class TestScale(SourceContract):
    source_class = Scale
    page_size = 7
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        "list_plans": [
            *[(Order(field, descending),) for field in PLAN_FIELDS for descending in (False, True)],
            (Order("title", True), Order("created_at"), Order("start_date")),
        ],
    }
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {
        "list_plans": [
            Condition("archived_at", "is_null", True),
            AllOf((AllOf(()), Condition("archived_at", "is_null", True))),
            AllOf(()),
        ],
    }

    @pytest.fixture
    def sample_ids(self, emulator: ScaleEmulator) -> dict[str, list[str]]:
        plans = [plan for plan in emulator.accounts.of(ACCOUNT) if plan["steps"] and plan["associated_file_ids"]][:6]
        ids = [plan["id"] for plan in plans]
        return {
            "plans": ids,
            "people": list(emulator.accounts.users),
            "steps": [
                *(f"{id}/{step}" for id in ids for step in ("research", "review")),
                f"{ids[0]}/research/interview experts",
                f"{ids[0]}/review/legal~1compliance",
            ],
            "attachments": [f"{plan['id']}/{file}" for plan in plans for file in plan["associated_file_ids"]],
        }


class TestScaleInShortPages(TestScale):
    """The same with pages that are shorter than what is asked for."""

    @pytest.fixture
    def source(self, connect: Connect) -> Scale:
        return connect(per_page=5)


def test_what_it_answers() -> None:
    assert Scale.capabilities == {
        "plans", "steps", "people", "attachments", "list_plans",
        "steps_of_plans", "attachments_of_plans", "sub_steps_of_steps",
    }  # fmt: skip
