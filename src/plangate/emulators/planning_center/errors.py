"""Errors as the Services API words them: a JSON:API `errors` array [V, I]."""

from typing import Any

import orjson
from starlette.responses import Response

# The titles and details of 401, 403, 404 and 429 are reported [V, I]; those of the others are stand-ins.
_WORDS: dict[int, dict[str, str]] = {
    400: {"title": "Bad Request"},
    401: {
        "code": "unauthorized",
        "title": "Unauthorized",
        "detail": "You need to sign in or provide valid credentials. Error Code Hint: (CAPUCHIN)",
    },
    403: {"title": "Forbidden", "detail": "You do not have access to this resource"},
    404: {"title": "Not Found", "detail": "The resource you requested could not be found"},
    405: {"title": "Method Not Allowed", "detail": "This emulator is read-only"},
    429: {
        "code": "429",
        "title": "Too Many Requests",
        "detail": "Rate limit exceeded: 118 of 100 requests per 20 seconds",
    },
    500: {"title": "Internal Server Error", "detail": "An unexpected error occurred"},
    503: {"title": "Service Unavailable", "detail": "Planning Center is down for maintenance"},
}


class Refused(Exception):
    """The request cannot be answered; `str()` of it is the detail to give."""

    def __init__(self, status: int, detail: str | None = None, *, parameter: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parameter = parameter

    def response(self) -> Response:
        """The answer to send."""
        return error(self.status, self.detail, parameter=self.parameter)


def error(status: int, detail: str | None = None, *, code: str | None = None, parameter: str | None = None) -> Response:
    """An error of this status in the API's own words, with `detail` in place of its usual one."""
    body: dict[str, Any] = {"status": str(status), **_WORDS.get(status, {"title": "Error"})}
    if detail:
        body["detail"] = detail
    if code:
        body["code"] = code
    if parameter:
        body["source"] = {"parameter": parameter}
    return Response(orjson.dumps({"errors": [body]}), status, media_type="application/json")


def expired() -> Response:
    """401 for a token that was good once; BABOON is the hint for that [I]."""
    return error(401, "You need to sign in or provide valid credentials. Error Code Hint: (BABOON)")
