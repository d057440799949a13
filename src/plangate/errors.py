"""Every error that Plangate raises on purpose. Each has a stable code and says what to do.

    PlangateError
    ├── BadUserInput                    BAD_USER_INPUT              the arguments cannot be honoured as given
    │   ├── InvalidId                   INVALID_ID                  not an id that this graph hands out
    │   ├── InvalidCursor               INVALID_CURSOR              not a cursor of this list, order and filter
    │   ├── PaginationLimit             PAGINATION_LIMIT            first/last both given, negative or above the maximum
    │   ├── FilterNotSupported          FILTER_NOT_SUPPORTED        the source cannot apply this filter
    │   └── OrderNotSupported           ORDER_NOT_SUPPORTED         the source cannot give this order
    ├── Unauthenticated                 UNAUTHENTICATED             no credential, or one that is not valid
    ├── Forbidden                       FORBIDDEN                   known, but not allowed
    ├── HttpError                                                   the request is not sound as HTTP
    ├── SettingsError                   SETTINGS                    the configuration does not make sense
    └── SourceError                                             one source failed; the others answer
        ├── StoreUnavailable            STORE_UNAVAILABLE           the SQL database does not answer
        ├── UpstreamUnauthenticated     UPSTREAM_UNAUTHENTICATED    the viewer has sent no credential for the system
        ├── UpstreamBudgetExceeded      UPSTREAM_CALLS_EXCEEDED     the operation would take too many calls to it
        └── UpstreamError                                       the system behind a source failed
            ├── UpstreamTimeout         UPSTREAM_TIMEOUT
            ├── UpstreamUnavailable     UPSTREAM_UNAVAILABLE
            ├── UpstreamCircuitOpen     UPSTREAM_CIRCUIT_OPEN       it failed so often that it is not asked for a while
            ├── UpstreamRateLimited     UPSTREAM_RATE_LIMITED
            ├── UpstreamDenied          UPSTREAM_DENIED             the system refuses the gateway's credential
            └── UpstreamBadResponse     UPSTREAM_BAD_RESPONSE       it answered something that is no answer

What is refused before anything is asked has codes of its own. The HTTP request (HttpError): BAD_REQUEST,
CSRF_PREVENTION (a GET without a header that makes browsers send a preflight request), METHOD_NOT_ALLOWED,
MISDIRECTED_REQUEST (the Host header is not a name of the gateway), NOT_ACCEPTABLE, ORIGIN_NOT_ALLOWED (CORS),
PAYLOAD_TOO_LARGE, PERSISTED_QUERY_NOT_SUPPORTED (a hash without a query), REQUEST_TIMEOUT, UNSUPPORTED_MEDIA_TYPE; from
the server itself: HEADERS_TOO_LARGE, OVERLOADED (too many requests, connections or unfinished bodies), URI_TOO_LONG.
The document and its variables: GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, OPERATION_RESOLUTION_FAILURE,
INTROSPECTION_DISABLED, BAD_USER_INPUT, COST_LIMIT_EXCEEDED, and MAX_ of ALIASES, DEPTH, DIRECTIVES, FIELDS, LIST_ITEMS,
ROOT_FIELDS, TOKENS, VALUES or VALUE_DEPTH _EXCEEDED. Time: DEADLINE_EXCEEDED. A bug of ours: INTERNAL_SERVER_ERROR. In
the log a request whose client has gone is CLIENT_CLOSED_REQUEST.

BAD_USER_INPUT, the codes below it and those of the document also have `classification: "ValidationError"`.

Errors reach a client as a GraphQL error with `extensions` taken from the error; graphql-core copies that attribute.
Messages never hold an upstream's body or URL, a credential or SQL. Anything that is not a PlangateError is masked.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar


class PlangateError(Exception):
    """An error that a client may see as it is."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = {name: value for name, value in details.items() if value is not None}

    @property
    def extensions(self) -> dict[str, Any]:
        """What a client finds in `extensions`: the code and the details."""
        return {"code": self.code, **self.details}


class BadUserInput(PlangateError):
    code = "BAD_USER_INPUT"

    @property
    def extensions(self) -> dict[str, Any]:
        """With the classification by which tools know an error of the client's."""
        return {"code": self.code, "classification": "ValidationError", **self.details}


class InvalidId(BadUserInput):
    code = "INVALID_ID"


class InvalidCursor(BadUserInput):
    code = "INVALID_CURSOR"


class PaginationLimit(BadUserInput):
    code = "PAGINATION_LIMIT"


def camel(argument: str) -> str:
    """The name of an argument as clients write it."""
    return re.sub(r"_+([a-z])", lambda match: match[1].upper(), argument)


class FilterNotSupported(BadUserInput):
    code = "FILTER_NOT_SUPPORTED"

    def __init__(self, source: str, argument: str, hint: str = "Leave it out, or ask other sources.") -> None:
        argument = camel(argument)
        super().__init__(f"{source} cannot filter by {argument}. {hint}", source=source, argument=argument)


class OrderNotSupported(BadUserInput):
    code = "ORDER_NOT_SUPPORTED"

    def __init__(self, source: str, argument: str, hint: str = "Choose another order, or ask other sources.") -> None:
        argument = camel(argument)
        super().__init__(f"{source} cannot order by {argument}. {hint}", source=source, argument=argument)


class Unauthenticated(PlangateError):
    code = "UNAUTHENTICATED"


class HttpError(PlangateError):
    """A request that is not sound as HTTP, with the status and the headers of its response."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self._code, self.headers = status, code, headers

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self._code}


class Forbidden(PlangateError):
    code = "FORBIDDEN"


class SettingsError(PlangateError):
    code = "SETTINGS"


class SourceError(PlangateError):
    """A source failed. `retryable` says whether asking again may help; `retry_after` (seconds) when, if it is known.

    `cause` is for operators: it goes to the log and the command line, never to a client. It names the exception and
    says what went wrong, without values, SQL or credentials.
    """

    retryable: ClassVar[bool] = True

    def __init__(
        self,
        source: str,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        cause: str | None = None,
    ) -> None:
        super().__init__(
            message,
            source=source,
            retryable=self.retryable,
            retryAfter=retry_after,
            http={"status": status} if status else None,
        )
        self.source = source
        self.retry_after = retry_after
        self.status = status
        self.cause = cause


class StoreUnavailable(SourceError):
    """`reason` is a sentence for operators: what happened and what to do. It names hosts, users and databases.

    It goes to the command line and the log, never to a client. `permanent`: it is so until an operator acts.
    """

    code = "STORE_UNAVAILABLE"

    def __init__(
        self, source: str, message: str, *, reason: str = "", permanent: bool = False, cause: str | None = None
    ) -> None:
        super().__init__(source, message, cause=cause)
        self.reason = reason or message
        self.permanent = permanent


class UpstreamUnauthenticated(SourceError):
    code = "UPSTREAM_UNAUTHENTICATED"
    retryable = False


class UpstreamBudgetExceeded(SourceError):
    code = "UPSTREAM_CALLS_EXCEEDED"
    retryable = False


class UpstreamError(SourceError):
    code = "UPSTREAM_UNAVAILABLE"


class UpstreamTimeout(UpstreamError):
    code = "UPSTREAM_TIMEOUT"


class UpstreamUnavailable(UpstreamError):
    code = "UPSTREAM_UNAVAILABLE"


class UpstreamCircuitOpen(UpstreamError):
    code = "UPSTREAM_CIRCUIT_OPEN"


class UpstreamRateLimited(UpstreamError):
    code = "UPSTREAM_RATE_LIMITED"


class UpstreamDenied(UpstreamError):
    code = "UPSTREAM_DENIED"
    retryable = False


class UpstreamBadResponse(UpstreamError):
    code = "UPSTREAM_BAD_RESPONSE"
    retryable = False


class CredentialRefused(Exception):
    """Why a credential is refused, for the log: never the credential, nor what it says."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
