"""Edges: a field that leads to other records is a batch function, declared once.

    actions = to_many(model.Action, "actions_of_plans", "What was agreed to be done.")

A batch function takes all parents of a level and returns their answers, aligned; so N+1 cannot be written. The compiled
executor finds it in the field's metadata and calls it once per level. The stock executor reaches it through a loader
that gathers the parents of one tick.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLError
from strawberry import UNSET
from strawberry.types import Info

from plangate import model
from plangate.errors import PlangateError
from plangate.foretold import SUB_PLANS
from plangate.graph.context import Answers, Call, selection_of
from plangate.graph.filters import PlanFilter, PlanOrder, to_filter, to_order
from plangate.graph.ids import wants
from plangate.graph.paging import Page, PageQuery, page_query
from plangate.listing import ListQuery
from plangate.merge import Listed

Batch = Callable[..., Awaitable[Answers]]


def edge(batch: Batch, description: str, *, varied: Batch | None = None, **options: Any) -> Any:
    """A field answered by `batch(parents, call, **arguments)`; keyword-only parameters are the field's arguments.

    `varied(parents, call, arguments)` answers the same, in one call, for parents with arguments of their own.
    """
    arguments = [p for p in inspect.signature(batch).parameters.values() if p.kind is p.KEYWORD_ONLY]

    async def resolver(root: Any, info: Any, **given: Any) -> Any:
        call = Call(info.context, selection_of(info._raw_info))
        if root is None:  # a root field has no siblings to wait for
            [answer] = await batch([None], call, **given)
            if isinstance(answer, Exception):
                raise answer
            return answer
        # Shielded: aliases of one edge share a future, and graphql-core cancels the siblings of a failing field.
        return await asyncio.shield(_edge_loader(call, batch, given).load(root))

    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    resolver.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("self", positional),
            inspect.Parameter("info", positional, annotation=Info),
            # UNSET: an absent argument is left to the batch function's default and has none in the SDL; composers
            # refuse `@listSize` with a defaulted slicing argument, and `= null` says nothing.
            *(p.replace(kind=positional, default=UNSET if p.default is None else p.default) for p in arguments),
        ]
    )
    resolver.__annotations__ = {
        "info": Info,
        **{argument.name: argument.annotation for argument in arguments},
    }
    return strawberry.field(
        resolver=resolver, description=description, metadata={"batch": batch, "varied": varied}, **options
    )


def root(answer: Callable[..., Awaitable[Any]], description: str) -> Any:
    """A field of the root, by `answer(call, **arguments)`: answered once for all requests that are run together."""

    @wraps(answer)
    async def batch(parents: Sequence[None], call: Call, **arguments: Any) -> Answers:
        return [await answer(call, **arguments)] * len(parents)

    return edge(batch, description)


def _edge_loader(call: Call, batch: Batch, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
    """The loader of one edge with these arguments: it gathers the parents of a tick."""
    edges = call.context.edges
    identity = (batch, call.selection, repr(arguments))
    if identity not in edges:

        async def load(parents: list[Any]) -> list[Any]:
            return list(await batch(parents, call, **arguments))

        edges[identity] = DataLoader(load, cache=False)
    return edges[identity]


def to_one(kind: type[model.Record], reference: str, description: str, **options: Any) -> Any:
    """The record whose key is the parent's attribute `reference`, in whichever system it lives."""

    async def batch(parents: Sequence[Any], call: Call) -> Answers:
        keys = [getattr(parent, reference) for parent in parents]
        return await call.context.loaders.many(kind, keys, wants(call.selection))

    return edge(batch, description, **options)


def neighbour(question: str, description: str) -> Any:
    """The plan before or after, which a source answers with a record or with its key."""

    async def batch(parents: Sequence[model.Plan], call: Call) -> Answers:
        loaders, wanted = call.context.loaders, wants(call.selection)
        answers = await loaders.related(question, model.Plan, parents, ListQuery(1, wants=wanted), missing=None)
        keys = [model.Key(answer) if isinstance(answer, str) else None for answer in answers]
        loaded = await loaders.many(model.Plan, keys, wanted)
        return [loaded[i] if isinstance(answer, str) else answer for i, answer in enumerate(answers)]

    return edge(batch, description)


def to_many(kind: type[model.Record], question: str, description: str) -> Any:
    """A connection answered by a question of the port."""

    async def batch(
        parents: Sequence[Any],
        call: Call,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Answers:
        asked = page_query(
            question, call.selection, call.context.cursors, first=first, after=after, last=last, before=before
        )
        return await _pages(call, question, kind, parents, asked)

    return edge(batch, description)


def to_plans(question: str, description: str) -> Any:
    """A connection of plans, which can be filtered and ordered as the root list can."""

    async def batch(
        parents: Sequence[Any],
        call: Call,
        *,
        filter: PlanFilter | None = None,
        order_by: list[PlanOrder] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Answers:
        asked = _plans_query(
            question, call, filter=filter, order_by=order_by, first=first, after=after, last=last, before=before
        )
        return await _pages(call, question, model.Plan, parents, asked)

    return edge(batch, description)


def _plans_query(
    question: str,
    call: Call,
    *,
    filter: PlanFilter | None = None,
    order_by: list[PlanOrder] | None = None,
    **ends: Any,
) -> PageQuery:
    cursors, conditions, order = call.context.cursors, to_filter(filter), to_order(order_by)
    return page_query(question, call.selection, cursors, filter=conditions, order=order, repeats=call.repeats, **ends)


def sub_plans_below(call: Call) -> ListQuery | None:
    """How the sub-plans of the plans that a field answers will be asked for; None if that is not known."""
    with suppress(PlangateError, GraphQLError):  # the edge itself will say what is wrong
        if found := call.below("subPlans"):
            below, arguments = found
            asked = _plans_query(SUB_PLANS, below, **arguments)
            return None if asked.ends else asked.query
    return None


async def _pages(
    call: Call, question: str, kind: type[model.Record], parents: Sequence[Any], asked: PageQuery
) -> Answers:
    answers = await call.context.loaders.related(question, kind, parents, asked.query, asked.ends)
    return [Page(answer, asked) if isinstance(answer, Listed) else answer for answer in answers]
