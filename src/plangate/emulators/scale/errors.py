"""Errors as Scale's API words them: `{"detail": ...}`, sometimes doubled, and FastAPI's list for 422 [K]."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

# FastAPI's own words for 404 and 405; the others are stand-ins.
_WORDS = {
    400: "Bad Request",
    401: "Could not authenticate the API key",
    403: "The identity has no access to this account",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refused(Exception):
    """The request cannot be answered; `detail` is a text, or for 422 what FastAPI says of each mistake."""

    def __init__(self, status: int, detail: str | Sequence[dict[str, Any]] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail

    def response(self, *, doubled: bool) -> Response:
        """The answer to send."""
        return error(self.status, self.detail, doubled=doubled)


def mistake(kind: str, message: str, *where: str) -> dict[str, Any]:
    """What FastAPI says of one value that is not right: where it is, and why."""
    return {"loc": list(where), "msg": message, "type": kind}


def error(status: int, detail: str | Sequence[dict[str, Any]] | None = None, *, doubled: bool = False) -> Response:
    """An error of this status. The client library obeys `x-should-retry` [K]; when it is sent is a stand-in."""
    body: dict[str, Any] = {"detail": detail or _WORDS.get(status, "Error")}
    if doubled and status != 422:
        body = {"detail": body}
    headers = {"x-should-retry": "true" if status in (408, 409, 429) or status >= 500 else "false"}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
