"""One GraphQL request, as the layers below the endpoint see it: its ids, its credentials, what it used, what failed."""

import base64
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar, Token
from typing import Self

from plangate.access import KEY_PREFIX, Viewer
from plangate.errors import UpstreamBudgetExceeded, UpstreamUnauthenticated
from plangate.failures import Failures, Path, log_failure

MAX_CREDENTIAL = 8_192
"""Maximum length of a credential that is forwarded to an upstream system, in characters."""

API_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){KEY_PREFIX}")
"""An API key of this gateway within a longer text, such as `Bearer plg_...` or `user:plg_...`."""

TO_STANDARD_BASE64 = str.maketrans("-_", "+/")

_CURRENT: ContextVar["OperationContext | None"] = ContextVar("operation_context", default=None)


class OperationContext:
    """Made for each request to the GraphQL endpoint, which enters it; every task that the request starts inherits it.

    `headers` are those of the request by lower-case name, `request_id` and `traceparent` its ids (empty if it has
    none). `calls` counts the upstream calls by source (retries not counted), `statements` the SQL statements. The other
    public attributes are set by the endpoint, for the request's line in the log.

    Outside of a request (/ready, the command line) there is none: the gateway then calls upstream systems with its own
    credential, and nothing is counted.
    """

    __slots__ = (
        "_authorizations",
        "_stale",
        "_token",
        "calls",
        "code",
        "cost",
        "errors",
        "failures",
        "headers",
        "operation_name",
        "operation_type",
        "request_id",
        "statements",
        "traceparent",
        "viewer",
    )

    def __init__(self, headers: Mapping[str, str], *, request_id: str = "", traceparent: str = "") -> None:
        self.request_id = request_id
        self.traceparent = traceparent
        self.failures = Failures()
        self.calls: dict[str, int] = {}
        self.statements = 0
        self.viewer: Viewer | None = None
        self.operation_name: str | None = None
        self.operation_type: str | None = None
        self.cost: int | None = None
        self.errors = 0
        self.code: str | None = None  # of a request that was refused
        self.headers = headers
        self._authorizations: dict[str, str | None] = {}
        self._stale: dict[str, float] = {}

    @staticmethod
    def current() -> "OperationContext | None":
        return _CURRENT.get()

    def __enter__(self) -> Self:
        self._token: Token[OperationContext | None] = _CURRENT.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _CURRENT.reset(self._token)

    @property
    def trace_id(self) -> str:
        """The trace that the request belongs to, 32 hexadecimal digits (https://www.w3.org/TR/trace-context/)."""
        return self.traceparent[3:35]

    def authorization(self, source: str) -> str | None:
        """The viewer's credential for this system: the value of the request header named for it; None if not sent.

        The credential that authenticates the request at this gateway is never passed on. Raises
        UpstreamUnauthenticated if the header holds it, or an API key of this gateway, or cannot be sent as it is.
        """
        if source not in self._authorizations:
            found = self.headers.get(header_for(source)) or None
            if found is not None:
                self._check(source, found)
            self._authorizations[source] = found
        return self._authorizations[source]

    def _check(self, source: str, value: str) -> None:
        header = header_for(source)
        if len(value) > MAX_CREDENTIAL or not value.isascii() or not value.isprintable():
            message = f"The header {header} must have at most {MAX_CREDENTIAL} characters, all of them printable ASCII."
            raise UpstreamUnauthenticated(source, message)
        own = list(self._own_credentials())
        if any(API_KEY.search(text) or any(each in text for each in own) for text in _readings(value)):
            message = (
                f"The header {header} holds a credential of this gateway, which is never passed on. "
                f"Send your own credential for {source} in it."
            )
            raise UpstreamUnauthenticated(source, message)

    def _own_credentials(self) -> Iterator[str]:
        """What authenticates the request at this gateway: a bearer token or an API key."""
        authorization, api_key = self.headers.get("authorization", ""), self.headers.get("x-api-key", "")
        for credential in (authorization.strip().partition(" ")[2], api_key):
            if credential := credential.strip():
                yield credential

    def count_call(self, source: str, limit: int) -> None:
        """Count one more call to a system. Raises UpstreamBudgetExceeded if `limit` calls were made already."""
        made = self.calls.get(source, 0)
        if made >= limit:
            raise UpstreamBudgetExceeded(
                source, f"The operation takes more than {limit} calls to {source}. Ask for less."
            )
        self.calls[source] = made + 1

    def note_stale(self, source: str, age: float) -> None:
        """Note that an answer of this system was used which is `age` seconds old."""
        self._stale[source] = max(age, self._stale.get(source, 0.0))

    @property
    def stale(self) -> list[dict[str, str | float]]:
        """The systems that failed and whose last answers were used, with the age of the oldest; for `extensions`."""
        return [{"source": source, "age": round(age, 1)} for source, age in self._stale.items()]


def note_failure(error: Exception, path: Path | None = None) -> None:
    """Log an error of a source or an unexpected one: with the operation's other failures, or now outside of one."""
    if (context := _CURRENT.get()) is not None:
        context.failures.add(error, path)
    else:
        log_failure(error, path)


def header_for(source: str) -> str:
    """The request header with the viewer's credential for one system: x-plangate-planning-center-authorization."""
    return f"x-plangate-{source.replace('_', '-')}-authorization"


def _readings(value: str) -> Iterator[str]:
    """The text, and each of its words that is base64, decoded: `Basic` encodes user and password so."""
    yield value
    for word in value.split():
        try:
            # Either alphabet of RFC 4648, with or without padding.
            decoded = base64.b64decode(word.translate(TO_STANDARD_BASE64).rstrip("=") + "==")
        except ValueError:
            continue
        yield decoded.decode("latin-1")
