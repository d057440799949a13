"""The answer to a request, as Python objects and as bytes."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from graphql import GraphQLError


class Response:
    """What a request is answered with. ``refused``: it was not executed, and the answer has no data entry."""

    __slots__ = ("code", "data", "errors", "extensions")

    def __init__(
        self,
        data: dict[str, Any] | None,
        errors: Sequence[GraphQLError] = (),
        *,
        extensions: dict[str, Any] | None = None,
        code: str | None = None,
    ) -> None:
        self.data, self.errors, self.extensions = data, list(errors), extensions
        self.code = code  # of a refused request

    @property
    def refused(self) -> bool:
        return self.code is not None

    @property
    def formatted(self) -> dict[str, Any]:
        """The answer's map, its entries in graphql-core's order."""
        formatted: dict[str, Any] = {} if self.refused else {"data": self.data}
        if self.errors:
            formatted["errors"] = [error.formatted for error in self.errors]
        if self.extensions is not None:
            formatted["extensions"] = self.extensions
        return formatted

    def body(self, default: Callable[[Any], Any] | None = None) -> bytes:
        """The answer as JSON. What orjson refuses (lone surrogates, integers over 64 bits) json writes."""
        try:
            return orjson.dumps(self.formatted, default, orjson.OPT_NON_STR_KEYS)
        except TypeError:
            return json.dumps(self.formatted, default=default, separators=(",", ":")).encode()
