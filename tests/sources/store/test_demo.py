"""The demo data: the same at every run, without gaps in what it refers to, quick to load."""

import time

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.listing import ListQuery, Scope
from plangate.model import KINDS, Plan, split
from plangate.sources.store import Store
from plangate.sources.store.demo import build, load

REFERENCES = ("plan", "parent", "assignee", "service_type", "series", "created_by", "updated_by", "author", "person",
              "plan_time")  # fmt: skip


def test_it_is_the_same_every_time() -> None:
    assert build() == build()
    assert {type(record) for record in build()} == set(KINDS)
    assert build(3)[: len(build())] == build()
    plans = sum(type(record) is Plan for record in build())
    assert sum(type(record) is Plan for record in build(3)) == 3 * (plans - 3) + 3


def test_what_it_refers_to_exists() -> None:
    records = {record.key: record for record in build(2)}
    assert len(records) == len(build(2))
    world = PlanningCenterEmulator().world
    for record in records.values():
        for name in REFERENCES:
            if reference := getattr(record, name, None):
                source, local = split(reference)
                if source == "planning_center":
                    service_type, _, plan = local.partition("/")
                    there = world.members(world.get("ServiceType", service_type), "plans", finish=False)
                    assert plan in {one.id for one in there}, record.key
                    continue
                assert reference in records, (record.key, name)
                assert records[reference].workspace == record.workspace


def test_what_hangs_on_a_private_plan_is_as_private() -> None:
    records = build()
    private = {record.key: record.private_to for record in records if type(record) is Plan}
    assert len({owner for owner in private.values() if owner is not None}) >= 3
    for record in records:
        if (plan := getattr(record, "plan", None)) in private:
            assert record.private_to == private[plan], record.key


async def test_it_loads_quickly_and_once(store: Store) -> None:
    start = time.perf_counter()
    assert await load(store)
    assert time.perf_counter() - start < 1
    assert not await load(store)
    plans = await store.list_plans(ListQuery(1, scope=Scope("demo", None), total=True))
    assert plans.total is not None
    assert plans.total >= 40


async def test_it_is_read_as_it_was_written(demo: Store) -> None:
    written = {record.key: record for record in build() if type(record) is Plan}
    ids = [local for key in written for _, local in [split(key)]]
    assert {record.key: record for record in (await demo.plans(ids)).values()} == written
