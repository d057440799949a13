"""A GraphQL request as HTTP carries it: its parameters, and the rule that keeps other sites' requests out.

https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from plangate.errors import HttpError
from plangate.http.body import require_json

PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-apollo-operation-name", "graphql-require-preflight")
"""A browser sends a cross-origin request with one of these, or with a JSON content type, only after a preflight."""


class GraphQLRequest(NamedTuple):
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """The request in the URL of a GET. Raises HttpError."""
    given: dict[str, Any] = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
    for name in ("variables", "extensions"):
        if text := given.pop(name, None):
            given[name] = _decoded(text.encode("utf-8", "surrogatepass"), f"parameter `{name}`")
    return _request(given)


def from_body(body: bytes) -> GraphQLRequest:
    """The request in the body of a POST. Raises HttpError."""
    given = _decoded(body, "request")
    if isinstance(given, list):
        raise HttpError(400, "BAD_REQUEST", "Batches of operations are not supported. Send one object.")
    if not isinstance(given, dict):
        raise HttpError(400, "BAD_REQUEST", "The request must be a JSON object with a query.")
    return _request(given)


def check_get(headers: Mapping[str, str], *, require_preflight: bool) -> None:
    """Refuse a GET that a page of another site could make a browser send. Raises HttpError.

    A content type other than JSON is refused in any case: browsers have let such GETs pass without a preflight request
    (https://github.com/advisories/GHSA-hff2-gcpx-8f4p).
    """
    if "content-type" in headers:
        require_json(headers)
    elif require_preflight and not any(headers.get(name) for name in PREFLIGHT_HEADERS):
        message = (
            "A GET needs a header that browsers do not send to other sites unasked: "
            "`GraphQL-Require-Preflight: 1`, or `Content-Type: application/json`. Or use POST."
        )
        raise HttpError(400, "CSRF_PREVENTION", message)


def _decoded(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise HttpError(400, "BAD_REQUEST", f"The {what} is not valid JSON in UTF-8.") from None


def _request(given: Mapping[str, Any]) -> GraphQLRequest:
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise HttpError(400, "BAD_REQUEST", "`extensions` must be an object.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "BAD_REQUEST", "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise HttpError(400, "BAD_REQUEST", "`operationName` must be a string.")
    if query is None and ("persistedQuery" in (extensions or ()) or "documentId" in given):
        # Clients know this message and code, and send the text of the query then.
        raise HttpError(200, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
    if not isinstance(query, str) or not query.strip():
        raise HttpError(400, "BAD_REQUEST", "The request has no query.")
    return GraphQLRequest(query, variables, name or None)
