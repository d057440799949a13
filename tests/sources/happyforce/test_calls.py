"""What questions cost, in calls: the emulator's log is the witness."""

import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.happyforce.emulator import NOW
from plangate.emulators.server import serve
from plangate.errors import UpstreamDenied
from plangate.listing import Bound, Condition, ListQuery, Order, Scope
from plangate.model import Action, Key, Person, Plan
from plangate.sources.happyforce import Happyforce

from .conftest import SESSION, Connect

PLANS = "/api/v1/company/action-plans"
ACTIONS = "/api/v1/company/actions"
DONE = Condition("happyforce", "status", "COMPLETED")


def asked(emulator: HappyforceEmulator) -> list[str]:
    """The calls since the last look, with their queries; that of one plan ends in a star."""
    calls = [
        (PLANS + "/*" if each.path.startswith(PLANS + "/") else each.path) + (f"?{each.query}" if each.query else "")
        for each in emulator.log
    ]
    emulator.log.clear()
    return calls


async def test_the_main_query(source: Happyforce, scope: Scope, emulator: HappyforceEmulator) -> None:
    page = await source.list_plans(ListQuery(25, scope=scope, total=True))
    assert (len(page.records), page.more, page.total) == (25, True, 48)
    assert asked(emulator) == [f"{PLANS}?from=0&to=25"]

    actions = await source.actions_of_plans(page.records, ListQuery(10, scope=scope))
    found = [action for slice in actions.values() for action in slice.records]
    assert len(found) > 50
    assert {action.key for action in found} <= {record.key for record in page.also}
    people = {each.assignee for each in found if each.assignee}
    assert len(await source.people([person.partition(":")[2] for person in people])) == len(people) > 3
    assert asked(emulator) == []


async def test_a_filtered_list_comes_with_the_matching_actions(
    source: Happyforce, scope: Scope, emulator: HappyforceEmulator
) -> None:
    page = await source.list_plans(ListQuery(25, scope=scope, filter=DONE, total=True))
    assert asked(emulator) == [f"{PLANS}?status=COMPLETED&from=0&to=25"]
    assert page.total is not None
    assert 25 < page.total < 48
    assert not page.whole  # or the loaders would take the trimmed plans for the whole ones
    matching = [action for plan in page.records for action in plan.native.along["matching_actions"]]
    assert {action.status for action in matching} == {"COMPLETED"}

    whole = await source.actions_of_plans(page.records, ListQuery(50, scope=scope, total=True))
    assert asked(emulator) == [ACTIONS]
    assert {action.status for slice in whole.values() for action in slice.records} > {"COMPLETED"}
    one = await source.actions_of_plans(page.records[:1], ListQuery(50, scope=scope, total=True))
    assert asked(emulator) == [f"{PLANS}/*"]
    key = page.records[0].key
    assert [one[key].records, one[key].total] == [whole[key].records, whole[key].total]


async def test_what_matches_is_what_the_filter_says(source: Happyforce, scope: Scope) -> None:
    everything = await source.list_plans(ListQuery(1000, scope=scope))
    inside = {plan.key: plan.native.along["actions"] for plan in everything.records}
    area, person = "603cad10a1b2c3d4e5000040", "603cad10a1b2c3d4e500001d"
    for operator, value, holds in (
        ("status", "EXPIRED", lambda action: action.status == "EXPIRED"),
        ("focus_type", "ENPS", lambda action: "ENPS" in [each.focus_type for each in action.native.focus_items]),
        ("hierarchy_id", area, lambda action: area in action.native.hierarchy_ids),
        ("assignee_id", person, lambda action: action.assignee == f"happyforce:{person}"),
        ("action_type", "COMPANY", lambda action: action.native.action_type == "COMPANY"),
        ("q", "QUIET hours", lambda action: action.title == "Agree on quiet hours"),
    ):
        filter = Condition("happyforce", operator, value)
        page = await source.list_plans(ListQuery(1000, scope=scope, filter=filter, total=True))
        expected = {plan: [each.key for each in actions if holds(each)] for plan, actions in inside.items()}
        expected = {plan: keys for plan, keys in expected.items() if keys}
        found = {plan.key: [each.key for each in plan.native.along["matching_actions"]] for plan in page.records}
        assert found == expected != {}, operator
        assert page.total == len(expected)


async def test_plans_by_id(source: Happyforce, scope: Scope, emulator: HappyforceEmulator) -> None:
    ids = [each["id"] for each in emulator.company.newest_plans() if each["visibility"] == "PUBLIC"]
    assert list(await source.plans(ids[:3])) == ids[:3]
    assert asked(emulator) == [f"{PLANS}/*"] * 3
    assert set(await source.plans(ids)) == set(ids)
    assert asked(emulator) == [f"{PLANS}?from=0&to=100"]
    assert await source.plans(["x" * 24, "y" * 24, "z" * 24, "w" * 24]) == {}
    assert asked(emulator) == [f"{PLANS}?from=0&to=100"]


async def test_plans_that_the_first_page_does_not_have(connect: Connect, emulator: HappyforceEmulator) -> None:
    source = connect(per_page=10)
    ids = [each["id"] for each in emulator.company.newest_plans() if each["visibility"] == "PUBLIC"]
    assert set(await source.plans([*ids[:5], *ids[-2:]])) == {*ids[:5], *ids[-2:]}
    assert asked(emulator) == [f"{PLANS}?from=0&to=10", f"{PLANS}/*", f"{PLANS}/*"]


async def test_pages(connect: Connect, scope: Scope, emulator: HappyforceEmulator) -> None:
    source = connect(per_page=20)
    whole = await source.list_plans(ListQuery(1000, scope=scope))
    assert len(whole.records) == 48
    # The first call tells how many there are; the rest is read at once.
    assert asked(emulator) == [f"{PLANS}?from=0&to=20", f"{PLANS}?from=20&to=40", f"{PLANS}?from=40&to=48"]
    last = await source.list_plans(ListQuery(10, scope=scope, backward=True))
    assert last.records == whole.records[38:]
    assert asked(emulator) == [f"{PLANS}?from=0&to=1", f"{PLANS}?from=38&to=48"]
    before = await source.list_plans(ListQuery(10, scope=scope, backward=True, before=Bound(last.position(0))))
    assert before.records == whole.records[28:38]
    assert asked(emulator) == [f"{PLANS}?from=28&to=38"]
    oldest = await source.list_plans(ListQuery(10, scope=scope, order=(Order("created_at"),)))
    assert oldest.records == whole.records[:37:-1]
    assert asked(emulator) == [f"{PLANS}?from=0&to=1", f"{PLANS}?from=38&to=48"]


async def test_a_system_that_gives_shorter_pages(scope: Scope) -> None:
    emulator = HappyforceEmulator(longest_page=7)
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id=SESSION)
        page = await source.list_plans(ListQuery(40, scope=scope))
        assert [plan.key.partition(":")[2] for plan in page.records] == [
            each["id"] for each in emulator.company.newest_plans()
        ][:40]
        assert page.more
        assert len(asked(emulator)) == 6
        last = await source.list_plans(ListQuery(40, scope=scope, backward=True))
        assert [plan.key for plan in last.records[:32]] == [plan.key for plan in page.records[8:]]
        await source.close()


async def test_actions(source: Happyforce, scope: Scope, emulator: HappyforceEmulator) -> None:
    everything = await source.list_actions(ListQuery(1000, scope=scope))
    assert len(everything.records) == 135
    assert asked(emulator) == [ACTIONS]
    alone = Key("happyforce:603cad10a1b2c3d4e500001d")
    for filter, query in (
        (Condition("plan", "eq", "happyforce:6ad0a420a1b2c3d4e50010ad"), "planId=6ad0a420a1b2c3d4e50010ad"),
        (Condition("plan", "is_null", True), "standaloneOnly=true"),
        (Condition("assignee", "eq", alone), "assigneeId=603cad10a1b2c3d4e500001d"),
        (Condition("happyforce", "q", "Quiet"), "q=Quiet"),
        (Condition("happyforce", "hierarchy_id", "603cad10a1b2c3d4e5000040"), "hierarchyId=603cad10a1b2c3d4e5000040"),
    ):
        page = await source.list_actions(ListQuery(5, scope=scope, filter=filter, total=True))
        assert asked(emulator) == [f"{ACTIONS}?{query}"]
        assert 0 < (page.total or 0) < 135
    ids = [each.external_id for each in everything.records[:50]]
    assert set(await source.actions(ids)) == set(ids)
    assert asked(emulator) == [ACTIONS, f"{PLANS}?from=0&to=100"]  # the plans say who may read them
    shared = next(each for each in everything.records if len(each.native.assignees) > 1)
    people = [Person(Key(each.person)) for each in shared.native.assignees]
    assert shared.assignee is None  # a record has one place for them
    found = await source.actions_of_people([*people, Person(alone)], ListQuery(100, scope=scope))
    assert asked(emulator) == [ACTIONS]
    assert all(shared in found[person.key].records for person in people)
    assert shared not in found[alone].records
    one = await source.actions_of_people(people[:1], ListQuery(100, scope=scope))
    assert asked(emulator) == [f"{ACTIONS}?assigneeId={people[0].external_id}"]
    assert one[people[0].key].records == found[people[0].key].records


async def test_private_plans_of_others_cost_no_place_on_a_page(connect: Connect, emulator: HappyforceEmulator) -> None:
    source = connect(per_page=6)
    everybody = Scope("north", Key("store:ben"))
    assert len((await source.list_plans(ListQuery(2, scope=everybody))).records) == 2
    assert asked(emulator) == [
        f"{PLANS}?from=0&to=3",
        f"{PLANS}?from=3&to=9",
    ]  # one more, to know whether there is more
    page = await source.list_plans(ListQuery(6, scope=everybody, total=True))
    assert (len(page.records), page.more, page.total) == (6, True, None)
    assert {plan.native.visibility for plan in page.records} == {"PUBLIC"}
    assert asked(emulator) == [f"{PLANS}?from=0&to=6", f"{PLANS}?from=6&to=7", f"{PLANS}?from=7&to=13"]
    after = ListQuery(6, scope=everybody, after=Bound(page.position(5)))
    assert not {plan.key for plan in (await source.list_plans(after)).records} & {plan.key for plan in page.records}
    mine = Scope("north", Key(f"happyforce:{emulator.people[0]}"))
    assert (await source.list_plans(ListQuery(1, scope=mine))).records[0].native.visibility == "PRIVATE"


async def test_actions_cost_one_look_at_their_plans(connect: Connect, emulator: HappyforceEmulator) -> None:
    """As many calls as pages, or as plans if those are fewer; none for viewers who may read everything."""
    member = Scope("north", Key("store:ben"))
    whole = f"{PLANS}?from=0&to=100"
    source = connect()
    assert (await source.list_actions(ListQuery(5, scope=member))).records
    assert asked(emulator) == [ACTIONS, whole]
    people = [Person(Key(f"happyforce:{id}")) for id in emulator.people[6:]]
    assert await source.actions_of_people(people, ListQuery(5, scope=member))
    assert asked(emulator) == [ACTIONS, whole]
    alone = Condition("plan", "is_null", True)
    assert (await source.list_actions(ListQuery(5, scope=member, filter=alone))).records
    assert asked(emulator) == [f"{ACTIONS}?standaloneOnly=true"]
    one = Condition("plan", "eq", "happyforce:6ad0a420a1b2c3d4e50010ad")
    assert (await source.list_actions(ListQuery(5, scope=member, filter=one))).records
    assert asked(emulator) == [f"{ACTIONS}?planId=6ad0a420a1b2c3d4e50010ad", f"{PLANS}/*"]

    source = connect(per_page=20)  # three pages
    everything = (await source.list_actions(ListQuery(1000, scope=member))).records
    assert asked(emulator) == [ACTIONS, *(f"{PLANS}?from={n}&to={min(n + 20, 48)}" for n in (0, 20, 40))]
    of_plans = list({each.plan: each.external_id for each in everything if each.plan}.values())
    ids = [*of_plans[:3], *of_plans[-2:]]
    assert set(await source.actions(ids)) == set(ids)
    assert asked(emulator) == [ACTIONS, f"{PLANS}?from=0&to=20", f"{PLANS}/*", f"{PLANS}/*"]


async def test_a_text_that_cannot_be_sent_is_in_no_action(
    source: Happyforce, scope: Scope, emulator: HappyforceEmulator
) -> None:
    filter = Condition("happyforce", "q", "\ud800")
    assert (await source.list_plans(ListQuery(5, scope=scope, filter=filter, total=True))).total == 0
    assert asked(emulator) == []
    assert (await source.list_actions(ListQuery(5, scope=scope, filter=filter, total=True))).total == 0
    assert asked(emulator) == [ACTIONS]


async def test_another_workspace_and_odd_parents_cost_nothing(
    source: Happyforce, scope: Scope, emulator: HappyforceEmulator
) -> None:
    (plan,) = (await source.plans(["6ad0a420a1b2c3d4e50010ad"])).values()
    asked(emulator)
    other = ListQuery(5, scope=Scope("other", None), total=True)
    assert (await source.list_plans(other)).total == 0
    assert (await source.list_actions(other)).total == 0
    assert await source.actions_of_plans([plan], other) == {}
    assert await source.actions_of_people([Person(Key("happyforce:x"))], ListQuery(5, scope=scope)) == {}
    assert await source.actions_of_plans([Plan(Key("happyforce:../.."))], ListQuery(5, scope=scope)) == {}
    assert not (await source.list_plans(ListQuery(5))).records
    assert asked(emulator) == []


async def test_the_edge_that_only_it_has(source: Happyforce, scope: Scope, emulator: HappyforceEmulator) -> None:
    (plan,) = (await source.plans(["6ad0a420a1b2c3d4e50010ad"])).values()
    assert await source.natives("matching_actions", [plan.key]) == {plan.key: plan.native.along["actions"]}
    assert await source.natives("no_such_edge", [plan.key]) == {}


async def test_a_plan_that_may_not_be_read_takes_no_other_with_it(
    source: Happyforce, emulator: HappyforceEmulator
) -> None:
    company = emulator.company
    secret = company.new_plan("Secret", "Of one", "PRIVATE", emulator.people[3], NOW)["id"]
    public = company.new_plan("Open", "To all", "PUBLIC", emulator.people[3], NOW)["id"]
    assert list(await source.plans([secret, public])) == [public]
    assert await source.plans([secret]) == {}  # not an error, which would tell that it exists
    emulator.faults.html = True  # a firewall refuses everything
    with pytest.raises(UpstreamDenied):
        await source.plans([secret])


async def test_overdue_actions_expire_as_they_are_read(scope: Scope) -> None:
    clock = [NOW]
    emulator = HappyforceEmulator(clock=lambda: clock[0])
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id=SESSION)
        begun = Condition("status", "eq", "IN_PROGRESS")
        before: list[Action] = list((await source.list_actions(ListQuery(100, scope=scope, filter=begun))).records)
        assert before
        clock[0] = NOW.replace(year=2030)
        assert not (await source.list_actions(ListQuery(100, scope=scope, filter=begun))).records
        found = await source.actions([each.external_id for each in before])
        assert {each.status for each in found.values()} == {"EXPIRED"}
        assert {each.native.status for each in found.values()} == {"UNKNOWN"}  # the word is the emulator's own
        await source.close()
