"""Planning Center's dialect: envelope, paging, parameters, gate, and what plans say of themselves."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from plangate.emulators.planning_center import PlanningCenterEmulator
from plangate.emulators.planning_center.gate import RateLimit
from plangate.emulators.server import serve

PLANS = "/service_types/1001/plans"
CHRISTMAS = "/service_types/1004/plans"
Emulator = PlanningCenterEmulator
Client = httpx2.AsyncClient

PLAN_ATTRIBUTES = {
    "can_view_order": bool,
    "created_at": str,
    "dates": str,
    "files_expire_at": str,
    "items_count": int,
    "last_time_at": str,
    "multi_day": bool,
    "needed_positions_count": int,
    "other_time_count": int,
    "permissions": str,
    "plan_notes_count": int,
    "plan_people_count": int,
    "planning_center_url": str,
    "prefers_order_view": bool,
    "public": bool,
    "rehearsable": bool,
    "rehearsal_time_count": int,
    "reminders_disabled": bool,
    "series_title": str,
    "service_time_count": int,
    "short_dates": str,
    "sort_date": str,
    "title": str,
    "total_length": int,
    "updated_at": str,
}
PLAN_RELATIONSHIPS = {
    "service_type",
    "previous_plan",
    "next_plan",
    "series",
    "created_by",
    "updated_by",
    "linked_publishing_episode",
    "attachment_types",
}


async def get(client: Client, path: str, **params: Any) -> dict[str, Any]:
    response = await client.get(path, params={name.replace("__", ""): value for name, value in params.items()})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def everything(client: Client, path: str, **params: str) -> list[dict[str, Any]]:
    """All pages of a list, by its own links."""
    found: list[dict[str, Any]] = []
    url: str | None = str(client.base_url.join(f"/services/v2{path}").copy_merge_params({"per_page": "100", **params}))
    while url:
        document = (await client.get(url)).json()
        found += document["data"]
        url = document["links"].get("next")
    return found


def values(plans: list[dict[str, Any]], name: str) -> list[Any]:
    return [plan["attributes"][name] for plan in plans]


async def test_the_organisation_names_its_time_zone(client: Client) -> None:
    data = (await get(client, ""))["data"]
    assert data["type"] == "Organization"
    assert data["attributes"]["time_zone"] == "America/Chicago"


async def test_envelope_of_a_list(client: Client) -> None:
    document = await get(client, PLANS, offset=30)
    meta, links = document["meta"], document["links"]
    assert (meta["total_count"], meta["count"], len(document["data"])) == (60, 25, 25)
    assert (meta["next"], meta["prev"]) == ({"offset": 55}, {"offset": 5})
    assert meta["can_order_by"] == ["created_at", "sort_date", "title", "updated_at"]
    assert meta["can_query_by"] == ["created_at", "id", "series_title", "title", "updated_at"]
    assert meta["can_include"] == ["contributors", "my_schedules", "plan_times", "series"]
    assert meta["can_filter"] == ["after", "before", "future", "no_dates", "past"]
    assert meta["parent"] == {"id": "1001", "type": "ServiceType"}
    assert links["self"].endswith(f"{PLANS}?offset=30")
    assert "offset=55" in links["next"]
    assert "offset=5" in links["prev"]


async def test_pages_hold_every_plan_once_in_order_of_id(client: Client) -> None:
    plans = await everything(client, PLANS, per_page="7")
    ids = [plan["id"] for plan in plans]
    assert len(set(ids)) == len(ids) == 60
    assert ids == sorted(ids, key=int)
    dates = values(plans, "sort_date")
    assert dates != sorted(dates)


@pytest.mark.parametrize(
    ("given", "count"), [({}, 25), ({"per_page": 0}, 1), ({"per_page": 1}, 1), ({"per_page": 1000}, 60)]
)
async def test_page_size_is_clamped(client: Client, given: dict[str, int], count: int) -> None:
    assert (await get(client, PLANS, **given))["meta"]["count"] == count


async def test_last_page_and_beyond(client: Client) -> None:
    last = await get(client, PLANS, offset=50)
    assert (len(last["data"]), "next" in last["links"], "next" in last["meta"]) == (10, False, False)
    assert (await get(client, PLANS, offset=1000))["data"] == []


async def test_a_plan_has_the_attributes_and_relationships_of_the_seed(client: Client) -> None:
    plans = await everything(client, PLANS)
    for plan in plans:
        assert plan["attributes"].keys() == PLAN_ATTRIBUTES.keys()
        assert plan["relationships"].keys() == PLAN_RELATIONSHIPS
        for name, value in plan["attributes"].items():
            assert value is None or type(value) is PLAN_ATTRIBUTES[name], name
    assert None in values(plans, "title")
    assert any(values(plans, "title"))


async def test_counts_agree_with_the_collections(client: Client) -> None:
    for plan in (await get(client, PLANS, per_page=3, offset=44))["data"]:
        at, path = plan["attributes"], f"{PLANS}/{plan['id']}"
        items = await everything(client, f"{path}/items")
        assert at["items_count"] == len(items)
        during = [item["attributes"]["length"] for item in items if item["attributes"]["service_position"] == "during"]
        assert at["total_length"] == sum(during) > 0
        assert at["plan_people_count"] == len(await everything(client, f"{path}/team_members"))
        needs = await everything(client, f"{path}/needed_positions")
        assert at["needed_positions_count"] == sum(need["attributes"]["quantity"] for need in needs)
        assert at["plan_notes_count"] == len(await everything(client, f"{path}/notes"))
        kinds = [time["attributes"]["time_type"] for time in await everything(client, f"{path}/plan_times")]
        assert at["service_time_count"] == kinds.count("service") == 2
        assert at["rehearsal_time_count"] == kinds.count("rehearsal")
        assert at["other_time_count"] == kinds.count("other")


async def test_neighbours_follow_the_dates(client: Client) -> None:
    plans = await everything(client, PLANS, order="sort_date")
    for before, after in pairwise(plans):
        assert before["relationships"]["next_plan"]["data"] == {"type": "Plan", "id": after["id"]}
        assert after["relationships"]["previous_plan"]["data"] == {"type": "Plan", "id": before["id"]}
    first, last = plans[0]["id"], plans[-1]["id"]
    assert (await get(client, f"{PLANS}/{first}/next_plan"))["data"]["id"] == plans[1]["id"]
    assert (await client.get(f"{PLANS}/{first}/previous_plan")).status_code == 404
    assert (await client.get(f"{PLANS}/{last}/next_plan")).status_code == 404


async def test_local_times_carry_a_false_z_and_plan_times_a_true_one(client: Client) -> None:
    plans = {plan["attributes"]["dates"]: plan for plan in await everything(client, PLANS, include="plan_times")}
    for dates, local, utc in (
        ("October 25, 2026", "2026-10-25T09:00:00Z", "2026-10-25T14:00:00Z"),  # daylight time
        ("November 8, 2026", "2026-11-08T09:00:00Z", "2026-11-08T15:00:00Z"),  # standard time
    ):
        assert plans[dates]["attributes"]["sort_date"] == local
        times = await everything(client, f"{PLANS}/{plans[dates]['id']}/plan_times")
        services = [time for time in times if time["attributes"]["time_type"] == "service"]
        assert min(values(services, "starts_at")) == utc
    assert plans["November 8, 2026"]["attributes"]["files_expire_at"] == "2026-11-23T11:00:00Z"


async def test_an_undated_plan(client: Client) -> None:
    (plan,) = (await get(client, CHRISTMAS, filter="no_dates"))["data"]
    at = plan["attributes"]
    assert at["sort_date"] == "2026-11-20T06:00:00Z"
    assert (at["dates"], at["short_dates"], at["files_expire_at"]) == ("No dates", "No dates", None)
    assert (await get(client, f"{CHRISTMAS}/{plan['id']}/plan_times"))["data"] == []


async def test_several_days_and_rehearsals_only(client: Client) -> None:
    plans = {plan["attributes"]["title"]: plan["attributes"] for plan in await everything(client, CHRISTMAS)}
    assert plans["Christmas 2026"]["dates"] == "December 19 & 20, 2026"
    assert plans["Christmas 2026"]["short_dates"] == "Dec 19 & 20"
    assert plans["Christmas 2026"]["multi_day"] is True
    assert plans["Site set-up day"]["sort_date"] == "2026-12-04T18:00:00Z"
    assert plans["Site set-up day"]["dates"] == "No dates"


async def test_a_series_without_artwork_is_a_title_only(client: Client) -> None:
    plans = await everything(client, PLANS)
    with_artwork = {p["attributes"]["series_title"] for p in plans if p["relationships"]["series"]["data"]}
    without = {p["attributes"]["series_title"] for p in plans if not p["relationships"]["series"]["data"]} - {None}
    assert with_artwork
    assert without
    assert with_artwork.isdisjoint(without)
    plan = next(p for p in plans if p["relationships"]["series"]["data"])
    series = (await get(client, f"{PLANS}/{plan['id']}/series"))["data"]
    assert series["attributes"]["title"] == plan["attributes"]["series_title"]
    assert plan["id"] in [p["id"] for p in await everything(client, f"/series/{series['id']}/plans")]


@pytest.mark.parametrize("name", ["sort_date", "created_at", "updated_at", "title"])
async def test_order(client: Client, name: str) -> None:
    up = values(await everything(client, PLANS, order=name), name)
    known = [value for value in up if value is not None]
    assert known == sorted(known)
    assert up[: len(known)] == known
    assert values(await everything(client, PLANS, order=f"-{name}"), name) == up[::-1]


async def test_where(client: Client) -> None:
    plans = await everything(client, PLANS)
    some = plans[17]
    assert await everything(client, PLANS, **{"where[id]": some["id"]}) == [some]
    created = some["attributes"]["created_at"]
    for operator, expected in (
        ("", [p for p in plans if p["attributes"]["created_at"] == created]),
        ("[gt]", [p for p in plans if p["attributes"]["created_at"] > created]),
        ("[gte]", [p for p in plans if p["attributes"]["created_at"] >= created]),
        ("[lt]", [p for p in plans if p["attributes"]["created_at"] < created]),
        ("[lte]", [p for p in plans if p["attributes"]["created_at"] <= created]),
    ):
        assert expected
        assert await everything(client, PLANS, **{f"where[created_at]{operator}": created}) == expected
    saints = await everything(client, PLANS, **{"where[series_title]": "Ordinary Saints"})
    assert set(values(saints, "series_title")) == {"Ordinary Saints"}


async def test_where_ignores_the_offset_of_an_instant(client: Client) -> None:
    some = (await get(client, PLANS))["data"][3]
    moved = some["attributes"]["created_at"].replace("Z", "+07:00")
    assert some in await everything(client, PLANS, **{"where[created_at]": moved})


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("where[nonsense]", "1"),
        ("where[title][like]", "x"),
        ("where[created_at]", "yesterday"),
        ("order", "dates"),
        ("include", "items"),
        ("filter", "nearby"),
        ("filter", "after"),
    ],
)
async def test_what_is_not_supported_is_refused(client: Client, parameter: str, value: str) -> None:
    response = await client.get(PLANS, params={parameter: value})
    assert response.status_code == 400
    assert response.json()["errors"][0]["status"] == "400"


async def test_a_lenient_emulator_ignores_what_is_not_supported() -> None:
    async with serve(Emulator(strict=False).app) as url, Client(auth=("app-id", "secret")) as client:
        plans = f"{url}/services/v2{PLANS}"
        plain = (await client.get(plans)).json()["data"]
        params = {"where[nonsense]": "1", "order": "dates", "include": "items", "filter": "nearby"}
        assert [p["id"] for p in (await client.get(plans, params=params)).json()["data"]] == [p["id"] for p in plain]


async def test_include_links_and_includes(client: Client) -> None:
    document = await get(client, PLANS, include="plan_times,series", per_page=5)
    included = {(record["type"], record["id"]) for record in document["included"]}
    assert {type for type, _ in included} == {"PlanTime", "Series"}
    linked = {
        (link["type"], link["id"]) for plan in document["data"] for link in plan["relationships"]["plan_times"]["data"]
    }
    assert linked == {record for record in included if record[0] == "PlanTime"}
    assert len(linked) == 20
    assert (await get(client, PLANS))["included"] == []


async def test_members_include_people_and_teams(client: Client) -> None:
    document = await get(client, f"{PLANS}/70000001/team_members", include="person,team")
    types = {record["type"] for record in document["included"]}
    assert types == {"Person", "Team"}
    people = {record["id"] for record in document["included"] if record["type"] == "Person"}
    assert {member["relationships"]["person"]["data"]["id"] for member in document["data"]} == people


async def test_sparse_fields(client: Client) -> None:
    document = await get(
        client, PLANS, include="plan_times", **{"fields[Plan]": "title,series", "fields[PlanTime]": "starts_at"}
    )
    assert document["data"][0]["attributes"].keys() == {"title"}
    assert document["data"][0]["relationships"].keys() == {"series"}
    assert document["included"][0]["attributes"].keys() == {"starts_at"}


async def test_an_attribute_on_request_only(client: Client) -> None:
    path = f"{PLANS}/70000001/team_members"
    assert "scheduled_by_name" not in (await get(client, path))["data"][0]["attributes"]
    named = await get(client, path, **{"fields[PlanPerson]": "scheduled_by_name"})
    assert named["data"][0]["attributes"] == {"scheduled_by_name": "Naomi Fletcher"}


async def test_future_past_after_before(client: Client) -> None:
    plans = await everything(client, PLANS)
    future, past = [await everything(client, PLANS, filter=name) for name in ("future", "past")]
    assert len(future) + len(past) == len(plans)
    assert min(values(future, "sort_date")) == "2026-11-22T09:00:00Z"
    assert max(values(past, "sort_date")) == "2026-11-15T09:00:00Z"
    bounds = {"after": "2026-11-01T00:00:00Z", "before": "2026-11-09T00:00:00Z"}
    between = await everything(client, PLANS, filter="after,before", **bounds)
    assert sorted(values(between, "dates")) == ["November 1, 2026", "November 8, 2026"]


async def test_filters_of_members_and_files(client: Client) -> None:
    declined = 0
    for plan in (await get(client, PLANS, order="-sort_date", per_page=15))["data"]:
        path = f"{PLANS}/{plan['id']}/team_members"
        everyone, confirmed, willing = [
            [m["attributes"]["status"] for m in await everything(client, path, **params)]
            for params in ({}, {"filter": "confirmed"}, {"filter": "not_declined"})
        ]
        assert confirmed == [status for status in everyone if status == "C"]
        assert willing == [status for status in everyone if status != "D"]
        declined += everyone.count("D")
    assert declined
    files = f"{PLANS}/70000002/all_attachments"
    pdf = await everything(client, files, filter="extensions", extensions="pdf")
    assert [file["attributes"]["filename"] for file in pdf] == ["order-of-service.pdf"]


@pytest.mark.parametrize(
    ("collection", "kind"),
    [
        ("attachments", "Attachment"),
        ("items", "Item"),
        ("plan_times", "PlanTime"),
        ("team_members", "PlanPerson"),
        ("needed_positions", "NeededPosition"),
        ("notes", "PlanNote"),
    ],
)
async def test_children_are_read_by_id(client: Client, collection: str, kind: str) -> None:
    for plan in (await get(client, PLANS, order="-sort_date"))["data"]:
        path = f"{PLANS}/{plan['id']}/{collection}"
        for child in (await get(client, path))["data"]:
            assert child["type"] == kind
            assert (await get(client, f"{path}/{child['id']}"))["data"] == child
            assert (await client.get(f"{path}/1")).status_code == 404
            return
    pytest.fail(f"no plan has {collection}")


async def test_all_fifteen_associations_answer_somewhere() -> None:
    names = "all_attachments attachments attendances contributors items live my_schedules needed_positions next_plan "
    names += "notes plan_times previous_plan series signup_teams team_members"
    seen: set[str] = set()
    async with (
        serve(Emulator(rate_limit=None).app) as url,
        Client(base_url=f"{url}/services/v2", auth=("app-id", "secret")) as client,
    ):
        for plan in (await get(client, PLANS, order="sort_date", per_page=20, offset=35))["data"]:
            for name in names.split():
                response = await client.get(f"{PLANS}/{plan['id']}/{name}")
                if response.status_code == 200 and response.json()["data"]:
                    seen.add(name)
    assert seen == set(names.split())


async def test_a_person_and_where_they_serve(client: Client) -> None:
    assert (await get(client, "/people"))["meta"]["total_count"] == 30
    served = (await get(client, "/people/2005/plan_people", include="plan"))["data"]
    assert served
    plan = await get(client, f"/people/2005/plan_people/{served[0]['id']}/plan")
    assert plan["data"]["id"] == served[0]["relationships"]["plan"]["data"]["id"]


async def test_a_plan_without_its_service_type_redirects_and_is_logged(emulator: Emulator, client: Client) -> None:
    response = await client.get("/plans/70000061", params={"include": "series"})
    assert response.status_code == 302
    assert response.headers["location"].endswith("/services/v2/service_types/1002/plans/70000061?include=series")
    assert emulator.log.count("/services/v2/plans/*") == 1
    assert (await client.get(response.headers["location"])).json()["data"]["id"] == "70000061"
    assert (await client.get("/plans/1")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/nonsense", "/service_types/1", f"{PLANS}/1", "/service_types/1002/plans/70000001", f"{PLANS}/x/items"]
)
async def test_unknown_paths(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["title"] == "Not Found"


async def test_writing_is_refused(client: Client) -> None:
    assert (await client.post(PLANS, json={})).status_code == 405


async def test_credentials(emulator: Emulator, client: Client) -> None:
    wrong = await client.get(PLANS, auth=("app-id", "wrong"))
    assert wrong.status_code == 401
    assert "(CAPUCHIN)" in wrong.json()["errors"][0]["detail"]
    for token, status in (("access-token", 200), ("other", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        url = client.base_url.join(f"/services/v2{PLANS}")
        async with Client() as anonymous:
            assert (await anonymous.get(url, headers=headers)).status_code == status
            assert (await anonymous.get(url)).status_code == 401


async def test_a_client_without_a_name_meets_the_firewall(client: Client) -> None:
    response = await client.get(PLANS, headers={"User-Agent": ""})
    assert (response.status_code, response.headers["content-type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize(("version", "status"), [("2018-11-01", 200), ("2018-07-31", 400), ("latest", 400)])
async def test_version(client: Client, version: str, status: int) -> None:
    response = await client.get(PLANS, headers={"X-PCO-API-Version": version})
    assert response.status_code == status
    if status == 400:
        assert response.json()["errors"][0]["code"] == "unsupported_version_error"


async def test_rate_limit() -> None:
    emulator = Emulator(rate_limit=2, rate_period=20)
    async with serve(emulator.app) as url, Client(auth=("app-id", "secret")) as client:
        answers = [await client.get(f"{url}/services/v2") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-PCO-API-Request-Rate-Count"] for answer in answers] == ["1", "2", "3"]
    assert answers[0].headers["X-PCO-API-Request-Rate-Limit"] == "2"
    assert answers[0].headers["X-PCO-API-Request-Rate-Period"] == "20 seconds"
    assert answers[2].headers["Retry-After"] == "20"
    assert answers[2].json() == {
        "errors": [
            {
                "status": "429",
                "code": "429",
                "title": "Too Many Requests",
                "detail": "Rate limit exceeded: 3 of 2 requests per 20 seconds",
            }
        ]
    }


def test_rate_windows_end_and_are_kept_apart() -> None:
    now = 0.0
    limit = RateLimit(1, 20, lambda: now)
    assert [limit.spend("a"), limit.spend("a"), limit.spend("b")] == [(1, 20), (2, 20), (1, 20)]
    now = 19.5
    assert limit.spend("a") == (3, 1)
    now = 20.0
    assert limit.spend("a") == (1, 20)


async def test_rate_headers_may_be_missing() -> None:
    async with serve(Emulator(rate_headers=False).app) as url, Client(auth=("app-id", "secret")) as client:
        response = await client.get(f"{url}/services/v2")
    assert [name for name in response.headers if name.startswith("x-pco")] == []


async def test_the_seeds_own_sample_is_read_back_unchanged(emulator: Emulator, client: Client) -> None:
    sample = json.loads((Path(__file__).parent / "plan.json").read_text())
    emulator.put("ServiceType", "1", {"name": "string"})
    emulator.put("Plan", "1", sample["attributes"], sample["relationships"])
    emulator.put("Item", "7", {"title": "odd \u0000 \ud7ff"}, under=("Plan", "1"))
    read = (await get(client, "/service_types/1/plans/1"))["data"]
    assert {name: read[name] for name in ("type", "id", "attributes", "relationships")} == sample
    assert (await get(client, "/service_types/1/plans"))["data"] == [read]
    assert (await get(client, "/series/6001/plans"))["meta"]["total_count"] > 0
    assert (await get(client, "/service_types/1/plans/1/items"))["data"][0]["attributes"] == {
        "title": "odd \u0000 \ud7ff"
    }


def test_the_same_clock_makes_the_same_data_and_scale_makes_more() -> None:
    def plans(emulator: Emulator) -> list[tuple[Any, ...]]:
        service_type = emulator.world.get("ServiceType", "1001")
        assert service_type
        found = emulator.world.members(service_type, "plans")
        emulator.world.complete(found)
        return [(plan.id, plan.attributes, plan.relationships) for plan in found]

    assert plans(Emulator()) == plans(Emulator())
    assert len(plans(Emulator(scale=3))) == 180
