"""What Scale is asked, in its own words.

The reference shows how a plan is made, and nothing else of plans [S]. That plans are read and listed as the other
resources of `/v4` are is inferred [inf]; how those are is known from Scale's client library, `scale-gp` 0.1.0a62 [K].
"""

from typing import Any

from msgspec import Struct

from plangate.errors import UpstreamBadResponse
from plangate.upstream import Params, Upstream

from .ids import segment

LONGEST_PAGE = 10_000


class Page(Struct, frozen=True, gc=False):
    """The envelope of a list [K]. Pages are counted from one."""

    items: list[Any]
    total_item_count: int


class Api:
    """Scale through one `upstream`, for one account. Every request says which: a key may be good for several."""

    def __init__(self, upstream: Upstream, account_id: str) -> None:
        self.upstream = upstream
        self.account_id = account_id

    async def plan(self, id: str) -> Any:
        return await self.upstream.get(f"v4/plans/{segment(id)}")

    async def user(self, id: str) -> Any:
        return await self.upstream.get(f"users/{segment(id)}")

    async def plans(self, number: int, limit: int, params: Params) -> Page:
        """One page of the account's plans."""
        given = {"account_id": self.account_id, **params, "page": number, "limit": limit}
        page = await self.upstream.get("v4/plans", given, type=Page)
        name = self.upstream.source
        if page is None:
            raise UpstreamBadResponse(name, f"{name} has no list of plans at this URL.")
        # Of shorter pages than asked for nobody knows where they begin.
        if not min(limit, page.total_item_count - (number - 1) * limit) <= len(page.items) <= limit:
            raise UpstreamBadResponse(name, f"{name} does not give pages of {limit}. Set scale.per_page lower.")
        return page
