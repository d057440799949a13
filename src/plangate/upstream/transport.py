"""One GET over the network, redirects included, and what its outcome means.

The client is pyreqwest (Rust): its GET costs a ninth of httpx2's CPU (tests/bench/http_clients.py). Certificates are
verified, always; there is no switch for it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, NamedTuple, Self

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, DecodeError, PyreqwestError, RequestTimeoutError
from pyreqwest.http import Url
from pyreqwest.response import Response

from plangate import __version__
from plangate.errors import (
    UpstreamBadResponse,
    UpstreamCircuitOpen,
    UpstreamDenied,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)

from .breaker import Breaker, Outcome, Probed
from .budget import RateBudget
from .cache import Cache, Entry
from .concurrency import ConcurrencyLimit
from .singleflight import Callers

_REDIRECTS = 3
_LEAST_LEFT = 0.05
"""The share of a call's deadline that must be left for its request to be sent: with less no answer can be expected."""

Params = Mapping[str, str | int]


class Deadline(NamedTuple):
    """The time limits of one call, retries included. Instants are those of `monotonic`."""

    seconds: float
    began: float
    latest_start: float
    """No request is sent after it."""
    ends: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        now = monotonic()
        return cls(seconds, now, now + seconds * (1 - _LEAST_LEFT), now + seconds)


class HttpCall(NamedTuple):
    """A GET: its place in the cache, where it goes, with what headers of its own, and what is known already.

    `request` (path and parameters) is the same for equal requests, whatever their credential. `budget` is that of the
    credential. `decode` makes the answer of a body, or raises UpstreamBadResponse. `callers` wait for it.
    """

    key: Hashable
    request: Hashable
    url: str
    params: Params | None
    headers: Mapping[str, str]
    known: Entry | None
    decode: Callable[[bytearray], Any]
    budget: RateBudget
    callers: Callers


class HttpTransport:
    """The connections to one system, with at most `concurrency` requests on the wire.

    A request ends by itself with its deadline, and never before: pyreqwest goes on in the background with a request
    that is cancelled, so that its slot would be given away while the system still works on it. Every outcome but an
    answer is an UpstreamError; UpstreamTimeout if the deadline passes, in the queue or at the system.
    """

    def __init__(
        self,
        source: str,
        url: str,
        headers: Mapping[str, str],
        *,
        concurrency: int,
        retry_after_max: float,
        max_bytes: int,
        breaker: Breaker,
        cache: Cache,
        whose: str = "gateway",
    ) -> None:
        self.source = source
        self.whose = whose
        self.max_bytes = max_bytes
        self._origin = Url(url).origin_ascii
        self._client: Client | None = _client({"accept": "application/json", **headers}, Url(url))
        self._concurrency = ConcurrencyLimit(concurrency)
        self._retry_after_max = retry_after_max
        self._breaker = breaker
        self._cache = cache

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        # Connections at rest end with the client itself, which an error's traceback would hold on to.
        self._client = None

    async def get(self, call: HttpCall, deadline: Deadline) -> Any:
        """What `call.decode` makes of the body, which the cache keeps if that may be; None if nothing is there."""
        url: Url | None = None
        for _ in range(1 + _REDIRECTS):
            probed, rate_probe = await self._acquire(call, deadline)
            try:
                answer = await self._exchange(url, call, deadline, probed, rate_probe)
            finally:
                self._concurrency.release()
            if not isinstance(answer, Url):
                return answer
            if not call.callers.waiting:
                raise asyncio.CancelledError
            url = answer
        raise UpstreamBadResponse(self.source, f"{self.source} redirects in circles.")

    async def _acquire(self, call: HttpCall, deadline: Deadline) -> tuple[Probed, bool]:
        """Take a slot, when circuit and rate limit allow the call. What this returns goes to their `record`."""
        while True:
            self._breaker.check(call.request)
            try:
                await self._concurrency.acquire(deadline.latest_start)
            except TimeoutError:
                self._record(call, Outcome.SILENT, deadline)
                message = f"{self.source} was not called: all its connections were busy for {deadline.seconds:g} s."
                raise UpstreamTimeout(self.source, message) from None
            try:
                self._breaker.check(call.request)
            except UpstreamCircuitOpen:
                self._concurrency.release()
                raise
            wait = call.budget.delay()
            if not wait:
                return self._breaker.before_call(call.request), call.budget.acquire()
            self._concurrency.release()
            if monotonic() + wait >= deadline.latest_start:
                message = f"{self.source}: rate limit reached, retry in {wait:.0f} s."
                raise UpstreamRateLimited(self.source, message, retry_after=round(wait, 1))
            await asyncio.sleep(wait)

    async def _exchange(
        self, url: Url | None, call: HttpCall, deadline: Deadline, probed: Probed, rate_probe: bool
    ) -> Any:
        """One GET, at `url` if the call was redirected there: the answer, where it is redirected to, or None."""
        outcome, status = Outcome.UNKNOWN, 0
        sent, count = monotonic(), call.budget.count
        call.callers.on_wire = True
        try:
            if self._client is None:
                raise UpstreamUnavailable(self.source, f"{self.source} is not called any more: the gateway stops.")
            request = self._client.get(url or call.url).timeout(timedelta(seconds=max(deadline.ends - sent, 0.001)))
            if call.params and url is None:
                request = request.query(call.params)
            if call.headers:
                request = request.headers(call.headers)
            if call.known is not None:
                request = request.headers(call.known.conditions)
            async with request.build_streamed() as response:
                call.budget.update(response, sent, count)
                status = response.status
                outcome = Outcome.FAILED if _is_failure(status) else Outcome.ANSWERED
                if status == 200:
                    body = await self._body(response)
                    found = call.decode(body)
                    self._cache.keep(call.key, response, sent, body)
                    return found
                if status == 304 and call.known is not None:
                    self._cache.renew(call.key, call.known, response, sent)
                    return call.decode(call.known.body)
                if status in (301, 302, 303, 307, 308) and (location := response.get_header("location")):
                    return self._redirected((url or Url(call.url)).join(location))
                if status in (404, 410):
                    self._cache.drop(call.key)
                    return None
                if status == 403 and (response.get_header("content-type") or "").startswith("text/html"):
                    # Not the system refuses, but a firewall before it; perhaps for what one viewer sends.
                    outcome = Outcome.FAILED if self.whose == "gateway" else Outcome.UNKNOWN
                retry_after = self._retry_after(response)
                if status == 429:
                    outcome = Outcome.UNKNOWN
                    call.budget.block(retry_after or 0.0)
                raise self._refusal(status, retry_after)
        except UpstreamBadResponse as error:
            outcome = Outcome.FAILED if error.status is None else outcome
            raise
        except DecodeError as error:
            outcome = Outcome.FAILED
            message = f"{self.source} sent an answer that is broken or breaks off."
            raise UpstreamBadResponse(self.source, message, cause=_cause(error)) from None
        except RequestTimeoutError:
            outcome = Outcome.SILENT
            message = f"{self.source} did not answer in {deadline.seconds:g} s."
            raise UpstreamTimeout(self.source, message) from None
        except PyreqwestError as error:
            outcome = Outcome.UNREACHABLE if _is_connect_error(error) else Outcome.FAILED
            message = f"{self.source} cannot be reached."
            raise UpstreamUnavailable(self.source, message, cause=_cause(error)) from None
        except ValueError:
            raise UpstreamBadResponse(self.source, f"{self.source} redirects to nowhere.") from None
        finally:
            call.callers.on_wire = False
            call.budget.record(rate_probe, allowed=status not in (0, 429))
            self._record(call, outcome, deadline, probed)

    def _record(self, call: HttpCall, outcome: Outcome, deadline: Deadline, probed: Probed = ()) -> None:
        if self._breaker.record(call.request, outcome, deadline.began, probed):
            self._concurrency.reject(self._breaker.rejection)

    async def _body(self, response: Response) -> bytearray:
        body = bytearray()
        while (chunk := await response.body_reader.read_chunk()) is not None:
            body += chunk
            if len(body) > self.max_bytes:
                raise UpstreamBadResponse(self.source, f"{self.source} sent more than {self.max_bytes} bytes.")
        return body

    def _redirected(self, url: Url) -> Url:
        """Where a redirect leads. The credentials go along, so never to another server."""
        if url.origin_ascii != self._origin:
            raise UpstreamBadResponse(self.source, f"{self.source} redirects to another host.")
        return url

    def _retry_after(self, response: Response) -> float | None:
        """Seconds, from seconds or a date (RFC 9110, 10.2.3); never more than `retry_after_max`."""
        text = response.get_header("retry-after") or ""
        if text.isdecimal():
            return min(float(text), self._retry_after_max)
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            return min(max(0.0, parsedate_to_datetime(text).timestamp() - time()), self._retry_after_max)
        return None

    def _refusal(self, status: int, retry_after: float | None) -> UpstreamError:
        kind: type[UpstreamError] = UpstreamBadResponse
        message = f"{self.source} answered HTTP {status}."
        if status in (401, 403):
            kind, message = UpstreamDenied, f"{self.source} refuses the {self.whose}'s credential."
        elif status == 429:
            kind, message = UpstreamRateLimited, f"{self.source}: rate limit reached (HTTP 429)."
        elif _is_failure(status):
            kind = UpstreamUnavailable
        return kind(self.source, message, retry_after=retry_after, status=status)


def _is_failure(status: int) -> bool:
    return status >= 500 or status == 408


def _client(headers: dict[str, str], base: Url) -> Client:
    agent = f"plangate/{__version__}"
    builder = ClientBuilder().user_agent(agent).default_headers(headers).follow_redirects(False).referer(False)
    # Proxies of the environment are for the world outside; the demo's systems are on this machine.
    return (builder.no_proxy() if base.host_str in ("127.0.0.1", "[::1]", "localhost") else builder).build()


def _causes(error: PyreqwestError) -> list[str]:
    return [str(cause["message"]) for cause in (getattr(error, "details", None) or {}).get("causes", ())]


def _cause(error: PyreqwestError) -> str:
    """The exception and its innermost cause, for the log; never the outermost one, which quotes the URL."""
    causes = _causes(error)
    return f"{type(error).__name__}: {causes[-1]:.200}" if len(causes) > 1 else type(error).__name__


def _is_connect_error(error: PyreqwestError) -> bool:
    """Whether no connection was made. pyreqwest says ConnectError of a connection that broke later, too."""
    return isinstance(error, ConnectError) and "client error (Connect)" in _causes(error)
