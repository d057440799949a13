"""The REST client that all upstream systems share: one `Upstream` for each, and the only package that knows HTTP.

A call either gives decoded JSON, gives None because there is no such thing (404), or raises a SourceError in plain
words, without URL, body or credential. Whatever the system does, the call ends within `deadline` seconds: queue, tries
and retries together.

    client.py        Upstream: cache, shared calls, deadline, retries
    transport.py     one GET over pyreqwest, and what its outcome means
    cache.py         answers kept by RFC 9111, and used stale where the settings say so
    singleflight.py  calls in flight, shared
    concurrency.py   how many requests are on the wire, and the queue before them
    budget.py        how many calls the rate limit leaves, and how many of them may be retries
    breaker.py       the circuit breaker
"""

from .budget import RateHeaders
from .client import Upstream, together
from .transport import Params

__all__ = ["Params", "RateHeaders", "Upstream", "together"]
