"""Planning Center keeps the contract of all sources, as far as its API goes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.listing import AllOf, Condition, Filter, Order
from plangate.source import QUESTIONS
from plangate.sources.planning_center import PlanningCenter
from tests.sources.contract import SourceContract

PLAN_FIELDS = ("sort_date", "title", "created_at", "updated_at")


class TestPlanningCenter(SourceContract):
    source_class = PlanningCenter
    page_size = 17
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        "list_plans": [(Order(field, descending),) for field in PLAN_FIELDS for descending in (False, True)],
        "list_service_types": [(Order(field, down),) for field in ("name", "position") for down in (False, True)],
    }
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {
        "list_plans": [
            Condition("title", "eq", "Leaving Ur"),
            Condition("title", "eq", "\ud800"),
            Condition("title", "eq", "a\0&where[id]=1"),
            Condition("service_type", "eq", "planning_center:1002"),
            Condition("service_type", "in", ("planning_center:1002", "planning_center:1003", "store:1", "\ud800")),
            Condition("service_type", "in", ()),
            Condition("sort_date", "eq", "2026-11-20T12:00:00Z"),  # that of plans without times, which is now
            Condition("sort_date", "gte", "2026-11-20T12:00:00Z"),
            Condition("sort_date", "gt", "2026-11-20T07:00:00-05:00"),
            AllOf((
                Condition("sort_date", "gte", "2026-03-01T00:00:00Z"),
                Condition("sort_date", "lt", "2026-06-01T00:00:00Z"),
                Condition("service_type", "in", ("planning_center:1001", "planning_center:1002")),
                Condition("updated_at", "gt", "2026-04-01T00:00:00Z"),
            )),
            Condition("created_at", "gt", "2026-03-01T00:00:00+02:00"),
            AllOf((
                Condition("updated_at", "gte", "2026-05-01T00:00:00Z"),
                Condition("updated_at", "lt", "2026-06-01T00:00:00Z"),
            )),
            AllOf((Condition("service_type", "eq", "planning_center:1001"), Condition("title", "eq", "Leaving Ur"))),
            AllOf(()),
        ],
        "list_service_types": [Condition("name", "eq", "Youth Night"), Condition("name", "eq", "\ud800")],
    }  # fmt: skip

    @pytest.fixture
    def sample_ids(self, emulator: PlanningCenterEmulator) -> dict[str, list[str]]:
        plans = ["1001/70000045", "1001/70000050", "1001/70000047", "1002/70000083", "1004/70000118"]
        world = emulator.world

        def hanging(collection: str) -> list[str]:
            found = [(plan, world.get("Plan", plan.partition("/")[2])) for plan in plans]
            return [f"{id}/{each.id}" for id, plan in found if plan for each in world.members(plan, collection)]

        return {
            "plans": plans,
            "service_types": ["1001", "1002"],
            "people": ["2001", "2002", "2007"],
            "series": ["6001", "6003"],
            "plan_times": hanging("plan_times"),
            "items": hanging("items")[:30],
            "notes": hanging("notes"),
            "attachments": hanging("all_attachments"),
            "team_members": hanging("team_members"),
            "needed_positions": hanging("needed_positions"),
        }


def test_what_it_does_not_answer() -> None:
    assert set(QUESTIONS) - PlanningCenter.capabilities == {
        "actions", "steps", "tasks", "list_actions", "list_tasks",
        "sub_plans_of_plans", "actions_of_plans", "steps_of_plans", "tasks_of_plans",
        "sub_tasks_of_tasks", "sub_steps_of_steps",
        "created_plans_of_people", "updated_plans_of_people", "actions_of_people", "tasks_of_people",
        "notes_of_people", "attachments_of_people",
    }  # fmt: skip
