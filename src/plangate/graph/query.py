"""The root of the graph."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import strawberry

from plangate import model
from plangate.errors import BadUserInput, InvalidId
from plangate.graph.action import Action
from plangate.graph.context import Answers, Call
from plangate.graph.edge import edge, root, sub_plans_below
from plangate.graph.filters import (
    ActionFilter,
    ActionOrder,
    PlanFilter,
    PlanOrder,
    ServiceTypeFilter,
    ServiceTypeOrder,
    TaskFilter,
    TaskOrder,
    to_filter,
    to_order,
)
from plangate.graph.ids import identify, key_of, wants
from plangate.graph.node import Node
from plangate.graph.paging import ROOT_MAXIMUM, Connection, Page, page_query
from plangate.graph.person import Person
from plangate.graph.plan import Plan
from plangate.graph.service_type import ServiceType
from plangate.graph.source import Source, Viewer, sources_of
from plangate.graph.task import Task
from plangate.listing import Filter, Order

MAXIMUM_NODES = 100


def _by_id(kind: type[model.Record], description: str) -> Any:
    async def varied(_: Sequence[None], call: Call, arguments: Sequence[dict[str, Any]]) -> Answers:
        keys = [_key_of(each["id"], kind) for each in arguments]
        known = [None if isinstance(key, InvalidId) else key for key in keys]
        tree = sub_plans_below(call) if kind is model.Plan else None
        found = await call.context.loaders.many(kind, known, wants(call.selection), tree)
        return [key if isinstance(key, InvalidId) else record for key, record in zip(keys, found, strict=True)]

    async def batch(parents: Sequence[None], call: Call, *, id: strawberry.ID) -> Answers:
        return await varied(parents, call, [{"id": id}] * len(parents))

    return edge(batch, description, varied=varied)


def _key_of(id: str, kind: type[model.Record]) -> model.Key | InvalidId:
    try:
        return key_of(id, kind)
    except InvalidId as error:
        return error


async def _page(
    call: Call, question: str, sources: list[str] | None, filter: Filter | None, order: tuple[Order, ...], **ends: Any
) -> Page:
    name = f"{question} {sorted(sources) if sources is not None else ''}"
    cursors = call.context.cursors
    asked = page_query(name, call.selection, cursors, filter=filter, order=order, maximum=ROOT_MAXIMUM, **ends)
    return Page(await call.context.loaders.page(question, asked.query, asked.ends, sources), asked)


async def _node(call: Call, *, id: strawberry.ID) -> Any:
    kind, key = identify(id)
    return (await call.context.loaders.many(kind, [key], wants(call.selection)))[0]


async def _nodes(call: Call, *, ids: list[strawberry.ID]) -> list[Any]:
    return await records(call, [partial(identify, id) for id in _bounded(ids)])


async def records(call: Call, names: Sequence[Callable[[], tuple[type[model.Record], model.Key]]]) -> list[Any]:
    """Records of several kinds, each kind asked once, in the order asked: None for what does not exist.

    What cannot be named or found fails alone: its place holds the exception.
    """

    async def load(name: Callable[[], tuple[type[model.Record], model.Key]]) -> Any:
        return await call.context.loaders.load(*name(), wants(call.selection))

    found: list[Any] = await asyncio.gather(*map(load, names), return_exceptions=True)
    return found


def _bounded(ids: list[strawberry.ID]) -> list[strawberry.ID]:
    if len(ids) > MAXIMUM_NODES:
        raise BadUserInput(f"At most {MAXIMUM_NODES} ids.", argument="ids")
    return ids


async def _plans(
    call: Call,
    *,
    sources: list[str] | None = None,
    filter: PlanFilter | None = None,
    order_by: list[PlanOrder] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    order = to_order(order_by) or (Order("sort_date"),)
    ends = {"first": first, "after": after, "last": last, "before": before}
    return await _page(call, "list_plans", sources, to_filter(filter), order, **ends)


async def _actions(
    call: Call,
    *,
    sources: list[str] | None = None,
    filter: ActionFilter | None = None,
    order_by: list[ActionOrder] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    ends = {"first": first, "after": after, "last": last, "before": before}
    return await _page(call, "list_actions", sources, to_filter(filter), to_order(order_by), **ends)


async def _tasks(
    call: Call,
    *,
    sources: list[str] | None = None,
    filter: TaskFilter | None = None,
    order_by: list[TaskOrder] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    ends = {"first": first, "after": after, "last": last, "before": before}
    return await _page(call, "list_tasks", sources, to_filter(filter), to_order(order_by), **ends)


async def _service_types(
    call: Call,
    *,
    sources: list[str] | None = None,
    filter: ServiceTypeFilter | None = None,
    order_by: list[ServiceTypeOrder] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    order = to_order(order_by) or (Order("position"),)
    ends = {"first": first, "after": after, "last": last, "before": before}
    return await _page(call, "list_service_types", sources, to_filter(filter), order, **ends)


async def _sources(call: Call) -> Any:
    return sources_of(call.context.loaders.sources)


async def _viewer(call: Call) -> Any:
    return call.context.viewer


_OVER = " From all sources, or from those named; `sources` of the answer says who is missing."


@strawberry.type(description="What can be asked.")
class Query:
    node: Node | None = root(_node, "The record with this id; null if there is none, or none for you.")
    nodes: list[Node | None] = root(_nodes, "The records with these ids, in this order.")
    plan: Plan | None = _by_id(model.Plan, "The plan with this id.")
    plans: Connection[Plan] | None = root(_plans, "Plans, by sortDate unless ordered otherwise." + _OVER)
    action: Action | None = _by_id(model.Action, "The action with this id.")
    actions: Connection[Action] | None = root(_actions, "Actions." + _OVER)
    task: Task | None = _by_id(model.Task, "The task with this id.")
    tasks: Connection[Task] | None = root(_tasks, "Tasks." + _OVER)
    service_type: ServiceType | None = _by_id(model.ServiceType, "The service type with this id.")
    service_types: Connection[ServiceType] | None = root(
        _service_types, "Service types, as systems order them." + _OVER
    )
    person: Person | None = _by_id(model.Person, "The person with this id.")
    sources: list[Source] = root(_sources, "The systems behind this graph.")
    viewer: Viewer = root(_viewer, "Who you are to this graph.")
