"""A section per system. Its names are the arguments that the system's source is made with."""

from typing import Literal, Self

from pydantic import Field, model_validator

from plangate.settings.sections import HttpUrl, Secret, Section, Text, TimeZone, Words


class UpstreamSettings(Section):
    """What every system that is asked over HTTP has: its workspace, and arguments of `Upstream`."""

    workspace: Text | None = Field(default=None, description="The workspace that reads it; all of them if not set.")
    deadline: float = Field(
        default=4.0, gt=0, description="Maximum seconds of one call: queue, tries and retries together."
    )
    concurrency: int = Field(default=8, ge=1, le=100, description="Maximum number of requests on the wire at once.")
    retries: int = Field(default=2, ge=0, le=10, description="How often a call that failed is made again.")
    retry_after_max: float = Field(
        default=60.0, ge=0, description="Maximum seconds that Retry-After of a 429 is obeyed before one probe call."
    )
    max_calls: int = Field(default=200, ge=1, description="How many calls one GraphQL operation may take.")
    cache_bytes: int = Field(
        default=10_000_000, ge=0, description="Bytes of answers that are kept as long as it allows; 0 keeps none."
    )
    stale_if_error: float = Field(
        default=0.0, ge=0, description="Seconds for which the last answer stands in for one that fails; 0 for never."
    )
    credentials: Literal["gateway", "viewer"] = Field(
        default="gateway",
        description="gateway: calls carry the credential set here. viewer: that of X-Plangate-<Source>-Authorization.",
    )
    circuit_failures: int = Field(
        default=10, ge=1, description="Failures in a row, each of another request, that open the circuit."
    )
    circuit_pause: float = Field(default=10.0, gt=0, description="Seconds the circuit stays open before a probe call.")


class StoreSettings(Section):
    url: str = Field(
        default="sqlite+aiosqlite:///plangate.sqlite",
        repr=False,
        description="The database: sqlite:///file.sqlite, or postgresql://user:password@host/database.",
    )
    pool_size: int = Field(
        default=10, ge=1, le=1000, description="Maximum number of connections to the database, per worker."
    )
    timeout: float = Field(
        default=10.0, gt=0, description="Maximum seconds of a statement, with waiting for a connection."
    )


class HappyforceSettings(UpstreamSettings):
    url: HttpUrl = Field(
        default="https://api.happyforce.com/api/v1/company", description="Where Happyforce's API of a company answers."
    )
    session_id: Secret = Field(description="The session of the user whose plans are read, sent as SessionId.")
    per_page: int = Field(default=100, ge=1, le=1000, description="The longest page asked for.")
    actions_path: Text = Field(default="actions", description="Where the list of actions is; inferred.")
    origin_name: Text = Field(default="origin", description="What the origin of an action is called; inferred.")
    target_date_name: Text = Field(
        default="targetDate", description="What the target date of an action is called; inferred."
    )
    completed_at_name: Text = Field(
        default="completedAt", description="What the instant of an action's completion is called; inferred."
    )


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


class ScaleSettings(UpstreamSettings):
    """The path `/v4/plans` is Scale's; that it lists and reads plans as its other resources do is inferred."""

    url: HttpUrl = Field(default="https://api.egp.scale.com", description="Where Scale's GenAI platform answers.")
    api_key: Secret = Field(description="The key, sent as x-api-key.")
    account_id: Text = Field(description="The account whose plans are read, sent as x-selected-account-id.")
    per_page: int = Field(default=100, ge=1, le=10_000, description="The longest page asked for.")
    state_keys: Words = Field(
        default=("threadIds",), description="Members of a step that are its state, not steps within it."
    )


class OnePlanSettings(UpstreamSettings):
    url: HttpUrl = Field(
        default="https://my.oneplan.ai/api",
        description="Where OnePlan answers; there are eu., au. and ca. hosts too.",
    )
    key_name: Text = Field(description="The name of a group authentication key.")
    key_value: Secret = Field(description="The value of the key.")
    start_field: Text | None = Field(default=None, description="The internal name of the field with the start date.")
    end_field: Text | None = Field(default=None, description="The internal name of the field with the end date.")
    description_field: Text | None = Field(default=None, description="The internal name of the description field.")
    status_field: Text | None = Field(default=None, description="The internal name of the field with the status.")
    person_name_field: Text | None = Field(default="Name", description="The internal name of a resource's name field.")
    person_email_field: Text | None = Field(default="Email", description="The internal name of its e-mail field.")
    process_states: Words = Field(
        default=("Pending",), description="Names of its integers from 0: Pending, Approved, Rejected; - if not known."
    )
    step_states: Words = Field(default=(), description="Names of its integers from 0: Started, Ended.")
    access_levels: Words = Field(
        default=(), description="Names of its integers from 0: None, Reader, MyWork, Planner, Owner."
    )
    access_types: Words = Field(default=(), description="Names of its integers from 0: User, Group, Other.")
    assignment_types: Words = Field(default=(), description="Names of its integers from 0: Resource, Team.")
    date_set_types: Words = Field(
        default=(), description="Names of its integers from 0: Baseline, Costs, Normal, ResPlan."
    )
    global_levels: Words = Field(default=(), description="Names of its integers from 0: None, Requestor, ..., Owner.")
    archived: bool = Field(default=False, description="Whether lists of plans have the archived ones too.")
    templates: bool = Field(default=False, description="Whether lists of plans have templates too.")
    max_bytes: int = Field(
        default=40_000_000, ge=1_000_000, description="How long an answer may be; its list of plans comes in one."
    )


class PlanhatSettings(UpstreamSettings):
    url: HttpUrl = Field(default="https://api.planhat.com", description="Where Planhat answers.")
    token: Secret = Field(description="The API token of a service account.")
    time_zone: TimeZone | None = Field(default=None, description="Where a project's days are counted; UTC if not set.")
    per_page: int = Field(default=1000, ge=1, le=2000, description="The longest page asked for.")
