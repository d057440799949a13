"""`plangate serve` on a SQLite store with demo data, and a client for it: what the soak scripts and benchmarks share."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from plangate.sources.store import Store, migrate
from plangate.sources.store.demo import load

CHEAP = "{ sources { name } }"


class Client:
    """One keep-alive connection. Requests carry `credential`, if it is given, as a bearer credential."""

    def __init__(self, port: int, credential: str | None = None) -> None:
        self.port = port
        self.credential = credential

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def ask(self, query: str, variables: dict[str, Any] | None = None) -> bytes:
        body = orjson.dumps({"query": query, "variables": variables})
        credential = f"authorization: Bearer {self.credential}\r\n" if self.credential else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n{credential}"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        return await self.reader.readexactly(length)


def resident(pid: int) -> float:
    """Megabytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1000


@asynccontextmanager
async def worker(
    url: str | None = None, scale: int = 1, *, port: int = 0, **settings: str
) -> AsyncIterator[tuple[int, int]]:
    """The worker's pid and port, by default a free one. `settings` go into its environment.

    `url` is an empty database to use instead. `scale` multiplies the demo data.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/soak.sqlite"
        await migrate(url)
        store = Store(url)
        await load(store, scale)
        await store.close()
        with socket.create_server(("127.0.0.1", port)) as listener:
            port = listener.getsockname()[1]
        environment = {
            **os.environ, "PLANGATE_STORE__URL": url, "PLANGATE_LOG_LEVEL": "error", "PLANGATE_PORT": str(port),
            "PLANGATE_AUTHENTICATION__ANONYMOUS_WORKSPACE": "demo", **settings,
        }  # fmt: skip
        command = [str(Path(sys.executable).parent / "plangate"), "serve", "--anonymous"]
        process = await asyncio.create_subprocess_exec(*command, env=environment)
        try:
            for _ in range(200):
                with suppress(OSError):
                    async with Client(port) as client:
                        await client.ask(CHEAP)
                        break
                await asyncio.sleep(0.1)
            yield process.pid, port
        finally:
            process.terminate()
            await process.wait()
