"""What comes with a plan of OnePlan: access, rates, splits, snapshots, integrations, the lock."""

import strawberry

from plangate import model
from plangate.graph.edge import to_one
from plangate.graph.node import Kind
from plangate.graph.oneplan.values import OnePlanEntry, OnePlanNumberEntry
from plangate.graph.oneplan.vocabulary import OnePlanAccessLevel, OnePlanAccessType, OnePlanDateSetType
from plangate.graph.refs import PersonRef
from plangate.graph.scalars import JSON, URL, DateTime
from plangate.native import oneplan as records


@strawberry.type(name="OnePlanUserAccess", description="What somebody may do in a plan.")
class OnePlanUserAccess(Kind):
    record = records.UserAccess

    upn: str | None = strawberry.field(description="The guid of the user or group.")
    level: OnePlanAccessLevel | None = strawberry.field(description="What they may do.")
    level_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    inherited: bool | None = strawberry.field(description="Whether it comes from a plan above.")
    access_type: OnePlanAccessType | None = strawberry.field(description="Whom it is for.")
    access_type_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    person: PersonRef | None = to_one(model.Person, "person", "Who it is, if the guid is of a resource.")


@strawberry.type(name="OnePlanTeamAccess", description="What a team may do in a plan.")
class OnePlanTeamAccess(Kind):
    record = records.TeamAccess

    team_id: str | None = strawberry.field(description="The id of the team.")
    level: OnePlanAccessLevel | None = strawberry.field(description="What they may do.")
    level_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    inherited: bool | None = strawberry.field(description="Whether it comes from a plan above.")


@strawberry.type(
    name="OnePlanFragmentInfo",
    description="What a fragment is for: a piece of a plan that is kept to be inserted into others.",
)
class OnePlanFragmentInfo(Kind):
    record = records.FragmentInfo

    name: str | None = strawberry.field(description="What it is called.")
    description: str | None = strawberry.field(description="What it is about.")
    category: str | None = strawberry.field(description="What sort of fragment it is.")
    work_types: str | None = strawberry.field(description="The work types in it.")
    personal: bool | None = strawberry.field(description="Whether it is somebody's own.")


@strawberry.type(name="OnePlanIntegratedSystem", description="The item that a plan is in another system.")
class OnePlanIntegratedSystem(Kind):
    record = records.IntegratedSystem

    integration_id: str | None = strawberry.field(description="The id of the integration.")
    item_url: URL | None = strawberry.field(description="Where it is there.")
    item_id: str | None = strawberry.field(description="The id there.")
    transaction_id: str | None = strawberry.field(description="The id of the last transaction.")
    last_export: DateTime | None = strawberry.field(description="When it was last sent there.")
    last_import: DateTime | None = strawberry.field(description="When it was last fetched from there.")
    integration_version: int | None = strawberry.field(description="The version of the integration.")
    properties: list[OnePlanEntry] | None = strawberry.field(description="What the integration keeps.")


@strawberry.type(name="OnePlanSnapshot", description="The fields of a plan as they were at a status report.")
class OnePlanSnapshot(Kind):
    record = records.Snapshot

    date: DateTime | None = strawberry.field(description="When it was taken.")
    status_report_id: str | None = strawberry.field(description="The id of the status report.")
    fields: list[OnePlanEntry] | None = strawberry.field(description="The fields.")


@strawberry.type(name="OnePlanRateMultiplier", description="By how much rates change in a time.")
class OnePlanRateMultiplier(Kind):
    record = records.RateMultiplier

    start: DateTime | None = strawberry.field(description="From when.")
    end: DateTime | None = strawberry.field(description="Until when.")
    percent_revenue: float | None = strawberry.field(description="Of what is charged.")
    percent_cost: float | None = strawberry.field(description="Of what it costs.")


@strawberry.type(name="OnePlanResourceRate", description="What a resource costs.")
class OnePlanResourceRate(Kind):
    record = records.ResourceRate

    resource_id: str | None = strawberry.field(description="The guid of the resource.")
    base_rate: float | None = strawberry.field(description="The rate.")
    resource: PersonRef | None = to_one(model.Person, "resource", "The resource.")


@strawberry.type(name="OnePlanRateTable", description="The rates of a plan.")
class OnePlanRateTable(Kind):
    record = records.RateTable

    id: strawberry.ID | None = strawberry.field(description="OnePlan's id.")
    name: str | None = strawberry.field(description="What it is called.")
    multipliers: list[OnePlanRateMultiplier] | None = strawberry.field(description="By how much they change when.")
    resource_rates: list[OnePlanResourceRate] | None = strawberry.field(description="What each resource costs.")


@strawberry.type(name="OnePlanLookupSplit", description="How much a value of a lookup field has of a plan.")
class OnePlanLookupSplit(Kind):
    record = records.LookupSplit

    field: str | None = strawberry.field(description="The internal name of the field.")
    value: str | None = strawberry.field(description="The id of the value.")
    split: float | None = strawberry.field(description="How much it has.")
    values: list[OnePlanNumberEntry] | None = strawberry.field(description="The same by the tenant's own keys.")


@strawberry.type(name="OnePlanLockInfo", description="Who edits a plan now, so that others cannot.")
class OnePlanLockInfo(Kind):
    record = records.LockInfo

    locked_sid: str | None = strawberry.field(description="The id of the session.")
    locked_by: str | None = strawberry.field(description="The guid of who edits it.")
    locked_date: DateTime | None = strawberry.field(description="Since when.")
    holder: PersonRef | None = to_one(model.Person, "holder", "Who edits it.")


@strawberry.type(name="OnePlanDateSet", description="Dates of a plan, as OnePlan had them in 2024.")
class OnePlanDateSet(Kind):
    record = records.DateSet

    cost_type_id: str | None = strawberry.field(description="The id of the cost type.")
    set_type: OnePlanDateSetType | None = strawberry.field(description="What they are of.")
    set_type_raw: JSON | None = strawberry.field(description="The same as it came: an integer or a word.")
    start_date: DateTime | None = strawberry.field(description="From when.")
    end_date: DateTime | None = strawberry.field(description="Until when.")
