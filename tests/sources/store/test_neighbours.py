"""Next and previous plans are derived from the order within the service type at every question."""

import random

from plangate.listing import ListQuery, Scope
from plangate.model import Key, Plan, key
from plangate.sources.store import Store

QUERY = ListQuery(1, scope=Scope("demo", None))


def plan(name: str, date: str | None, service_type: str | None = "store:sunday") -> Plan:
    return Plan(key("store", name), "demo", sort_date=date, service_type=service_type and Key(service_type))


async def chain(store: Store, plans: list[Plan]) -> dict[str, tuple[str | None, str | None]]:
    before, after = await store.previous_plans(plans, QUERY), await store.next_plans(plans, QUERY)
    name = {one.key: one.external_id for one in plans}
    return {
        name[one.key]: tuple(name[found[one.key].key] if one.key in found else None for found in (before, after))
        for one in plans
    }


async def test_they_are_right_after_any_insert(store: Store) -> None:
    names = [f"{n:02}" for n in range(12)]
    plans = {name: plan(name, f"2026-11-{int(name) // 3 + 1:02}T09:00:00+00:00") for name in names}
    present: list[str] = []
    for name in random.Random(7).sample(names, len(names)):
        await store.insert([plans[name]])
        present = sorted([*present, name])
        around = [None, *present, None]
        expected = {one: (around[i], around[i + 2]) for i, one in enumerate(present)}
        assert await chain(store, [plans[one] for one in present]) == expected


async def test_the_sequence_is_that_of_the_service_type(store: Store) -> None:
    plans = [
        plan("a", "2026-11-01T09:00:00+00:00"),
        plan("b", "2026-11-01T10:00:00+02:00"),
        plan("c", "2026-11-03T09:00:00Z", "planning_center:1001"),
        plan("d", "2026-11-04T09:00:00Z"),
        plan("undated", None),
        plan("alone", "2026-11-02T09:00:00Z", None),
        plan("alone too", "2026-11-03T09:00:00Z", None),
    ]
    await store.insert(plans)
    assert await chain(store, plans) == {
        "a": ("b", "d"),
        "b": (None, "a"),
        "c": (None, None),
        "d": ("a", None),
        "undated": (None, None),
        "alone": (None, None),
        "alone too": (None, None),
    }
    assert await store.next_plans([Plan(Key("planning_center:1/2"))], QUERY) == {}
