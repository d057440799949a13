"""The parameters of a request, in a URL and in a body; and which GETs are refused because another site could send them."""

from typing import Any

import httpx2
import orjson
import pytest
from graphql import build_schema

from plangate.access import Viewer
from plangate.endpoint import GraphQLEndpoint
from plangate.executor import Executor
from plangate.http.middleware import RequestMiddleware
from plangate.model import Key
from tests.http.gateway import client_of

JSON, GRAPHQL = "application/json", "application/graphql-response+json"
ANSWER = {"data": {"__typename": "Query"}}
HASH = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}


def code_of(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def get(client: httpx2.AsyncClient, headers: dict[str, str], **parameters: str) -> httpx2.Response:
    return await client.get("/graphql", params={"query": "{ __typename }"} | parameters, headers=headers)


PREFLIGHT = [
    {"apollo-require-preflight": "true"},
    {"x-apollo-operation-name": "Q"},
    {"graphql-require-preflight": "1"},
    {"content-type": JSON},
    {"content-type": "Application/JSON; charset=utf-8"},
]


@pytest.mark.parametrize("headers", PREFLIGHT)
async def test_a_get_with_a_preflight_header_is_executed(headers: dict[str, str]) -> None:
    async with client_of() as client:
        assert (await get(client, headers)).json() == ANSWER


@pytest.mark.parametrize("headers", [{}, {"apollo-require-preflight": ""}, {"origin": "https://evil.test"}])
async def test_a_get_without_one_is_refused(headers: dict[str, str]) -> None:
    async with client_of() as client:
        response = await get(client, headers)
        assert (response.status_code, code_of(response)) == (400, "CSRF_PREVENTION")
        assert "GraphQL-Require-Preflight" in response.json()["errors"][0]["message"]
    async with client_of(require_preflight=False) as client:
        assert (await get(client, headers)).json() == ANSWER


@pytest.mark.parametrize(
    "type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/json; charset=x"],
)
@pytest.mark.parametrize("require_preflight", [True, False])
async def test_a_get_with_another_content_type_is_refused(type: str, require_preflight: bool) -> None:
    async with client_of(require_preflight=require_preflight) as client:
        response = await get(client, {"content-type": type, "apollo-require-preflight": "true"})
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_get_cannot_be_a_mutation(accept: str) -> None:
    """Of a schema that has mutations: Plangate's own has none yet."""

    async def anyone(_: Any) -> Viewer:
        return Viewer(Key("anonymous"), "demo")

    def executed(*_: Any) -> Any:
        raise AssertionError("executed")

    executor = Executor(build_schema("type Query { a: Int } type Mutation { b: Int }"), bind=executed)
    endpoint = GraphQLEndpoint(executor, anyone, executed, deadline=1.0, max_body=1_000, page=None)
    app = RequestMiddleware(endpoint, graphql_path="/graphql")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
        response = await get(client, {"accept": accept, "content-type": JSON}, query="mutation { b }")
    assert (response.status_code, code_of(response), response.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


BAD: dict[str, Any] = {
    "extensions is a string": {"query": "{ __typename }", "extensions": "x"},
    "extensions is a list": {"query": "{ __typename }", "extensions": []},
    "extensions is a number": {"query": "{ __typename }", "extensions": 0},
    "extensions is false": {"query": "{ __typename }", "extensions": False},
    "variables is a list": {"query": "{ __typename }", "variables": []},
    "operationName is a number": {"query": "{ __typename }", "operationName": 0},
    "query is an object": {"query": {}},
    "query is false": {"query": False},
}


@pytest.mark.parametrize("name", BAD)
async def test_a_parameter_of_another_type_is_refused(name: str) -> None:
    async with client_of() as client:
        response = await client.post("/graphql", json=BAD[name])
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "parameters", [{"extensions": "["}, {"extensions": "[]"}, {"extensions": '"x"'}, {"variables": "7"}]
)
async def test_parameters_of_a_url_are_json(parameters: dict[str, str]) -> None:
    async with client_of(require_preflight=False) as client:
        response = await get(client, {}, **parameters)
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
        good = {"extensions": '{"a": 1}', "variables": '{"b": "\xe9 +%&="}', "operationName": ""}
        assert (await get(client, {}, **good)).json() == ANSWER


@pytest.mark.parametrize("extensions", [None, {}, {"a": 1}, HASH])
async def test_extensions_may_be_an_object(extensions: Any) -> None:
    async with client_of() as client:
        response = await client.post("/graphql", json={"query": "{ __typename }", "extensions": extensions})
    assert response.json() == ANSWER


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize(
    "body", [{"extensions": HASH}, {"extensions": HASH, "query": None}, {"documentId": "sha256:00"}]
)
async def test_a_hash_without_a_query_is_answered_so_that_clients_send_the_query(body: Any, accept: str) -> None:
    expected = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
    async with client_of(require_preflight=False) as client:
        response = await client.post("/graphql", json=body, headers={"accept": accept})
        assert (response.status_code, response.json()) == (200, {"errors": [expected]})
        parameters = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in body.items()
            if value
        }
        response = await client.get("/graphql", params=parameters, headers={"accept": accept})
        assert (response.status_code, response.json()) == (200, {"errors": [expected]})
