"""Content negotiation (RFC 9110, 12.5): the media type and the content coding that a client prefers."""

from collections.abc import Sequence
from functools import lru_cache

MAX_REMEMBERED = 256
"""Maximum length of a header whose outcome is remembered, in characters; those of real clients are shorter."""

MAX_RANGES = 50
"""Maximum number of ranges that are read of a header; more are ignored."""


def media_type(accept: str, offers: Sequence[str], default: str) -> str | None:
    """The offer that the client prefers by `Accept`; None if it accepts none.

    Of equal quality, an offer that the client names comes before one that matches a wildcard; of several named ones
    the first in `offers`, of several others `default`.
    """
    if len(accept) > MAX_REMEMBERED:
        return _media_type.__wrapped__(accept, tuple(offers), default)
    return _media_type(accept, tuple(offers), default)


def content_coding(accept_encoding: str, offers: Sequence[str]) -> str | None:
    """The coding that the client prefers by `Accept-Encoding`, the first in `offers` of several; None for identity."""
    if len(accept_encoding) > MAX_REMEMBERED:
        return _content_coding.__wrapped__(accept_encoding, tuple(offers))
    return _content_coding(accept_encoding, tuple(offers))


@lru_cache(maxsize=256)
def _media_type(accept: str, offers: tuple[str, ...], default: str) -> str | None:
    ranges = dict(_ranges(accept))
    found: list[tuple[float, int, int, str]] = []
    for place, offer in enumerate(offers):
        # The most specific range that matches decides (RFC 9110, 12.5.1).
        matching = (offer, f"{offer.partition('/')[0]}/*", "*/*")
        specific = next((place for place, each in enumerate(matching) if each in ranges), None)
        if specific is not None and (quality := ranges[matching[specific]]) > 0:
            preference = -place if specific == 0 else int(offer == default)
            found.append((quality, -specific, preference, offer))
    return max(found)[-1] if found else None


@lru_cache(maxsize=256)
def _content_coding(accept_encoding: str, offers: tuple[str, ...]) -> str | None:
    ranges = dict(_ranges(accept_encoding))
    anything = ranges.get("*", 0.0)
    qualities = [ranges.get(offer, anything) for offer in offers]
    best = max(qualities)
    # Identity is always acceptable, and preferred only if the client says so.
    if best <= 0 or best < ranges.get("identity", 0.0):
        return None
    return offers[qualities.index(best)]


def _ranges(header: str) -> list[tuple[str, float]]:
    """The ranges of a header with their quality. What is malformed is left out, as are texts in other charsets."""
    found = []
    for element in header.split(",", MAX_RANGES)[:MAX_RANGES]:
        name, *parameters = (part.strip().lower() for part in element.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        quality = _quality(given.get("q", "1"))
        if name and quality is not None and given.get("charset", "utf-8").strip('"') in ("utf-8", "utf8"):
            found.append((name, quality))
    return found


def _quality(text: str) -> float | None:
    """A quality value (RFC 9110, 12.4.2): from 0 to 1, with at most three digits."""
    try:
        quality = float(text) if len(text) <= 5 and text[:1].isdigit() and "e" not in text else -1.0
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None
