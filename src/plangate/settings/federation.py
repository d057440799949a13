"""How the graph appears as a subgraph of a federated graph."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from plangate.settings.sections import Section, Words


def _type_prefix(value: str) -> str:
    if not re.fullmatch("[A-Z][A-Za-z0-9]*", value):
        raise ValueError("must be a capital letter and more letters or digits, such as Plangate")
    return value


TypePrefix = Annotated[str, AfterValidator(_type_prefix)]


class FederationSettings(Section):
    type_prefix: TypePrefix | None = Field(
        default=None,
        description="A prefix such as Plangate for type names that other subgraphs may have too (docs/federation.md).",
    )
    prefixed_types: Words = Field(
        default=(), description="More types that get the prefix, such as Person if another subgraph has its own."
    )
    omitted_root_fields: Words = Field(
        default=(),
        description="Root fields left out of the subgraph SDL, such as node, nodes, sources, viewer; still served.",
    )

    @model_validator(mode="after")
    def _types_have_a_prefix(self) -> Self:
        if self.prefixed_types and self.type_prefix is None:
            raise ValueError("`prefixed_types` needs `type_prefix`")
        return self
