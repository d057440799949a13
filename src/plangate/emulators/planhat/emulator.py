"""The emulator itself: tenant, gate and control endpoints put together as one app."""

import copy

from starlette.applications import Starlette

from plangate.emulators.control import controlled
from plangate.emulators.faults import Faults
from plangate.emulators.request_log import RequestLog

from . import tenant
from .collections import Collections, Document
from .gate import Gate, RateLimit, refusal


class PlanhatEmulator:
    """A Planhat tenant behind `app`, with `faults` to switch on and a `log` of requests.

    `rate_limit` is in calls a minute; None is none. Not documented, hence switches: whether a `limit` over 2,000 is cut
    silently or, with `strict_limit`, refused with 400; whether done tasks are in lists, which `hide_archived` leaves
    out; what `missing` answers for an id that nothing has (404, or 200 with null). `scale` multiplies the companies.
    """

    def __init__(
        self,
        *,
        token: str = "planhat-token",  # noqa: S107 (an emulator's)
        rate_limit: int | None = 200,
        strict_limit: bool = False,
        hide_archived: bool = False,
        missing: int = 404,
        scale: int = 1,
    ) -> None:
        self.faults = Faults()
        self.log = RequestLog()
        self.models = tenant.build(scale)
        collections = Collections(self.models, strict_limit, hide_archived, missing)
        gate = Gate(collections.app, token, RateLimit(rate_limit) if rate_limit is not None else None)
        self.app: Starlette = controlled(gate, self.faults, self.log, refusal)

    def put(self, model: str, document: Document) -> None:
        """Insert a document into a collection such as `projects`, or replace it, to be read back exactly as given."""
        self.models[model][document["_id"]] = copy.deepcopy(document)
