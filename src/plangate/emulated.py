"""The upstream systems, emulated: what serves each one, and the settings of the source that reads it there."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from pydantic import SecretStr

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.oneplan import OnePlanEmulator
from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.scale import ScaleEmulator
from plangate.emulators.server import serve
from plangate.settings.systems import (
    HappyforceSettings,
    OnePlanSettings,
    PlanhatSettings,
    PlanningCenterSettings,
    ScaleSettings,
    UpstreamSettings,
)


class Emulated(NamedTuple):
    """An emulator (its `app`, `faults` and `log`), and the settings for it once its address is known."""

    emulator: Any
    settings: Callable[[str], UpstreamSettings]


def systems(workspace: str | None, *, scale: int = 1, **options: Any) -> dict[str, Emulated]:
    """Every upstream system by its source's name. `workspace` and `options` go into the settings of each."""
    given: dict[str, Any] = {"workspace": workspace, **options}
    return {
        "planning_center": Emulated(
            # Without its rate limit: what is shown and tried here is the graph, not the waiting.
            PlanningCenterEmulator(scale=scale, rate_limit=None),
            lambda url: PlanningCenterSettings(
                url=f"{url}/services/v2", app_id="app-id", secret=SecretStr("secret"), **given
            ),
        ),
        "scale": Emulated(
            ScaleEmulator(),
            lambda url: ScaleSettings(url=url, api_key=SecretStr("api-key"), account_id="acct-halden", **given),
        ),
        "happyforce": Emulated(
            HappyforceEmulator(),
            lambda url: HappyforceSettings(url=f"{url}/api/v1/company", session_id=SecretStr("session-id"), **given),
        ),
        "oneplan": Emulated(
            OnePlanEmulator(key_name="plangate", key_value="key-value", scale=scale),
            lambda url: OnePlanSettings(
                url=f"{url}/api",
                key_name="plangate",
                key_value=SecretStr("key-value"),
                start_field="Start Date",
                end_field="Finish",
                status_field="status",
                description_field="Executive Summary",
                process_states=("Pending", "Approved", "Rejected"),
                step_states=("Started", "Ended"),
                access_levels=("None", "Reader", "MyWork", "Planner", "Owner"),
                **given,
            ),
        ),
        "planhat": Emulated(
            PlanhatEmulator(rate_limit=None, scale=scale),
            lambda url: PlanhatSettings(url=url, token=SecretStr("planhat-token"), **given),
        ),
    }


@asynccontextmanager
async def served(systems: dict[str, Emulated], *, port: int = 0) -> AsyncIterator[dict[str, UpstreamSettings]]:
    """Serve all of them on this machine, at `port` and the ports after it, or at free ports; their settings by name.

    Raises OSError if a port is taken.
    """
    async with AsyncExitStack() as stack:
        yield {
            name: each.settings(
                await stack.enter_async_context(serve(each.emulator.app, port=port + index if port else 0))
            )
            for index, (name, each) in enumerate(systems.items())
        }
