"""The emulator itself: accounts, gate and control endpoints put together as one app."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.applications import Starlette

from plangate.emulators.control import controlled
from plangate.emulators.faults import Faults
from plangate.emulators.request_log import RequestLog

from . import portfolio
from .accounts import Accounts
from .errors import error
from .gate import Gate
from .plans import Plans, application

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class ScaleEmulator:
    """Scale behind `app`, with `faults` to switch on and a `log` of requests. Its URLs begin at the root.

    `api_key` is good for the accounts `acct-halden` and `acct-brightwater`, and for those of plans that are `put`.
    `inferred` False leaves out all that the reference does not document. `conflict` is the answer to a request that
    names two accounts, None for none. `doubled` wraps the detail of an error in another. A page has at most
    `longest_page` plans; `clamps` cuts a longer one down instead of refusing it. `scale` multiplies the plans.
    """

    def __init__(
        self,
        *,
        api_key: str = "api-key",
        inferred: bool = True,
        conflict: int | None = 403,
        doubled: bool = False,
        longest_page: int = 10_000,
        clamps: bool = False,
        clock: Callable[[], datetime] = lambda: NOW,
        scale: int = 1,
    ) -> None:
        self.faults = Faults()
        self.log = RequestLog()
        self.accounts = Accounts((portfolio.ACCOUNT, portfolio.OTHER_ACCOUNT), clock)
        portfolio.fill(self.accounts, scale)
        plans = Plans(self.accounts, Gate(api_key, self.accounts.ids, conflict), longest_page, clamps=clamps)
        app = application(plans, inferred=inferred, doubled=doubled)
        self.app: Starlette = controlled(app, self.faults, self.log, partial(error, doubled=doubled))

    def put(self, plan: dict[str, Any]) -> None:
        """Insert a plan, or replace it, to be read back exactly as given."""
        self.accounts.add(plan)
        if isinstance(account := plan.get("account_id"), str):
            self.accounts.ids.add(account)
