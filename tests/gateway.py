"""A whole gateway for a test: the graph over a store with demo data and a Planning Center emulator, asked as a viewer.

Everything is real: a migrated database, the emulator behind HTTP, the engine as app.py builds it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from plangate.access import Role, Viewer
from plangate.app import build_executor
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve
from plangate.executor import Executor, Response
from plangate.graph.context import Context
from plangate.graph.cursors import Cursors
from plangate.loaders import Loaders
from plangate.model import Key
from plangate.settings import Settings
from plangate.settings.federation import FederationSettings
from plangate.source import Source
from plangate.sources.planning_center import PlanningCenter

ADMIN = Viewer(Key("store:ada-okafor"), "demo", Role.ADMIN)


DEFAULT = FederationSettings()


@cache
def engine_of(executor: str, federation: FederationSettings = DEFAULT) -> Executor:
    """Made once: it holds nothing of what it executes but compiled operations."""
    return build_executor(Settings(executor=executor, federation=federation))  # type: ignore[arg-type]


class Gateway:
    """`ask` returns the whole answer as a client gets it."""

    def __init__(self, executor: str, sources: Mapping[str, Source], federation: FederationSettings = DEFAULT) -> None:
        self.sources = sources
        self.cursors = Cursors()
        self.engine = engine_of(executor, federation)

    async def ask(self, query: str, viewer: Viewer = ADMIN, **variables: Any) -> dict[str, Any]:
        context = Context(Loaders(self.sources, viewer), self.cursors, "test-request")
        response = await self.engine.execute(query, variables=variables, context=context)
        return response.formatted

    async def together(
        self, query: str, requests: Sequence[dict[str, Any]], viewer: Viewer = ADMIN
    ) -> list[dict[str, Any]]:
        """The answers to several requests for one operation that are run together."""
        context = Context(Loaders(self.sources, viewer), self.cursors, "test-request")
        outcomes = await self.engine.run_all(self.engine.prepare(query), requests, context=context)
        return [outcome.formatted for outcome in outcomes if isinstance(outcome, Response)]

    async def data(self, query: str, viewer: Viewer = ADMIN, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        answer = await self.ask(query, viewer, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@asynccontextmanager
async def planning_center(
    emulator: PlanningCenterEmulator | None = None, **options: Any
) -> AsyncIterator[tuple[PlanningCenter, PlanningCenterEmulator]]:
    """The live source and the emulator that it asks."""
    emulator = emulator or PlanningCenterEmulator(rate_limit=None)
    async with serve(emulator.app) as url:
        source = PlanningCenter(
            url=f"{url}/services/v2", **({"deadline": 10.0, "app_id": "app-id", "secret": "secret"} | options)
        )
        try:
            yield source, emulator
        finally:
            await source.close()
