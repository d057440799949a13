"""PostgreSQL URLs as libpq and managed services write them, turned into arguments of `asyncpg.connect`.

Parameters: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
"""

import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from plangate.errors import SettingsError

PLACE = {"host", "port", "user", "password", "dbname", "database", "passfile", "target_session_attrs"}
TLS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslnegotiation"}
TLS_VERSIONS = {"ssl_min_protocol_version", "ssl_max_protocol_version"}
KERBEROS = {"krbsrvname", "gsslib"}
READ_BY_ASYNCPG = PLACE | TLS | TLS_VERSIONS | KERBEROS

SENT_TO_THE_SERVER = {"application_name", "options"}

KEEPALIVES = {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"}
WITHOUT_EFFECT = KEEPALIVES | {"sslcompression", "sslsni", "fallback_application_name"}
"""Accepted: every statement has a deadline of its own, and TLS always sends the host name."""

CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer"),
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
}
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
SYSTEM_ROOTS = "system"
"""The value of `sslrootcert` for the certificate authorities that the operating system trusts."""


class Address:
    """Where a PostgreSQL database is. SettingsError names the parameter of the URL that is wrong, never its secrets.

    `connect_timeout` is in seconds; None if the URL sets no limit.
    """

    def __init__(self, url: URL) -> None:
        given = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
        given = {name: value for name, value in given.items() if value}
        for name, value in given.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise SettingsError(f"The store's URL has {name}={value}: it must be {' or '.join(CHOICES[name])}.")
        known = READ_BY_ASYNCPG | SENT_TO_THE_SERVER | WITHOUT_EFFECT | CHOICES.keys() | {"connect_timeout"}
        if unknown := sorted(given.keys() - known):
            raise SettingsError(f"The store's URL has a parameter {unknown[0]} that is not known: leave it out.")
        self.connect_timeout = _seconds(given.get("connect_timeout", "0"))
        self.server_settings = {name: given[name] for name in SENT_TO_THE_SERVER & given.keys()}
        own = {"user": url.username, "password": url.password, "host": unquote(url.host or ""), "port": url.port}
        given |= {name: str(value) for name, value in own.items() if value}
        if not re.fullmatch(r"(\d{1,5}(,\d{1,5})*)?", given.get("port", "")):
            raise SettingsError("The store's URL has a port that is not a number.")
        if url.database:
            given["dbname"] = url.database
        self.database = given.get("dbname") or given.get("database") or given.get("user") or ""
        self.user = given.get("user", "")
        self.host = given.get("host", "")
        if given.get("channel_binding") == "require":
            # The driver has no channel binding. What it protects from is a server in between that only relays; so does
            # verifying the certificate and its host name.
            given["sslmode"] = "verify-full"
            given.setdefault("sslrootcert", SYSTEM_ROOTS)
        self._given = given
        self._check_files()

    def _check_files(self) -> None:
        if self._given.get("sslrootcert") == SYSTEM_ROOTS:
            mode = self._given.setdefault("sslmode", "verify-full")
            if mode != "verify-full":
                raise SettingsError(f"The store's URL has sslrootcert=system: sslmode must be verify-full, not {mode}.")
        for name in FILES:
            file = self._given.get(name, SYSTEM_ROOTS)
            if file != SYSTEM_ROOTS and not Path(file).is_file():
                raise SettingsError(f"The store's URL has {name}={file}: there is no such file.")

    @cached_property
    def arguments(self) -> Mapping[str, Any]:
        """Arguments of `asyncpg.connect`, without the server's settings and the timeout."""
        given = {name: value for name, value in self._given.items() if name in READ_BY_ASYNCPG}
        if self._given.get("sslrootcert") != SYSTEM_ROOTS:
            return {"dsn": f"postgresql://?{urlencode(given)}"}
        context = ssl.create_default_context()
        context.set_alpn_protocols(["postgresql"])
        if "sslcert" in given:
            context.load_cert_chain(given["sslcert"], given.get("sslkey"), given.get("sslpassword", ""))
        direct = given.get("sslnegotiation") == "direct"
        parts = {name: value for name, value in given.items() if not name.startswith("ssl")}
        return {"dsn": f"postgresql://?{urlencode(parts)}", "ssl": context, "direct_tls": direct}

    async def connect(self, *, seconds: float, server_settings: Mapping[str, str]) -> Any:
        """A new connection, within so many seconds. The URL's settings of the server take precedence."""
        limit = min(seconds, self.connect_timeout or seconds)
        settings = {**server_settings, **self.server_settings}
        try:
            return await asyncpg.connect(**self.arguments, timeout=limit, server_settings=settings)
        except TimeoutError:
            raise OSError(f"no connection within {limit:g} seconds") from None


def _seconds(text: str) -> float | None:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise SettingsError(f"The store's URL has connect_timeout={text}: it must be a number of seconds.")
    return max(int(text), 0) or None
