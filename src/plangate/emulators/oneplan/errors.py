"""Errors in the words of ASP.NET Web API, which OnePlan's help pages look like [inf]; its own are not documented."""

import orjson
from starlette.responses import Response

_WORDS = {
    401: "Authorization has been denied for this request.",
    404: "No HTTP resource was found that matches the request URI.",
    405: "The requested resource does not support this http method.",
    429: "Too many requests.",
    500: "An error has occurred.",
    503: "The service is unavailable.",
}


def error(status: int, message: str | None = None) -> Response:
    """`{"Message": "..."}`, and for 401 the challenge of HTTP Basic."""
    headers = {"WWW-Authenticate": "Basic"} if status == 401 else None
    body = {"Message": message or _WORDS.get(status, "The request is invalid.")}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
