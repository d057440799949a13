"""The configuration, read once: defaults, then a TOML file, then the environment.

`Settings` itself reads nothing: made by hand it holds what it is given. `load` reads, and every mistake in a file or
in the environment is a SettingsError that names the setting and says what to do.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from plangate.access import Role
from plangate.errors import SettingsError
from plangate.settings.cors import CorsSettings
from plangate.settings.federation import FederationSettings
from plangate.settings.http import HttpSettings
from plangate.settings.sections import HostNames, HttpUrl, Keys, Section, Switch, Text, Words
from plangate.settings.systems import (
    HappyforceSettings,
    OnePlanSettings,
    PlanhatSettings,
    PlanningCenterSettings,
    ScaleSettings,
    StoreSettings,
    UpstreamSettings,
)

PREFIX = "PLANGATE_"
DEFAULT_FILE = "plangate.toml"
SHARED_KEY_ALGORITHMS = frozenset({"HS256", "HS384", "HS512"})
PUBLIC_KEY_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)


class JwtSettings(Section):
    jwks_url: HttpUrl | None = Field(default=None, description="Where the issuer publishes its keys, as a JWKS.")
    key: SecretStr | None = Field(default=None, description="A key shared with the issuer, instead; 32 bytes or more.")
    issuer: Text | None = Field(default=None, description="What `iss` must say; not checked if not set.")
    audience: Text | None = Field(default=None, description="What `aud` must name; not checked if not set.")
    algorithms: Words = Field(
        default=(), description="The signatures accepted: HS256 with key, RS256, ES256 and Ed25519 with jwks_url."
    )
    workspace_claim: str = Field(default="workspace", description="The claim that names the viewer's workspace.")
    role_claim: str = Field(default="role", description="The claim that says viewer, member or admin.")
    person_prefix: str = Field(
        default="store:", pattern="^[a-z_]+:$", description="What makes a `sub` without colon the key of a person."
    )

    @model_validator(mode="after")
    def _keys_fit_algorithms(self) -> Self:
        if (self.jwks_url is None) == (self.key is None):
            raise ValueError("set `jwks_url` or `key`, and leave the other out altogether")
        # A public key must never be taken for a shared one: whoever reads it could sign.
        way, fitting = ("jwks_url", PUBLIC_KEY_ALGORITHMS) if self.key is None else ("key", SHARED_KEY_ALGORITHMS)
        if unfit := ", ".join(sorted(set(self.algorithms) - fitting)):
            raise ValueError(f"`algorithms` may be {', '.join(sorted(fitting))} with `{way}`, not {unfit}")
        if self.key is not None and len(self.key.get_secret_value().encode()) < 32:
            raise ValueError("`key` must have 32 bytes or more")
        return self

    @property
    def accepted(self) -> tuple[str, ...]:
        return self.algorithms or (("HS256",) if self.key is not None else ("RS256", "ES256", "EdDSA", "Ed25519"))


class AuthenticationSettings(Section):
    anonymous: bool = Field(default=False, description="Whether a request without a credential is let in.")
    anonymous_workspace: str = Field(default="default", description="The workspace that anonymous viewers read.")
    anonymous_role: Role = Field(default=Role.VIEWER, description="They are viewer, member or admin.")
    api_keys: bool = Field(default=False, description="Whether API keys are accepted (`plangate keys create`).")
    stale_if_error: float = Field(
        default=600.0,
        ge=0,
        description="Maximum age in seconds of a verified credential while the store or the issuer does not answer.",
    )
    jwt: JwtSettings | None = Field(default=None, description="JSON Web Tokens; refused if not set.")

    @property
    def is_set(self) -> bool:
        """Whether anybody at all could be let in."""
        return self.anonymous or self.api_keys or self.jwt is not None


class LimitSettings(Section):
    depth: int = Field(default=10, ge=1, description="How deep fields may be nested.")
    aliases: int = Field(
        default=30, ge=0, description="Maximum number of aliases in an operation with the fragments that it uses."
    )
    root_fields: int = Field(default=20, ge=1, description="How many fields an operation may ask at the root.")
    directives: int = Field(
        default=50, ge=0, description="Maximum number of directives in an operation with the fragments that it uses."
    )
    tokens: int = Field(
        default=5_000,
        ge=10,
        description="Maximum number of tokens in an operation with its fragments; a document may have 4 times as many.",
    )
    values: int = Field(
        default=5_000,
        ge=1,
        description="Maximum number of input values: in arguments, and in the variables of a request.",
    )
    value_depth: int = Field(default=32, ge=1, description="Maximum nesting of lists and objects in a variable.")
    list_items: int = Field(default=1_000, ge=1, description="Maximum number of items in one list of the input.")
    cost: int = Field(default=10_000, ge=1, description="What an operation may cost: records, nested ones multiplied.")


class Settings(Section):
    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen at; 0.0.0.0 for all.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen at; 0 for any that is free.")
    allowed_hosts: HostNames = Field(
        default=(),
        description="Host names accepted in Host, * for any. Not set: this machine's for anonymous access, else any.",
    )
    workers: int = Field(default=1, ge=1, le=256, description="The number of worker processes of `plangate serve`.")
    executor: Literal["compiled", "stock"] = Field(
        default="compiled", description="Who executes operations: Plangate's engine, or graphql-core as it is."
    )
    graphiql: bool = Field(default=True, description="Whether browsers get GraphiQL at /graphql.")
    introspection: Switch = Field(
        default="auto",
        description="Who may read the schema by introspection: on, off, or auto: everybody but anonymous viewers.",
    )
    suggestions: Switch = Field(
        default="auto", description='Who gets suggestions ("Did you mean") in errors: on, off or auto, as above.'
    )
    operation_cache_bytes: int = Field(
        default=64_000_000, ge=1_000_000, description="Maximum bytes of prepared operations in memory, per worker."
    )
    deadline: float = Field(default=10.0, gt=0, description="Seconds that one request may take.")
    coalesce: bool = Field(
        default=True, description="Whether queries that a viewer sends at the same time are executed together."
    )
    cursor_keys: Keys = Field(
        default=(),
        description="Keys of 32 characters or more. The first encrypts the cursors of lists that a system pages by "
        "offset, each decrypts them. The same on all machines; random at each start if not set.",
    )
    drain: float = Field(
        default=0.0,
        ge=0,
        description="Seconds after SIGTERM in which requests are served but /ready answers 503.",
    )
    max_body: int = Field(default=1_000_000, ge=1_000, description="How many bytes a request may have.")
    require_preflight: bool = Field(
        default=True,
        description="Whether a GET must have a header that no other site can make a browser send (CSRF).",
    )
    compression: bool = Field(
        default=True, description="Whether responses of 1 kB and more are compressed for clients that accept it."
    )
    log_format: Literal["auto", "pretty", "json"] = Field(
        default="auto", description="How logs look: pretty, json, or auto: pretty on a terminal and JSON otherwise."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="The SQL store.")
    planning_center: PlanningCenterSettings | None = Field(default=None, description="Planning Center; off if not set.")
    scale: ScaleSettings | None = Field(default=None, description="Scale's GenAI platform; off if not set.")
    happyforce: HappyforceSettings | None = Field(default=None, description="Happyforce; off if not set.")
    oneplan: OnePlanSettings | None = Field(default=None, description="OnePlan; off if not set.")
    planhat: PlanhatSettings | None = Field(default=None, description="Planhat; off if not set.")
    authentication: AuthenticationSettings = Field(default=AuthenticationSettings(), description="Who is let in.")
    cors: CorsSettings = Field(default=CorsSettings(), description="Web pages of other origins that may call.")
    limits: LimitSettings = Field(default=LimitSettings(), description="What one document may ask.")
    federation: FederationSettings = Field(
        default=FederationSettings(), description="How the graph appears as a subgraph of a federated graph."
    )
    http: HttpSettings = Field(default=HttpSettings(), description="Limits of the HTTP server.")

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    def upstreams(self) -> dict[str, UpstreamSettings]:
        """What is set of the systems that are asked over HTTP, by source."""
        return {name: section for name, section in self if isinstance(section, UpstreamSettings)}

    @classmethod
    def upstream_names(cls) -> tuple[str, ...]:
        """The names of all upstream systems, set or not."""
        kinds = {name: (*get_args(field.annotation), None)[0] for name, field in cls.model_fields.items()}
        return tuple(
            name for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, UpstreamSettings)
        )


class _Readable(Settings, BaseSettings):
    """Tells pydantic-settings how the environment names what is in Settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", frozen=True)


Values = dict[str, Any]


def load() -> Settings:
    """Read everything, as the process was started."""
    read = {"file": _from_file(), "environment": _from_environment()}
    origins = {name: origin for origin, values in read.items() for name, _ in _leaves(values)}
    try:
        settings = Settings.model_validate(_merged(*read.values()))
    except ValidationError as error:
        raise _explained(error, origins) from None
    settings._origins.update(origins)
    return settings


def _from_file() -> Values:
    asked = os.environ.get(f"{PREFIX}CONFIG")
    file = Path(asked or DEFAULT_FILE)
    if not asked and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or '').lower()}. Correct --config or {PREFIX}CONFIG."
    except ValueError as error:
        reason = f"is not TOML: {error}. Correct it and start again."
    raise SettingsError(f"The configuration file {file} {reason}")


def _from_environment() -> Values:
    known = [variable(name) for name, _, _ in described()]
    for given in os.environ:
        name = given.upper()
        if name.startswith(PREFIX) and given != f"{PREFIX}CONFIG" and name not in known:
            hint = "`plangate settings --describe` lists all; if Kubernetes made it, set enableServiceLinks: false."
            if inside := [each for each in known if each.startswith(f"{name}__")]:
                hint = f"Set single values, such as {inside[0]}."
            raise SettingsError(f"The environment variable {given} is no setting. {hint}")
    return EnvSettingsSource(_Readable)()


def _merged(below: Values, above: Values) -> Values:
    both = {n: _merged(below[n], v) for n, v in above.items() if isinstance(v, dict) and isinstance(below.get(n), dict)}
    return {**below, **above, **both}


def _leaves(values: Values | Section, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in dict(values).items():
        deeper = isinstance(value, dict | Section) and dict(value)
        yield from _leaves(value, f"{prefix}{name}.") if deeper else [(prefix + name, value)]


def _explained(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    """The first mistake, named as the operator wrote it."""
    mistake = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(part for part in mistake["loc"] if isinstance(part, str))  # numbers: which one of a list
    if mistake["type"] == "extra_forbidden":
        return SettingsError(f"The setting {name} does not exist. `plangate settings --describe` lists them all.")
    inside = [each for each, _, _ in described() if each.startswith(f"{name}.")]
    said = mistake["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if mistake["type"] == "model_type":
        said = f"set single values in it, such as {inside[0]}"
    elif mistake["type"].endswith("too_short"):
        said = "must not be empty; leave it out altogether"
    # A mistake of several settings names each in backticks.
    said = re.sub(r"`(\w+)`", lambda field: _called(f"{name}.{field[1]}", origins), said[:1].lower() + said[1:])
    called = name if inside else _called(name, origins)
    kind = "section" if inside else "setting" if called == name else "environment variable"
    return SettingsError(f"The {kind} {called} is not right: {said}. Correct it and start again.")


def _called(name: str, origins: Mapping[str, str]) -> str:
    """A setting as the operator wrote it; one that is not set, as what stands beside it."""
    section = name.rpartition(".")[0]
    file = any(origin == "file" and f"{each}.".startswith(f"{section}.") for each, origin in origins.items())
    return name if origins.get(name, "file" if file else "environment") == "file" else variable(name)


def variable(name: str) -> str:
    """The environment variable of a setting: `store.url` is PLANGATE_STORE__URL."""
    return PREFIX + name.replace(".", "__").upper()


def effective(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every setting's name, value (secrets are hidden) and where that came from, for people to read."""
    for name, value in _leaves(settings):
        yield name, _shown(value), settings._origins.get(name, "default")


_PASSWORD = re.compile(r"(://[^:/@]*:).*(@)")
_PARAMETER = re.compile(r"((?:password|secret|token|key)=)[^&]*", re.IGNORECASE)


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "not set"
    if isinstance(value, bool):
        return str(value).lower()
    # A SecretStr shows itself as stars.
    return _PARAMETER.sub(r"\1********", _PASSWORD.sub(r"\1********\2", str(value)))


def described(section: type[Section] = Settings, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every setting's name, default and description; those of sections that are off too."""
    for name, field in section.model_fields.items():
        kinds = [each for each in (field.annotation, *get_args(field.annotation)) if isinstance(each, type)]
        inner = [each for each in kinds if issubclass(each, Section)]
        for each in inner:
            yield from described(each, f"{prefix}{name}.")
        if not inner:
            default = "required" if field.is_required() else _shown(field.default)
            yield prefix + name, default, field.description or ""
