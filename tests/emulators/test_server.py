"""The HTTP server of the emulators."""

import asyncio
import logging
import time

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from plangate.emulators.server import serve, serve_in_thread


async def hello(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params.get("wait", 0)))
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


async def test_serves_in_this_event_loop_and_frees_the_port() -> None:
    async with serve(APP) as url, httpx2.AsyncClient() as client:
        assert (await client.get(url)).text == "hello"
    port = int(url.rsplit(":", 1)[1])
    async with serve(APP, port=port) as again:
        assert again == url


async def test_leaving_does_not_wait_for_a_request_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    async with httpx2.AsyncClient() as client:
        async with serve(APP) as url:
            hanging = asyncio.create_task(client.get(url, params={"wait": 60}))
            await asyncio.sleep(0.05)
            began = time.perf_counter()
        assert time.perf_counter() - began < 0.5
        with pytest.raises(httpx2.RemoteProtocolError):
            await hanging
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_serves_in_a_thread() -> None:
    with serve_in_thread(APP) as url:
        assert httpx2.get(url).text == "hello"
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)


def test_a_taken_port_is_an_error_in_the_calling_thread() -> None:
    with serve_in_thread(APP) as url:
        port = int(url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), serve_in_thread(APP, port=port):
            pass
