"""One upstream system: what stands between a question and the wire.

Retries are a loop here and not stamina's: that adds 60 us to a call which never fails, as much as the rest of it.
"""

import asyncio
import random
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from hashlib import sha256
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from pyreqwest.http import Url

from plangate.errors import UpstreamBadResponse, UpstreamError, UpstreamTimeout, UpstreamUnauthenticated
from plangate.source import Circuit

from .breaker import Breaker
from .budget import RateBudget, RateHeaders, RetryBudget
from .caller import Caller, header_for
from .flights import Flights
from .wire import Wire

T = TypeVar("T")
Params = Mapping[str, str | int]

_ANY: Any = Any
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


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


class Credential(NamedTuple):
    """Headers for one call. `owner` tells credentials apart, without being one."""

    owner: bytes
    headers: Mapping[str, str]


_USUAL = Credential(b"", {})


class Upstream:
    """One upstream system, over a pool of connections.

    `secret_headers` are the gateway's credential; nothing may ever show them. Where `credentials` is "viewer" they are
    sent only when the gateway asks for itself; an operation's calls carry its viewer's own (see Caller). `max_calls`
    bounds the calls of one operation, retries not counted. `retries` counts the attempts after the first, as far as
    RetryBudget allows them. `rate` names the headers that tell the rate limit; without them only 429 and Retry-After
    are heeded. After `circuit_failures` in a row the system is left alone for `circuit_pause` seconds (see Breaker).
    """

    def __init__(
        self,
        source: str,
        url: str,
        *,
        secret_headers: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = 10.0,
        concurrency: int = 16,
        retries: int = 2,
        max_calls: int = 200,
        credentials: Literal["gateway", "viewer"] = "gateway",
        circuit_failures: int = 10,
        circuit_pause: float = 10.0,
        max_bytes: int = 10_000_000,
        rate: RateHeaders | None = None,
    ) -> None:
        self.source = source
        self.deadline = deadline
        self.retries = retries
        self._max_calls = max_calls
        self._of_viewers = credentials == "viewer"
        self._own = Credential(b"", secret_headers or {})
        self._root = url.rstrip("/")
        self._places = asyncio.Semaphore(concurrency)
        self._flights = Flights()
        self._retry_budget = RetryBudget()
        self._breaker = Breaker(source, circuit_failures, circuit_pause)
        self._wire = Wire(
            source,
            url,
            {**(headers or {}), **({} if self._of_viewers else secret_headers or {})},
            deadline=deadline,
            max_bytes=max_bytes,
            budget=RateBudget(rate),
            breaker=self._breaker,
            whose=credentials,
        )

    @property
    def circuit(self) -> Circuit:
        """The state of the circuit breaker."""
        return self._breaker.circuit

    async def close(self) -> None:
        """Stop what is under way and close the connections."""
        await self._flights.close()
        await self._wire.close()

    async def get(self, path: str, params: Params | None = None, *, type: type[T] = _ANY) -> T | None:
        """The JSON at `path`, below the system's URL, as a `type` that msgspec can decode; None if nothing is there.

        A GET under way is not made again but shared, by those who show the same credential. When the last who waits
        for it is gone, it is cancelled.
        """
        caller = Caller.current()
        credential = self._credential(caller)

        def start() -> Coroutine[Any, Any, T | None]:
            if caller is not None:
                caller.count(self.source, self._max_calls)
            return self._within_deadline(path, params, type, credential.headers)

        asked = path, tuple(params.items()) if params else (), credential.owner
        answer: T | None = await self._flights.share((asked, type), start)
        return answer

    @property
    def owner(self) -> bytes:
        """Whose credential a call made here would show. What a source remembers of answers is remembered by it."""
        return self._credential(Caller.current()).owner

    def _credential(self, caller: Caller | None) -> Credential:
        if not self._of_viewers:
            return _USUAL
        if caller is None and self._own.headers:
            return self._own
        authorization = caller.authorization(self.source) if caller is not None else None
        if authorization is None:
            header = header_for(self.source)
            message = f"{self.source} is asked with the viewer's own credential: send it as Authorization or {header}."
            raise UpstreamUnauthenticated(self.source, message)
        return Credential(sha256(authorization.encode()).digest(), {"authorization": authorization})

    async def _within_deadline(
        self, path: str, params: Params | None, type: type[T], headers: Mapping[str, str]
    ) -> T | None:
        ends = monotonic() + self.deadline
        query = [(name, str(value)) for name, value in (params or {}).items()]
        url = Url.parse_with_params(f"{self._root}/{path}".rstrip("/"), query)
        try:
            async with asyncio.timeout(self.deadline):
                body = await self._retrying(url, headers, ends)
        except TimeoutError:
            raise UpstreamTimeout(self.source, f"{self.source} did not answer in {self.deadline:g} s.") from None
        try:
            return None if body is None else msgspec.json.decode(body, type=type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The cause would hold what the body says.
            raise UpstreamBadResponse(self.source, f"{self.source} sent an answer that makes no sense.") from None

    async def _retrying(self, url: Url, headers: Mapping[str, str], ends: float) -> bytearray | None:
        """A GET may be repeated: pauses double, with jitter, and are at least what Retry-After says."""
        self._retry_budget.earn()
        attempt = 0
        while True:
            try:
                async with self._places:
                    return await self._wire.get(url, headers, ends)
            except UpstreamError as error:
                longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
                pause = max(random.uniform(longest / 2, longest), error.retry_after or 0.0)  # noqa: S311
                if not error.retryable or attempt >= self.retries or monotonic() + pause >= ends:
                    raise
                if not self._breaker.is_closed or not self._retry_budget.take():
                    raise
            attempt += 1
            await asyncio.sleep(pause)
