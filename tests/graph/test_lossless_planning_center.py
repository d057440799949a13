"""Whatever Planning Center says of a plan can be selected in the graph: all attributes and relationships of its sample."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.sources.planning_center import PlanningCenter
from tests.gateway import Gateway, planning_center

SEED: dict[str, Any] = json.loads((Path(__file__).parent / "seeds" / "planning_center_plan.json").read_text())
LOCAL = ("sort_date", "last_time_at", "files_expire_at")
"""Times of the organisation's zone that are written as if they were UTC [S]; the graph has the instant they mean."""

ODD = {
    "title": "undefined",
    "dates": "Sundays & <b>holidays</b> #1",
    "series_title": "",
    "total_length": 0,
    "items_count": 2**31 - 1,
    "multi_day": False,
    "permissions": None,
    "short_dates": "21 Nov \u2013 3 Dez",
    "created_at": "2026-01-31T23:59:59.1234567+00:00",
    "updated_at": "2026-02-01T00:00:00Z",
    "sort_date": "2026-07-04T09:30:00Z",
    "planning_center_url": "https://services.planningcenteronline.com/plans/1?a=%20b",
}


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


QUERY = """{ node(id: "Plan:planning_center:1/1") { ... on Plan {
  id externalId title createdAt updatedAt sortDate externalUrl
  serviceType { externalId } series { externalId } createdBy { externalId } updatedBy { externalId }
  previousPlan { externalId } nextPlan { externalId }
  native { ... on PlanningCenterPlan { %s previousPlanId nextPlanId linkedPublishingEpisodeId attachmentTypeIds } }
} } }""" % " ".join(map(camel, SEED["attributes"]))


@pytest.fixture
async def pair() -> AsyncIterator[tuple[PlanningCenter, PlanningCenterEmulator]]:
    async with planning_center(PlanningCenterEmulator(rate_limit=None, time_zone="America/Chicago")) as pair:
        yield pair


@pytest.mark.parametrize("odd", [{}, ODD], ids=["the seed's sample", "odd values"])
async def test_the_sample_comes_out_as_it_went_in(
    executor: str, pair: tuple[PlanningCenter, PlanningCenterEmulator], odd: dict[str, Any]
) -> None:
    source, emulator = pair
    attributes = SEED["attributes"] | odd
    emulator.put("ServiceType", "1", {"name": "string"})
    emulator.put("Series", "1", {"title": "string"})
    emulator.put("Person", "1", {"full_name": "string"})
    emulator.put("Plan", "1", attributes, SEED["relationships"])
    plan = (await Gateway(executor, {"planning_center": source}).data(QUERY))["node"]

    native = plan["native"]
    told = {name: native.pop(camel(name)) for name in attributes}
    true = {"2000-01-01T12:00:00Z": "2000-01-01T18:00:00+00:00", "2026-07-04T09:30:00Z": "2026-07-04T14:30:00+00:00"}
    assert told == {name: true[value] if name in LOCAL else value for name, value in attributes.items()}
    one = "1"
    assert native == {
        "previousPlanId": one,
        "nextPlanId": one,
        "linkedPublishingEpisodeId": one,
        "attachmentTypeIds": [one],
    }
    edges = ("serviceType", "series", "createdBy", "updatedBy", "previousPlan", "nextPlan")
    assert {edge: plan[edge]["externalId"] for edge in edges} == dict.fromkeys(edges, one)
    assert (plan["id"], plan["externalId"], plan["title"]) == ("Plan:planning_center:1/1", one, attributes["title"])
    assert (plan["createdAt"], plan["updatedAt"]) == (attributes["created_at"], attributes["updated_at"])
    assert (plan["sortDate"], plan["externalUrl"]) == (true[attributes["sort_date"]], attributes["planning_center_url"])


def test_every_relationship_of_the_sample_is_asked_for() -> None:
    asked = {"serviceType", "series", "createdBy", "updatedBy", "previousPlan", "nextPlan"}
    asked |= {"linkedPublishingEpisode", "attachmentTypes"}
    assert {camel(name) for name in SEED["relationships"]} == asked
    assert len(SEED["attributes"]) == 25
