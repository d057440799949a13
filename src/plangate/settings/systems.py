"""A section per system. Its names are the arguments that the system's source is made with."""

from typing import Literal, Self

from pydantic import Field, model_validator

from plangate.settings.sections import HttpUrl, Secret, Section, Text, TimeZone


class UpstreamSettings(Section):
    """What every system that is asked over HTTP has: its workspace, and arguments of `Upstream`."""

    workspace: Text | None = Field(default=None, description="The workspace that reads it; all of them if not set.")
    deadline: float = Field(default=10.0, gt=0, description="Seconds that one call may take, with its retries.")
    concurrency: int = Field(default=8, ge=1, le=100, description="How many calls may be under way at once.")
    retries: int = Field(default=2, ge=0, le=10, description="How often a call that failed is made again.")
    max_calls: int = Field(default=200, ge=1, description="How many calls one GraphQL operation may take.")
    cache_bytes: int = Field(
        default=10_000_000, ge=0, description="Bytes of answers that are kept as long as it allows; 0 keeps none."
    )
    stale_if_error: float = Field(
        default=0.0, ge=0, description="Seconds for which the last answer stands in for one that fails; 0 for never."
    )
    credentials: Literal["gateway", "viewer"] = Field(
        default="gateway", description="Whose credential is shown to it: the one set here, or each viewer's own."
    )
    circuit_failures: int = Field(
        default=10, ge=1, description="After how many failures in a row it is left alone for a while."
    )
    circuit_pause: float = Field(
        default=10.0, gt=0, description="Seconds for which it is left alone, then tried again."
    )


class StoreSettings(Section):
    url: str = Field(
        default="sqlite+aiosqlite:///plangate.sqlite",
        repr=False,
        description="The database: sqlite:///file.sqlite, or postgresql://user:password@host/database.",
    )
    pool_size: int = Field(default=10, ge=1, le=1000, description="How many connections to keep open, per worker.")
    timeout: float = Field(default=10.0, gt=0, description="Seconds that the database has for one question.")


class PlanningCenterSettings(UpstreamSettings):
    url: HttpUrl = Field(
        default="https://api.planningcenteronline.com/services/v2",
        description="Where Planning Center Services answers.",
    )
    app_id: Text | None = Field(default=None, description="The id of a personal access token; goes with secret.")
    secret: Secret | None = Field(default=None, description="The secret of the personal access token.")
    token: Secret | None = Field(default=None, description="An OAuth access token, instead of app_id and secret.")
    time_zone: TimeZone | None = Field(default=None, description="Its time zone; as it says itself if not set.")
    per_page: int = Field(default=100, ge=1, le=100, description="The longest page asked for.")
    api_version: str = Field(default="2018-11-01", description="The version of the API, sent as X-PCO-API-Version.")

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.credentials == "viewer" and not (self.app_id or self.secret or self.token):
            return self
        if (self.app_id is None) != (self.secret is None) or (self.token is None) == (self.app_id is None):
            raise ValueError("set `app_id` and `secret`, or else `token` alone")
        return self
