"""OnePlan keeps the contract of all sources, as far as its API goes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.oneplan.values import guid
from plangate.listing import AllOf, AnyOf, Condition, Filter, Not, Order
from plangate.source import QUESTIONS
from plangate.sources.oneplan import OnePlan
from tests.sources.contract import SourceContract

PLAN_FIELDS = ("title", "created_at", "updated_at", "start_date", "sort_date", "parent")
INGRID = f"oneplan:{guid('resource', 'Ingrid Solberg')}"
PROJECT = f"oneplan:{guid('plan', 'project 0.3')}"


class TestOnePlan(SourceContract):
    source_class = OnePlan
    page_size = 7
    test_next_and_previous_mirror_each_other = None  # plans there do not follow one another
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        "list_plans": [
            *((Order(field, descending),) for field in PLAN_FIELDS for descending in (False, True)),
            (Order("status"), Order("parent", True), Order("title")),
        ],
    }
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {
        "list_plans": [
            Condition("title", "eq", "Billing migration"),
            Condition("title", "eq", "\ud800"),
            Condition("title", "contains", "METER"),
            Condition("title", "in", ("Billing migration", "nothing")),
            Condition("title", "is_null", True),
            Condition("parent", "eq", PROJECT),
            Condition("parent", "is_null", True),
            Condition("created_by", "in", (INGRID, "store:1")),
            Condition("created_at", "gt", "2026-01-01T00:00:00+02:00"),
            Condition("updated_at", "lte", "2026-11-10T12:00:00Z"),
            Condition("sort_date", "lt", "2026-06-01T00:00:00Z"),
            Condition("start_date", "gte", "2026-03-01"),
            Condition("end_date", "lt", "2027-01-01"),
            Condition("status", "eq", "At risk"),
            AllOf((Condition("status", "eq", "At risk"), Not(Condition("parent", "is_null", True)))),
            AnyOf((Condition("parent", "eq", PROJECT), Condition("title", "contains", "portal"))),
            AllOf(()),
            AnyOf(()),
        ],
    }  # fmt: skip

    @pytest.fixture
    def sample_ids(self, emulator: OnePlanEmulator) -> dict[str, list[str]]:
        account = emulator.account
        plans = [guid("plan", f"project 0.{n}") for n in range(4)] + [guid("plan", f"project 1.{n}") for n in range(4)]
        steps = [
            f"{plan}/{step['StepId']}"
            for plan in plans
            for step in {each["StepId"]: each for each in account.history[plan]}.values()
        ]
        return {
            "plans": plans,
            "people": list(account.resources)[:4],
            "tasks": [f"{plan}/{task['id']}" for plan in plans[:3] for task in account.tasks[plan]],
            "notes": [f"{plan}/{each['Id']}" for plan in plans for each in account.plans[plan]["Comments"]],
            "steps": steps,
        }


def test_what_it_does_not_answer() -> None:
    """Tasks are listed by plan only: a list of all would be a call for each plan."""
    assert OnePlan.capabilities == {
        "plans", "steps", "tasks", "notes", "people", "list_plans",
        "sub_plans_of_plans", "steps_of_plans", "tasks_of_plans", "notes_of_plans", "natives", "sub_tasks_of_tasks",
        "created_plans_of_people", "updated_plans_of_people", "notes_of_people",
    }  # fmt: skip
    assert set(QUESTIONS) > OnePlan.capabilities
