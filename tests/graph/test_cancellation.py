"""The cancellation trap: graphql-core 3.3 cancels the siblings of a failing non-null field.

If one of them waits for a load that others share, and that load were cancelled with it, the others would fail too, and
the request with them (https://github.com/graphql-python/graphql-core/pull/238).
"""

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from plangate import model
from plangate.endpoint import mask
from plangate.executor import Executor
from plangate.graph.binding import NATIVE_SCALARS, bind_to, runtime_types
from plangate.graph.context import Answers, Call, Context
from plangate.graph.cursors import Cursors
from plangate.graph.edge import edge, to_one
from plangate.graph.plan import Plan
from plangate.graph.scalars import SCALARS
from plangate.graph.schema import KINDS
from plangate.loaders import Loaders
from plangate.model import Key
from plangate.sources.store import Store
from tests.gateway import ADMIN

PLAN = Key("store:harbour-campus")


class Parent:
    def __init__(self) -> None:
        self.plan = PLAN


async def _failing(parents: Sequence[Any], call: Call) -> Answers:
    raise ValueError("boom")


async def _parent(parents: Sequence[None], call: Call) -> Answers:
    return [Parent()]


@strawberry.type
class Branch:
    failing: str = edge(_failing, "Fails at once; it may not be null, so its siblings are cancelled.")
    shared: Plan | None = to_one(model.Plan, "plan", "A load that other branches wait for too.")


@strawberry.type
class Query:
    a: Branch | None = edge(_parent, "The branch that fails.")
    b: Branch | None = edge(_parent, "The branch that does not.")


@pytest.mark.parametrize(
    "query",
    [
        "{ a { failing shared { title } } b { shared { title } } }",
        "{ a { shared { title } failing } b { shared { title } } }",
        "{ a { failing x: shared { title } y: shared { title } } b { shared { title } z: shared { title } } }",
    ],
)
async def test_a_failing_field_does_not_take_shared_loads_with_it(executor: str, demo: Store, query: str) -> None:
    schema = strawberry.federation.Schema(Query, types=KINDS, config=StrawberryConfig(scalar_map=SCALARS))
    engine = Executor(
        schema._schema, bind=bind_to(schema), mask=mask, native=NATIVE_SCALARS, runtime_types=runtime_types(schema),
        compiled=executor == "compiled",
    )  # fmt: skip
    for _ in range(5):
        context = Context(Loaders({"store": demo}, ADMIN), Cursors(), "test-request")
        answer = (await engine.execute(query, context=context)).formatted
        assert answer["data"]["a"] is None
        assert answer["data"]["b"]["shared"] == {"title": "Harbour Campus"}
        assert [error["path"] for error in answer["errors"]] == [["a", "failing"]]
