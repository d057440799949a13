"""The page for people: who gets it, and what it may load."""

import re

import pytest

from plangate.graphiql import graphiql_page
from tests.http.gateway import client_of

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_the_policy_of_the_page_names_each_script_and_style() -> None:
    async with client_of() as client:
        response = await client.get("/graphql", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.headers["x-frame-options"] == "DENY"
    policy = dict(each.split(" ", 1) for each in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    scripts = re.findall(r'<script[^>]*src="([^"]+)"', response.text)
    styles = re.findall(r'<link[^>]*href="(https:[^"]+)"', response.text)
    assert scripts and set(scripts) <= set(policy["script-src"].split())
    assert styles and set(styles) <= set(policy["style-src"].split())
    assert policy["script-src"].count("'sha256-") == response.text.count("<script>") == 1


def test_a_script_that_is_changed_has_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = graphiql_page().headers["content-security-policy"]
    monkeypatch.setattr("strawberry.http.ides.get_graphql_ide_html", lambda _: "<script>alert(1)</script>")
    after = graphiql_page().headers["content-security-policy"]
    assert re.search("'sha256-[^']+'", before) != re.search("'sha256-[^']+'", after)


async def test_the_page_is_for_who_prefers_html() -> None:
    async with client_of() as client:
        for accept in ("*/*", "application/json", "application/json, text/html;q=0.9"):
            response = await client.get("/graphql", headers={"accept": accept})
            assert response.headers["content-type"] == "application/json"
        # With a query it is a request like any other.
        response = await client.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER)
        assert response.json()["errors"][0]["extensions"]["code"] == "CSRF_PREVENTION"
        assert (await client.post("/graphql", headers=BROWSER)).status_code == 415
    async with client_of(graphiql=False) as client:
        assert (await client.get("/graphql", headers=BROWSER)).status_code == 400
