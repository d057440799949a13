"""The emulator itself: account, gate and control endpoints put together as one app."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.responses import Response

from plangate.emulators.control import controlled
from plangate.emulators.faults import Faults
from plangate.emulators.request_log import RequestLog

from . import church
from .errors import error, expired
from .gate import Gate, RateLimit
from .kinds import EDGES
from .resources import Resources
from .world import Attributes, Relationships, Resource, World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class PlanningCenterEmulator:
    """A Planning Center account behind `app`, with `faults` to switch on and a `log` of requests.

    `app_id` and `secret` make the personal access token (Basic), `tokens` are accepted as Bearer. `rate_limit` None
    is none; `rate_headers` False leaves its headers out. `clock` decides what is past and what "now" is; `scale`
    multiplies the number of plans. `strict=False` ignores unknown parameters instead of refusing them with 400:
    which of the two Planning Center does is not documented.
    """

    def __init__(
        self,
        *,
        app_id: str = "app-id",
        secret: str = "secret",  # noqa: S107 (an emulator's)
        tokens: Collection[str] = ("access-token",),
        rate_limit: int | None = 100,
        rate_period: int = 20,
        rate_headers: bool = True,
        require_user_agent: bool = True,
        clock: Callable[[], datetime] = lambda: NOW,
        time_zone: str = "America/Chicago",
        scale: int = 1,
        strict: bool = True,
    ) -> None:
        self.faults = Faults()
        self.log = RequestLog()
        self.world = World(ZoneInfo(time_zone), clock)
        organization = church.build(self.world, scale)
        resources = Resources(self.world, organization, strict=strict)
        limit = RateLimit(rate_limit, rate_period) if rate_limit is not None else None
        gate = Gate(resources, app_id, secret, tokens, limit, rate_headers, require_user_agent)
        self.app: Starlette = controlled(gate, self.faults, self.log, _answer)

    def put(
        self,
        type: str,
        id: str,
        attributes: Attributes,
        relationships: Relationships | None = None,
        *,
        under: tuple[str, str] | None = None,
    ) -> None:
        """Insert a resource, or replace it, to be read back exactly as given.

        It joins every collection of its type of its owner, which is `under` (type and id), or else the plan, series
        and service type that its relationships name, or else the organisation.
        """
        resource = Resource(type, id, attributes, relationships or {})
        named = [(link, resource.related_id(name)) for name, link in _OWNERS.items()]
        owners = [under] if under else [(link, owner) for link, owner in named if owner is not None]
        owners = owners or [("Organization", church.ORGANIZATION)]
        self.world.add(
            resource,
            *(
                (owner, owner_id, name)
                for owner, owner_id in owners
                for name, edge in EDGES.get(owner, {}).items()
                if edge.type == type and name not in resource.relationships
            ),
        )


_OWNERS = {"plan": "Plan", "series": "Series", "service_type": "ServiceType"}


def _answer(status: int) -> Response:
    return expired() if status == 401 else error(status)
