"""The emulator itself: account, credentials, routes and control endpoints put together as one app."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from plangate.emulators.control import controlled
from plangate.emulators.faults import Faults
from plangate.emulators.request_log import RequestLog

from .api import Api
from .errors import error
from .portfolio import build

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class OnePlanEmulator:
    """A group of OnePlan behind `app`, at `/api`, with `faults` to switch on and a `log` of requests.

    `key_name` and `key_value` make the authentication key. `edition` 2024 sends what the help of that year documents:
    enums by name, `DateSets`, no `StageGateFlow`. `scale` multiplies the number of plans, of which there are 47.
    """

    def __init__(
        self,
        *,
        key_name: str = "plangate",
        key_value: str = "key-value",
        edition: int = 2025,
        clock: Callable[[], datetime] = lambda: NOW,
        scale: int = 1,
    ) -> None:
        self.faults = Faults()
        self.log = RequestLog()
        self.account = build(clock(), scale)
        gate = _Gate(Api(self.account, edition, clock).app(), key_name, key_value)
        self.app: Starlette = controlled(gate, self.faults, self.log, error)

    def put(self, plan: Any, *, id: str | None = None) -> None:
        """Insert a plan, or replace it, to be read back exactly as given; `id` for one that has none of its own."""
        self.account.plans[(id or plan["id"]).lower()] = plan

    def put_task(self, plan: str, task: Any) -> None:
        """Add a task to a plan, to be read back exactly as given."""
        self.account.tasks.setdefault(plan.lower(), []).append(task)

    def put_step(self, plan: str, step: Any) -> None:
        """Add a step to the history of a plan, to be read back exactly as given."""
        self.account.history.setdefault(plan.lower(), []).append(step)

    def put_resource(self, resource: Any) -> None:
        """Insert a resource, or replace it, to be read back exactly as given."""
        self.account.resources[resource["id"].lower()] = resource


class _Gate:
    """ASGI middleware that lets only those through who have the key (HTTP Basic, `name:value` [V])."""

    def __init__(self, app: ASGIApp, key_name: str, key_value: str) -> None:
        self.app = app
        self.pair = base64.b64encode(f"{key_name}:{key_value}".encode()).decode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scheme, _, pair = Headers(scope=scope).get("authorization", "").partition(" ")
        allowed = scheme.lower() == "basic" and pair == self.pair
        await (self.app if allowed else error(401))(scope, receive, send)
