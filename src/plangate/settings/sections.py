"""What a section of the settings is made of."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("must be an http:// or https:// URL without user or password")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/London") from None
    return value


def _words(value: object) -> object:
    """`RS256, ES256` of the environment, and a list of the file."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


_HOST_NAME = re.compile(r"\*|(\*\.)?[\w-]+(\.[\w-]+)*")


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_HOST_NAME.fullmatch(name) or _is_address(name) for name in names):
        raise ValueError("must be host names without scheme and port, such as plangate.example.org or *.example.org")
    return tuple(name.lower() for name in names)


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _long(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(each.get_secret_value()) < 32 for each in value):
        raise ValueError("each key must have 32 characters or more; `openssl rand -hex 32` makes one")
    return value


# `${SECRET:-}` of a compose file is no secret, and an empty `audience` must not switch its check off.
Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[SecretStr, Field(min_length=1)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Switch = Literal["auto", "on", "off"]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_words), AfterValidator(_long)]
HostNames = Annotated[Words, AfterValidator(_host_names)]


class Section(BaseModel):
    """Frozen, and a name that is not a setting is a mistake. The value of a mistake may be a secret: never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
