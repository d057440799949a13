"""Every value of a resource is in its record, and nothing is invented."""

import json
from pathlib import Path
from typing import Any

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.errors import FilterNotSupported, OrderNotSupported, UpstreamBadResponse
from plangate.listing import AllOf, AnyOf, Condition, ListQuery, Not, Order, Scope
from plangate.model import ItemPosition, Key, MemberStatus, PlanTimeKind
from plangate.sources.planning_center import PlanningCenter

from .conftest import WORKSPACE

PLAN = Key("planning_center:1001/70000047")

SEED = Path(__file__).parents[2] / "graph" / "seeds" / "planning_center_plan.json"
SAMPLE: dict[str, Any] = json.loads(SEED.read_text())
"""The sample object of Planning Center's own documentation, to the letter [S]."""


def put(emulator: PlanningCenterEmulator, **attributes: Any) -> None:
    """The sample in the account, with some attributes as the test wants them."""
    emulator.put("ServiceType", "1", {"name": "string"})
    emulator.put("Plan", "1", SAMPLE["attributes"] | attributes, SAMPLE["relationships"])


async def test_the_sample_of_the_seed_loses_nothing(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    put(emulator)
    plan = (await source.plans(["1/1"]))["1/1"]
    native = plan.native
    assert native
    local = {"sort_date", "last_time_at", "files_expire_at"}
    assert len(SAMPLE["attributes"]) == 25
    for name, value in SAMPLE["attributes"].items():
        assert getattr(native, name) == ("2000-01-01T18:00:00+00:00" if name in local else value), name
    assert (native.previous_plan_id, native.next_plan_id, native.linked_publishing_episode_id) == ("1", "1", "1")
    assert native.attachment_type_ids == ("1",)
    assert (plan.key, plan.workspace, plan.private_to) == ("planning_center:1/1", WORKSPACE, None)
    assert (plan.title, plan.external_url, plan.external_id) == ("string", "string", "1")
    assert (plan.created_at, plan.updated_at) == ("2000-01-01T12:00:00Z", "2000-01-01T12:00:00Z")
    assert plan.sort_date == "2000-01-01T18:00:00+00:00"
    one = "planning_center:1"
    assert (plan.service_type, plan.series, plan.created_by, plan.updated_by) == (one, one, one, one)
    assert await source.next_plans([plan], ListQuery(1)) == {plan.key: "planning_center:1/1"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-07-05T09:00:00Z", "2026-07-05T14:00:00+00:00"),  # summer: five hours behind
        ("2026-12-06T09:00:00Z", "2026-12-06T15:00:00+00:00"),  # winter: six
        ("2026-03-08T03:00:00Z", "2026-03-08T08:00:00+00:00"),  # the first hour of summer
        ("2026-11-01T01:30:00Z", "2026-11-01T06:30:00+00:00"),  # twice that night; the first one
        (None, None),
    ],
)
async def test_local_times_become_true(
    source: PlanningCenter, emulator: PlanningCenterEmulator, written: str | None, meant: str | None
) -> None:
    put(emulator, sort_date=written, last_time_at=written, files_expire_at=written)
    plan = (await source.plans(["1/1"]))["1/1"]
    assert plan.native
    assert (plan.sort_date, plan.native.last_time_at, plan.native.files_expire_at) == (meant, meant, meant)


@pytest.mark.parametrize("attributes", [{"title": 7}, {"created_at": 7}, {"items_count": "many"}, {"sort_date": 5}])
async def test_what_makes_no_sense_is_a_bad_response(
    source: PlanningCenter, emulator: PlanningCenterEmulator, attributes: dict[str, Any]
) -> None:
    put(emulator, **attributes)
    with pytest.raises(UpstreamBadResponse) as raised:
        await source.plans(["1/1"])
    assert "many" not in str(raised.value)


@pytest.mark.parametrize(
    "odd", ["soon", "", "2026-07-05", "2026-07-05T09:00:00", "2026-13-05T09:00:00Z", "0001-01-01T00:00:00Z"]
)
async def test_an_instant_that_is_none_is_null_and_the_plan_stays(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope, odd: str
) -> None:
    put(emulator, created_at=odd, updated_at=odd)
    emulator.put("Plan", "2", SAMPLE["attributes"], SAMPLE["relationships"])
    emulator.put("Item", "1", {"title": "Prayer", "created_at": odd}, under=("Plan", "1"))
    ours = Condition("service_type", "eq", "planning_center:1")
    page = await source.list_plans(ListQuery(9, scope=scope, filter=ours, order=(Order("created_at"),)))
    assert {plan.external_id: plan.created_at for plan in page.records} == {"1": None, "2": "2000-01-01T12:00:00Z"}
    plan = next(plan for plan in page.records if plan.external_id == "1")
    assert plan.native
    assert (plan.updated_at, plan.native.created_at, plan.native.updated_at) == (None, odd, odd)
    (items,) = (await source.items_of_plans([plan], ListQuery(9, scope=scope))).values()
    assert [(item.title, item.created_at) for item in items.records] == [("Prayer", None)]


@pytest.mark.parametrize("odd", ["soon", "2026-07-05", "9999-12-31T23:59:59Z"])
async def test_a_local_time_that_is_none_is_kept_as_it_came(
    source: PlanningCenter, emulator: PlanningCenterEmulator, odd: str
) -> None:
    put(emulator, sort_date=odd, last_time_at=odd)
    plan = (await source.plans(["1/1"]))["1/1"]
    assert plan.native
    assert (plan.sort_date, plan.native.sort_date, plan.native.last_time_at) == (None, odd, odd)


async def test_a_merged_list_bears_what_makes_no_sense(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    put(emulator, title=7)
    with pytest.raises(UpstreamBadResponse):
        await source.list_plans(ListQuery(1000, scope=scope, order=(Order("title"),)))


async def test_a_plan_of_a_series_that_names_no_service_type_is_left_out(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    put(emulator)
    emulator.put("Series", "1", {})
    emulator.put("Plan", "2", {"sort_date": "2000-01-02T12:00:00Z"}, {}, under=("Series", "1"))
    series = list((await source.series(["1"])).values())
    (plans,) = (await source.plans_of_series(series, ListQuery(9, scope=scope))).values()
    assert [plan.key for plan in plans.records] == ["planning_center:1/1"]
    (plans,) = (await source.plans_of_series(series, ListQuery(1, scope=scope))).values()  # the other is ahead
    assert [record.key for record in [*plans.records, *plans.also]] == ["planning_center:1/1"]


async def test_absent_is_null(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    emulator.put("ServiceType", "1", {})
    emulator.put("Plan", "1", {}, {"service_type": {"data": {"type": "ServiceType", "id": "1"}}, "series": {}})
    plan = (await source.plans(["1/1"], frozenset({"start_date"})))["1/1"]
    assert (plan.title, plan.sort_date, plan.start_date, plan.series) == (None, None, None, None)
    assert (await source.service_types(["1"]))["1"].name is None


async def test_days_are_those_of_the_services(source: PlanningCenter, emulator: PlanningCenterEmulator) -> None:
    put(emulator)
    times = [("1", "rehearsal", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"),
             ("2", "service", "2026-01-04T03:00:00Z", "2026-01-04T05:00:00Z"),
             ("3", "service", "2026-01-05T04:00:00Z", "2026-01-05T07:00:00Z")]  # fmt: skip
    for id, kind, start, end in times:
        given = {"time_type": kind, "starts_at": start, "ends_at": end}
        emulator.put("PlanTime", id, given, {}, under=("Plan", "1"))
    plan = (await source.plans(["1/1"], frozenset({"end_date"})))["1/1"]
    assert (plan.start_date, plan.end_date) == ("2026-01-03", "2026-01-05")  # in Chicago it is still Saturday


async def test_words_that_come_later_are_unknown_and_kept(
    source: PlanningCenter, emulator: PlanningCenterEmulator, scope: Scope
) -> None:
    put(emulator)
    for id, status in enumerate(("C", "Unconfirmed", "D", "Z", None), 1):
        emulator.put("PlanPerson", str(id), {"status": status}, under=("Plan", "1"))
    emulator.put("PlanTime", "1", {"time_type": "party"}, under=("Plan", "1"))
    emulator.put("Item", "1", {"service_position": "encore", "sequence": 3}, under=("Plan", "1"))
    plans = list((await source.plans(["1/1"])).values())
    query = ListQuery(9, scope=scope)
    (members,) = (await source.team_members_of_plans(plans, query)).values()
    assert [(member.status, member.status_raw) for member in members.records] == [
        (MemberStatus.CONFIRMED, "C"),
        (MemberStatus.UNCONFIRMED, "Unconfirmed"),
        (MemberStatus.DECLINED, "D"),
        (MemberStatus.UNKNOWN, "Z"),
        (None, None),
    ]
    (times,) = (await source.plan_times_of_plans(plans, query)).values()
    assert (times.records[0].kind, times.records[0].kind_raw) == (PlanTimeKind.UNKNOWN, "party")
    (items,) = (await source.items_of_plans(plans, query)).values()
    assert (items.records[0].service_position, items.records[0].service_position_raw) == (
        ItemPosition.UNKNOWN,
        "encore",
    )
    assert items.records[0].position == 3


@pytest.mark.parametrize(
    "edge", ["attendances", "contributors", "live", "signup_teams", "my_schedules", "all_attachments"]
)
async def test_edges_that_only_planning_center_has(
    source: PlanningCenter, emulator: PlanningCenterEmulator, edge: str
) -> None:
    service_type = emulator.world.get("ServiceType", "1001")
    assert service_type
    plans = [plan for plan in emulator.world.members(service_type, "plans") if emulator.world.related(plan, edge)][:3]
    keys = [Key(f"planning_center:1001/{plan.id}") for plan in plans]
    found = await source.natives(edge, [*keys, *keys, Key("planning_center:1001/1"), Key("planning_center:x")])
    for key, plan in zip(keys, plans, strict=True):
        wanted = emulator.world.related(plan, edge)
        assert len(found[key]) == len(wanted) > 0
        for ours, theirs in zip(found[key], wanted, strict=True):
            own = ours.external_id if edge == "all_attachments" else ours.id
            assert own == theirs.id
            for name in type(ours).__struct_fields__:
                if name in theirs.attributes and name != "sort_date":
                    assert getattr(ours, name) == theirs.attributes[name]
    assert found[Key("planning_center:1001/1")] == []
    assert Key("planning_center:x") not in found


@pytest.mark.parametrize(
    ("filter", "argument"),
    [
        (Condition("title", "contains", "x"), "title.contains"),
        (Condition("sort_date", "is_null", True), "sortDate.isNull"),
        (Condition("key", "eq", "planning_center:1001/70000004"), "key.eq"),
        (Condition("series", "eq", "planning_center:1"), "series.eq"),
        (Condition("title", "eq", None), "title.eq"),
        (AnyOf((Condition("title", "eq", "x"),)), "or"),
        (Not(Condition("title", "eq", "x")), "not"),
        (AllOf((Condition("title", "eq", "x"), Condition("title", "eq", "y"))), "title.eq twice"),
    ],
)
async def test_filters_that_are_refused_by_name(
    source: PlanningCenter, scope: Scope, filter: Any, argument: str
) -> None:
    with pytest.raises(FilterNotSupported) as refused:
        await source.list_plans(ListQuery(1, scope=scope, filter=filter))
    assert refused.value.details == {"source": "planning_center", "argument": argument}


async def test_edges_refuse_what_they_cannot_do(source: PlanningCenter, scope: Scope) -> None:
    plans = list((await source.plans(["1001/70000047"])).values())
    with pytest.raises(FilterNotSupported):
        await source.items_of_plans(plans, ListQuery(1, scope=scope, filter=Condition("title", "eq", "x")))
    with pytest.raises(OrderNotSupported):
        await source.items_of_plans(plans, ListQuery(1, scope=scope, order=(Order("title"),)))
    with pytest.raises(OrderNotSupported):
        await source.list_plans(ListQuery(1, scope=scope, order=(Order("title"), Order("sort_date"))))
