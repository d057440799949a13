"""The store shows what the viewer may see: in lists, edges, neighbours and counts."""

import pytest

from plangate.listing import NOTHING, ListQuery, Scope
from plangate.model import Action, Key, Person, Plan, ServiceType, Visibility, key
from plangate.sources.store import Store

ADA, BEN = Key("store:ada"), Key("store:ben")


def plan(name: str, day: int, private_to: str | None = None, workspace: str = "demo") -> Plan:
    visibility = Visibility.TEAM if private_to is None else Visibility.PRIVATE
    date = f"2026-11-{day:02}T09:00:00+00:00"
    return Plan(
        key("store", name), workspace, private_to, title=name, visibility=visibility, sort_date=date,
        service_type=Key("store:sunday"), parent=Key("store:root"), created_by=BEN,
    )  # fmt: skip


PLANS = [
    plan("open", 1),
    plan("bens", 2, BEN),
    plan("nobodys", 3, ""),
    plan("elsewhere", 4, workspace="elsewhere"),
    plan("adas", 5, ADA),
    plan("last", 6),
]
SEEN = [
    (Scope("demo", ADA), ["open", "adas", "last"]),
    (Scope("demo", BEN), ["open", "bens", "last"]),
    (Scope("demo", None), ["open", "bens", "nobodys", "adas", "last"]),
    (Scope("demo", Key("")), ["open", "last"]),
    (Scope("demo", Key("\0\ud800")), ["open", "last"]),
    (Scope("elsewhere", ADA), ["elsewhere"]),
    (Scope("", None), []),
    (Scope("\0", None), []),
    (NOTHING, []),
]


@pytest.fixture
async def scoped(store: Store) -> Store:
    await store.insert(PLANS)
    await store.insert(
        Action(key("store", f"act-{one.key[6:]}"), one.workspace, one.private_to, plan=one.key, assignee=BEN)
        for one in PLANS
    )
    return store


async def test_what_is_seen(scoped: Store) -> None:
    for scope, seen in SEEN:
        await check(scoped, scope, seen)


async def check(scoped: Store, scope: Scope, seen: list[str]) -> None:
    query = ListQuery(10, scope=scope, total=True)
    everyone = [Plan(Key("store:root")), *PLANS]
    answers = {
        "list": await scoped.list_plans(query),
        "sub-plans": (await scoped.sub_plans_of_plans(everyone, query)).get(Key("store:root")),
        "service type": (await scoped.plans_of_service_types([ServiceType(Key("store:sunday"))], query)).get(
            Key("store:sunday")
        ),
        "creator": (await scoped.created_plans_of_people([Person(BEN)], query)).get(BEN),
    }
    for where, slice in answers.items():
        if slice is None:
            assert not seen, where
            continue
        assert [record.key[6:] for record in slice.records] == seen, where
        assert slice.total == len(seen), where

    actions = await scoped.actions_of_plans(PLANS, query)
    assert {parent[6:] for parent, slice in actions.items() if slice.records} == set(seen)
    assert all(slice.total == len(slice.records) for slice in actions.values())

    ahead = await scoped.next_plans(PLANS, query)
    days = {one.key: one.sort_date for one in PLANS}
    for one in PLANS:
        later = [name for name in seen if days[key("store", name)] > days[one.key]]
        assert getattr(ahead.get(one.key), "key", None) == (key("store", later[0]) if later else None)
