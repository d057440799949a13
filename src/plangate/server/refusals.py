"""Responses that the server gives itself, before the application sees a request.

Each is JSON of the shape that GraphQL clients read: `{"errors": [{"message", "extensions": {"code"}}]}`.
"""

from collections.abc import Iterable

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from plangate.http.body import JSON
from plangate.http.responses import shared_headers

RETRY_AFTER_S = 1
"""Seconds after which a client may repeat a request that was answered 503: a queue is at most about that long."""


class Refusal:
    """Why a request is answered without the application."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.code = code
        self._status = STATUS_LINE[status]
        self._body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
        own = {b"content-type": JSON.encode(), b"content-length": b"%d" % len(self._body)}
        if status == 503:
            own[b"retry-after"] = b"%d" % RETRY_AFTER_S
        self._headers = b"".join(b"%s: %s\r\n" % each for each in ({**shared_headers("Origin"), **own}).items())

    def response(self, headers: Iterable[tuple[bytes, bytes]], *, close: bool, has_body: bool = True) -> bytes:
        """The whole HTTP response. `headers` are more of them, such as Date; HEAD has no body."""
        return b"".join(
            (
                self._status,
                *(b"%s: %s\r\n" % header for header in headers),
                self._headers,
                b"connection: close\r\n\r\n" if close else b"\r\n",
                self._body if has_body else b"",
            )
        )


MALFORMED = Refusal(400, "BAD_REQUEST", "The request is not valid HTTP/1.1.")
HEADERS_TIMEOUT = Refusal(408, "REQUEST_TIMEOUT", "The headers of the request did not arrive in time.")
BODY_TIMEOUT = Refusal(408, "REQUEST_TIMEOUT", "The body of the request did not arrive in time.")
OVERLOADED = Refusal(503, "OVERLOADED", "The server has more requests than it can serve. Try again later.")
TOO_MANY_CONNECTIONS = Refusal(503, "OVERLOADED", "The server has too many open connections. Try again later.")
TOO_MANY_BODIES = Refusal(503, "OVERLOADED", "The server holds too many unfinished request bodies. Try again later.")


def url_too_long(limit: int) -> Refusal:
    return Refusal(414, "URI_TOO_LONG", f"The URL is longer than {limit} bytes. Send the operation by POST.")


def headers_too_large(limit: int) -> Refusal:
    message = f"The headers are too many, or larger than {limit} bytes. Send fewer or shorter ones."
    return Refusal(431, "HEADERS_TOO_LARGE", message)


def body_too_large(limit: int) -> Refusal:
    return Refusal(413, "PAYLOAD_TOO_LARGE", f"The request is larger than {limit} bytes.")
