"""An upstream system that does what a test says, behind real HTTP."""

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from plangate.emulators.server import serve

from .server import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with serve(Starlette(routes=[Route("/{path:path}", server.handle)])) as server.url:
        yield server
        for upstream in server.open:
            await upstream.close()
