"""The Host header check, which protects anonymous access from DNS rebinding.

A web page can point its own host name at this machine (DNS rebinding); the visitor's browser then takes the gateway for
the page's own server. The browser still sends the page's name in `Host`, so a request for a name that is not the
gateway's is refused. Where every request needs a credential the page has none to send, so the check is not needed.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import orjson
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from plangate.settings import Settings, variable

PUBLIC_PATHS = frozenset({"/health"})
"""Answered for any Host: a liveness probe knows no name, and the answer holds no data."""

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:@/\[\]]+))(?::[0-9]*)?")
_MAX_REMEMBERED = 1_000

log = structlog.get_logger(__name__)


class AllowedHosts:
    """The hosts of a gateway: those in `names`, localhost, loopback addresses, and the address that it listens at.

    `names` are host names, `*.example.org` for all names below example.org, or `*` for every host. A gateway that
    listens at all addresses (0.0.0.0 or ::) is reached by any address: a page cannot rebind an address, only a name.
    """

    def __init__(self, listen_at: str, names: Sequence[str]) -> None:
        address = _address(listen_at)
        self._any_host = "*" in names
        self._any_address = address is not None and address.is_unspecified
        self._addresses = {each for each in map(_address, [listen_at, *names]) if each is not None}
        self._names = {"localhost", listen_at.lower(), *names}
        self._suffixes = (".localhost", *(name[1:] for name in names if name.startswith("*.")))

    def __contains__(self, host: str) -> bool:
        """Whether the value of a Host header, which may have a port, is one of these."""
        match = _HOST.fullmatch(host.lower())
        if self._any_host or match is None:
            return self._any_host
        name = match[1] or match[2].removesuffix(".")
        address = _address(name)
        if address is None:
            return name in self._names or name.endswith(self._suffixes)
        return self._any_address or address.is_loopback or address in self._addresses


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


class HostCheck:
    """ASGI middleware: a request whose Host is not in `allowed` is answered with HTTP 421, MISDIRECTED_REQUEST."""

    def __init__(self, app: ASGIApp, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed
        self._remembered: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PUBLIC_PATHS or self._allows(scope):
            await self._app(scope, receive, send)
        else:
            await _refuse(send)

    def _allows(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return bool(hosts) and all(host in self._remembered or self._check(host) for host in hosts)

    def _check(self, host: bytes) -> bool:
        text = host.decode("latin-1")
        if text not in self._allowed:
            log.info("host_refused", host=text[:100])
            return False
        if len(self._remembered) < _MAX_REMEMBERED:
            self._remembered.add(host)
        return True


def check_host(settings: Settings) -> AllowedHosts | None:
    """The hosts to answer for; None if the header is not checked: no anonymous viewers, and no `allowed_hosts`."""
    if settings.authentication.anonymous or settings.allowed_hosts:
        return AllowedHosts(settings.host, settings.allowed_hosts)
    return None


_MESSAGE = (
    "The request's Host is not a name of this gateway. Use http://localhost or the address it listens at, "
    f"or add the name to the setting allowed_hosts ({variable('allowed_hosts')}; * allows every name)."
)
_BODY = orjson.dumps({"errors": [{"message": _MESSAGE, "extensions": {"code": "MISDIRECTED_REQUEST"}}]})
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 421, "headers": list(_HEADERS)})
    await send({"type": "http.response.body", "body": _BODY})
