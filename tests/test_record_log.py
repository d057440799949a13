"""Records that cannot be read: one line in the log for each answer, whichever system sent them and however many."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from plangate.emulators.server import serve
from plangate.errors import UpstreamBadResponse
from plangate.listing import ListQuery, Scope
from plangate.record_log import MAX_EXAMPLES, MAX_ID, MAX_PROBLEMS, RecordLog
from plangate.source import Source
from plangate.sources.happyforce import Happyforce
from plangate.sources.oneplan import OnePlan
from plangate.sources.planhat import Planhat
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.scale import Scale

N = 50
"""The number of records in an answer."""
OBJECT_IDS = [f"5f00000000000000000000{n:02}" for n in range(N)]
GUIDS = [f"{n:08}-0000-4000-8000-000000000000" for n in range(N)]


def planning_center_answers(path: str) -> Any:
    """One service type, and its plans."""
    service_type = {"data": {"type": "ServiceType", "id": "1"}}
    resources = [
        {
            "type": "Plan",
            "id": f"{n}",
            "attributes": {"created_at": "soon"},
            "relationships": {"service_type": service_type},
        }
        for n in range(1, N + 1)
    ]
    if path.endswith("service_types"):
        resources = [service_type["data"]]
    return {"data": resources, "meta": {"total_count": len(resources)}}


CASES: Mapping[str, tuple[Callable[[str], Source], Any, list[str], int]] = {
    "planhat, no id": (
        lambda url: Planhat(url=url, token="t", deadline=10),
        [{"name": "x"}] * N,
        ["Project without a valid id (50)"],
        0,
    ),
    "planhat, odd values": (
        lambda url: Planhat(url=url, token="t", deadline=10),
        [{"_id": id, "name": 5, "startDate": "soon"} for id in OBJECT_IDS],
        ["Project.name: not of the documented type (50)", "Project.start_date: not an instant (50)"],
        N,
    ),
    "oneplan, no object": (
        lambda url: OnePlan(url=url, key_name="k", key_value="v", deadline=10),
        [[]] * N,
        ["WorkPlan: no object (50)"],
        0,
    ),
    "oneplan, no id": (
        lambda url: OnePlan(url=url, key_name="k", key_value="v", deadline=10),
        [{"id": "not a guid"}] * (N - 1) + [{}],
        ["WorkPlan without a valid id, or no object (49)", "WorkPlan without an id (1)"],
        0,
    ),
    "oneplan, odd values": (
        lambda url: OnePlan(url=url, key_name="k", key_value="v", deadline=10),
        [{"id": id, "Name": 5, "SubPlans": [7]} for id in GUIDS],
        ["OnePlanWorkPlan.name: not of the documented type (50)", "item of a list: not of the documented type (50)"],
        N,
    ),
    "scale, no id": (
        lambda url: Scale(url=url, api_key="k", account_id="a", deadline=10),
        {"total_item_count": N, "items": [{}] * N},
        ["Plan without a valid id (50)"],
        0,
    ),
    "scale, another account": (
        lambda url: Scale(url=url, api_key="k", account_id="a", deadline=10),
        {"total_item_count": N, "items": [{"id": id, "account_id": "b"} for id in OBJECT_IDS]},
        ["Plan of another account (50)"],
        0,
    ),
    "scale, odd values": (
        lambda url: Scale(url=url, api_key="k", account_id="a", deadline=10),
        {"total_item_count": N, "items": [{"id": id, "title": 5, "start_date": "soon"} for id in OBJECT_IDS]},
        ["Plan.title: not of the documented type (50)", "Plan.start_date: not an instant (50)"],
        N,
    ),
    "happyforce, no id": (
        lambda url: Happyforce(url=url, session_id="s", deadline=10),
        {"total": N, "result": [{}] * N},
        ["HappyforcePlan without a valid id (50)"],
        0,
    ),
    "happyforce, odd values": (
        lambda url: Happyforce(url=url, session_id="s", deadline=10),
        {"total": N, "result": [{"id": id, "createdAt": "soon", "actions": [{}]} for id in OBJECT_IDS]},
        ["HappyforceAction without a valid id (50)", "HappyforcePlan.created_at: not an instant (50)"],
        N,
    ),
    "planning_center, odd values": (
        lambda url: PlanningCenter(url=url, token="t", time_zone="Europe/London", deadline=10),
        planning_center_answers,
        ["Plan.created_at: not an instant (50)"],
        N,
    ),
}


@asynccontextmanager
async def answering(body: Any, make: Callable[[str], Source]) -> AsyncIterator[Source]:
    """A source whose system answers every request like this, or with what this makes of its path."""

    async def answer(request: Request) -> Response:
        found = body(request.url.path) if callable(body) else body
        return Response(json.dumps(found), media_type="application/json")

    async with serve(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        source = make(url)
        try:
            yield source
        finally:
            await source.close()


@pytest.mark.parametrize("case", CASES)
async def test_unreadable_records_of_an_answer_are_one_line(case: str) -> None:
    make, body, problems, readable = CASES[case]
    async with answering(body, make) as source:
        with capture_logs() as logs:
            page = await source.list_plans(ListQuery(N, scope=Scope("main", None)))
            await asyncio.sleep(0)
    [line] = logs
    assert (line["event"], line["log_level"], line["source"]) == ("records_invalid", "warning", source.name)
    assert sorted(line["problems"]) == sorted(problems)
    assert line["count"] == sum(int(problem.rsplit("(")[1][:-1]) for problem in problems)
    assert len(line["examples"]) <= MAX_EXAMPLES
    assert bool(line["examples"]) or "no " in case
    assert len(page.records) == readable


@pytest.mark.parametrize("case", ["oneplan, no id", "oneplan, no object"])
async def test_an_answer_of_very_many_unreadable_records_is_no_answer(case: str) -> None:
    """Lists that the system does not page are read as a whole."""
    make, body, _, _ = CASES[case]
    async with answering(body[:1] * 20_000, make) as source:
        with capture_logs() as logs:
            with pytest.raises(UpstreamBadResponse, match=r"^oneplan sent more than 10000 records that cannot be read"):
                await source.list_plans(ListQuery(25, scope=Scope("main", None)))
            await asyncio.sleep(0)
    assert [line["count"] for line in logs] == [10_001]


async def test_a_line_is_bounded() -> None:
    records = RecordLog("system")
    with capture_logs() as logs:
        for n in range(1_000):
            records.add(f"Plan.attribute{n}: not an instant", f"{n}" * 10_000)
        records.add("Plan.attribute0: not an instant", {"not": "shown"})
        await asyncio.sleep(0)
        assert len(logs) == 1
        records.add("Plan.another: not an instant", 7)
        await asyncio.sleep(0)
    first, second = logs
    assert first["count"] == 1_001
    assert len(first["problems"]) == MAX_PROBLEMS
    assert first["problems"][0] == "Plan.attribute0: not an instant (2)"
    assert len(first["examples"]) == MAX_EXAMPLES
    assert {len(id) for id in first["examples"]} == {MAX_ID}
    assert (second["count"], second["problems"], second["examples"]) == (1, ["Plan.another: not an instant (1)"], ["7"])


def test_it_logs_at_once_where_no_event_loop_runs() -> None:
    with capture_logs() as logs:
        RecordLog("system").skip("Plan without a valid id", None)
    assert [line["count"] for line in logs] == [1]
