"""One upstream system: what stands between a question and the wire.

Retries are a loop here and not stamina's: that adds 60 us to a call which never fails, as much as the rest of it.
"""

import asyncio
import random
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from functools import partial
from hashlib import sha256
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
import structlog

from plangate.errors import UpstreamBadResponse, UpstreamError, UpstreamTimeout, UpstreamUnauthenticated
from plangate.operation_context import OperationContext, header_for
from plangate.source import Circuit

from .breaker import Breaker
from .budget import RateBudget, RateHeaders, RetryBudget
from .cache import Cache
from .flights import Flights
from .wire import Call, Params, Wire

T = TypeVar("T")

_ANY: Any = Any
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_IMPATIENCE = 0.5
_MOST_BUDGETS = 1000

log = structlog.get_logger(__name__)


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The answers to all calls, made at once; when one fails, the others are stopped and its error is raised."""
    calls = list(calls)
    if len(calls) < 2:
        return [await call for call in calls]
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
    sent only when the gateway asks for itself; an operation's calls carry its viewer's own (see OperationContext) in
    `viewers_header`; one that is no Authorization is without the word Bearer.

    `rate` names the headers that tell the rate limit; without them only 429 and Retry-After are heeded. `retries`
    counts the attempts after the first, as far as RetryBudget allows them. After `circuit_failures` in a row the system
    is left alone for `circuit_pause` seconds (see Breaker). `max_calls` bounds the calls of one operation, retries not
    counted. `cache_bytes` and `stale_if_error` are those of Cache.
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
        cache_bytes: int = 10_000_000,
        stale_if_error: float = 0.0,
        credentials: Literal["gateway", "viewer"] = "gateway",
        viewers_header: str = "authorization",
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
        self._viewers_header = viewers_header
        self._own = Credential(b"", secret_headers or {})
        self._root = url.rstrip("/")
        self._places = asyncio.Semaphore(concurrency)
        self._flights = Flights()
        self._cache = Cache(cache_bytes, stale_if_error=stale_if_error)
        self._retry_budget = RetryBudget()
        self._rate = rate
        self._budgets: dict[bytes, RateBudget] = {}
        self._breaker = Breaker(source, circuit_failures, circuit_pause)
        self._wire = Wire(
            source,
            url,
            {**(headers or {}), **({} if self._of_viewers else secret_headers or {})},
            deadline=deadline,
            max_bytes=max_bytes,
            breaker=self._breaker,
            cache=self._cache,
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

    async def get(
        self, path: str, params: Params | None = None, *, type: type[T] = _ANY, cached: bool = True
    ) -> T | None:
        """The JSON at `path`, below the system's URL, as a `type` that msgspec can decode; None if nothing is there.

        A GET under way is not made again but shared, by those who show the same credential. When the last who waits
        for it is gone, it is cancelled. What the cache has fresh costs no call, unless `cached` is False: then the
        system itself answers, or nobody.
        """
        context = OperationContext.current()
        credential = self._credential(context)
        key = path, tuple(params.items()) if params else (), credential.owner
        known = self._cache.find(key) if cached else None
        if known is not None and known.is_fresh:
            return self._decoded(type, known.body)

        def start() -> Coroutine[Any, Any, tuple[T | None, float | None]]:
            if context is not None:
                context.count_call(self.source, self._max_calls)
            url = f"{self._root}/{path}".rstrip("/")
            read, budget = partial(self._decoded, type), self._budget(credential.owner)
            return self._asked(Call(key, url, params, credential.headers, known, read, budget))

        answer: tuple[T | None, float | None] = await self._flights.share((key, type, cached), start)
        found, age = answer
        if age is not None and context is not None:
            context.note_stale(self.source, age)
        return found

    @property
    def owner(self) -> bytes:
        """Whose credential a call made here would show. What a source remembers of answers is remembered by it."""
        return self._credential(OperationContext.current()).owner

    def _budget(self, owner: bytes) -> RateBudget:
        """A rate limit is of a credential: what one viewer has used up is not taken from others."""
        if owner not in self._budgets:
            if len(self._budgets) >= _MOST_BUDGETS:
                del self._budgets[next(iter(self._budgets))]
            self._budgets[owner] = RateBudget(self._rate)
        return self._budgets[owner]

    def _credential(self, context: OperationContext | None) -> Credential:
        if not self._of_viewers:
            return _USUAL
        if context is None and self._own.headers:
            return self._own
        authorization = context.authorization(self.source) if context is not None else None
        if authorization is None:
            header = header_for(self.source)
            message = f"{self.source} is called with the viewer's own credential: send it in the header {header}."
            raise UpstreamUnauthenticated(self.source, message)
        if self._viewers_header != "authorization":
            authorization = authorization.removeprefix("Bearer ")
        return Credential(sha256(authorization.encode()).digest(), {self._viewers_header: authorization})

    async def _asked(self, call: Call) -> tuple[Any, float | None]:
        """The answer; and how old it is, if it is one that stands in for a failure."""
        known, seconds = call.known, self.deadline
        stand_in = known if known is not None and self._cache.stands_in(known) else None
        if stand_in is not None:
            # Who has something to fall back on need not wait to the end, when whoever asks may have gone.
            seconds *= _IMPATIENCE
        try:
            return await self._within(seconds, call), None
        except UpstreamError as error:
            if not error.retryable:
                self._cache.drop(call.key)
            if stand_in is None or not error.retryable:
                raise
            log.warning("stale_answer", source=self.source, code=error.code, age=round(stand_in.age, 1))
            return call.read(stand_in.body), stand_in.age

    def _decoded(self, type: type[T], body: bytearray) -> T:
        try:
            return msgspec.json.decode(body, type=type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The cause would hold what the body says.
            raise UpstreamBadResponse(self.source, f"{self.source} sent an answer that makes no sense.") from None

    async def _within(self, seconds: float, call: Call) -> Any:
        """A GET may be repeated: pauses double, with jitter, and are at least what Retry-After says."""
        ends = monotonic() + seconds
        self._retry_budget.earn()
        attempt = 0
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        async with self._places:
                            return await self._wire.get(call, ends)
                    except UpstreamError as error:
                        pause = self._pause(error, attempt, ends)
                        if pause is None:
                            raise
                    attempt += 1
                    await asyncio.sleep(pause)
        except TimeoutError:
            raise UpstreamTimeout(self.source, f"{self.source} did not answer in {seconds:g} s.") from None

    def _pause(self, error: UpstreamError, attempt: int, ends: float) -> float | None:
        """How long to wait before the next attempt; None if there shall be none."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        pause = max(random.uniform(longest / 2, longest), error.retry_after or 0.0)  # noqa: S311
        if not error.retryable or attempt >= self.retries or monotonic() + pause >= ends:
            return None
        return pause if self._breaker.is_closed and self._retry_budget.take() else None
