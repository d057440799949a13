"""The configuration, read once: defaults, then a TOML file, then the environment, then what the command line says.

`Settings` itself reads nothing: made by hand it holds what it is given. `load` reads, and every mistake in a file or
in the environment is a SettingsError that names the setting and says what to do.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableError

from plangate.access import Role
from plangate.errors import SettingsError

PREFIX = "PLANGATE_"
DEFAULT_FILE = "plangate.toml"
SHARED_KEY_ALGORITHMS = frozenset({"HS256", "HS384", "HS512"})
PUBLIC_KEY_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)


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


HttpUrl = Annotated[str, AfterValidator(_http_url)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class Section(BaseModel):
    """Frozen, and a name that is not a setting is a mistake. The value of a mistake may be a secret: never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StoreSettings(Section):
    url: str = Field(
        "sqlite+aiosqlite:///plangate.sqlite",
        repr=False,
        description="The database: sqlite:///file.sqlite, or postgresql://user:password@host/database.",
    )
    pool_size: int = Field(10, ge=1, le=1000, description="How many connections to keep open, per worker.")
    timeout: float = Field(10.0, gt=0, description="Seconds that the database has for one question.")


class PlanningCenterSettings(Section):
    url: HttpUrl = Field(
        "https://api.planningcenteronline.com/services/v2", description="Where Planning Center Services answers."
    )
    app_id: str | None = Field(None, description="The id of a personal access token; goes with secret.")
    secret: SecretStr | None = Field(None, description="The secret of the personal access token.")
    token: SecretStr | None = Field(None, description="An OAuth access token, instead of app_id and secret.")
    workspace: str | None = Field(None, description="The workspace whose viewers read it; all of them if not set.")
    time_zone: TimeZone | None = Field(None, description="The organisation's time zone; as it says itself if not set.")
    deadline: float = Field(10.0, gt=0, description="Seconds that one call may take, retries and waiting included.")
    concurrency: int = Field(8, ge=1, le=100, description="How many calls may be under way at once.")
    per_page: int = Field(100, ge=1, le=100, description="The longest page asked for.")
    api_version: str = Field("2018-11-01", description="The version of the API, sent as X-PCO-API-Version.")

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.app_id is None) != (self.secret is None) or (self.token is None) == (self.app_id is None):
            raise ValueError("needs app_id and secret, or else token")
        return self


class JwtSettings(Section):
    jwks_url: HttpUrl | None = Field(None, description="Where the issuer publishes its keys (a JSON Web Key Set).")
    key: SecretStr | None = Field(None, description="A key shared with the issuer, instead of jwks_url; 32 bytes or more.")
    issuer: str | None = Field(None, description="What `iss` must say; not checked if not set.")
    audience: str | None = Field(None, description="What `aud` must name; not checked if not set.")
    algorithms: Words = Field(
        (), validate_default=False,
        description="The signatures accepted; by default HS256 with key, and RS256, ES256 and Ed25519 with jwks_url.",
    )  # fmt: skip
    workspace_claim: str = Field("workspace", description="The claim that names the viewer's workspace.")
    role_claim: str = Field("role", description="The claim that says viewer, member or admin; viewer without it.")
    person_prefix: str = Field(
        "store:", pattern="^[a-z_]+:$", description="Put before a `sub` without colon to make the key of a person."
    )

    @model_validator(mode="after")
    def _keys_fit_algorithms(self) -> Self:
        if (self.jwks_url is None) == (self.key is None):
            raise ValueError("needs jwks_url or key, and not both")
        # A public key must never be taken for a shared one: whoever reads it could sign.
        fitting = SHARED_KEY_ALGORITHMS if self.key else PUBLIC_KEY_ALGORITHMS
        if unfit := set(self.algorithms) - fitting:
            raise ValueError(f"algorithms may be {', '.join(sorted(fitting))} here, not {', '.join(sorted(unfit))}")
        if self.key and len(self.key.get_secret_value().encode()) < 32:
            raise ValueError("key must have 32 bytes or more")
        return self

    @property
    def accepted(self) -> tuple[str, ...]:
        return self.algorithms or (("HS256",) if self.key else ("RS256", "ES256", "EdDSA", "Ed25519"))


class AuthenticationSettings(Section):
    anonymous: bool = Field(False, description="Whether a request without a credential is let in.")
    anonymous_workspace: str = Field("default", description="The workspace that anonymous viewers read.")
    anonymous_role: Role = Field(Role.VIEWER, description="What anonymous viewers may do: viewer, member or admin.")
    api_keys: bool = Field(False, description="Whether API keys are accepted (`plangate keys create`).")
    jwt: JwtSettings | None = Field(None, description="JSON Web Tokens of an identity provider; refused if not set.")

    @property
    def is_set(self) -> bool:
        """Whether anybody at all could be let in."""
        return self.anonymous or self.api_keys or self.jwt is not None


class LimitSettings(Section):
    depth: int = Field(10, ge=1, description="How deep fields may be nested.")
    aliases: int = Field(30, ge=0, description="How many aliases a document may have.")
    root_fields: int = Field(20, ge=1, description="How many fields an operation may ask at the root.")
    directives: int = Field(50, ge=0, description="How many directives a document may have.")
    tokens: int = Field(5_000, ge=10, description="How many words and signs a document may have.")
    cost: int = Field(10_000, ge=1, description="What an operation may cost: records asked for, nested lists multiplied.")


class Settings(Section):
    host: str = Field("127.0.0.1", min_length=1, description="The address to listen at; 0.0.0.0 for all.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen at; 0 for any that is free.")
    executor: Literal["compiled", "stock"] = Field(
        "compiled", description="Who executes operations: Plangate's engine, or graphql-core as it is."
    )
    graphiql: bool = Field(True, description="Whether browsers get GraphiQL at /graphql.")
    deadline: float = Field(10.0, gt=0, description="Seconds that one request may take.")
    max_body: int = Field(1_000_000, ge=1_000, description="How many bytes a request may have.")
    log_format: Literal["auto", "pretty", "json"] = Field(
        "auto", description="How logs look: pretty, json, or auto: pretty on a terminal and JSON otherwise."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    store: StoreSettings = Field(StoreSettings(), description="The SQL store.")  # type: ignore[call-arg]
    planning_center: PlanningCenterSettings | None = Field(None, description="Planning Center; off if not set.")
    authentication: AuthenticationSettings = Field(
        AuthenticationSettings(),  # type: ignore[call-arg]
        description="Who is let in.",
    )
    limits: LimitSettings = Field(LimitSettings(), description="What one document may ask.")  # type: ignore[call-arg]

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
