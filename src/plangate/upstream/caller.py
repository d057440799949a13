"""Who calls: one GraphQL operation, as the upstream systems are concerned."""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from typing import Self

from plangate.access import KEY_PREFIX
from plangate.errors import UpstreamBudgetExceeded

_LONGEST = 8_192

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
        """What the viewer shows this system: the header that names it, or else the bearer token of the request.

        An API key of this gateway is for nobody else, and never handed on.
        """
        if source not in self._authorizations:
            found = self._headers.get(header_for(source)) or self._bearer()
            usable = found and len(found) <= _LONGEST and found.isascii() and found.isprintable()
            self._authorizations[source] = found if usable else None
        return self._authorizations[source]

    def _bearer(self) -> str | None:
        scheme, _, credential = self._headers.get("authorization", "").strip().partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential or credential.startswith(KEY_PREFIX):
            return None
        return f"Bearer {credential}"

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
