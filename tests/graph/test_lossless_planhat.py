"""Every value of the samples in Planhat's documentation can be read in the graph, and nothing else is there.

The samples (seeds/planhat.json) are the page's own. Each is put into the emulator as it is, everything that the schema
has for its type is selected, and the two are walked side by side.
"""

import json
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from plangate.emulators.planhat import PlanhatEmulator
from plangate.emulators.server import serve
from plangate.graph.schema import build_schema
from plangate.sources.planhat import Planhat
from tests.gateway import Gateway

Json = dict[str, Any]

COLLECTIONS = {
    "project": "projects", "task": "tasks", "company": "companies", "asset": "assets", "license": "licenses",
    "invoice": "invoices", "issue": "issues", "conversation": "conversations",
}  # fmt: skip
NATIVE = {
    "projects": "PlanhatProject", "tasks": "PlanhatTask", "companies": "PlanhatCompany", "assets": "PlanhatAsset",
    "licenses": "PlanhatLicense", "sales": "PlanhatSale", "invoices": "PlanhatInvoice", "issues": "PlanhatIssue",
    "conversations": "PlanhatConversation", "endusers": "PlanhatEndUser", "churn": "PlanhatChurn",
    "customfields": "PlanhatCustomField", "users": "PlanhatUser",
}  # fmt: skip
EDGES = {
    "assets": "assets", "licenses": "allLicenses", "sales": "allSales", "invoices": "invoices", "issues": "issues",
    "conversations": "conversations", "endusers": "endUsers", "churn": "churn", "customfields": "customFields",
}  # fmt: skip
RENAMED = {"_id": "id", "__v": "version", "_currency": "currency"}
RENAMED_IDS = {"parent": "parentId", "owner": "ownerId", "coOwner": "coOwnerId"}
"""References: the id has a name of its own, as the plain name is that of the edge."""
DAYS = {
    "invoiceDay": "invoiceDate", "dueDay": "dueDate", "paidDay": "paidDate", "dayFrom": "dateFrom", "dayTo": "dateTo",
}  # fmt: skip


def samples() -> Iterator[Any]:
    pages = json.loads((Path(__file__).parent / "seeds" / "planhat.json").read_text())
    number = 0
    for each in pages:
        if each["page"] not in COLLECTIONS or "Bulk" in each["title"]:
            continue  # what a write is sent, or answers
        found = each["sample"] if isinstance(each["sample"], list) else [each["sample"]]
        for sample in found:
            number += 1
            yield pytest.param(COLLECTIONS[each["page"]], sample, id=f"{each['page']}-{number}")
            for sale in sample.get("sales", ()):
                yield pytest.param("sales", sale, id=f"sale-{number}")


ODD = [
    ("projects", {"_id": "a" * 24, "name": "Ω", "startDate": "2026-01-01T00:00:00.1234567Z", "mrr": 0.1, "custom": {}}),
    ("projects", {"_id": "a" * 24, "name": 7, "mrr": "much", "newAttribute": [{"a": None}], "custom": "odd"}),
    ("projects", {"_id": "a" * 24, "companyId": "", "custom": {"": None, "a b": {"c": []}, "__proto__": 1e300, "#": "#"}}),
    ("tasks", {"_id": "a" * 24, "description": "<p>A <b>b</b> &amp; c</p>", "users": ["b" * 24], "children": [7]}),
    ("tasks", {"_id": "a" * 24, "sortPosition": 1.5, "createdAt": "yesterday", "comments": [{"by": "x"}, None, "y"]}),
    ("invoices", {"_id": "a" * 24, "invoiceDate": 17752, "dueDate": -1, "paidDate": 2**31 - 1, "invoiceNo": "INV-1"}),
    ("invoices", {"_id": "a" * 24, "invoiceDate": 2**40, "lineItems": [{"dateFrom": 0, "note": "n"}, None]}),
    ("companies", {"_id": "a" * 24, "tags": ["x", 1], "shareable": {"team": {}, "more": 1}, "h": 10**20, "archived": False}),
    ("endusers", {"_id": "a" * 24, "email": "lara@example.com", "tags": ["vip"], "beats": 12, "custom": {"# x": None}}),
    ("churn", {"_id": "a" * 24, "isChurn": True, "churnReason": "Price", "reasons": ["Price"], "custom": {}}),
    ("customfields", {"_id": "a" * 24, "name": "# x", "type": "list", "listValues": ["a", 1], "filter": [{}]}),
    ("users", {"_id": "a" * 24, "nickName": "Al", "image": {"path": "x.png"}, "tzOffset": -60.5, "taskFilter": {}}),
]  # fmt: skip


@pytest.mark.parametrize(("collection", "sample"), [*samples()])
async def test_nothing_is_missing_and_nothing_invented(executor: str, collection: str, sample: Json) -> None:
    native = await read(executor, collection, sample)
    compare(sample, native)
    assert '"other": [{' not in json.dumps(native), "what is documented has a field of its own"


@pytest.mark.parametrize(("collection", "sample"), ODD)
async def test_what_is_odd_is_kept_apart(executor: str, collection: str, sample: Json) -> None:
    compare(sample, await read(executor, collection, sample))


async def read(executor: str, collection: str, sample: Json) -> Json:
    """All that the graph says of the sample."""
    async with gateway(executor, collection, sample) as (asked, query):
        data = await asked.data(query)
    native = data["node"]["native"]
    if collection in EDGES:
        [native] = [each for each in native["company"][EDGES[collection]] if each["id"] == sample["_id"]]
    found: Json = native["company"] if collection == "companies" else native
    return found


@cache
def schema() -> GraphQLSchema:
    return build_schema()._schema


@cache
def engine(executor: str) -> Gateway:
    return Gateway(executor, {})


@asynccontextmanager
async def gateway(executor: str, collection: str, sample: Json) -> Any:
    """The graph over an emulator that has the sample, and the query that reads all of it."""
    emulator = PlanhatEmulator(rate_limit=None)
    company = sample.get("companyId") or sample.get("cId") or [*sample.get("companyIds", ()), "c" * 24][0]
    if collection not in ("projects", "tasks", "users"):
        company = sample["_id"] if collection == "companies" else company
        linked = {"invoices": {"cId": company}, "issues": {"companyIds": [company]}}.get(
            collection, {"companyId": company}
        )
        if collection not in ("companies", "customfields"):
            sample |= linked
        emulator.put("companies", {"_id": company})
        emulator.put("projects", {"_id": "d" * 24, "companyId": company})
    emulator.put(collection, sample)
    selected = selection(NATIVE[collection])
    if collection in EDGES:
        selected = f"company {{ {EDGES[collection]} {{ {selected} }} }}"
    elif collection == "companies":
        selected = f"company {{ {selected} }}"
    kind, native = {"tasks": ("Task", "PlanhatTask"), "users": ("Person", "PlanhatUser")}.get(
        collection, ("Plan", "PlanhatProject")
    )
    id = sample["_id"] if collection in ("projects", "tasks", "users") else "d" * 24
    query = (
        f'{{ node(id: "{kind}:planhat:{id}") {{ ... on {kind} {{ native {{ ... on {native} {{ {selected} }} }} }} }} }}'
    )
    async with serve(emulator.app) as url:
        source = Planhat(url=url, token="planhat-token")
        graph = engine(executor)
        graph.sources = {"planhat": source}
        yield graph, query
        await source.close()


@cache
def selection(name: str) -> str:
    """All that is in an object of this type itself: its leaves and its parts, but no edges."""
    type_ = schema().type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    found = []
    for field, definition in type_.fields.items():
        if "batch" in definition.extensions["strawberry-definition"].metadata:
            continue
        inner = get_named_type(definition.type)
        found.append(field if is_leaf_type(inner) else f"{field} {{ {selection(inner.name)} }}")
    return " ".join(found)


def compare(given: Any, answer: Any) -> None:
    if isinstance(given, dict) and isinstance(answer, list):
        assert answer == [{"key": key, "value": value} for key, value in given.items()]
    elif isinstance(given, dict):
        compare_objects(given, answer)
    elif isinstance(given, list):
        assert len(given) == len(answer)
        for one, other in zip(given, answer, strict=True):
            compare({"id": one} if isinstance(one, str) and isinstance(other, dict) else one, other)
    else:
        assert given == answer
        assert isinstance(given, bool) == isinstance(answer, bool)


def compare_objects(given: Json, answer: Json) -> None:
    """Each attribute in its place or, if it is not as documented, in `other`."""
    kept = {entry["key"]: entry["value"] for entry in answer.get("other", ())}
    named = set()
    for name, value in given.items():
        if name in kept:
            assert kept.pop(name) == value, name
            assert answer.get(RENAMED.get(name, name)) is None, name
            continue
        own = RENAMED_IDS[name] if RENAMED_IDS.get(name) in answer else RENAMED.get(name, name)
        named.add(own)
        if value is None:
            assert answer[own] is None, name
        else:
            compare(value, answer[own])
    assert kept == {}
    for name, value in answer.items():
        if name in DAYS:
            days = answer[DAYS[name]]
            assert value == (None if days is None or days > 2_932_896 else str(date(1970, 1, 1) + timedelta(days)))
        elif name not in named and name != "other":
            assert value is None, name


def test_the_samples_are_all_there() -> None:
    found = [each.values for each in samples()]
    assert len(found) == 34
    assert {collection for collection, _ in found} == {*COLLECTIONS.values(), "sales"}
    leaves = json.dumps([sample for _, sample in found])
    for odd in (
        '"61006bc89a3e0b702ea49"',
        '"# Overdue Invoices"',
        '"Days in Phase"',
        '"undefined"',
        '"invoiceDate": 17752',
    ):
        assert odd in leaves
