"""How the engine runs: one call per edge, what a batch function is told, concurrency, cancellation, the stock path."""

import asyncio
import gc
import weakref
from collections.abc import Sequence
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError, OperationType, build_schema

from plangate.documents import RequestError, is_compilable
from plangate.engine import Attribute, Batch, Call
from plangate.executor import Executor, Response
from plangate.graph.context import selection_of
from tests.engine import toy
from tests.engine.oracle import same

SDL = """
  interface Thing { id: ID!  owner: Person }
  type Plan implements Thing { id: ID!  title: String!  owner: Person  tasks(first: Int = 2, done: Boolean): [Task!]!
    bad: Person! }
  type Task implements Thing { id: ID!  owner: Person  plan: Plan }
  type Person { id: ID!  name: String  plans: [Plan!] }
  type Query { plans: [Plan]  things: [Thing!]!  slow: Int  slower: Int  broken: Int }
  type Mutation { one: Plan }
  type Subscription { tick: Int }
"""


class Record:
    def __init__(self, kind: str, number: int) -> None:
        self.kind, self.id, self.title, self.name = kind, f"{kind}{number}", f"t{number}", f"n{number}"


PLANS = [Record("Plan", number) for number in range(4)]
TASKS = [Record("Task", number) for number in range(4)]
PEOPLE = [Record("Person", number) for number in range(3)]


class Host:
    """Batch functions that note their calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, dict[str, Any], Call]] = []
        self.answers: dict[str, Any] = {}
        self.running = self.most = self.tasks = 0

    def bind(self, type_: Any, name: str, field: Any) -> Any:
        if name in ("id", "title", "name"):
            return Attribute(name)

        async def batch(parents: Sequence[Any], call: Call, **arguments: Any) -> Any:
            self.calls.append((f"{type_.name}.{name}", len(parents), arguments, call))
            self.running += 1
            self.most = max(self.most, self.running)
            self.tasks = max(self.tasks, len(asyncio.all_tasks()))
            await asyncio.sleep(0)
            self.running -= 1
            answer = self.answers.get(name, self.default(name))
            if isinstance(answer, BaseException):
                raise answer
            return answer(parents) if callable(answer) else [answer] * len(parents)

        return Batch(batch, lambda arguments: {f"{key}_": value for key, value in arguments.items()})

    def default(self, name: str) -> Any:
        return {
            "plans": PLANS, "things": [*PLANS, *TASKS], "tasks": TASKS[:2],
            "owner": lambda parents: [PEOPLE[0] for _ in parents],
            "plan": PLANS[0], "bad": None,
        }.get(name, 1)  # fmt: skip

    def engine(self, **options: Any) -> Executor:
        schema = build_schema(SDL)
        return Executor(schema, bind=self.bind, runtime_types={}, **options)


@pytest.fixture
def host() -> Host:
    return Host()


def typed(engine: Executor) -> Executor:
    engine.schema.type_map["Thing"].resolve_type = lambda value, info, type_: value.kind  # type: ignore[union-attr]
    return engine


async def test_one_call_for_all_parents_of_an_edge(host: Host) -> None:
    text = """query ($d: Boolean) { plans {
      id tasks(done: $d) { id owner { name } } first: tasks(first: 1) { id } owner { id }
    } }"""
    response = await host.engine().execute(text, variables={"d": True}, context="ctx")
    assert not response.errors
    assert sorted((name, number, str(arguments)) for name, number, arguments, _ in host.calls) == [
        ("Plan.owner", 4, "{}"),
        ("Plan.tasks", 4, "{'first_': 1}"),
        ("Plan.tasks", 4, "{'first_': 2, 'done_': True}"),
        ("Query.plans", 1, "{}"),
        ("Task.owner", 8, "{}"),
    ]
    assert {call.context for *_, call in host.calls} == {"ctx"}
    assert host.calls[0][3].selection == {
        "id", "tasks", "tasks.id", "tasks.owner", "tasks.owner.name", "owner", "owner.id",
    }  # fmt: skip
    assert response.data["plans"][3]["tasks"][1] == {"id": "Task1", "owner": {"name": "n0"}}  # type: ignore[index]


async def test_one_call_for_all_requests_that_are_run_together(host: Host) -> None:
    engine = host.engine()
    operation = engine.prepare(
        "query ($first: Int, $done: Boolean) { plans { title tasks(first: $first, done: $done) { owner { name } } } }"
    )
    asked = [{"first": 1}, {"first": 2}, {"first": 1, "done": None}, {"first": 1}, {"first": "x"}]
    alone = [await engine.run(operation, variables=variables) for variables in asked[:4]]
    host.calls.clear()
    *together, refused = await engine.run_all(operation, asked)
    assert [each.formatted for each in together if isinstance(each, Response)] == [each.formatted for each in alone]
    assert isinstance(refused, RequestError)
    assert [(name, parents, arguments) for name, parents, arguments, _ in host.calls] == [
        ("Query.plans", 4, {}),
        ("Plan.tasks", 8, {"first_": 1}),
        ("Plan.tasks", 4, {"first_": 2}),
        ("Plan.tasks", 4, {"first_": 1, "done_": None}),
        ("Task.owner", 32, {}),
    ]
    assert [each.objects for each in alone] == [4 + 8 + 8] * 4


async def test_one_call_for_requests_with_arguments_of_their_own() -> None:
    calls: list[Sequence[dict[str, Any]]] = []

    async def double(parents: Sequence[Any], call: Call, arguments: Sequence[dict[str, Any]]) -> Any:
        calls.append(arguments)
        return [ValueError("odd") if each["number"] % 2 else 2 * each["number"] for each in arguments]

    schema = build_schema("type Query { double(number: Int! = 1): Int  constant: Int }")
    engine = Executor(schema, bind=lambda *_: Batch(double, varied=True))
    operation = engine.prepare("query ($n: Int = 4) { double(number: $n)  same: double(number: 6) }")
    asked: list[Any] = [{"n": 2}, {"n": 3}, {}]
    alone = [await engine.run(operation, variables=variables) for variables in asked]
    assert [each.data for each in alone] == [{"double": n, "same": 12} for n in (4, None, 8)]
    calls.clear()
    together: list[Any] = await engine.run_all(operation, asked)
    assert [each.formatted for each in together] == [each.formatted for each in alone]
    assert calls == [[{"number": 2}, {"number": 3}, {"number": 4}], [{"number": 6}] * 3]
    # Null for an argument that takes none is this one's error, and nobody else's.
    asked.insert(1, {"n": None})
    together = await engine.run_all(operation, asked)
    wrong = together.pop(1)
    assert [each.formatted for each in together] == [each.formatted for each in alone]
    assert wrong.data == {"double": None, "same": 12}
    assert "not to be None" in wrong.errors[0].message
    assert wrong.formatted == (await engine.run(operation, variables={"n": None})).formatted


async def test_siblings_run_at_the_same_time_and_a_single_edge_makes_no_task(host: Host) -> None:
    await host.engine().execute("{ plans { owner { plans { id } } } }")
    assert host.tasks == 1
    await host.engine().execute("{ slow slower plans { id } things { __typename } }")
    assert host.most == 4
    assert host.tasks == 5


async def test_a_failing_edge_cancels_no_other(host: Host) -> None:
    host.answers = {"broken": ValueError("broken"), "bad": ValueError("bad")}
    response = await host.engine().execute("{ broken slow plans { id bad { id } tasks { id } owner { id } } slower }")
    assert response.data == {"broken": None, "slow": 1, "plans": [None] * 4, "slower": 1}
    assert [each.path for each in response.errors] == [["broken"], *(["plans", n, "bad"] for n in range(4))]
    assert all(isinstance(each.original_error, ValueError) for each in response.errors)
    assert host.running == 0
    assert {"Plan.tasks", "Plan.owner"} <= {name for name, *_ in host.calls}


async def test_an_awaited_thing_that_is_cancelled_is_a_field_error(host: Host) -> None:
    host.answers = {"broken": asyncio.CancelledError()}
    for text in ("{ broken }", "{ broken slow }"):
        response = await host.engine().execute(text)
        assert response.data["broken"] is None  # type: ignore[index]
        assert response.errors[0].path == ["broken"]


async def test_a_cancelled_request_ends() -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def wait(parents: Sequence[Any], call: Call) -> Any:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(call.field_name)

    engine = Executor(build_schema(SDL), bind=lambda *_: Batch(wait))
    for text in ("{ slow }", "{ slow slower }"):
        task = asyncio.create_task(engine.execute(text))
        await started.wait()
        started.clear()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert sorted(ended) == ["slow", "slow", "slower"]


async def test_an_exception_among_the_answers_is_that_parents_error(host: Host) -> None:
    host.answers = {"owner": lambda parents: [PEOPLE[1], ValueError("no owner"), None, PEOPLE[2]]}
    response = await host.engine().execute("{ plans { owner { id } } }")
    assert response.data == {
        "plans": [{"owner": {"id": "Person1"}}, {"owner": None}, {"owner": None}, {"owner": {"id": "Person2"}}]
    }
    assert [(each.message, each.path) for each in response.errors] == [("no owner", ["plans", 1, "owner"])]


@pytest.mark.parametrize("answer", [lambda parents: [], lambda parents: None, lambda parents: [1] * 9])
async def test_answers_that_are_not_aligned_are_errors(host: Host, answer: Any) -> None:
    host.answers = {"owner": answer}
    response = await host.engine().execute("{ plans { owner { id } } }")
    assert response.data == {"plans": [{"owner": None}] * 4}
    assert len(response.errors) == 4


async def test_no_parents_no_call(host: Host) -> None:
    host.answers = {"plans": []}
    await host.engine().execute("{ plans { owner { id } tasks { id } } }")
    assert [name for name, *_ in host.calls] == ["Query.plans"]


async def test_parents_of_different_types(host: Host) -> None:
    text = "{ things { id owner { id } ... on Plan { tasks { id } } ... on Task { plan { id } } } }"
    response = await typed(host.engine()).execute(text)
    assert not response.errors
    assert [(name, number) for name, number, *_ in host.calls][1:] == [
        ("Plan.owner", 4), ("Plan.tasks", 4), ("Task.owner", 4), ("Task.plan", 4),
    ]  # fmt: skip
    assert [list(each) for each in response.data["things"]] == [["id", "owner", "tasks"]] * 4 + [
        ["id", "owner", "plan"]
    ] * 4  # type: ignore[index]


async def test_runtime_types_need_no_type_resolver() -> None:
    class Plan(Record):
        pass

    host = Host()
    host.answers = {"things": [Plan("Plan", 1)]}
    engine = Executor(build_schema(SDL), bind=host.bind, runtime_types={Plan: "Plan"})
    response = await engine.execute("{ things { __typename id } }")
    assert response.data == {"things": [{"__typename": "Plan", "id": "Plan1"}]}
    host.answers = {"things": [PEOPLE[0]]}  # of a known type, but not one of this interface's
    engine = typed(Executor(build_schema(SDL), bind=host.bind, runtime_types={Record: "Person"}))
    response = await engine.execute("{ things { __typename id } }")
    assert response.data is None
    assert "Runtime Object type 'Person' is not a possible type for 'Thing'" in response.errors[0].message
    with pytest.raises(TypeError, match="to be a GraphQL Object type"):
        Executor(build_schema(SDL), bind=host.bind, runtime_types={Plan: "Thing"})


async def test_native_values_are_left_to_orjson() -> None:
    import datetime

    schema = build_schema("scalar Date type Query { date: Date dates: [Date!] }")
    schema.type_map["Date"].coerce_output_value = lambda value: f"slow {value}"  # type: ignore[union-attr]
    day = datetime.date(2026, 11, 21)
    root = type("Root", (), {"date": day, "dates": [day, "other"]})
    engine = Executor(schema, bind=lambda _, name, __: Attribute(name), native={"Date": (datetime.date,)})
    response = await engine.execute("{ date dates }", root=root)
    assert response.body() == b'{"data":{"date":"2026-11-21","dates":["2026-11-21","slow other"]}}'


async def test_errors_are_masked_by_the_host(host: Host) -> None:
    host.answers = {"slow": ValueError("postgresql://user:password@host")}
    engine = host.engine(
        mask=lambda error: GraphQLError("Internal error.", error.nodes, path=error.path, extensions={"code": "X"})
    )
    response = await engine.execute("{ slow }")
    assert response.formatted["errors"] == [
        {
            "message": "Internal error.",
            "locations": [{"line": 1, "column": 3}],
            "path": ["slow"],
            "extensions": {"code": "X"},
        }
    ]


async def test_the_operations_type_is_known_before_it_is_run(host: Host) -> None:
    engine = host.engine()
    assert engine.prepare("{ slow }").type is OperationType.QUERY
    assert engine.prepare("mutation { one { id } }").type is OperationType.MUTATION
    assert engine.prepare("query a { slow } mutation b { one { id } }", "b").type is OperationType.MUTATION
    assert not host.calls


@pytest.mark.parametrize(
    ("text", "compilable"),
    [
        ("{ slow }", True),
        ("mutation { one { id } }", True),
        ("{ __typename }", True),
        ("{ __schema { queryType { name } } slow }", False),
        ('{ ...F } fragment F on Query { __type(name: "Plan") { name } }', False),
        ("subscription { tick }", False),
    ],
)
async def test_what_is_not_compiled_goes_to_the_stock_executor(
    host: Host, text: str, compilable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def stock(schema: Any, document: Any, root: Any, context: Any, variables: Any, name: Any) -> ExecutionResult:
        seen.append(document)
        return ExecutionResult({"stock": context}, None)

    monkeypatch.setattr("plangate.executor.execute", stock)
    engine = host.engine()
    operation = engine.prepare(text)
    assert operation.compilable is is_compilable(operation.document, operation.definition) is compilable
    response = await engine.run(operation, context="c")
    assert (response.data == {"stock": "c"}) is not compilable
    assert bool(seen) is not compilable
    await host.engine(compiled=False).execute("{ slow }")
    assert len(seen) == 1 + (not compilable)


async def test_introspection_by_the_default_stock_executor() -> None:
    engine = Executor(toy.GRAPHQL, bind=toy.bind)
    await same(engine, "{ __schema { queryType { name } } find(number: 1) { __typename } }", lambda: toy.world(1, 0))
    response = await Executor(toy.GRAPHQL, bind=toy.bind, compiled=False).execute(
        "{ find(number: 0) { ... on Person { name } } }", context=toy.world(1, 0)
    )
    assert response.data == {"find": {"name": "name 0"}}


async def test_strawberry_arguments_and_selection_are_the_same_on_both_executors() -> None:
    text = """
      query ($w: Where, $no: Boolean!) {
        people(first: 2) { nodes {
          mates: friends(first: 9, where: $w) { id ...F }
          friends { id boss @include(if: $no) { age } ... on Person { score } __typename }
        } }
        echo(where: {notAge: 3, colours: [RED]}, colour: GREEN)
      }
      fragment F on Person { peer { id ... on Robot { serial } } }
    """
    engine = Executor(toy.GRAPHQL, bind=toy.bind)
    variables = {"w": {"notAge": 0}, "no": False}
    for seed in range(20):
        worlds: list[Any] = []

        def make(seed: int = seed, worlds: list[Any] = worlds) -> Any:
            worlds.append(toy.world(seed, 0))
            return worlds[-1]

        await same(engine, text, make, variables=variables)
        mine, theirs = (each["calls"] for each in worlds)
        assert {call[2] for call in mine} == {call[2] for call in theirs}
        assert frozenset({"id", "score"}) in {call[2] for call in mine}
        assert frozenset({"id", "peer", "peer.id", "peer.serial"}) in {call[2] for call in mine}
        assert len(mine) == 2
        assert sum(call[1] for call in mine) == len(theirs)


def test_selection_of_is_cached() -> None:
    assert selection_of.__doc__
    from graphql import GraphQLObjectType, execute_sync, parse

    seen: list[Any] = []
    schema = build_schema("type Query { q: Query s: String }")
    query = schema.type_map["Query"]
    assert isinstance(query, GraphQLObjectType)
    query.fields["q"].resolve = lambda source, info: seen.append(selection_of(info)) or {}
    document = parse("query ($a: Boolean = true) { q { s q @include(if: $a) { s } } }")
    execute_sync(schema, document)
    execute_sync(schema, document)
    execute_sync(schema, document, variable_values={"a": False})
    assert seen[0] == {"s", "q", "q.s"}
    assert seen[0] is seen[2]
    assert seen[4] == {"s"}
    node = weakref.ref(document.definitions[0].selection_set.selections[0])  # type: ignore[attr-defined]
    del document
    gc.collect()
    assert node() is None, "the answers that are kept keep no documents"


async def test_names_are_never_code() -> None:
    schema = build_schema("type Query { a: String b: String }")
    names = {"a": "x'] + __import__('os').abort() #", "b": "class"}
    root = type("Root", (), {})()
    for value in names.values():
        setattr(root, value, f"the value of {value[:5]}")
    engine = Executor(schema, bind=lambda _, name, __: Attribute(names[name]))
    response = await engine.execute("{ a class: b }", root=root)
    assert response.data == {"a": "the value of x'] +", "class": "the value of class"}


async def test_mutations_are_serial_whatever_their_binding() -> None:
    log: list[str] = []

    async def one(parents: Sequence[Any], call: Call) -> Sequence[Any]:
        await asyncio.sleep(0)
        log.append("one")
        return [1]

    schema = build_schema("type Query { a: Int } type Mutation { one: Int two: Int }")
    bindings: dict[str, Any] = {"one": Batch(one), "two": Attribute("two")}
    root = type("Root", (), {"two": property(lambda _: log.append("two") or 2)})()
    engine = Executor(schema, bind=lambda _, name, __: bindings[name])
    response = await engine.execute("mutation { one two again: one }", root=root)
    assert response.data == {"one": 1, "two": 2, "again": 1}
    assert log == ["one", "two", "one"]
