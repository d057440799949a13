"""One upstream system: cache, shared calls, deadline and retries, before a request is sent.

Retries are a loop here and not stamina's: that adds 60 us to a call which never fails, as much as the rest of it.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from functools import partial
from hashlib import sha256
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from plangate.errors import UpstreamBadResponse, UpstreamError, UpstreamUnauthenticated
from plangate.operation_context import OperationContext, header_for, note_failure
from plangate.source import Circuit

from .breaker import Breaker
from .budget import RateBudget, RateHeaders, RetryBudget
from .cache import Cache
from .singleflight import Callers, SingleFlight
from .transport import Deadline, HttpCall, HttpTransport, Params

T = TypeVar("T")

_ANY: Any = Any
_PLACE = re.compile(r" - at `(\$[^`]*)`$")
"""The end of msgspec's messages: a path of names of the type and of positions, such as `$.data[0].id`."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_STALE_TIMEOUT_RATIO = 0.5
"""The share of the deadline after which a stale answer is used instead, where there is one."""
_MOST_BUDGETS = 1000


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

    A call ends within `deadline` seconds, queue, tries and retries together. At most `concurrency` requests are on the
    wire. `rate` names the headers that tell the rate limit; without them only 429 counts, whose Retry-After is obeyed
    up to `retry_after_max` seconds (see RateBudget). `retries` counts the attempts after the first, as far as
    RetryBudget allows them. `circuit_failures` and `circuit_pause` are those of Breaker. `max_calls` bounds the calls
    of one operation, retries not counted. `cache_bytes` and `stale_if_error` are those of Cache.
    """

    def __init__(
        self,
        source: str,
        url: str,
        *,
        secret_headers: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = 4.0,
        concurrency: int = 16,
        retries: int = 2,
        retry_after_max: float = 60.0,
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
        self._calls = SingleFlight()
        self._cache = Cache(cache_bytes, stale_if_error=stale_if_error)
        self._retry_budget = RetryBudget()
        self._rate = rate
        self._budgets: dict[bytes, RateBudget] = {}
        self._breaker = Breaker(source, circuit_failures, circuit_pause)
        self._transport = HttpTransport(
            source,
            url,
            {**(headers or {}), **({} if self._of_viewers else secret_headers or {})},
            concurrency=concurrency,
            retry_after_max=retry_after_max,
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
        await self._calls.close()
        await self._transport.close()

    async def get(
        self, path: str, params: Params | None = None, *, type: type[T] = _ANY, cached: bool = True
    ) -> T | None:
        """The JSON at `path`, below the system's URL, as a `type` that msgspec can decode; None if nothing is there.

        Equal GETs of one credential that are in flight at the same time are one call. When its last caller is
        cancelled, a call that is not on the wire yet is not made. What the cache has fresh costs no call, unless
        `cached` is False: then the system itself answers, or nobody.
        """
        context = OperationContext.current()
        credential = self._credential(context)
        key = path, tuple(params.items()) if params else (), credential.owner
        known = self._cache.find(key) if cached else None
        if known is not None and known.is_fresh:
            return self._decoded(type, known.body)

        def start(callers: Callers) -> Coroutine[Any, Any, tuple[T | None, float | None]]:
            if context is not None:
                context.count_call(self.source, self._max_calls)
            url = f"{self._root}/{path}".rstrip("/")
            decode, budget = partial(self._decoded, type), self._budget(credential.owner)
            return self._fetch(HttpCall(key, key[:2], url, params, credential.headers, known, decode, budget, callers))

        answer: tuple[T | None, float | None] = await self._calls.do((key, type, cached), start)
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

    async def _fetch(self, call: HttpCall) -> tuple[Any, float | None]:
        """The answer; and how old it is, if it is one that stands in for a failure."""
        known, seconds = call.known, self.deadline
        stand_in = known if known is not None and self._cache.stands_in(known) else None
        if stand_in is not None:
            seconds *= _STALE_TIMEOUT_RATIO
        try:
            return await self._with_retries(call, Deadline.after(seconds)), None
        except UpstreamError as error:
            if not error.retryable:
                self._cache.drop(call.key)
            if stand_in is None or not error.retryable:
                raise
            note_failure(error)
            return call.decode(stand_in.body), stand_in.age

    def _decoded(self, type: type[T], body: bytearray) -> T:
        try:
            return msgspec.json.decode(body, type=type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"{self.source} sent an answer that makes no sense."
            # Not chained: the exception may hold what the body says.
            raise UpstreamBadResponse(self.source, message, cause=_cause(error)) from None

    async def _with_retries(self, call: HttpCall, deadline: Deadline) -> Any:
        """A GET may be repeated: pauses double, with jitter, and are at least what Retry-After says."""
        self._retry_budget.deposit()
        attempt = 0
        while True:
            try:
                return await self._transport.get(call, deadline)
            except UpstreamError as error:
                pause = self._pause(error, call, attempt, deadline)
                if pause is None:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    def _pause(self, error: UpstreamError, call: HttpCall, attempt: int, deadline: Deadline) -> float | None:
        """How long to wait before the next attempt; None if there shall be none."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        pause = max(random.uniform(longest / 2, longest), error.retry_after or 0.0)  # noqa: S311
        if not error.retryable or attempt >= self.retries or monotonic() + pause >= deadline.latest_start:
            return None
        if not call.callers.waiting or not self._breaker.is_closed(call.request):
            return None
        return pause if self._retry_budget.withdraw() else None


def _cause(error: Exception) -> str:
    """The exception, and where in the JSON it is, without any value."""
    name = type(error).__name__
    if isinstance(error, msgspec.ValidationError):
        place = _PLACE.search(str(error))
        return f"{name} at {place[1]:.200}" if place else name
    return f"{name}: {error}" if type(error) is msgspec.DecodeError else name
