"""A client that has gone: over real sockets to a real server, its query ends and so do the upstream calls for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import structlog
from graphql import build_schema

from plangate import model
from plangate.access import Viewer
from plangate.app import create_app
from plangate.disconnects import Disconnects
from plangate.emulators.faults import Faults
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.server import serve
from plangate.endpoint import GraphQLEndpoint
from plangate.executor import Executor
from plangate.http.middleware import RequestMiddleware
from plangate.loaders import Loaders
from plangate.model import Key
from plangate.settings import Settings
from tests.gateway import ADMIN, planning_center
from tests.test_endpoint import ANYONE

ITEMS = '{ plans(first: 50, sources: ["planning_center"]) { nodes { id items { nodes { title } } } } }'
"""One call for the list, and one for the items of each of 50 plans."""
LATENCY = 0.05


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


class Client:
    """One connection that has sent one request."""

    @classmethod
    async def asking(cls, url: str, query: str) -> "Client":
        client, body = cls(), orjson.dumps({"query": query})
        client.reader, client.writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        head = f"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        client.writer.write(head.encode() + body)
        return client

    async def answer(self) -> Any:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        return orjson.loads(await self.reader.readexactly(length))

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """The log."""
    with structlog.testing.capture_logs() as captured:
        yield captured


@asynccontextmanager
async def gateway(executor: str, coalesce: bool) -> AsyncIterator[tuple[str, PlanningCenterEmulator]]:
    """A server over a system that takes two calls at once, each of which takes a while."""
    async with planning_center(concurrency=2, cache_bytes=0) as (source, emulator):
        settings = Settings(authentication=ANYONE, executor=executor, coalesce=coalesce)  # type: ignore[arg-type]
        async with serve(create_app(settings, {"planning_center": source})) as url:
            emulator.faults.set(Faults(latency=LATENCY))
            yield url, emulator


@pytest.mark.parametrize("coalesce", [True, False])
async def test_queued_calls_are_not_made_for_a_client_that_has_gone(
    executor: str, coalesce: bool, lines: list[dict[str, Any]]
) -> None:
    async with gateway(executor, coalesce) as (url, emulator):
        client = await Client.asking(url, ITEMS)
        await until(lambda: emulator.log.count("**/items") >= 2)
        await client.leave()
        await until(lambda: [line for line in lines if line["event"] == "request"])
        made = len(emulator.log)
        await asyncio.sleep(4 * LATENCY)
        assert len(emulator.log) == made
        assert emulator.log.count("**/items") < 15  # of 50
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["status"], line["code"]) == (499, "CLIENT_CLOSED_REQUEST")
    assert not [line for line in lines if line["log_level"] == "error"]


async def test_a_shared_execution_goes_on_for_those_who_wait(executor: str) -> None:
    query = ITEMS.replace("50", "6")
    async with gateway(executor, True) as (url, emulator):
        clients = [await Client.asking(url, query) for _ in range(2)]
        await until(lambda: emulator.log.count("**/items") >= 2)
        await clients[0].leave()
        answer = await clients[1].answer()
        await clients[1].leave()
    assert "errors" not in answer
    assert len(answer["data"]["plans"]["nodes"]) == 6
    assert emulator.log.count("**/items") <= 12


async def test_a_client_that_waits_gets_its_answer(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for its disconnect begins at once, and ends with the answer: the connection is used again."""
    monkeypatch.setattr("plangate.disconnects.INTERVAL", 0.0)
    async with gateway(executor, False) as (url, _):
        for _ in range(3):
            client = await Client.asking(url, ITEMS.replace("50", "2"))
            assert "errors" not in await client.answer()
            body = orjson.dumps({"query": "{ __typename }"})
            client.writer.write(
                b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n%s" % (len(body), body)
            )
            assert await client.answer() == {"data": {"__typename": "Query"}}
            await client.leave()
    assert [each.get_name() for each in asyncio.all_tasks() if "Watched" in repr(each)] == []


class NoLoaders:
    """What the endpoint needs of them, for a schema without sources."""

    def is_fresh(self) -> bool:
        return True

    def close(self) -> None:
        pass


class Context:
    loaders = NoLoaders()


@asynccontextmanager
async def slow_server(executor: str, done: list[str]) -> AsyncIterator[str]:
    """A server of a query and a mutation that take 0.4 s and note how they ended."""
    schema = build_schema("type Query { wait: String } type Mutation { wait: String }")

    async def wait(_: Any, info: Any) -> str:
        done.append("begun")
        try:
            await asyncio.sleep(0.4)
        except asyncio.CancelledError:
            done.append("cancelled")
            raise
        done.append("ended")
        return "waited"

    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        root.fields["wait"].resolve = wait

    async def authenticate(_: Any) -> Viewer:
        return Viewer(Key("store:ada"), "demo")

    endpoint = GraphQLEndpoint(
        Executor(schema, bind=lambda *_: None, compiled=executor == "compiled"), authenticate,
        lambda *_: Context(), deadline=5.0, max_body=10_000, page=None,  # type: ignore[arg-type,return-value]
    )  # fmt: skip
    async with serve(RequestMiddleware(endpoint, "/graphql")) as url:
        yield url


@pytest.mark.parametrize(("query", "end"), [("{ wait }", "cancelled"), ("mutation { wait }", "ended")])
async def test_only_queries_are_cancelled(executor: str, query: str, end: str) -> None:
    done: list[str] = []
    async with slow_server(executor, done) as url:
        client = await Client.asking(url, query)
        await until(lambda: done)
        await client.leave()
        await until(lambda: len(done) == 2)
    assert done == ["begun", end]


async def test_any_server_may_tell_of_the_disconnect(executor: str) -> None:
    """By ASGI alone: the body, its end once more, and then the disconnect."""
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for body in (orjson.dumps({"query": ITEMS}), b""):
        messages.put_nowait({"type": "http.request", "body": body, "more_body": False})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async with planning_center(cache_bytes=0) as (source, emulator):
        emulator.faults.set(Faults(latency=5.0))
        app = create_app(Settings(authentication=ANYONE, executor=executor), {"planning_center": source})  # type: ignore[arg-type]
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
        asked = asyncio.create_task(app(scope, messages.get, send))  # type: ignore[arg-type]
        await until(lambda: len(emulator.log))
        messages.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(2):
            await asked
        assert not asked.cancelling()
    assert sent[0]["status"] == 499


async def test_a_server_that_only_repeats_the_end_is_not_asked_for_ever() -> None:
    calls = 0

    async def receive() -> Any:
        nonlocal calls
        calls += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    with Disconnects().watching(receive) as watched:
        watched.listen()
        await asyncio.sleep(0.05)
    assert calls == 2


async def test_a_disconnect_after_the_answer_cancels_nothing() -> None:
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    with Disconnects().watching(receive) as watched:
        watched.listen()
        await asyncio.sleep(0)
    left.set()
    await asyncio.sleep(0.01)
    assert not watched.is_gone


async def test_no_source_is_called_after_the_end_of_an_execution() -> None:
    """A loader of the stock executor may begin a tick after its request was cancelled."""
    async with planning_center() as (source, emulator):
        loaders = Loaders({"planning_center": source}, ADMIN)
        loaders.close()
        [answer] = await loaders.many(model.Plan, [Key("planning_center:1001/70000046")])
        assert isinstance(answer, RuntimeError)
        assert len(emulator.log) == 0


async def test_a_task_that_is_cancelled_for_another_reason_stays_cancelled() -> None:
    """A server that shuts down, say, while the client leaves."""

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def request() -> None:
        with Disconnects().watching(receive) as watched:
            watched.listen()
            await asyncio.sleep(1)

    task = asyncio.create_task(request())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
