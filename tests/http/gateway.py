"""The whole application over an empty SQLite store, for tests of what does not depend on data."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from plangate.access import Role
from plangate.app import create_app
from plangate.settings import AuthenticationSettings, Settings
from plangate.settings.systems import StoreSettings

ANYONE = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)


@asynccontextmanager
async def client_of(**settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that adds no headers of its own but Host."""
    app = create_app(Settings(**{"authentication": ANYONE, "store": StoreSettings(url="sqlite://")} | settings))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client,
    ):
        client.headers.clear()
        yield client
