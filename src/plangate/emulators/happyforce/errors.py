"""Errors as Happyforce words them: `{errorCode, errorMessage, customMessage}`.

That shape, with upper-case codes, is that of its public API [K]; that the API of action plans shares it is inferred
[inf], and so are the codes. Only the words of 400 for a plan without title or description are documented [V].
"""

import orjson
from starlette.responses import Response

_WORDS = {
    400: ("VALIDATION_ERROR", "Validation failed"),
    401: ("INVALID_SESSION", "The session is not valid or has expired"),
    403: ("FORBIDDEN", "You are not allowed to do this"),
    404: ("NOT_FOUND", "Not found"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    429: ("TOO_MANY_REQUESTS", "Too many requests"),
    500: ("INTERNAL_ERROR", "An unexpected error occurred"),
    503: ("SERVICE_UNAVAILABLE", "The service is down for maintenance"),
}


class Refused(Exception):
    """The request cannot be answered; `str()` of it is the message to give."""

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(message or "")
        self.status = status

    def response(self) -> Response:
        """The answer to send."""
        return error(self.status, str(self))


def error(status: int, message: str = "") -> Response:
    """An error of this status, with `message` in place of its usual one."""
    code, usual = _WORDS.get(status, ("ERROR", "Error"))
    body = {"errorCode": code, "errorMessage": message or usual, "customMessage": None}
    return Response(orjson.dumps(body), status, media_type="application/json")
