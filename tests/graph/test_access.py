"""Nobody sees a private plan, another workspace's plan, or what hangs on one: by no root field and over no edge."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from plangate import model
from plangate.access import Role, Viewer
from plangate.graph.schema import build_schema
from plangate.model import KINDS, Key, Record, key
from plangate.sources.store import Store
from tests.databases import remove_guards, run
from tests.gateway import Gateway

CARL = Viewer(Key("store:carl"), "demo", Role.MEMBER)
BEN = Viewer(Key("store:ben"), "demo", Role.MEMBER)
ADMIN = Viewer(Key("store:ada"), "demo", Role.ADMIN)
STRANGER = Viewer(Key("store:ben"), "elsewhere", Role.ADMIN)

SCHEMA = build_schema()._schema
KIND_NAMES = {kind.__name__ for kind in KINDS}


def edges() -> Iterator[tuple[str, str, str, str]]:
    """Every field of every kind that leads to a kind: kind, field, the kind it leads to, how to select ids there."""
    for kind in sorted(KIND_NAMES):
        type_ = SCHEMA.type_map[kind]
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            target = get_named_type(field.type).name
            if target in KIND_NAMES:
                yield kind, name, target, "{ id }"
            elif target.endswith("Connection"):
                yield kind, name, target.removesuffix("Connection"), "{ nodes { id } edges { node { id } } totalCount }"


EDGES = list(edges())


def world() -> list[Record]:
    """Three plans that hang together over every edge, and one of each kind on each: open, Ben's own, elsewhere's."""
    records: list[Record] = [
        model.Person(key("store", "carl"), "demo", name="Carl"),
        model.Person(key("store", "ben"), "demo", name="Ben"),
        model.ServiceType(key("store", "sunday"), "demo", name="Sunday"),
        model.Series(key("store", "advent"), "demo", title="Advent"),
    ]
    for n, (name, workspace, private_to) in enumerate(
        [
            ("open", "demo", None),
            ("secret", "demo", "store:ben"),
            ("foreign", "elsewhere", None),
            ("last", "demo", None),
        ]
    ):
        bound = (workspace, private_to)
        plan, plan_time = key("store", name), key("store", f"pt-{name}")
        first = name == "open"
        above = None if first else Key("store:open")
        step_above = None if first else Key("store:s-open")
        visibility = model.Visibility.PRIVATE if private_to else model.Visibility.TEAM
        records += [
            model.Plan(
                plan, *bound, title=name, visibility=visibility, sort_date=f"2026-11-0{n + 1}T09:00:00+00:00",
                service_type=Key("store:sunday"), series=Key("store:advent"), parent=above,
                created_by=Key("store:ben"), updated_by=Key("store:carl"),
            ),
            # What an open record may point at: the edge to one must be closed too.
            model.Plan(
                key("store", f"child-of-{name}"), "demo", title="child", visibility=model.Visibility.TEAM, parent=plan,
                sort_date="2027-01-01T09:00:00+00:00",
            ),
            model.Action(key("store", f"a-{name}"), *bound, plan=plan, assignee=Key("store:carl"), position=n),
            model.Action(key("store", f"a-on-{name}"), "demo", plan=plan, position=n + 10),
            model.Step(key("store", f"s-{name}"), *bound, plan=plan, parent=step_above, position=n),
            model.Step(key("store", f"s-on-{name}"), "demo", plan=plan, parent=key("store", f"s-{name}"), position=n),
            model.Task(
                key("store", f"t-{name}"), *bound, plan=plan, parent=None if first else Key("store:t-open"),
                assignee=Key("store:carl"), position=n,
            ),
            model.Task(key("store", f"t-on-{name}"), "demo", plan=plan, parent=key("store", f"t-{name}"), position=n),
            model.PlanTime(key("store", f"pt-{name}"), *bound, plan=plan, starts_at="2026-11-01T09:00:00+00:00"),
            model.PlanTime(key("store", f"pt-on-{name}"), "demo", plan=plan),
            model.Item(key("store", f"i-{name}"), *bound, plan=plan, position=n),
            model.Item(key("store", f"i-on-{name}"), "demo", plan=plan, position=n),
            model.Note(key("store", f"n-{name}"), *bound, plan=plan, author=Key("store:carl")),
            model.Note(key("store", f"n-on-{name}"), "demo", plan=plan),
            model.Attachment(key("store", f"f-{name}"), *bound, plan=plan, created_by=Key("store:carl")),
            model.Attachment(key("store", f"f-on-{name}"), "demo", plan=plan),
            model.TeamMember(key("store", f"m-{name}"), *bound, plan=plan, person=Key("store:carl")),
            model.TeamMember(key("store", f"m-on-{name}"), "demo", plan=plan),
            model.NeededPosition(key("store", f"np-{name}"), *bound, plan=plan, plan_time=Key("store:pt-open")),
            model.NeededPosition(key("store", f"np-on-{name}"), "demo", plan=plan, plan_time=plan_time),
        ]  # fmt: skip
    return records


WORLD = world()


def readable(viewer: Viewer) -> set[str]:
    return {
        record.id
        for record in WORLD
        if record.workspace == viewer.workspace
        and (record.private_to is None or viewer.role is Role.ADMIN or record.private_to == viewer.id)
    }


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "id" and isinstance(each, str):
                yield each
            else:
                yield from ids_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from ids_in(each)


@pytest.fixture(scope="module")
def world_url(new_store_url: Callable[[], str]) -> str:
    """A database with the records, read only. It does not say itself that what is below a private plan is private."""
    url = new_store_url()

    async def fill() -> None:
        store = Store(url)
        await remove_guards(store)
        await store.insert(WORLD)
        await store.close()

    run(fill())
    return url


@pytest.fixture
async def gateway(executor: str, world_url: str) -> AsyncIterator[Gateway]:
    store = Store(world_url)
    yield Gateway(executor, {"store": store})
    await store.close()


@pytest.mark.parametrize(("kind", "field", "target", "selection"), EDGES, ids=[f"{e[0]}.{e[1]}" for e in EDGES])
async def test_no_edge_leads_to_what_the_viewer_may_not_read(
    gateway: Gateway, kind: str, field: str, target: str, selection: str
) -> None:
    ids = [record.id for record in WORLD if type(record).__name__ == kind]
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ edge: {field} {selection} }} }} }}"
    found: dict[str, list[str]] = {}
    for viewer in (CARL, BEN, ADMIN):
        nodes = (await gateway.data(query, viewer, ids=ids))["nodes"]
        found[viewer.id] = [*ids_in(nodes)]
        assert set(found[viewer.id]) <= readable(viewer)
        for node in nodes:
            if node and node["edge"] and "totalCount" in node["edge"]:
                assert node["edge"]["totalCount"] == len(node["edge"]["nodes"])
    assert found[ADMIN.id], "the edge leads nowhere: this test could not fail"
    # The admin follows the edge from or to Ben's own plan, Carl does not.
    assert len(found[ADMIN.id]) > len(found[CARL.id])


@pytest.mark.parametrize("viewer", [CARL, BEN, ADMIN, STRANGER], ids=["carl", "ben", "admin", "stranger"])
async def test_by_id_and_as_entities(gateway: Gateway, viewer: Viewer) -> None:
    ids = [record.id for record in WORLD]
    expected = [{"id": id} if id in readable(viewer) else None for id in ids]
    nodes = (await gateway.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", viewer, ids=ids))["nodes"]
    assert nodes == expected
    for id, node in zip(ids, expected, strict=True):
        assert (await gateway.data("query ($id: ID!) { node(id: $id) { id } }", viewer, id=id))["node"] == node

    selection = " ".join(f"... on {kind} {{ id }}" for kind in sorted(KIND_NAMES))
    query = f"query ($of: [_Any!]!) {{ _entities(representations: $of) {{ {selection} }} }}"
    of = [{"__typename": type(record).__name__, "id": record.id} for record in WORLD]
    assert (await gateway.data(query, viewer, of=of))["_entities"] == expected


@pytest.mark.parametrize("viewer", [CARL, BEN, ADMIN, STRANGER], ids=["carl", "ben", "admin", "stranger"])
@pytest.mark.parametrize("root", ["plans", "actions", "tasks", "serviceTypes"])
async def test_root_lists_and_their_counts(gateway: Gateway, root: str, viewer: Viewer) -> None:
    kind = {"plans": "Plan", "actions": "Action", "tasks": "Task", "serviceTypes": "ServiceType"}[root]
    data = await gateway.data(f"{{ list: {root}(first: 100) {{ nodes {{ id }} totalCount }} }}", viewer)
    expected = {id for id in readable(viewer) if id.startswith(f"{kind}:")}
    assert {*ids_in(data)} == expected
    assert data["list"]["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("root", "kind"),
    [("plan", "Plan"), ("action", "Action"), ("task", "Task"), ("person", "Person"), ("serviceType", "ServiceType")],
)
async def test_single_root_fields(gateway: Gateway, root: str, kind: str) -> None:
    for record in (each for each in WORLD if type(each).__name__ == kind):
        for viewer in (CARL, BEN, STRANGER):
            data = await gateway.data(f"query ($id: ID!) {{ {root}(id: $id) {{ id }} }}", viewer, id=record.id)
            assert (data[root] is not None) == (record.id in readable(viewer))
