"""Rule by rule: the same answer as graphql-core, on schemas in SDL whose fields use their own resolvers."""

from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, build_schema

from plangate.engine import Attribute
from plangate.executor import Executor
from tests.engine.oracle import same, stock

SDL = """
  directive @custom on FIELD
  enum Colour { RED GREEN }
  scalar Any
  scalar Picky
  input Point { x: Int! = 3  y: [Float!]  colour: Colour = GREEN  next: Point }
  interface Pet { name: String }
  type Dog implements Pet { name: String  barks: Boolean  friend: Pet  owner: Node! }
  type Cat implements Pet { name: String  lives: Int!  friend: Pet! }
  union Animal = Dog | Cat
  type Node {
    s: String  sn: String!  i: Int  in: Int!  f: Float  b: Boolean  id: ID  idn: ID!  c: Colour  any: Any  picky: Picky
    node: Node  must: Node!  nodes: [Node]  full: [Node!]  sure: [Node!]!  open: [Node]!  grid: [[Node!]]
    cube: [[[Int!]!]]
    tags: [String]  words: [String!]!  pet: Pet  pets: [Pet!]  animal: Animal  animals: [Animal]  colours: [Colour!]
    args(i: Int = 4, s: String!, p: Point, l: [Int!], c: Colour = RED, id: ID, f: Float, any: Any): String
    fails: String  failsn: String!
  }
  type Query { node: Node  s: String  i: Int!  animals: [Animal] pets: [Pet] must: Node! }
  type Mutation { first: Node  second: Node!  third(n: Int): Int }
"""


def picky(value: Any) -> Any:
    if value == "none":
        return None
    if value == "bad":
        raise GraphQLError("bad value", extensions={"code": "BAD"})
    return [value]


def schema() -> Any:
    made = build_schema(SDL)
    scalar = made.type_map["Picky"]
    assert isinstance(scalar, GraphQLScalarType)
    scalar.coerce_output_value = picky  # type: ignore[method-assign]
    fields = made.type_map["Node"].fields  # type: ignore[union-attr]
    fields["args"].resolve = lambda source, info, **arguments: repr(sorted(arguments.items()))

    def fail(source: Any, info: Any) -> Any:
        raise ValueError(f"failed at {info.path.as_list()} of {info.parent_type} for {info.field_name}")

    fields["fails"].resolve = fields["failsn"].resolve = fail
    made.type_map["Dog"].is_type_of = lambda value, info: not isinstance(value, dict) or "barks" in value  # type: ignore[union-attr]
    return made


SCHEMA = schema()
UNBOUND = Executor(SCHEMA, bind=lambda *_: None)
BOUND = Executor(
    SCHEMA,
    bind=lambda type_, name, field: None if field.resolve or type_.name in ("Query", "Mutation") else Attribute(name),
)  # fmt: skip


class Object(SimpleNamespace):
    """A record whose missing attributes are null."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)


class Level(Enum):
    RED = "RED"


class Text(str):
    pass


class Strange:
    def __repr__(self) -> str:
        return "<Strange>"


VALUES: list[Any] = [
    "text", Text("sub"), "", 0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 10**30, 1.0, 1.5, -0.0, float("nan"),
    float("inf"), True, False, None, Decimal("1.50"), Decimal("3"), "12", "1.5", "x1", b"bytes", [], ["a", None, 3],
    (1, 2), {"a": 1}, {"s"}, Strange(), Level.RED, "RED", "GREEN", ValueError("value"),
    GraphQLError("own", extensions={"a": 1}), "none", "bad", range(2), Object(s="x"),
    [[Object(i=1)], None], [[[1, 2], []], None], [[[1, None]]], [[None]],
    [1, "x", None], [ValueError("item")], object, "\ud800",
]  # fmt: skip
FIELDS = [
    "s", "sn", "i", "in", "f", "b", "id", "idn", "c", "any", "picky", "cube", "tags", "words", "colours",
    "node { s }", "must { i }", "nodes { s i }", "full { s }", "sure { i }", "open { in }", "grid { i }",
    "pet { name }", "pets { name }", "animal { __typename }", "animals { __typename }",
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("engine", [UNBOUND, BOUND], ids=["own", "attribute"])
async def test_every_kind_of_value_in_every_kind_of_field(engine: Executor, field: str) -> None:
    if engine is BOUND and "{" in field:
        return  # what is not an object has no attributes, but is null to the default resolver
    name = field.split()[0]
    for value in VALUES:
        node = Object(**{name: value})
        for root in ({"node": node}, {"node": Object(nodes=[node, Object(**{name: None}), Object(), node])}):
            text = f"{{ s node {{ {field} x: s }} node {{ nodes {{ {field} b }} }} }}"
            if callable(value) and engine is BOUND:
                continue  # graphql-core's default resolver calls it; an attribute is only read
            await same(engine, text, root=root)


NODE: dict[str, Any] = {
    "s": "s", "sn": "sn", "i": 1, "in": 2, "f": 1.5, "b": True, "id": 7, "idn": "8", "c": "RED", "any": {"k": [1]},
    "tags": ["a", None], "words": ["w"], "cube": [[[1], []]], "colours": ["GREEN"],
}  # fmt: skip
TREE = {
    **NODE,
    "node": {**NODE, "node": NODE, "nodes": [NODE, None, NODE]},
    "must": {"sn": None, "nodes": [NODE]},
    "nodes": [NODE, None, {**NODE, "sn": None}],
    "full": [NODE, {"sn": None}, NODE],
    "sure": [{"nodes": [{"in": None}, NODE]}],
    "open": [{"sure": [{"in": 1}, {"in": None}]}, {"sure": None}],
    "grid": [[NODE, NODE], None, [NODE, {"in": None}], []],
    "pet": {"__typename": "Cat", "name": "Tom", "lives": 9, "friend": {"__typename": "Dog", "name": "Rex", "barks": 1}},
    "pets": [{"__typename": "Cat", "lives": 1}, {"__typename": "Dog", "barks": True}, {"barks": False}],
    "animal": {"barks": True, "friend": {"__typename": "Node"}},
    "animals": [
        {"__typename": "Cat", "lives": None}, {"__typename": "Dog"}, {"__typename": "Nope"}, {"__typename": "Pet"}, {},
        {"__typename": "Cat", "lives": 3, "friend": None}, None, 5, {"__typename": 7},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "selection",
    [
        "s sn i in f b id idn c any tags words cube colours __typename",
        "z: s a: s s again: __typename",
        "node { s node { s } nodes { i } } n: node { node { idn } }",
        "node { s } node { i node { s } } ...F",
        "... { s } ... on Node { i } ... @include(if: true) { id } ...F ...F",
        "s @skip(if: true) i @include(if: false) b @skip(if: false) @include(if: true) f @custom",
        "node @skip(if: true) { s } node { i @include(if: true) }",
        "must { s sn }",
        "must { s nodes { sn } fails failsn } s",
        "nodes { s sn }",
        "full { s sn }",
        "sure { nodes { in } } s",
        "open { sure { in } }",
        "grid { in }",
        "fails failsn",
        "nodes { fails x: fails }",
        "nodes { failsn }",
        "node { nodes { fails node { s } } fails } fails",
        "sure { fails nodes { fails in } }",
        "pet { name ... on Cat { lives friend { name ... on Dog { barks } } } ... on Dog { barks } }",
        "pets { __typename name ... on Pet { x: name } ... on Dog { barks friend { name } } }",
        "pets { ... on Cat { lives friend { name } } }",
        "animal { ... on Dog { friend { name } } }",
        "animal { ... on Dog { owner { s } } }",
        "animals { __typename ... on Cat { lives } ... on Pet { name } }",
        "animals { ... on Cat { l: lives friend { name } } }",
        'args(s: "x")',
        'args(s: "x", i: null, p: {x: 1, y: [1, 2.5], next: {y: null}}, l: [1, 2], c: GREEN, id: 5, f: 3)',
        'args(s: "x", any: {a: [1]})',
        'args(s: "x", p: {}, l: 3)',
        'a: args(s: "1") b: args(s: "2")',
    ],
)
@pytest.mark.parametrize("engine", [UNBOUND], ids=["own"])
async def test_selections(engine: Executor, selection: str) -> None:
    for text in (f"{{ node {{ {selection} }} s }}", f"{{ must {{ {selection} }} s }}"):
        fragment = " fragment F on Node { f node { s tags } }" if "...F" in selection else ""
        await same(engine, text + fragment, root={"node": TREE, "must": TREE, "s": "root"})
    await same(
        engine, f"{{ node {{ nodes {{ {selection} }} }} }}" + fragment, root={"node": {"nodes": [TREE, None, TREE]}}
    )


@pytest.mark.parametrize(
    ("signature", "arguments", "variables"),
    [
        ("$s: String!", "s: $s", {"s": "x"}),
        ("$s: String!, $i: Int", "s: $s, i: $i", {"s": "x"}),
        ("$s: String!, $i: Int = 9", "s: $s, i: $i", {"s": "x"}),
        ("$s: String!, $i: Int = 9", "s: $s, i: $i", {"s": "x", "i": None}),
        ("$s: String = null", "s: $s", {}),
        ('$s: String = "d"', "s: $s", {"s": None}),  # an error of the field
        ('$s: String = "d"', "s: $s", {}),
        ("$p: Point", 's: "", p: $p', {"p": {"x": 1, "y": [1], "next": {"x": 2}}}),
        ("$x: Int!, $y: [Float!]", 's: "", p: {x: $x, y: $y}', {"x": 1, "y": None}),
        ("$x: Int = 1, $y: Float!", 's: "", p: {x: $x, y: [$y, 2]}', {"x": None, "y": 1}),
        ("$x: Int", 's: "", l: [1, 2], any: {a: $x}', {}),
        ("$c: Colour, $id: ID", 's: "", c: $c, id: $id', {"c": "GREEN", "id": 12}),
        ("$a: Any", 's: "", any: [$a]', {"a": {"x": [None]}}),
    ],
)
async def test_variables(signature: str, arguments: str, variables: dict[str, Any]) -> None:
    try:
        await same(UNBOUND, f"query ({signature}) {{ node {{ args({arguments}) nodes {{ args({arguments}) }} }} }}",
                   root={"node": {"nodes": [{}, {}]}}, variables=variables)  # fmt: skip
    except AssertionError as error:
        assert "GRAPHQL_VALIDATION_FAILED" in str(error)
        assert "= null" in signature


@pytest.mark.parametrize(
    ("signature", "variables"),
    [("$i: Int!", {}), ("$i: Int!", {"i": None}), ("$i: Int", {"i": "x"}), ("$i: Int", {"i": 2**31}),
     ("$p: Point", {"p": {"x": 1, "nope": 2}}), ("$p: Point!", {"p": {"x": None, "y": [1, "a"]}}),
     ("$c: Colour", {"c": "BLUE"}), ("$l: [Int!]", {"l": [1, None]})],
)  # fmt: skip
async def test_bad_variables_are_refused_with_graphql_cores_messages(signature: str, variables: Any) -> None:
    name = signature[1]
    text = f'query ({signature}) {{ node {{ args(s: "", {name}: ${name}) }} }}'
    ours = await UNBOUND.execute(text, variables=variables, root={})
    theirs = await stock(SCHEMA, text, variables=variables, root={})
    assert ours.code == "BAD_USER_INPUT"
    assert theirs.data is None
    assert [each.message for each in ours.errors] == [each.message for each in theirs.errors]
    assert [each.locations for each in ours.errors] == [each.locations for each in theirs.errors]
    assert {each.extensions["code"] for each in ours.errors if each.extensions} == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("default", ["", " = true", " = false"])
async def test_conditions_by_variables(yes: bool, default: str) -> None:
    mark = "" if default else "!"
    text = (
        f"query ($v: Boolean{mark}{default}) {{ s @skip(if: $v) i: s @include(if: $v) node @include(if: $v) {{ s }}"
        " ...F @skip(if: $v) ... @include(if: $v) { x: s } } fragment F on Query { node { i } }"
    )
    root = {"s": "s", "node": NODE}
    await same(UNBOUND, text, root=root, variables={"v": yes})
    if default:
        await same(UNBOUND, text, root=root, variables={})
        await same(UNBOUND, text, root=root, variables={"v": None})  # an error of the directive: left to graphql-core


async def test_a_failing_non_null_root_field_leaves_no_data() -> None:
    for root in ({"i": "x"}, {"i": None}, {"i": 1, "must": {"must": {"must": None}}}):
        response = await same(UNBOUND, "{ s i must { must { must { sn } } } }", root={"s": "s", **root})
        assert response.data is None


async def test_mutations_are_serial_and_stop_when_data_is_null() -> None:
    log: list[Any] = []

    def root() -> dict[str, Any]:
        def note(name: str, value: Any) -> Any:
            async def resolve(info: Any, n: Any = None) -> Any:
                log.append(("begin", name, n))
                await UNBOUND_PAUSE()
                log.append(("end", name, n))
                return value

            return resolve

        child = {"s": lambda info: log.append("child") or "s", "node": None}
        return {"first": note("first", child), "second": note("second", None), "third": note("third", 3)}

    text = "mutation { a: third(n: 1) first { s } b: third(n: 2) second { s } c: third(n: 3) }"
    ours = await UNBOUND.execute(text, root=root())
    mine, log[:] = log[:], []
    theirs = await stock(SCHEMA, text, root=root())
    assert mine == log
    assert ("begin", "third", 3) not in mine
    assert mine.index("child") < mine.index(("begin", "third", 2))
    assert ours.data is theirs.data is None
    assert [each.formatted for each in ours.errors] == [each.formatted for each in theirs.errors]


async def UNBOUND_PAUSE() -> None:
    import asyncio

    await asyncio.sleep(0)


async def later(value: Any) -> Any:
    await UNBOUND_PAUSE()
    if isinstance(value, Exception):
        raise value
    return value


async def stream(*values: Any) -> Any:
    for value in values:
        await UNBOUND_PAUSE()
        if isinstance(value, Exception):
            raise value
        yield value


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"s": later("x"), "i": 1},
        lambda: {"s": later(ValueError("late")), "i": 1},
        lambda: {"node": later({"s": later("x"), "nodes": later([later({"s": "a"}), {"s": later("b")}, None])})},
        lambda: {"node": {"nodes": [later({"s": "a"}), later(ValueError("item")), later(None)]}},
        lambda: {"node": {"full": [later({"s": "a"}), later(None)]}},
        lambda: {"node": {"nodes": stream({"s": "a"}, {"s": "b"})}},
        lambda: {"node": {"nodes": stream({"s": "a"}, ValueError("broken stream"))}},
        lambda: {"node": {"nodes": stream({"s": "a"}, later({"s": "b"}))}},
        lambda: {"node": {"grid": [later([later({"i": 1})]), stream({"i": 2})]}},
        lambda: {"node": {"tags": (each for each in ["a", later("b"), None])}},
        lambda: {"node": {"full": later(ValueError("late"))}, "s": later(None)},
    ],
)
async def test_awaitable_values(make: Any) -> None:
    text = "{ s node { s tags nodes { s } full { s } grid { i } } }"
    ours = await UNBOUND.execute(text, root=make())
    theirs = await stock(SCHEMA, text, root=make())
    assert repr(ours.data) == repr(theirs.data)
    assert [each.formatted for each in ours.errors] == [each.formatted for each in theirs.errors or []]


async def test_the_answers_bytes() -> None:
    response = await UNBOUND.execute("{ s node { s sn } }", root={"s": "ü", "node": {"s": 1}})
    assert (
        response.body()
        == (
            '{"data":{"s":"ü","node":null},"errors":[{"message":"Cannot return null for non-nullable field Node.sn.",'
            '"locations":[{"line":1,"column":14}],"path":["node","sn"]}]}'
        ).encode()
    )
    response = await UNBOUND.execute("{ s }", root={"s": "\ud800"})
    assert response.body() == b'{"data":{"s":"\\ud800"}}'
    response = await UNBOUND.execute("{ node { any } }", root={"node": {"any": 2**70}})
    assert response.body() == b'{"data":{"node":{"any":%d}}}' % 2**70
    assert (await UNBOUND.execute("{")).body().startswith(b'{"errors":[{"message":"Syntax Error')
