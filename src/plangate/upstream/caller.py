"""Who calls: one GraphQL operation, as the upstream systems are concerned."""

import base64
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar, Token
from typing import Self

from plangate.access import KEY_PREFIX
from plangate.errors import UpstreamBudgetExceeded, UpstreamUnauthenticated

_LONGEST = 8_192
_API_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){KEY_PREFIX}")
"""An API key of this gateway within a longer text, such as `Bearer plg_...` or `user:plg_...`."""
_TO_STANDARD_BASE64 = str.maketrans("-_", "+/")

_CALLER: ContextVar["Caller | None"] = ContextVar("caller", default=None)


class Caller:
    """An operation's own credentials, and what it has cost so far. `headers` are those of its request.

    The endpoint enters it around each operation, and is the one place that does; all tasks that the operation starts
    inherit it. `Upstream.get` is the one place that looks, while still in the task of who asks: a call under way may
    be shared by several operations. Without a caller (/ready, the command line) the gateway asks for itself.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._authorizations: dict[str, str | None] = {}
        self._calls: dict[str, int] = {}
        self._stale: dict[str, float] = {}

    @staticmethod
    def current() -> "Caller | None":
        return _CALLER.get()

    def __enter__(self) -> Self:
        self._token: Token[Caller | None] = _CALLER.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _CALLER.reset(self._token)

    def authorization(self, source: str) -> str | None:
        """The viewer's credential for this system: the value of the request header named for it; None if not sent.

        The credential that authenticates the request at this gateway is never passed on. Raises
        UpstreamUnauthenticated if the header holds it, or an API key of this gateway, or cannot be sent as it is.
        """
        if source not in self._authorizations:
            found = self._headers.get(header_for(source)) or None
            if found is not None:
                self._check(source, found)
            self._authorizations[source] = found
        return self._authorizations[source]

    def _check(self, source: str, value: str) -> None:
        header = header_for(source)
        if len(value) > _LONGEST or not value.isascii() or not value.isprintable():
            message = f"The header {header} must have at most {_LONGEST} characters, all of them printable ASCII."
            raise UpstreamUnauthenticated(source, message)
        own = list(self._own_credentials())
        if any(_API_KEY.search(text) or any(each in text for each in own) for text in _readings(value)):
            message = (
                f"The header {header} holds a credential of this gateway, which is never passed on. "
                f"Send your own credential for {source} in it."
            )
            raise UpstreamUnauthenticated(source, message)

    def _own_credentials(self) -> Iterator[str]:
        """What authenticates the request at this gateway: a bearer token or an API key."""
        authorization, api_key = self._headers.get("authorization", ""), self._headers.get("x-api-key", "")
        for credential in (authorization.strip().partition(" ")[2], api_key):
            if credential := credential.strip():
                yield credential

    def count(self, source: str, most: int) -> None:
        """One more call to this system; UpstreamBudgetExceeded if those were `most` already."""
        made = self._calls.get(source, 0)
        if made >= most:
            raise UpstreamBudgetExceeded(
                source, f"The operation takes more than {most} calls to {source}. Ask for less."
            )
        self._calls[source] = made + 1

    def note_stale(self, source: str, age: float) -> None:
        """An answer of this system was used that it gave so many seconds ago."""
        self._stale[source] = max(age, self._stale.get(source, 0.0))

    @property
    def stale(self) -> list[dict[str, str | float]]:
        """The systems that failed and whose last answers were used, with the age of the oldest; for `extensions`."""
        return [{"source": source, "age": round(age, 1)} for source, age in self._stale.items()]


def header_for(source: str) -> str:
    """The request header with the viewer's credential for one system: x-plangate-planning-center-authorization."""
    return f"x-plangate-{source.replace('_', '-')}-authorization"


def _readings(value: str) -> Iterator[str]:
    """The text, and each of its words that is base64, decoded: `Basic` encodes user and password so."""
    yield value
    for word in value.split():
        try:
            # Either alphabet of RFC 4648, with or without padding.
            decoded = base64.b64decode(word.translate(_TO_STANDARD_BASE64).rstrip("=") + "==")
        except ValueError:
            continue
        yield decoded.decode("latin-1")
