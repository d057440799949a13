"""Which media type and which content coding a client gets (RFC 9110, 12.5)."""

from typing import Any

import httpx2
import pytest

from plangate.http.negotiation import MAX_RANGES, content_coding, media_type

from .gateway import client_of

JSON, GRAPHQL, HTML = "application/json", "application/graphql-response+json", "text/html"

ACCEPT: list[tuple[str, str | None]] = [
    ("*/*", JSON),
    ("application/*", JSON),
    (JSON, JSON),
    (GRAPHQL, GRAPHQL),
    (f"{GRAPHQL}, {JSON}", GRAPHQL),
    (f"{JSON}, {GRAPHQL}", GRAPHQL),
    (f"{GRAPHQL};q=0.9, {JSON}", JSON),
    (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
    (f"{JSON}, */*", JSON),
    (f"{GRAPHQL}, */*", GRAPHQL),
    (f"{JSON};q=0.5, */*;q=0.8", GRAPHQL),
    (f"{GRAPHQL};q=0, */*", JSON),
    (f"{JSON};q=0, application/*", GRAPHQL),
    ("application/*;q=0, */*", None),
    (f"{JSON};q=0", None),
    ("*/*;q=0", None),
    ("image/png", None),
    ("text/*", None),
    ("", None),
    (f"{JSON}; charset=utf-8", JSON),
    (f'{JSON}; charset="UTF-8"; q=0.1', JSON),
    (f"{JSON}; charset=iso-8859-1", None),
    (f"{JSON};charset=utf-16, {GRAPHQL};q=0.1", GRAPHQL),
    (f"APPLICATION/JSON ; Q=1, {GRAPHQL} ; q=0.999", JSON),
    (f"multipart/mixed;deferSpec=20220824, {GRAPHQL}, {JSON}", GRAPHQL),
    (f"{JSON};q=nonsense, {GRAPHQL};q=0.1", GRAPHQL),
    (f"{JSON};q=2, {GRAPHQL};q=0.1", GRAPHQL),
    (f"{JSON};q=-1, {GRAPHQL};q=0.1", GRAPHQL),
    (f"{JSON};q=1e0, {GRAPHQL};q=0.1", GRAPHQL),
    (f"{JSON};q=inf", None),
    (",,;,/,;q=1,=", None),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPT)
def test_media_type(accept: str, expected: str | None) -> None:
    assert media_type(accept, (GRAPHQL, JSON), JSON) == expected
    # A header too long to be remembered is read as well.
    assert media_type(f"{accept}, text/{'x' * 300}", (GRAPHQL, JSON), JSON) == expected


def test_browsers_prefer_a_page() -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    assert media_type(browser, (GRAPHQL, JSON, HTML), JSON) == HTML
    assert media_type(f"{JSON}, text/html;q=0.5", (GRAPHQL, JSON, HTML), JSON) == JSON
    assert media_type("*/*", (GRAPHQL, JSON, HTML), JSON) == JSON


ACCEPT_ENCODING: list[tuple[str, str | None]] = [
    ("gzip, deflate, br, zstd", "zstd"),
    ("gzip, deflate, br", "br"),
    ("gzip", "gzip"),
    ("GZIP", "gzip"),
    ("gzip;q=1.0, br;q=0.5, zstd;q=0.1", "gzip"),
    ("zstd;q=0, br;q=0, *", "gzip"),
    ("*", "zstd"),
    ("*;q=0", None),
    ("gzip;q=0", None),
    ("deflate", None),
    ("identity", None),
    ("identity;q=1, gzip;q=0.5", None),
    ("identity;q=0.5, gzip;q=0.5", "gzip"),
    ("identity;q=0, gzip", "gzip"),
    ("", None),
    ("gzip;q=nonsense", None),
]


@pytest.mark.parametrize(("accept_encoding", "expected"), ACCEPT_ENCODING)
def test_content_coding(accept_encoding: str, expected: str | None) -> None:
    assert content_coding(accept_encoding, ("zstd", "br", "gzip")) == expected
    assert content_coding(f"{accept_encoding}, {'x' * 300}", ("zstd", "br", "gzip")) == expected


def test_only_the_first_ranges_of_a_header_are_read() -> None:
    assert media_type(f"{'text/x,' * (MAX_RANGES - 1)}{JSON}", (GRAPHQL, JSON), JSON) == JSON
    assert media_type(f"{'text/x,' * MAX_RANGES}{JSON}", (GRAPHQL, JSON), JSON) is None


async def test_a_request_gets_what_it_prefers() -> None:
    async def post(client: httpx2.AsyncClient, query: str, *accept: str) -> tuple[int, str, Any]:
        headers = [("accept", each) for each in accept]
        response = await client.post("/graphql", json={"query": query}, headers=headers)
        return response.status_code, response.headers["content-type"].partition(";")[0], response.json()

    async with client_of() as client:
        for accept in ((), ("*/*",), (JSON,), (f"{GRAPHQL};q=0.9, {JSON}",)):
            assert await post(client, "{ __typename }", *accept) == (200, JSON, {"data": {"__typename": "Query"}})
            assert (await post(client, "{ nonsense }", *accept))[:2] == (200, JSON)
        for accept in ((GRAPHQL,), ("text/plain", GRAPHQL)):
            assert (await post(client, "{ __typename }", *accept))[:2] == (200, GRAPHQL)
            assert (await post(client, "{ nonsense }", *accept))[:2] == (400, GRAPHQL)
            assert (await post(client, "", *accept))[:2] == (400, GRAPHQL)
        status, type, answer = await post(client, "{ __typename }", "image/png, application/json;q=0")
        assert (status, type) == (406, JSON)
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "NOT_ACCEPTABLE"
        assert JSON in error["message"] and GRAPHQL in error["message"]
