"""What Planning Center is asked, in its own words: resources, pages of lists, and where the organisation is."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from zoneinfo import ZoneInfo

from plangate.errors import UpstreamBadResponse
from plangate.upstream import Params, RateHeaders, Upstream

from .jsonapi import NOTHING, Collection, Document

Fetch = Callable[[int, int], Awaitable[Collection]]
"""A list: gives the resources from an offset on, at most so many."""

# Documented under "Rate Limiting" (https://developer.planning.center/docs/#/overview/rate-limiting); sometimes absent.
RATE = RateHeaders(
    allowed="X-PCO-API-Request-Rate-Limit",
    period="X-PCO-API-Request-Rate-Period",
    spent="X-PCO-API-Request-Rate-Count",
)
LONGEST_PAGE = 100
_ZONE_LASTS = 3600.0
_MOST_ZONES = 1000


class Api:
    """Planning Center Services through one `upstream`. Paths are below `/services/v2`."""

    def __init__(self, upstream: Upstream, time_zone: str | None) -> None:
        self.upstream = upstream
        self._told = ZoneInfo(time_zone) if time_zone else None
        self._zones: dict[bytes, tuple[ZoneInfo, float]] = {}

    async def one(self, path: str, include: tuple[str, ...] = ()) -> Document | None:
        """One resource, or None."""
        return await self.upstream.get(path, {"include": ",".join(include)} if include else None, type=Document)

    def list(self, path: str, params: Params | None = None) -> Fetch:
        """The list at a path. If there is no such path, for want of a parent, the list is empty."""

        async def fetch(offset: int, count: int) -> Collection:
            paging = {"per_page": count, "offset": offset}
            return await self.upstream.get(path, {**(params or {}), **paging}, type=Collection) or NOTHING

        return fetch

    async def zone(self) -> ZoneInfo:
        """The organisation's time zone: as the settings say, or as it says itself, which is believed for an hour."""
        if self._told:
            return self._told
        owner = self.upstream.owner  # viewers with credentials of their own may be of several organisations
        zone, ends = self._zones.get(owner, (None, 0.0))
        if zone is None or monotonic() >= ends:
            organization = await self.one("")
            name = organization.data.attributes.get("time_zone") if organization else None
            try:
                # Reads a file.
                zone = await asyncio.to_thread(ZoneInfo, name or "")
            except (KeyError, ValueError, TypeError, OSError):
                message = f"{self.upstream.source} names no time zone that is known. Set it in the settings."
                raise UpstreamBadResponse(self.upstream.source, message) from None
            if len(self._zones) >= _MOST_ZONES:
                self._zones.clear()
            self._zones[owner] = zone, monotonic() + _ZONE_LASTS
        return zone
