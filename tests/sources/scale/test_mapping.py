"""Every value of a plan is in its record, nothing is invented, and what is odd costs nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

from plangate.emulators.scale import ScaleEmulator
from plangate.errors import FilterNotSupported, InvalidCursor, OrderNotSupported
from plangate.listing import AllOf, AnyOf, Bound, Condition, ListQuery, Not, Offset, Order, Scope
from plangate.native.scale import ScalePlan, ScaleStep
from plangate.sources.scale import Scale
from plangate.sources.scale.ids import addressable, local_id, parts
from plangate.sources.scale.mapping import Records

from .conftest import ACCOUNT, WORKSPACE, Connect

SEED = json.loads((Path(__file__).parents[2] / "graph" / "seeds" / "scale_plan.json").read_text())
ODD = "a/b ~ 50% of #1.x\n"

TREE: dict[str, Any] = {
    "research": {
        "threadIds": ["t1", "t2"],
        "status": "open",
        "gather sources": {"threadIds": [], "deeper": {"and deeper": {"x": 1}}},
        "sources": [{"url": "https://halden.example"}],
    },
    ODD: {"": {}, ODD: {"threadIds": "t3"}},
    "note": "undefined",
    "threadIds": {"main": "t0"},
}


def put(emulator: ScaleEmulator, **attributes: Any) -> None:
    """The seed's sample in the account, with some attributes as the test wants them."""
    emulator.put({**SEED, "id": "p1", "account_id": ACCOUNT, **attributes})


async def test_the_sample_of_the_seed(connect: Connect, emulator: ScaleEmulator) -> None:
    emulator.put(SEED)
    plan = (await connect(account_id="<string>").plans(["<string>"]))["<string>"]
    assert (plan.key, plan.workspace, plan.private_to, plan.title) == ("scale:<string>", WORKSPACE, None, "<string>")
    at = "2023-11-07T05:31:56Z"
    assert (plan.sort_date, plan.created_at, plan.updated_at, plan.archived_at) == (at, at, at, at)
    assert (plan.start_date, plan.end_date) == ("2023-11-07", "2023-11-07")
    assert plan.created_by == "scale:<string>"
    assert (plan.status, plan.description, plan.visibility, plan.completion_percent) == (None, None, None, None)
    assert isinstance(plan.native, ScalePlan)
    assert {name: getattr(plan.native, name) for name in SEED} == {**SEED, "associated_file_ids": ("<string>",)}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-01T00:30:00.1234567+02:00", "2026-02-28"),
        ("2026-03-01T00:30:00Z", "2026-03-01"),
        ("2026-03-01T00:30:00", None),
        ("2026-03-01", None),
        ("undefined", None),
        ("9999-12-31T23:59:59Z", None),
        ("", None),
        (None, None),
    ],
)
async def test_instants_are_as_written_and_days_are_in_utc(
    source: Scale, emulator: ScaleEmulator, written: str | None, day: str | None
) -> None:
    put(emulator, start_date=written, end_date=written, created_at=written)
    plan = (await source.plans(["p1"]))["p1"]
    assert (plan.start_date, plan.end_date) == (day, day)
    assert (plan.sort_date, plan.created_at) == ((written, written) if day else (None, None))
    assert (plan.native.start_date, plan.native.created_at) == (written, written)


@pytest.mark.parametrize(
    ("attribute", "odd"),
    [
        ("title", 7), ("associated_file_ids", ["f1", None]), ("associated_file_ids", "f1"), ("created_at", 1699335116),
        ("created_by_user_id", {}), ("created_by_identity_type", ["user"]), ("archived_at", False), ("steps", None),
    ],
)  # fmt: skip
async def test_an_odd_value_is_null_and_the_rest_stays(
    source: Scale, emulator: ScaleEmulator, scope: Scope, attribute: str, odd: Any
) -> None:
    put(emulator, **{attribute: odd})
    page = await source.list_plans(ListQuery(100, scope=scope, order=(Order("title"),)))
    assert len(page.records) == 49
    native = next(plan.native for plan in page.records if plan.external_id == "p1")
    expected = {**SEED, "id": "p1", "account_id": ACCOUNT, "associated_file_ids": ("<string>",), attribute: None}
    assert {name: getattr(native, name) for name in expected} == expected


async def test_a_record_without_a_usable_id_does_not_cost_the_page(
    source: Scale, emulator: ScaleEmulator, scope: Scope
) -> None:
    for number, id in enumerate([7, None, "", ".", "..", "x" * 201, {}, ["a"]]):
        emulator.accounts.plans[str(number)] = {"id": id, "account_id": ACCOUNT, "title": "A"}
    query = ListQuery(100, scope=scope, order=(Order("title"),), total=True)
    page = await source.list_plans(query)
    assert (len(page.records), page.total) == (48, 56)
    later = await source.list_plans(ListQuery(5, scope=scope, order=query.order, after=Bound(page.position(9))))
    assert later.records == page.records[10:15]


async def test_absent_is_null(source: Scale, emulator: ScaleEmulator, scope: Scope) -> None:
    emulator.put({"id": "bare", "account_id": ACCOUNT})
    plan = (await source.plans(["bare"]))["bare"]
    assert (plan.title, plan.sort_date, plan.created_by, plan.archived_at) == (None, None, None, None)
    assert plan.native == ScalePlan("bare", account_id=ACCOUNT)
    for edge in (source.steps_of_plans, source.attachments_of_plans):
        (slice,) = (await edge([plan], ListQuery(9, scope=scope, total=True))).values()
        assert (slice.records, slice.total) == ([], 0)


async def test_an_identity_type_that_comes_later_is_passed_on(source: Scale, emulator: ScaleEmulator) -> None:
    put(emulator, created_by_identity_type="agent")
    assert (await source.plans(["p1"]))["p1"].native.created_by_identity_type == "agent"


@pytest.mark.parametrize(
    "id", ["undefined", "V1StGXR8_Z5jdHi6B-myT", "#5 of Müller & Söhne", ODD.strip(), "%2e%2e", "a:b", "0"]
)
async def test_ids_may_be_any_text(source: Scale, emulator: ScaleEmulator, scope: Scope, id: str) -> None:
    put(emulator, id=id, associated_file_ids=[id, id, "f"], steps={id: {id: {}}})
    local = local_id(id)
    plan = (await source.plans([local]))[local]
    assert (plan.native.id, plan.key) == (id, f"scale:{local}")
    (steps,) = (await source.steps_of_plans([plan], ListQuery(9, scope=scope))).values()
    (files,) = (await source.attachments_of_plans([plan], ListQuery(9, scope=scope))).values()
    assert ([step.name for step in steps.records], len(files.records)) == ([id, id], 2)
    for ask, records in ((source.steps, steps.records), (source.attachments, files.records)):
        by_id = {each.key.partition(":")[2]: each for each in records}
        assert await ask([*by_id, f"{local}/no-such"]) == by_id


@pytest.mark.parametrize("local", ["%41", "a~2", "a%0a", "p1/%41", "..", "p1/~", ""])
def test_every_record_has_one_id_only(local: str) -> None:
    assert parts(local) is None


@given(lists(text(), min_size=1))
def test_any_text_can_be_in_an_id(path: list[str]) -> None:
    local = local_id(*path)
    assert not re.search(r"[\x00-\x1f\x7f]", local)  # which ids of the graph cannot have
    assert parts(local) == (tuple(path) if addressable(path[0]) else None)


async def test_the_tree_of_steps(source: Scale, emulator: ScaleEmulator, scope: Scope) -> None:
    put(emulator, steps=TREE)
    plan = (await source.plans(["p1"]))["p1"]
    assert plan.native.steps == TREE
    (slice,) = (await source.steps_of_plans([plan], ListQuery(99, scope=scope))).values()
    found = {step.native.pointer: step for step in slice.records}
    odd = "/a~1b ~0 50% of #1.x\n"
    assert list(found) == [
        "/research", odd, "/note",
        "/research/gather sources", f"{odd}/", f"{odd}{odd}",
        "/research/gather sources/deeper",
        "/research/gather sources/deeper/and deeper",
    ]  # fmt: skip
    assert found["/research"].native == ScaleStep("/research", TREE["research"], ("t1", "t2"))
    assert found["/research/gather sources"].native.thread_ids == ()
    assert (found["/note"].native.state, found["/note"].native.thread_ids) == ("undefined", None)
    assert found[odd + odd].native.thread_ids is None  # no list; the state has it
    assert found[odd].name == found[odd + odd].name == ODD
    assert {step.plan for step in slice.records} == {plan.key}
    for step in slice.records:
        above = step.native.pointer.rpartition("/")[0]
        assert step.parent == (found[above].key if above else None)
        assert (step.status, step.position, step.started_at, step.ended_at) == (None, None, None, None)
        (below,) = (await source.sub_steps_of_steps([step], ListQuery(99, scope=scope))).values()
        assert below.records == [each for each in slice.records if each.parent == step.key]
        local = step.key.partition(":")[2]
        assert await source.steps([local]) == {local: step}
    assert await source.steps(["p1/threadIds", "p1/research/status", "p1/research/sources/0", "p1/note/x"]) == {}


async def test_what_is_state_can_be_set(connect: Connect, emulator: ScaleEmulator, scope: Scope) -> None:
    put(emulator, steps={"a": {"b": {}, "meta": {"c": {}}}, "meta": {}})
    source = connect(state_keys=("meta",))
    plan = (await source.plans(["p1"]))["p1"]
    (slice,) = (await source.steps_of_plans([plan], ListQuery(99, scope=scope))).values()
    assert [step.native.pointer for step in slice.records] == ["/a", "/a/b"]


@pytest.mark.parametrize("steps", [[], [{"a": {}}], "text", 7, None, {}])
async def test_steps_that_are_no_tree(source: Scale, emulator: ScaleEmulator, scope: Scope, steps: Any) -> None:
    put(emulator, steps=steps)
    plan = (await source.plans(["p1"]))["p1"]
    assert plan.native.steps == steps
    (slice,) = (await source.steps_of_plans([plan], ListQuery(99, scope=scope))).values()
    assert slice.records == []


async def test_people_are_users(source: Scale, emulator: ScaleEmulator) -> None:
    emulator.accounts.users |= {"u1": {"email": "solo@halden.example", "first_name": "Solo"}, "u2": {"email": 7}}
    found = await source.people(["u1", "u2", "svc-plan-importer"])
    assert set(found) == {"u1", "u2"}  # nobody says who a service account is
    assert (found["u1"].name, found["u1"].last_name, found["u1"].email) == ("Solo", None, "solo@halden.example")
    assert (found["u2"].name, found["u2"].email, found["u2"].workspace) == (None, None, WORKSPACE)


async def test_a_plan_of_another_account_is_not_there(source: Scale, emulator: ScaleEmulator, scope: Scope) -> None:
    other = [plan["id"] for plan in emulator.accounts.of("acct-brightwater")]
    assert await source.plans(other) == {}
    whole = await source.list_plans(ListQuery(1000, scope=scope))
    assert {plan.native.account_id for plan in whole.records} == {ACCOUNT}


def test_a_plan_of_another_account_is_refused_even_if_scale_gives_it() -> None:
    records = Records("scale", WORKSPACE, ACCOUNT, ())
    assert records.plan({"id": "p1", "account_id": ACCOUNT})
    assert records.plan({"id": "p1", "account_id": "acct-brightwater"}) is None


@pytest.mark.parametrize(
    ("filter", "argument"),
    [
        (Condition("archived_at", "is_null", False), "archivedAt.isNull"),
        (Condition("title", "contains", "x"), "title.contains"),
        (Condition("created_by", "eq", "scale:u1"), "createdBy.eq"),
        (Condition("start_date", "gte", "2026-01-01"), "startDate.gte"),
        (AnyOf((Condition("archived_at", "is_null", True),)), "or"),
        (Not(Condition("archived_at", "is_null", True)), "not"),
    ],
)
async def test_filters_that_are_refused_by_name(source: Scale, scope: Scope, filter: Any, argument: str) -> None:
    with pytest.raises(FilterNotSupported) as refused:
        await source.list_plans(ListQuery(1, scope=scope, filter=AllOf((filter,))))
    assert refused.value.details == {"source": "scale", "argument": argument}


async def test_a_day_has_ties_that_scale_does_not_see(source: Scale, scope: Scope) -> None:
    with pytest.raises(OrderNotSupported) as refused:
        await source.list_plans(ListQuery(1, scope=scope, order=(Order("start_date"), Order("title"))))
    assert refused.value.details["argument"] == "startDate before another field"


async def test_edges_refuse_what_they_cannot_do(source: Scale, emulator: ScaleEmulator, scope: Scope) -> None:
    put(emulator, steps=TREE)
    plans = list((await source.plans(["p1"])).values())
    with pytest.raises(FilterNotSupported):
        await source.steps_of_plans(plans, ListQuery(1, scope=scope, filter=Condition("name", "eq", "x")))
    with pytest.raises(OrderNotSupported):
        await source.attachments_of_plans(plans, ListQuery(1, scope=scope, order=(Order("name"),)))
    (page,) = (await source.steps_of_plans(plans, ListQuery(1, scope=scope))).values()
    for stranger in (Offset((0,), ("p2",)), Offset((0,), ("plans",)), Offset((-1,), ("p1",))):
        with pytest.raises(InvalidCursor):
            await source.steps_of_plans(plans, ListQuery(1, scope=scope, after=Bound(stranger)))
    assert page.position(0) == Offset((0,), ("p1",))
