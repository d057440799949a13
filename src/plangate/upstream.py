"""The REST client that all upstream systems share: one `Upstream` for each, and the only module that knows HTTP.

A call either gives decoded JSON, gives None because there is no such thing (404), or raises an UpstreamError in plain
words, without URL, body or credential. Whatever the system does, the call ends within `deadline` seconds, waiting for
a free place and for a retry included.

The client is pyreqwest (Rust): its GET costs a ninth of httpx2's CPU (tests/bench/http_clients.py). Retries are a loop
here and not stamina's: that adds 60 us to a call which never fails, as much as the rest of it.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import DecodeError, PyreqwestError
from pyreqwest.http import Url
from pyreqwest.response import Response

from plangate import __version__
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamDenied,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)

T = TypeVar("T")
Params = Mapping[str, str | int]

_ANY: Any = Any
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_REDIRECTS = 3


class RateHeaders(NamedTuple):
    """The response headers that say how many calls are allowed in how many seconds, and how many are spent."""

    allowed: str
    period: str
    spent: str


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The answers to all calls, made at once; when one fails, the others are stopped and its error is raised."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


class Upstream:
    """One upstream system, over a pool of connections.

    `credentials` are headers that nothing may ever show. `retries` counts the attempts after the first. `rate` names
    the headers that tell the rate limit; without them only 429 and Retry-After are heeded.
    """

    def __init__(
        self,
        source: str,
        url: str,
        *,
        credentials: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = 10.0,
        concurrency: int = 16,
        retries: int = 2,
        max_bytes: int = 10_000_000,
        rate: RateHeaders | None = None,
    ) -> None:
        self.source = source
        self.deadline = deadline
        self.retries = retries
        self.max_bytes = max_bytes
        self._root = url.rstrip("/")
        self._origin = Url(url).origin_ascii
        self._client = _client({"accept": "application/json", **(headers or {}), **(credentials or {})}, Url(url))
        self._places = asyncio.Semaphore(concurrency)
        self._budget = Budget(rate)
        self._flights: dict[Any, _Flight] = {}

    async def close(self) -> None:
        """Stop what is under way and close the connections."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()

    async def get(self, path: str, params: Params | None = None, *, type: type[T] = _ANY) -> T | None:
        """The JSON at `path`, below the system's URL, as a `type` that msgspec can decode; None if nothing is there.

        A GET under way is not made again but shared. When the last who waits for it is gone, it is cancelled.
        """
        key = (path, tuple((params or {}).items()), type)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(self._within_deadline(path, params, type)))
        flight.waiting += 1
        try:
            return cast("T | None", await asyncio.shield(flight.task))
        finally:
            flight.waiting -= 1
            if not flight.waiting or flight.task.done():
                # Nobody may board a flight that has landed or is going down.
                if self._flights.get(key) is flight:
                    del self._flights[key]
                flight.task.cancel()

    async def _within_deadline(self, path: str, params: Params | None, type: type[T]) -> T | None:
        ends = monotonic() + self.deadline
        query = [(name, str(value)) for name, value in (params or {}).items()]
        url = Url.parse_with_params(f"{self._root}/{path}".rstrip("/"), query)
        try:
            async with asyncio.timeout(self.deadline):
                body = await self._retrying(url, ends)
        except TimeoutError:
            raise UpstreamTimeout(self.source, f"{self.source} did not answer in {self.deadline:g} s.") from None
        try:
            return None if body is None else msgspec.json.decode(body, type=type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The cause would hold what the body says.
            raise UpstreamBadResponse(self.source, f"{self.source} sent an answer that makes no sense.") from None

    async def _retrying(self, url: Url, ends: float) -> bytearray | None:
        """A GET may be repeated: pauses double, with jitter, and are at least what Retry-After says."""
        attempt = 0
        while True:
            try:
                async with self._places:
                    return await self._following(url, ends)
            except UpstreamError as error:
                longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
                pause = max(random.uniform(longest / 2, longest), error.retry_after or 0.0)  # noqa: S311
                if not error.retryable or attempt >= self.retries or monotonic() + pause >= ends:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    async def _may_call(self, ends: float) -> None:
        """Wait for the rate limit, or say at once that it cannot be waited for."""
        while wait := self._budget.take():
            if monotonic() + wait >= ends:
                message = f"{self.source} allows no more calls for now. Ask again in {wait:.0f} s."
                raise UpstreamRateLimited(self.source, message, retry_after=round(wait, 1))
            await asyncio.sleep(wait)

    async def _following(self, url: Url, ends: float) -> bytearray | None:
        for _ in range(1 + _REDIRECTS):
            await self._may_call(ends)
            answer = await self._once(url, ends)
            if not isinstance(answer, Url):
                return answer
            # The credentials go along, so never to another server.
            if answer.origin_ascii != self._origin:
                raise UpstreamBadResponse(self.source, f"{self.source} redirects to another host.")
            url = answer
        raise UpstreamBadResponse(self.source, f"{self.source} redirects in circles.")

    async def _once(self, url: Url, ends: float) -> bytearray | Url | None:
        """One GET: the body, where to look for it instead, or None."""
        # pyreqwest goes on in the background with a call that is cancelled; its own timeout is what ends that.
        left = timedelta(seconds=max(ends - monotonic(), 0.001))
        sent, count = monotonic(), self._budget.count
        try:
            async with self._client.get(url).timeout(left).build_streamed() as response:
                self._budget.heard(response, sent, count)
                status = response.status
                if status == 200:
                    return await self._body(response)
                if status in (301, 302, 303, 307, 308) and (location := response.get_header("location")):
                    return url.join(location)
                if status in (404, 410):
                    return None
                raise self._refusal(status, _retry_after(response))
        except DecodeError:
            raise UpstreamBadResponse(
                self.source, f"{self.source} sent an answer that is broken or breaks off."
            ) from None
        except TimeoutError:
            raise
        except PyreqwestError:
            raise UpstreamUnavailable(self.source, f"{self.source} cannot be reached.") from None
        except ValueError:
            raise UpstreamBadResponse(self.source, f"{self.source} redirects to nowhere.") from None

    async def _body(self, response: Response) -> bytearray:
        body = bytearray()
        while (chunk := await response.body_reader.read_chunk()) is not None:
            body += chunk
            if len(body) > self.max_bytes:
                raise UpstreamBadResponse(self.source, f"{self.source} sent more than {self.max_bytes} bytes.")
        return body

    def _refusal(self, status: int, retry_after: float | None) -> UpstreamError:
        kind: type[UpstreamError] = UpstreamBadResponse
        message = f"{self.source} does not understand the gateway (HTTP {status})."
        if status in (401, 403):
            kind, message = UpstreamDenied, f"{self.source} refuses the gateway's credential."
        elif status == 429:
            self._budget.hold(retry_after or 0.0)
            kind, message = UpstreamRateLimited, f"{self.source} has had too many calls."
        elif status >= 500 or status == 408:
            kind, message = UpstreamUnavailable, f"{self.source} is out of order (HTTP {status})."
        return kind(self.source, message, retry_after=retry_after, status=status)


@dataclass(slots=True)
class _Flight:
    """A GET under way and how many wait for it."""

    task: asyncio.Task[Any]
    waiting: int = 0


class Budget:
    """How many calls the rate limit leaves, as the system's own headers tell.

    They do not tell when a period began: it is taken to begin with its first answer, which is never too early.
    """

    def __init__(self, names: RateHeaders | None) -> None:
        self.count = 0
        self._names = names
        self._allowed, self._period, self._spent = 0, 0.0, 0
        self._since = self._ends = self._held_until = 0.0
        self._fresh = True

    def take(self) -> float:
        """Take one call: 0, or how many seconds to wait before asking again."""
        now = monotonic()
        if now < self._held_until:
            return self._held_until - now
        if self._allowed and now >= self._ends:
            self._since, self._ends, self._fresh = now, now + self._period, True
            self._spent = self.count = 0
        if self._allowed and self._spent >= self._allowed:
            return self._ends - now
        self._spent += 1
        return 0.0

    def heard(self, response: Response, sent: float, count: int) -> None:
        """Learn from an answer to a call made at `sent`, when `count` was all that was known to be spent."""
        if self._names is None:
            return
        allowed, period, spent = (_leading_number(response.get_header(name)) for name in self._names)
        # What was sent in an earlier period tells nothing of this one. Without the headers nothing changes.
        if not allowed or not period or spent is None or sent < self._since:
            return
        self._allowed, self._period = allowed, float(period)
        if renewed := not self._fresh and spent <= count:
            self._since, self._spent, self.count = monotonic(), 0, 0
        if renewed or self._fresh:
            self._ends, self._fresh = monotonic() + period, False
        self._spent, self.count = max(self._spent, spent), max(self.count, spent)

    def hold(self, seconds: float) -> None:
        """No calls for so long: the system says that it has had enough."""
        self._held_until = max(self._held_until, monotonic() + seconds)


def _client(headers: dict[str, str], base: Url) -> Client:
    agent = f"plangate/{__version__}"
    builder = ClientBuilder().user_agent(agent).default_headers(headers).follow_redirects(False).referer(False)
    # Proxies of the environment are for the world outside; the demo's systems are on this machine.
    return (builder.no_proxy() if base.host_str in ("127.0.0.1", "[::1]", "localhost") else builder).build()


def _leading_number(text: str | None) -> int | None:
    """`100`, and also `20 seconds`."""
    first = (text or "").split()
    return int(first[0]) if first and first[0].isdecimal() else None


def _retry_after(response: Response) -> float | None:
    """Seconds, from seconds or a date (RFC 9110, 10.2.3)."""
    text = response.get_header("retry-after") or ""
    if text.isdecimal():
        return float(text)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    return None
