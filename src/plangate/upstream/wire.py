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
from typing import Any, NamedTuple

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
    UpstreamUnavailable,
)

from .breaker import Breaker
from .budget import RateBudget
from .cache import Cache, Entry

_REDIRECTS = 3
_LONGEST_RETRY_AFTER = 3600.0
"""Seconds: whatever a system says, it is asked again after an hour."""
_PATIENCE = 0.4
"""The share of the deadline that a system may be silent for before it counts as failing, if nobody waits longer.

It is less than what a call may take where a stale answer would do (client.py)."""

Params = Mapping[str, str | int]


class Call(NamedTuple):
    """A GET: its place in the cache, where it goes, with what headers of its own, and what is known already.

    `budget` is that of whose credential is shown. `read` makes the answer of a body, or raises UpstreamBadResponse.
    """

    key: Hashable
    url: str
    params: Params | None
    headers: Mapping[str, str]
    known: Entry | None
    read: Callable[[bytearray], Any]
    budget: RateBudget


class Wire:
    """The connections to one system. Every outcome but an answer is an UpstreamError, or TimeoutError after `ends`."""

    def __init__(
        self,
        source: str,
        url: str,
        headers: Mapping[str, str],
        *,
        deadline: float,
        max_bytes: int,
        breaker: Breaker,
        cache: Cache,
        whose: str = "gateway",
    ) -> None:
        self.source = source
        self.whose = whose
        self.max_bytes = max_bytes
        self._patience = deadline * _PATIENCE
        self._origin = Url(url).origin_ascii
        self._client: Client | None = _client({"accept": "application/json", **headers}, Url(url))
        self._breaker = breaker
        self._cache = cache

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        # Connections at rest end with the client itself, which an error's traceback would hold on to.
        self._client = None

    async def get(self, call: Call, ends: float) -> Any:
        """What `call.read` makes of the body, which the cache keeps if that may be; None if nothing is there."""
        url: Url | None = None
        for _ in range(1 + _REDIRECTS):
            await self._may_call(call.budget, ends)
            answer = await self._once(url, call, ends)
            if not isinstance(answer, Url):
                return answer
            url = answer
        raise UpstreamBadResponse(self.source, f"{self.source} redirects in circles.")

    async def _may_call(self, budget: RateBudget, ends: float) -> None:
        """Wait for the rate limit, or say at once that it cannot be waited for."""
        while wait := budget.take():
            if monotonic() + wait >= ends:
                message = f"{self.source} allows no more calls for now. Ask again in {wait:.0f} s."
                raise UpstreamRateLimited(self.source, message, retry_after=round(wait, 1))
            await asyncio.sleep(wait)

    async def _once(self, url: Url | None, call: Call, ends: float) -> Any:
        """One GET, at `url` if the call was sent there: the answer, where to look for it instead, or None."""
        if self._client is None:
            raise UpstreamUnavailable(self.source, f"{self.source} is not asked any more: the gateway stops.")
        trial, answered = self._breaker.admit(), None
        # pyreqwest goes on in the background with a call that is cancelled; its own timeout is what ends that.
        left = timedelta(seconds=max(ends - monotonic(), 0.001))
        sent, count = monotonic(), call.budget.count
        try:
            request = self._client.get(url or call.url).timeout(left)
            if call.params and url is None:
                request = request.query(call.params)
            if call.headers:
                request = request.headers(call.headers)
            if call.known is not None:
                request = request.headers(call.known.conditions)
            async with request.build_streamed() as response:
                call.budget.heard(response, sent, count)
                status = response.status
                answered = None if status == 429 else not _is_out_of_order(status)
                if status == 200:
                    body = await self._body(response)
                    found = call.read(body)
                    self._cache.keep(call.key, response, sent, body)
                    return found
                if status == 304 and call.known is not None:
                    self._cache.renew(call.key, call.known, response, sent)
                    return call.read(call.known.body)
                if status in (301, 302, 303, 307, 308) and (location := response.get_header("location")):
                    return self._followed((url or Url(call.url)).join(location))
                if status in (404, 410):
                    self._cache.drop(call.key)
                    return None
                if status == 403 and (response.get_header("content-type") or "").startswith("text/html"):
                    # Not this system refuses, but something that stands before it; perhaps for what one viewer sends.
                    answered = False if self.whose == "gateway" else None
                retry_after = _retry_after(response)
                if status == 429:
                    call.budget.hold(retry_after or 0.0)
                raise self._refusal(status, retry_after)
        except UpstreamBadResponse as error:
            answered = error.status is not None
            raise
        except DecodeError as error:
            answered = False
            message = f"{self.source} sent an answer that is broken or breaks off."
            raise UpstreamBadResponse(self.source, message, cause=_cause(error)) from None
        except (TimeoutError, asyncio.CancelledError):
            # Whoever asks may give up just before the deadline does.
            answered = False if monotonic() - sent >= self._patience else None
            raise
        except PyreqwestError as error:
            answered = False
            message = f"{self.source} cannot be reached."
            raise UpstreamUnavailable(self.source, message, cause=_cause(error)) from None
        except ValueError:
            raise UpstreamBadResponse(self.source, f"{self.source} redirects to nowhere.") from None
        finally:
            self._breaker.ended(trial, answered)

    async def _body(self, response: Response) -> bytearray:
        body = bytearray()
        while (chunk := await response.body_reader.read_chunk()) is not None:
            body += chunk
            if len(body) > self.max_bytes:
                raise UpstreamBadResponse(self.source, f"{self.source} sent more than {self.max_bytes} bytes.")
        return body

    def _followed(self, url: Url) -> Url:
        """Where a redirect leads. The credentials go along, so never to another server."""
        if url.origin_ascii != self._origin:
            raise UpstreamBadResponse(self.source, f"{self.source} redirects to another host.")
        return url

    def _refusal(self, status: int, retry_after: float | None) -> UpstreamError:
        kind: type[UpstreamError] = UpstreamBadResponse
        message = f"{self.source} does not understand the gateway (HTTP {status})."
        if status in (401, 403):
            kind, message = UpstreamDenied, f"{self.source} refuses the {self.whose}'s credential."
        elif status == 429:
            kind, message = UpstreamRateLimited, f"{self.source} has had too many calls."
        elif _is_out_of_order(status):
            kind, message = UpstreamUnavailable, f"{self.source} is out of order (HTTP {status})."
        return kind(self.source, message, retry_after=retry_after, status=status)


def _is_out_of_order(status: int) -> bool:
    return status >= 500 or status == 408


def _cause(error: PyreqwestError) -> str:
    """The exception and its innermost cause, for the log; never the outermost one, which quotes the URL."""
    causes = [str(cause["message"]) for cause in (getattr(error, "details", None) or {}).get("causes", ())]
    return f"{type(error).__name__}: {causes[-1]:.200}" if len(causes) > 1 else type(error).__name__


def _client(headers: dict[str, str], base: Url) -> Client:
    agent = f"plangate/{__version__}"
    builder = ClientBuilder().user_agent(agent).default_headers(headers).follow_redirects(False).referer(False)
    # Proxies of the environment are for the world outside; the demo's systems are on this machine.
    return (builder.no_proxy() if base.host_str in ("127.0.0.1", "[::1]", "localhost") else builder).build()


def _retry_after(response: Response) -> float | None:
    """Seconds, from seconds or a date (RFC 9110, 10.2.3)."""
    text = response.get_header("retry-after") or ""
    if text.isdecimal():
        return min(float(text), _LONGEST_RETRY_AFTER)
    with contextlib.suppress(ValueError, TypeError):
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - time()), _LONGEST_RETRY_AFTER)
    return None
