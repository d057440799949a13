"""Cross-origin resource sharing (https://fetch.spec.whatwg.org/#http-cors-protocol): which web pages may call."""

from collections.abc import Mapping, Sequence

from plangate.errors import HttpError

Headers = Sequence[tuple[bytes, bytes]]

METHODS = "GET, POST"


class Cors:
    """The response headers for each allowed origin, built once. Another origin gets none, so its browser refuses.

    `origins` are exact, or `*` alone for every origin, which never goes with `credentials` (see settings).
    """

    def __init__(
        self,
        origins: Sequence[str],
        *,
        credentials: bool,
        headers: Sequence[str],
        exposed_headers: Sequence[str],
        max_age: int,
    ) -> None:
        self.varies = "*" not in origins
        """Whether the response depends on the origin."""
        given = {"access-control-expose-headers": ", ".join(exposed_headers)}
        if credentials:
            given["access-control-allow-credentials"] = "true"
        self._actual = {each: _encoded({"access-control-allow-origin": each} | given) for each in origins}
        self._preflight = _encoded(
            {
                "access-control-allow-methods": METHODS,
                "access-control-allow-headers": ", ".join(headers),
                "access-control-max-age": str(max_age),
            }
        )

    def headers(self, origin: str) -> Headers:
        """What the response to a request of this origin says, a preflight request among them."""
        return self._actual.get(origin if self.varies else "*", ())

    def preflight(self, origin: str) -> Headers:
        """What the response to a preflight request says beside. Raises HttpError for an origin that is not allowed."""
        if self.varies and origin not in self._actual:
            message = "Pages of this origin may not call this gateway: the setting cors.origins does not name it."
            raise HttpError(403, "ORIGIN_NOT_ALLOWED", message)
        return self._preflight


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks if a page may send a request; any other OPTIONS is an ordinary request."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def _encoded(headers: Mapping[str, str]) -> Headers:
    return tuple((name.encode(), value.encode()) for name, value in headers.items() if value)
