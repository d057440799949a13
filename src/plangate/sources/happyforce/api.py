"""What Happyforce is asked, in its own words: one plan, a part of the list of plans, the list of actions."""

from typing import Any, TypeVar

from msgspec import Struct

from plangate.errors import BadUserInput, UpstreamBadResponse
from plangate.upstream import Params, Upstream

T = TypeVar("T")


class Listed(Struct, frozen=True, gc=False):
    """The plans from one index to another, and how many there are [V]. Its plans are decoded one by one, elsewhere."""

    total: int
    result: list[Any]


class Api:
    """Happyforce through one `upstream`. Paths are below `/api/v1/company`; that of the actions is inferred [inf]."""

    def __init__(self, upstream: Upstream, actions_path: str) -> None:
        self.upstream = upstream
        self._actions_path = actions_path.strip("/")

    async def plan(self, id: str) -> Any | None:
        """One plan with all its actions, or None: what is not there may also be an empty answer."""
        return await self.upstream.get(f"action-plans/{id}") or None

    async def plans(self, start: int, stop: int, filter: Params) -> Listed:
        """The plans from index `start` to `stop`, which is exclusive, newest first [S]."""
        return await self._list("action-plans", {**filter, "from": start, "to": stop}, Listed, filter)

    async def actions(self, filter: Params) -> list[Any]:
        """All actions that meet the filter: the list has no pages [V]."""
        return await self._list(self._actions_path, filter, list[Any], filter)

    async def _list(self, path: str, params: Params, type: type[T], filter: Params) -> T:
        try:
            found = await self.upstream.get(path, params, type=type)
        except UpstreamBadResponse as error:
            if error.status == 400 and filter:  # a word that its vocabulary does not have
                message = f"{self.upstream.source} does not know a value of the filter: {', '.join(filter)}."
                raise BadUserInput(message, source=self.upstream.source, argument="filter") from None
            raise
        if found is None:
            message = f"{self.upstream.source} has no such list. Check `url` and `actions_path` in the settings."
            raise UpstreamBadResponse(self.upstream.source, message)
        return found
