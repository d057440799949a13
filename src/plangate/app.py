"""The composition root: settings -> sources -> schema -> Starlette. Imported by cli.py and tests alone."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plangate.access import Viewer
from plangate.authentication import ANONYMOUS, Authenticator
from plangate.documents import Disclosure, Limits
from plangate.endpoint import GraphQLEndpoint, mask
from plangate.executor import Executor
from plangate.graph.binding import NATIVE_SCALARS, bind_to, field_cost, runtime_types
from plangate.graph.context import Context
from plangate.graph.cursors import Cursors
from plangate.graph.schema import build_schema
from plangate.graphiql import graphiql_page
from plangate.hosts import HostCheck, check_host
from plangate.http.cors import Cors
from plangate.http.middleware import DirectRoute, RequestMiddleware
from plangate.loaders import Loaders
from plangate.operation_context import header_for
from plangate.readiness import Readiness
from plangate.server import STATE, Worker
from plangate.settings import Settings
from plangate.source import Source
from plangate.sources import SOURCES

GRAPHQL_PATH = "/graphql"

FOR_THE_ANSWER = 0.1
"""The share of a request's deadline that its sources may not use up."""


def build_sources(settings: Settings) -> dict[str, Source]:
    """The sources that the settings switch on, by name."""
    sections = {source: getattr(settings, source.name) for source in SOURCES}
    return {source.name: source(**_arguments(section)) for source, section in sections.items() if section is not None}


def _arguments(section: BaseModel) -> dict[str, Any]:
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in section}


def create_app(settings: Settings, sources: Mapping[str, Source] | None = None) -> Starlette:
    """The ASGI application. It owns the sources and closes them when it shuts down."""
    ports = dict(build_sources(settings) if sources is None else sources)
    authenticator = Authenticator(settings.authentication, ports.get("store"))
    cursors = Cursors([key.get_secret_value() for key in settings.cursor_keys])
    reserve = settings.deadline * FOR_THE_ANSWER
    endpoint = GraphQLEndpoint(
        build_executor(settings),
        authenticator.authenticate,
        lambda viewer, request_id, ends, leave_home: Context(
            Loaders(ports, viewer, ends=ends - reserve, leave_home=leave_home), cursors, request_id
        ),
        coalesce=settings.coalesce,
        deadline=settings.deadline,
        max_body=settings.max_body,
        page=graphiql_page() if settings.graphiql else None,
        require_preflight=settings.require_preflight,
        compression=settings.compression,
        disclose=disclosures(settings),
    )
    readiness, cors = Readiness(ports), build_cors(settings)

    def is_saturated() -> bool:
        return any(port.is_saturated for port in ports.values())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        spare_the_collector()
        async with Worker(settings.http, settings.max_body, is_saturated=is_saturated, cors=cors) as worker:
            with readiness.draining_on_sigterm(settings.drain):
                yield {STATE: worker}
        await readiness.close()
        await authenticator.close()
        await asyncio.gather(*(port.close() for port in ports.values()))

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", readiness.respond),
        ],
        lifespan=lifespan,
    )
    # The last one is the outermost.
    app.add_middleware(DirectRoute, path=GRAPHQL_PATH, endpoint=endpoint)
    if (allowed := check_host(settings)) is not None:
        app.add_middleware(HostCheck, allowed=allowed)
    app.add_middleware(RequestMiddleware, graphql_path=GRAPHQL_PATH, cors=cors)
    return app


def build_cors(settings: Settings) -> Cors | None:
    """Which web pages may call; None if none may."""
    cors = settings.cors
    if not cors.origins:
        return None
    credentials = [header_for(name) for name, each in settings.upstreams().items() if each.credentials == "viewer"]
    return Cors(
        cors.origins,
        credentials=cors.credentials,
        headers=[*cors.headers, *credentials],
        exposed_headers=cors.exposed_headers,
        max_age=cors.max_age,
    )


def spare_the_collector() -> None:
    """What lives as long as the process is not looked at again, and a request makes too little to be worth a search.

    Requests make trees, not cycles: with Python's usual thresholds a large answer is searched for them in vain.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def disclosures(settings: Settings) -> Callable[[Viewer], Disclosure]:
    """What of the schema each viewer may learn: `auto` is everything, but nothing for anonymous viewers."""

    def disclosure(is_on: set[str]) -> Disclosure:
        return Disclosure(settings.introspection in is_on, settings.suggestions in is_on)

    anonymous, known = disclosure({"on"}), disclosure({"on", "auto"})
    return lambda viewer: anonymous if viewer.id == ANONYMOUS else known


def build_executor(settings: Settings) -> Executor:
    schema = build_schema(settings.federation)
    return Executor(
        schema._schema,
        bind=bind_to(schema),
        limits=Limits(**settings.limits.model_dump()),
        cache_size=settings.operation_cache_bytes,
        mask=mask,
        native=NATIVE_SCALARS,
        runtime_types=runtime_types(schema),
        field_cost=field_cost,
        compiled=settings.executor == "compiled",
    )


async def health(_: Request) -> Response:
    """Whether this process answers."""
    return JSONResponse({"status": "ok"})
