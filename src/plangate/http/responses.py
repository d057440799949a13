"""What all responses share: the headers that protect them, and the JSON of an error."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from plangate.errors import HttpError

from .body import JSON

VARY = ("Accept", "Accept-Encoding", "Authorization", "X-Api-Key")

PROTECTION = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""For every response that does not set them itself."""


def shared_headers(*varies: str) -> Mapping[bytes, bytes]:
    """PROTECTION and Vary, which names the headers that responses depend on, `varies` among them."""
    headers = PROTECTION | {"vary": ", ".join([*VARY, *varies])}
    return {name.encode(): value.encode() for name, value in headers.items()}


def error_response(
    status: int,
    message: str,
    extensions: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    media_type: str = JSON,
) -> Response:
    """A request that was not executed, in GraphQL's form of an error."""
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    return Response(body, status, headers, media_type=media_type)


def refusal(error: HttpError, media_type: str = JSON) -> Response:
    """The response to a request that is not sound as HTTP."""
    return error_response(error.status, error.message, error.extensions, error.headers, media_type)
