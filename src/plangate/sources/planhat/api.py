"""What Planhat is asked, in its own words: objects by id, and lists that are bare arrays without a total.

https://www.planhat.com/developers/api; the parameters of lists are in the seed at `GET /projects`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from plangate.errors import UpstreamBadResponse
from plangate.upstream import Params, Upstream, together

from .ids import ids_among

Document = dict[str, Any]
Fetch = Callable[[int, int], Awaitable[list[Any]]]
"""A list: gives the objects from an offset on, at most so many."""

LONGEST_PAGE = 2000
_COMPANIES_A_CALL = 64  # 1,600 characters of query; beyond about 2,000 users report errors
_MANY = 10_000


class Api:
    """Planhat through one `upstream`. `per_page` is the longest page of whole objects that is asked for."""

    def __init__(self, upstream: Upstream, per_page: int) -> None:
        self.upstream = upstream
        self.per_page = per_page

    async def one(self, collection: str, id: str) -> Document | None:
        """One object, or None."""
        found = await self.upstream.get(f"{collection}/{id}", type=Document | None)  # type: ignore[arg-type]
        return found if found and found.get("_id") == id else None

    async def by_id(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """One GET for each: no list can be asked for ids."""
        known = ids_among(ids)
        found = await together(self.one(collection, id) for id in known)
        return {id: document for id, document in zip(known, found, strict=True) if document is not None}

    def listing(self, collection: str, params: Params) -> Fetch:
        async def fetch(offset: int, count: int) -> list[Any]:
            asked = {**params, "limit": count, "offset": offset}
            return await self.upstream.get(collection, asked, type=list[Any]) or []

        return fetch

    async def everything(self, collection: str, params: Params | None = None) -> list[Any]:
        """The whole list; its end is a page that is not full. In the order of ids, so that pages fit together."""
        fetch = self.listing(collection, {**(params or {}), "sort": "_id"})
        found: list[Any] = []
        while len(found) < _MANY:
            page = await fetch(len(found), self.per_page)
            found += page
            if len(page) < self.per_page:
                return found
        source = self.upstream.source
        raise UpstreamBadResponse(source, f"{source} has more than {_MANY} {collection} here, too many to list whole.")

    async def of_companies(self, collection: str, companies: Sequence[str]) -> list[Any]:
        """What hangs on companies, all of them in one call as long as the query does not get too long."""
        parts = [companies[i : i + _COMPANIES_A_CALL] for i in range(0, len(companies), _COMPANIES_A_CALL)]
        found = await together(self.everything(collection, {"companyId": ",".join(part)}) for part in parts)
        return [document for part in found for document in part]
