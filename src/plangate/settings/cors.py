"""Cross-origin resource sharing: web pages that may call the gateway from a browser."""

import re
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from plangate.settings.sections import Section, Words

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class CorsSettings(Section):
    origins: Words = Field(
        default=(), description="Origins of pages that may call, as https://app.example.org; * for all of them."
    )
    credentials: bool = Field(
        default=False, description="Whether browsers send cookies and client certificates along; not with origins *."
    )
    headers: Words = Field(
        default=(
            "Authorization", "Content-Type", "X-Api-Key", "X-Request-Id", "Traceparent", "Apollo-Require-Preflight",
            "X-Apollo-Operation-Name", "GraphQL-Require-Preflight", "Apollographql-Client-Name",
            "Apollographql-Client-Version",
        ),
        description="Headers that such pages may send, beside those with a viewer's credential for a system.",
    )  # fmt: skip
    exposed_headers: Words = Field(
        default=("X-Request-Id", "Retry-After"), description="Headers of responses that such pages may read."
    )
    max_age: int = Field(
        default=600, ge=0, le=86_400, description="Seconds for which browsers remember the response to a preflight."
    )

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            exact = f"{parts.scheme}://{parts.netloc}".lower()
            if origin != "*" and (not parts.netloc or parts.username is not None or origin != exact):
                raise ValueError(
                    "must be origins such as https://app.example.org, in lower case and without a path, or *"
                )
        return origins

    @field_validator("headers", "exposed_headers")
    @classmethod
    def _are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_HEADER.fullmatch(name) for name in names):
            raise ValueError("must be names of headers, such as X-Request-Id")
        return names

    @model_validator(mode="after")
    def _star_stands_alone(self) -> Self:
        if "*" in self.origins and (self.credentials or len(self.origins) > 1):
            raise ValueError("`origins` may be * only alone, and without `credentials`: any page could act for a user")
        return self
