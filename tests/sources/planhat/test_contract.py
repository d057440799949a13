"""Planhat keeps the contract of all sources, as far as its API goes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from plangate.emulators.planhat import PlanhatEmulator
from plangate.listing import AllOf, Filter, ListQuery, Offset, Order, Scope
from plangate.source import QUESTIONS
from plangate.sources.planhat import Planhat
from tests.sources.contract import SourceContract, pages

from .conftest import Connect

PLAN_FIELDS = ("sort_date", "start_date", "title")
TASK_FIELDS = ("start_time", "due_time", "title", "position")


def both_ways(fields: Sequence[str]) -> list[tuple[Order, ...]]:
    return [(Order(field, descending),) for field in fields for descending in (False, True)]


class TestPlanhat(SourceContract):
    source_class = Planhat
    counts = False
    page_size = 7
    orders: ClassVar[Mapping[str, Sequence[tuple[Order, ...]]]] = {
        "list_plans": both_ways(PLAN_FIELDS),
        "list_tasks": both_ways(TASK_FIELDS),
    }
    filters: ClassVar[Mapping[str, Sequence[Filter]]] = {"list_plans": [AllOf(())], "list_tasks": [AllOf(())]}
    unplaceable = (*SourceContract.unplaceable, Offset((0, -1)), Offset((0,)), Offset((0, 2**40)))

    @pytest.fixture
    def sample_ids(self, emulator: PlanhatEmulator) -> dict[str, list[str]]:
        models = emulator.models
        steps = [id for id, task in models["tasks"].items() if "workflowStepId" in task]
        return {
            "plans": list(models["projects"])[:6],
            "tasks": list(models["tasks"])[:8],
            "steps": steps[:6],
            "people": list(models["users"])[:3],
        }


@pytest.mark.parametrize("number", [0, 1, 2, 44, 45, 46])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("backward", [False, True])
async def test_pages_wherever_the_missing_days_begin(
    connect: Connect, scope: Scope, emulator: PlanhatEmulator, number: int, descending: bool, backward: bool
) -> None:
    """None, one, some, all but one or all projects are without a start."""
    projects = list(emulator.models["projects"].values())[:46]
    emulator.models["projects"] = {each["_id"]: each for each in projects}
    for i, project in enumerate(projects):
        project["startDate"] = None if i * 7 % 46 < number else f"2026-01-{1 + i % 20:02}T00:00:00.000Z"
    source = connect(per_page=9)
    order = (Order("sort_date", descending),)
    whole = [each.key for each in (await source.list_plans(ListQuery(100, scope=scope, order=order))).records]
    assert len(set(whole)) == 46
    dates = [each.sort_date for each in (await source.list_plans(ListQuery(100, scope=scope, order=order))).records]
    missing = dates[:number] if descending else dates[46 - number :]
    assert missing == [None] * number
    rest = dates[number:] if descending else dates[: 46 - number]
    assert rest == sorted((date for date in rest if date), reverse=descending)
    assert await pages(source.list_plans, ListQuery(10, scope=scope, order=order, backward=backward)) == whole


def test_what_it_answers() -> None:
    assert Planhat.capabilities == {
        "plans", "steps", "tasks", "people", "list_plans", "list_tasks",
        "sub_tasks_of_tasks", "sub_steps_of_steps", "natives",
    }  # fmt: skip
    assert set(QUESTIONS) > Planhat.capabilities
