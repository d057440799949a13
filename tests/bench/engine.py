"""The engine alone: ns per leaf, per object and per edge, and the ratio to graphql-core, in one run.

PYTHONPATH=src python tests/bench/engine.py
"""

import asyncio
import gc
import time
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, build_schema, execute, parse

from plangate.documents import Limits
from plangate.engine import Attribute, Batch, Binding, Call
from plangate.executor import Executor

SCHEMA = build_schema("""
  type Series { id: ID!  title: String! }
  type Plan {
    id: ID!  title: String!  dates: String  status: String!  count: Int!  done: Boolean!
    a: String  b: String!  c: Int  d: Float  series: Series  tasks: [Series!]!
  }
  type Query { plans: [Plan!]!  plan: Plan }
""")


class Record:
    __slots__ = ("a", "b", "c", "count", "d", "dates", "done", "id", "series", "status", "tasks", "title")


def records(number: int) -> list[Record]:
    made = []
    for index in range(number):
        record = Record()
        for name in ("id", "title", "dates", "status", "a", "b"):
            setattr(record, name, f"{name} {index}")
        record.count = record.c = index
        record.d, record.done = index / 3, index % 2 == 0
        made.append(record)
    for record in made:
        record.series = made[0]
        record.tasks = made[:10]
    return made


async def series(parents: Sequence[Any], call: Call) -> Sequence[Any]:
    return [parent.series for parent in parents]


async def tasks(parents: Sequence[Any], call: Call) -> Sequence[Any]:
    return [parent.tasks for parent in parents]


async def plans(parents: Sequence[Any], call: Call) -> Sequence[Any]:
    return [parent["plans"] for parent in parents]


async def plan(parents: Sequence[Any], call: Call) -> Sequence[Any]:
    return [parent["plans"][0] for parent in parents]


BATCHES = {"series": series, "tasks": tasks, "plans": plans, "plan": plan}


def bind(type_: GraphQLObjectType, name: str, field: GraphQLField) -> Binding:
    return Batch(BATCHES[name]) if name in BATCHES else Attribute(name)


def best(function: Any, times: int = 30) -> float:
    """Seconds of the fastest of many runs."""
    runner = asyncio.Runner()

    async def timed() -> float:
        gc.collect()
        gc.disable()
        least = 9e9
        for _ in range(times):
            start = time.perf_counter()
            await function()
            least = min(least, time.perf_counter() - start)
        gc.enable()
        return least

    with runner:
        return runner.run(timed())


def main() -> None:
    root = {"plans": records(1000)}
    root["plan"] = root["plans"][0]  # type: ignore[assignment]
    engine = Executor(SCHEMA, bind=bind, limits=Limits(cost=10**9))

    def ours(text: str) -> float:
        return best(lambda: engine.execute(text, root=root))

    def whole(text: str) -> float:
        async def run() -> bytes:
            return (await engine.execute(text, root=root)).body()

        return best(run)

    def theirs(text: str) -> float:
        document = parse(text)

        async def run() -> Any:
            return execute(SCHEMA, document, root)

        return best(run, 5)

    one = ours("{ plans { id } }")
    ten = ours("{ plans { id title dates status count done a b c d } }")
    none = ours("{ plans { __typename } }")
    to_one = ours("{ plans { id series { __typename } } }")
    to_many = ours("{ plans { id tasks { __typename } } }")
    empty = ours("{ plan { id } }")
    for name, seconds, number in (
        ("per leaf (9 mixed leaves more)", ten - one, 9000),
        ("per object (one constant leaf)", none, 1000),
        ("per object and first leaf", one, 1000),
        ("per to-one edge and parent, with its object", to_one - one, 1000),
        ("per object of a to-many edge", to_many - one, 10_000),
        ("per request of one object", empty, 1),
    ):
        print(f"{name:50}{seconds / number * 1e9:10,.0f} ns")
    for text in (
        "{ plan { id title } }",
        "{ plans { id title dates status count done a b c d } }",
        "{ plans { id series { id title } } }",
        "{ plans { id tasks { id title } } }",
    ):
        mine, other, body = ours(text), theirs(text), whole(text)
        print(
            f"{text:60}{mine * 1e6:10,.0f} us{other * 1e6:12,.0f} us{other / mine:7.1f}x"
            f"   with JSON {body * 1e6:,.0f} us"
        )


if __name__ == "__main__":
    main()
