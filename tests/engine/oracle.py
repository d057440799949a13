"""graphql-core as the oracle, and what "equal" means.

Data is always equal, byte for byte, key order included. With synchronous resolvers the errors are equal too, in
order. With asynchronous ones graphql-core's list depends on timing, within what the specification leaves open ("if
multiple errors propagate to one nulled field only one need be listed", and siblings of it may never run): errors at
positions that are not below a propagated null must be equal as a set; below a propagated null each side lists at
least one error, and each of them must be among those that occur when nothing propagates.
"""

from typing import Any

import graphql
from graphql import execute, parse
from graphql.pyutils import is_awaitable

from plangate.executor import Executor, Response


class Unpropagated(graphql.Executor):
    """graphql-core listing every error that can occur."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.error_propagation = False


def shown(errors: Any) -> list[Any]:
    return [
        (
            each.formatted,
            type(each.original_error),
            [id(node.loc.start_token) and node.loc.start for node in each.nodes or ()],
        )
        for each in errors or ()
    ]


async def stock(schema: Any, text: str, **named: Any) -> Any:
    result = execute(
        schema, parse(text), named.get("root"), named.get("context"), named.get("variables"),
        executor_class=named.get("executor_class"),
    )  # fmt: skip
    return await result if is_awaitable(result) else result


async def same(engine: Executor, text: str, make: Any = dict, root: Any = None, variables: Any = None) -> Response:
    """Run ``text`` on both; data and errors must be equal, errors in order. ``make`` makes each run's context."""
    ours = await engine.execute(text, variables=variables, context=make(), root=root)
    await assert_same(ours, engine, text, make, root, variables)
    return ours


async def assert_same(
    ours: Response, engine: Executor, text: str, make: Any, root: Any = None, variables: Any = None
) -> None:
    theirs = await stock(engine.schema, text, variables=variables, context=make(), root=root)
    assert not ours.refused, ours.errors
    assert_equal_data(ours.data, theirs.data)
    assert shown(ours.errors) == shown(theirs.errors)


def assert_equal_data(ours: Any, theirs: Any) -> None:
    assert repr(ours) == repr(theirs)


async def same_within_freedom(engine: Executor, text: str, make: Any, variables: Any = None) -> Response:
    ours = await engine.execute(text, variables=variables, context=make())
    await assert_same_within_freedom(ours, engine, text, make, variables=variables)
    return ours


async def assert_same_within_freedom(
    ours: Response, engine: Executor, text: str, make: Any, root: Any = None, variables: Any = None
) -> None:
    theirs = await stock(engine.schema, text, root=root, variables=variables, context=make())
    assert not ours.refused, ours.errors
    assert_equal_data(ours.data, theirs.data)
    if ours.errors or theirs.errors:
        every = await stock(engine.schema, text, variables=variables, context=make(), executor_class=Unpropagated)
        possible = [repr(each) for each in shown(every.errors)]
        mine, other = _grouped(ours.data, ours.errors), _grouped(theirs.data, theirs.errors or [])
        assert mine.keys() == other.keys()
        for position, errors in mine.items():
            if all(tuple(each.path or ()) == position for each in [*errors, *other[position]]):
                assert shown(errors) == shown(other[position])
            else:
                assert all(repr(each) in possible for each in shown(errors))


def _grouped(data: Any, errors: Any) -> dict[tuple[Any, ...], list[Any]]:
    """Errors by the position that is null because of them."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for error in errors:
        value, position = data, ()
        for key in error.path or ():
            if value is None:
                break
            value, position = value[key], (*position, key)
        groups.setdefault(position, []).append(error)
    return groups
