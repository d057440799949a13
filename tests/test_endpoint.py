"""The HTTP side: whatever is sent, the answer is typed JSON, never a 500, a traceback or an exception's text."""

import asyncio
import base64
import gc
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest
from starlette.applications import Starlette

from plangate.access import Role
from plangate.app import create_app
from plangate.authentication import fingerprint, new_api_key
from plangate.executor import Executor
from plangate.loaders import Loaders
from plangate.model import Key
from plangate.record_loader import RecordLoader
from plangate.settings import AuthenticationSettings, LimitSettings, Settings
from plangate.sources.store import ApiKey, Store, add_api_key

ANYONE = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", anonymous_role=Role.ADMIN)
PREFLIGHT = {"apollo-require-preflight": "true"}


def application(executor: str, store: Store, **settings: Any) -> Starlette:
    given = {"authentication": ANYONE, "executor": executor, **settings}
    return create_app(Settings(**given), {"store": store})


def client_of(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost")


@pytest.fixture
async def client(executor: str, demo: Store) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(application(executor, demo)) as client:
        yield client


def is_clean(response: httpx2.Response) -> dict[str, Any]:
    """Typed JSON errors that say nothing of our insides."""
    assert response.status_code != 500
    assert response.headers["content-type"].startswith("application/")
    answer = orjson.loads(response.content)
    assert answer["errors"]
    for error in answer["errors"]:
        assert error["extensions"]["code"] not in ("", "INTERNAL_SERVER_ERROR"), error
        for word in ("Traceback", "sqlalchemy", "asyncpg", "SELECT", "object at 0x", "/src/"):
            assert word not in error["message"], error
    assert len(answer["errors"]) <= 5
    return answer


BODIES = {
    "null": (b"null", 400, "BAD_REQUEST"),
    "true": (b"true", 400, "BAD_REQUEST"),
    "seven": (b"7", 400, "BAD_REQUEST"),
    "string": (b'"x"', 400, "BAD_REQUEST"),
    "list": (b"[]", 400, "BAD_REQUEST"),
    "empty": (b"", 400, "BAD_REQUEST"),
    "no query": (b"{}", 400, "BAD_REQUEST"),
    "query is null": (b'{"query": null}', 400, "BAD_REQUEST"),
    "query is a number": (b'{"query": 7}', 400, "BAD_REQUEST"),
    "blank query": (b'{"query": "  "}', 400, "BAD_REQUEST"),
    "variables are a list": (b'{"query": "{__typename}", "variables": []}', 400, "BAD_REQUEST"),
    "operationName is a number": (b'{"query": "{__typename}", "operationName": 1}', 400, "BAD_REQUEST"),
    "invalid UTF-8": (b'{"query": "\xff\xfe"}', 400, "BAD_REQUEST"),
    "lone surrogate": (b'{"query": "{ plan(id: \\"\\ud800\\") { id } }"}', 400, "BAD_REQUEST"),
    "nested 5,000 deep": (b'{"query":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "BAD_REQUEST"),
    "over 1 MB": (b'{"query": "' + b" " * 1_000_001 + b'"}', 413, "PAYLOAD_TOO_LARGE"),
    "integer of 5,000 digits": (b'{"query": "{__typename}", "variables": ' + b"9" * 5000 + b"}", 400, "BAD_REQUEST"),
    "truncated": (b'{"query": "{__typ', 400, "BAD_REQUEST"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_bodies_that_are_no_request(client: httpx2.AsyncClient, name: str) -> None:
    body, status, code = BODIES[name]
    response = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert is_clean(response)["errors"][0]["extensions"]["code"] == code


async def test_a_body_of_unknown_length_is_cut_off(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    response = await client.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413
    is_clean(response)


@pytest.mark.parametrize(
    "type", ["text/plain", "", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
async def test_what_another_site_could_send_is_refused(client: httpx2.AsyncClient, type: str) -> None:
    response = await client.post("/graphql", content=b'{"query": "{__typename}"}', headers={"content-type": type})
    assert response.status_code == 415
    is_clean(response)


async def test_the_content_type_may_be_in_capitals(client: httpx2.AsyncClient) -> None:
    headers = {"content-type": "APPLICATION/JSON; charset=UTF-8"}
    response = await client.post("/graphql", content=b'{"query": "{__typename}"}', headers=headers)
    assert response.json() == {"data": {"__typename": "Query"}}


ARGUMENTS = {
    "malformed id": ('{ plan(id: "x") { id } }', "INVALID_ID"),
    "empty id": ('{ plan(id: "") { id } }', "INVALID_ID"),
    "id of another kind": ('{ plan(id: "Task:store:1") { id } }', "INVALID_ID"),
    "unknown kind": ('{ node(id: "Nonsense:store:1") { id } }', "INVALID_ID"),
    "NUL in an id": ('{ node(id: "Plan:store:\\u0000") { id } }', "INVALID_ID"),
    "long id": ('{ node(id: "Plan:store:%s") { id } }' % ("x" * 600), "INVALID_ID"),
    "malformed cursor": ('{ plans(after: "nonsense!") { nodes { id } } }', "INVALID_CURSOR"),
    "empty cursor": ('{ plans(after: "") { nodes { id } } }', "INVALID_CURSOR"),
    "cursor of other JSON": ('{ plans(after: "e30") { nodes { id } } }', "INVALID_CURSOR"),
    "negative first": ("{ plans(first: -1) { nodes { id } } }", "PAGINATION_LIMIT"),
    "large first": ("{ plans(first: 1001) { nodes { id } } }", "PAGINATION_LIMIT"),
    "huge first": ("{ plans(first: 1000000000) { nodes { id } } }", "COST_LIMIT_EXCEEDED"),
    "first over 32 bits": ("{ plans(first: 3000000000) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    "first over 64 bits": ("{ plans(first: 99999999999999999999) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    "first and last": ("{ plans(first: 1, last: 1) { nodes { id } } }", "PAGINATION_LIMIT"),
    "nested first": ("{ plans(first: 1) { nodes { actions(first: 101) { nodes { id } } } } }", "PAGINATION_LIMIT"),
    "unknown source": ('{ plans(sources: ["nowhere"]) { nodes { id } } }', "BAD_USER_INPUT"),
    "no source": ("{ plans(sources: []) { nodes { id } } }", "BAD_USER_INPUT"),
    "unknown filter": ('{ plans(filter: {colour: {eq: "red"}}) { nodes { id } } }', "GRAPHQL_VALIDATION_FAILED"),
    "unknown operator": ('{ plans(filter: {title: {like: "x"}}) { nodes { id } } }', "GRAPHQL_VALIDATION_FAILED"),
    "wrong type": ("{ plans(filter: {title: {eq: 7}}) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    "null condition": ("{ plans(filter: {title: {eq: null}}) { nodes { id } } }", "BAD_USER_INPUT"),
    "not an instant": ('{ plans(filter: {sortDate: {eq: "soon"}}) { nodes { id } } }', "GRAPHQL_VALIDATION_FAILED"),
    "instant in no time zone": (
        '{ plans(filter: {sortDate: {eq: "2026-11-20T09:00:00"}}) { nodes { id } } }',
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "not a day": ('{ plans(filter: {startDate: {eq: "2026-13-01"}}) { nodes { id } } }', "GRAPHQL_VALIDATION_FAILED"),
    "id of another kind in a filter": (
        '{ plans(filter: {serviceType: {eq: "Plan:store:1"}}) { nodes { id } } }',
        "INVALID_ID",
    ),
    "many conditions": (
        "{ plans(filter: {or: [%s]}) { nodes { id } } }" % ('{title: {eq: "x"}}' * 60),
        "BAD_USER_INPUT",
    ),
    "many ids": ("{ nodes(ids: [%s]) { id } }" % ('"Plan:store:1" ' * 101), "BAD_USER_INPUT"),
    "malformed entity": ('{ _entities(representations: [{id: "Plan:store:1"}]) { __typename } }', "BAD_USER_INPUT"),
    "entity of no kind": (
        '{ _entities(representations: [{__typename: "Query", id: "x"}]) { __typename } }',
        "BAD_USER_INPUT",
    ),
    "syntax": ("{ plans { nodes { id }", "GRAPHQL_PARSE_FAILED"),
    "unknown field": ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
    "nested 5,000 deep": ("{a" * 5000 + "}" * 5000, "MAX_"),
    "deep input": ("{ plans(filter: " + "{not: " * 3000 + "{}" + "}" * 3000 + ") { nodes { id } } }", "MAX_"),
    "no such operation": ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
async def test_arguments_that_cannot_be_honoured(client: httpx2.AsyncClient, name: str) -> None:
    query, code = ARGUMENTS[name]
    response = await client.post("/graphql", json={"query": query})
    assert response.status_code == 200
    extensions = is_clean(response)["errors"][0]["extensions"]
    assert extensions["code"].startswith(code)
    assert extensions["classification"] == "ValidationError"


VARIABLES = {
    "int for an id list": ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", {"a": 1}),
    "missing": ("query ($v: ID!) { node(id: $v) { id } }", None),
    "text for an Int": ("query ($v: Int) { plans(first: $v) { nodes { id } } }", "many"),
    "float for an Int": ("query ($v: Int) { plans(first: $v) { nodes { id } } }", 1.5),
    "int over 64 bits": ("query ($v: Int) { plans(first: $v) { nodes { id } } }", 2**63),
    "list for a String": ("query ($v: String) { plans(after: $v) { nodes { id } } }", ["x"]),
    "unknown filter": ("query ($v: PlanFilter) { plans(filter: $v) { nodes { id } } }", {"colour": {"eq": "x"}}),
    "unknown enum value": ("query ($v: [PlanOrder!]) { plans(orderBy: $v) { nodes { id } } }", [{"field": "SIZE"}]),
    "deep filter": (
        "query ($v: PlanFilter) { plans(filter: $v) { nodes { id } } }",
        orjson.loads(b'{"not":' * 300 + b"{}" + b"}" * 300),
    ),
    "NUL in a cursor": ("query ($v: String) { plans(after: $v) { nodes { id } } }", "\0"),
}


@pytest.mark.parametrize("name", VARIABLES)
async def test_variables_that_cannot_be_honoured(client: httpx2.AsyncClient, name: str) -> None:
    query, value = VARIABLES[name]
    response = await client.post("/graphql", json={"query": query, "variables": {"v": value}})
    assert response.status_code == 200
    code = is_clean(response)["errors"][0]["extensions"]["code"]
    assert code == "MAX_VALUE_DEPTH_EXCEEDED" if name == "deep filter" else code in ("BAD_USER_INPUT", "INVALID_CURSOR")


LONG = "some long words " * 100
ECHOES = {
    "id": ("query ($v: ID!) { node(id: $v) { id } }", LONG),
    "id of another kind": ("query ($v: ID!) { plan(id: $v) { id } }", f"Task:store:{LONG[:400]}"),
    "cursor": ("query ($v: String) { plans(after: $v) { nodes { id } } }", LONG),
    "source": ("query ($v: [String!]) { plans(sources: $v) { nodes { id } } }", [LONG]),
    "date": ("query ($v: Date) { plans(filter: {startDate: {eq: $v}}) { nodes { id } } }", LONG),
    "instant": ("query ($v: DateTime) { plans(filter: {sortDate: {eq: $v}}) { nodes { id } } }", {"x": LONG}),
    "enum": ("query ($v: PlanOrderField!) { plans(orderBy: {field: $v}) { nodes { id } } }", LONG),
    "id in a filter": ("query ($v: ID) { plans(filter: {serviceType: {eq: $v}}) { nodes { id } } }", LONG),
    "member of a filter": ("query ($v: PlanFilter) { plans(filter: $v) { nodes { id } } }", {LONG: 1}),
    "number": ("query ($v: Int) { plans(first: $v) { nodes { id } } }", LONG),
    "entity": (
        "query ($v: _Any!) { _entities(representations: [$v]) { __typename } }",
        {"__typename": LONG, "id": LONG},
    ),
    "field": ("{ %s }" % LONG.replace(" ", "_"), None),
    "operation": ("query A { __typename } query B { __typename }", None),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ECHOES)
async def test_a_message_repeats_at_most_100_characters(client: httpx2.AsyncClient, name: str) -> None:
    query, value = ECHOES[name]
    asked = {"query": query, "variables": {"v": value}, "operationName": LONG if name == "operation" else None}
    for error in is_clean(await client.post("/graphql", json=asked))["errors"]:
        for start in range(32):
            assert LONG[start : start + 101] not in error["message"]
            assert LONG[start : start + 101].replace(" ", "_") not in error["message"]


@pytest.mark.parametrize("text", ["\0", "a\0b", "😀" * 50, "%_\\'\"; DROP TABLE plans; --", "\u202e", "x" * 10_000])
async def test_odd_texts_in_filters_match_nothing(client: httpx2.AsyncClient, text: str) -> None:
    query = """query ($t: String!) { a: plans(filter: {title: {eq: $t}}) { nodes { id } }
        b: plans(filter: {title: {contains: $t}}) { nodes { id } }  c: plans(filter: {title: {in: [$t]}}) { totalCount } }"""
    response = await client.post("/graphql", json={"query": query, "variables": {"t": text}})
    assert response.json() == {"data": {"a": {"nodes": []}, "b": {"nodes": []}, "c": {"totalCount": 0}}}


async def test_a_cursor_belongs_to_its_order_and_filter(client: httpx2.AsyncClient) -> None:
    async def ask(arguments: str) -> dict[str, Any]:
        query = "{ plans(%s) { nodes { id } pageInfo { endCursor } } }" % arguments
        return (await client.post("/graphql", json={"query": query})).json()

    cursor = (await ask("first: 2"))["data"]["plans"]["pageInfo"]["endCursor"]
    assert "errors" not in await ask(f'first: 2, after: "{cursor}"')
    for other in (
        "orderBy: {field: TITLE}",
        "orderBy: {field: SORT_DATE, direction: DESC}",
        'filter: {status: {eq: "x"}}',
    ):
        answer = await ask(f'first: 2, after: "{cursor}", {other}')
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"
    forged = cursor[:-6] + ("AAAAAA" if cursor[-6:] != "AAAAAA" else "BBBBBB")
    assert (await ask(f'after: "{forged}"'))["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_a_cursor_belongs_to_its_sources_and_is_not_made_by_hand(client: httpx2.AsyncClient) -> None:
    async def code(arguments: str) -> str:
        answer = (await client.post("/graphql", json={"query": "{ plans(%s) { nodes { id } } }" % arguments})).json()
        return str(answer["errors"][0]["extensions"]["code"])

    query = '{ all: plans(first: 2) { pageInfo { endCursor } } one: plans(first: 2, sources: ["store"]) { pageInfo { endCursor } } }'
    data = (await client.post("/graphql", json={"query": query})).json()["data"]
    assert await code(f'sources: ["store"], after: "{data["all"]["pageInfo"]["endCursor"]}"') == "INVALID_CURSOR"
    assert await code(f'after: "{data["one"]["pageInfo"]["endCursor"]}"') == "INVALID_CURSOR"

    made_for = orjson.loads(base64.urlsafe_b64decode(data["all"]["pageInfo"]["endCursor"] + "=="))[0]
    for place in (
        {"own": "x", "at": {}},
        {"own": "store", "at": {"store": "x"}},
        {"own": "store", "at": {"store": []}},
        {"own": "store", "at": [1]},
    ):
        cursor = base64.urlsafe_b64encode(orjson.dumps([made_for, place])).decode().rstrip("=")
        assert await code(f'after: "{cursor}"') == "INVALID_CURSOR"
    deep = b'["%s",{"own":"store","at":{"store":%s}}]' % (made_for.encode(), b"[" * 1000 + b"]" * 1000)
    assert await code(f'after: "{base64.urlsafe_b64encode(deep).decode().rstrip("=")}"') == "INVALID_CURSOR"


async def test_get(client: httpx2.AsyncClient) -> None:
    query = "query Q($id: ID!) { plan(id: $id) { id } }"
    asked = {"query": query, "variables": '{"id": "Plan:store:nothing"}', "operationName": "Q"}
    response = await client.get("/graphql", params=asked, headers=PREFLIGHT)
    assert response.json() == {"data": {"plan": None}}
    for bad in (
        {},
        {"query": ""},
        {"query": "{__typename}", "variables": "["},
        {"query": "{__typename}", "variables": "7"},
    ):
        response = await client.get("/graphql", params=bad, headers=PREFLIGHT)
        assert response.status_code == 400
        is_clean(response)


async def test_methods_and_paths(client: httpx2.AsyncClient) -> None:
    response = await client.delete("/graphql")
    assert response.status_code == 405
    assert {"GET", "POST"} <= {method.strip() for method in response.headers["allow"].split(",")}
    assert (await client.get("/nowhere")).status_code == 404


async def test_an_unexpected_error_is_masked(executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("postgresql://admin:hunter2@db SELECT * FROM secrets")

    monkeypatch.setattr(demo, "list_plans", broken)
    async with client_of(application(executor, demo)) as client:
        response = await client.post(
            "/graphql", json={"query": "{ plans { nodes { id } } }"}, headers={"x-request-id": "request-0001"}
        )
    assert response.status_code == 200
    [error] = response.json()["errors"]
    assert error["message"] == "Unexpected error."
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "request-0001"}
    assert response.headers["x-request-id"] == "request-0001"
    assert b"hunter2" not in response.content


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_operation_has_a_deadline(executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: Any, **__: Any) -> None:
        await asyncio.sleep(5)

    query = {"query": "{ plans { nodes { id } } }"}
    monkeypatch.setattr(demo, "list_plans", slow)
    async with client_of(application(executor, demo, deadline=1.0)) as client:
        response = await client.post("/graphql", json=query)
        assert is_clean(response)["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
    async with client_of(application(executor, demo, deadline=0.1)) as client:
        monkeypatch.setattr(Executor, "run_all", slow)
        response = await client.post("/graphql", json=query)
        assert is_clean(response)["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"


def slowly(body: bytes, seconds: float) -> Any:
    """What an ASGI server hands over of a request whose body takes so long to end."""
    parts = iter((body[:5], body[5:]))

    async def receive() -> dict[str, Any]:
        part = next(parts)
        await asyncio.sleep(seconds if part != body[:5] else 0)
        return {"type": "http.request", "body": part, "more_body": part == body[:5]}

    return receive


async def posted(app: Any, receive: Any) -> tuple[int, Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    return sent[0]["status"], orjson.loads(b"".join(message.get("body", b"") for message in sent))


async def test_so_has_the_body(executor: str, demo: Store) -> None:
    app = application(executor, demo, deadline=0.3)
    status, answer = await posted(app, slowly(b'{"query": "{ plans { nodes { id } } }"}', 5))
    assert (status, answer["errors"][0]["extensions"]["code"]) == (408, "REQUEST_TIMEOUT")

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    status, answer = await posted(app, gone)
    assert (status, answer["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("executor", ["compiled"])
async def test_a_slow_body_leaves_all_the_time_to_execute(
    executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_plans = demo.list_plans

    async def slow(query: Any) -> Any:
        await asyncio.sleep(1.5)
        return await list_plans(query)

    monkeypatch.setattr(demo, "list_plans", slow)
    app = application(executor, demo, deadline=4.0)
    status, answer = await posted(app, slowly(b'{"query": "{ plans(first: 1) { nodes { id } } }"}', 3))
    assert (status, len(answer["data"]["plans"]["nodes"])) == (200, 1)


async def test_limits_are_settings(executor: str, demo: Store) -> None:
    app = application(executor, demo, limits=LimitSettings(depth=2))  # type: ignore[call-arg]
    async with client_of(app) as client:
        response = await client.post("/graphql", json={"query": "{ plans { nodes { id } } }"})
    assert is_clean(response)["errors"][0]["extensions"]["code"] == "MAX_DEPTH_EXCEEDED"


SCHEMA = {
    "introspection": "{ __schema { queryType { name } } }",
    "type": '{ __type(name: "Plan") { name } }',
    "service": "{ _service { sdl } }",
}


@pytest.mark.parametrize(
    ("settings", "anonymous", "with_key"),
    [({}, False, True), ({"introspection": "on", "suggestions": "on"}, True, True),
     ({"introspection": "off", "suggestions": "off"}, False, False)],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_may_read_the_schema(
    executor: str, demo: Store, settings: Any, anonymous: bool, with_key: bool
) -> None:
    secret = new_api_key()
    known = ApiKey(
        secret[-8:], fingerprint(secret), Key("store:ada-okafor"), "demo", "member", None, "2026-11-20T00:00:00Z"
    )
    await add_api_key(demo.database, known)
    both = AuthenticationSettings(anonymous=True, anonymous_workspace="demo", api_keys=True)
    key = {"x-api-key": secret}
    async with client_of(application(executor, demo, authentication=both, **settings)) as client:
        for headers, may in ((key, with_key), ({}, anonymous), (key, with_key)):
            for query in SCHEMA.values():
                response = await client.post("/graphql", json={"query": query}, headers=headers)
                if may:
                    assert "errors" not in response.json()
                else:
                    assert is_clean(response)["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
            assert (
                "errors"
                not in (await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)).json()
            )
            for query, variables in (
                ("{ plns { totalCount } }", {}),
                ("query ($o: [PlanOrder!]) { plans(orderBy: $o) { totalCount } }", {"o": [{"field": "TITEL"}]}),
            ):
                asked = {"query": query, "variables": variables}
                response = await client.post("/graphql", json=asked, headers=headers)
                assert ("Did you mean" in is_clean(response)["errors"][0]["message"]) is may


async def test_who_is_not_let_in(executor: str, demo: Store) -> None:
    app = application(executor, demo, authentication=AuthenticationSettings(api_keys=True))  # type: ignore[call-arg]
    async with client_of(app) as client:
        for headers in (
            {},
            {"authorization": "Bearer plg_nonsense"},
            {"x-api-key": "x"},
            {"authorization": "Basic eDp5"},
        ):
            response = await client.post("/graphql", json={"query": "{ plans { nodes { id } } }"}, headers=headers)
            assert response.status_code == 401
            assert is_clean(response)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_cannot_be_checked_is_not_told_to_sign_in_again(executor: str, tmp_path: Any) -> None:
    broken = Store(f"sqlite:///{tmp_path / 'no-tables.db'}")
    app = application(executor, broken, authentication=AuthenticationSettings(api_keys=True))
    async with client_of(app) as client:
        headers = {"authorization": "Bearer plg_" + "x" * 43}
        response = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    await broken.close()
    assert response.status_code == 503
    assert is_clean(response)["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"


async def test_nor_who_cannot_be_checked_in_time(executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: Any) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr("plangate.authentication.api_keys.find_api_key", slow)
    app = application(executor, demo, deadline=0.2, authentication=AuthenticationSettings(api_keys=True))  # type: ignore[call-arg]
    async with client_of(app) as client:
        response = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"x-api-key": new_api_key()})
    assert response.status_code == 503
    assert is_clean(response)["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"


async def test_a_bug_outside_the_engine_is_masked_too(
    executor: str, demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr("plangate.app.Context", broken)
    async with client_of(application(executor, demo)) as client:
        response = await client.post("/graphql", json={"query": "{ __typename }"})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert b"hunter2" not in response.content


async def test_health_and_readiness(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    ready = await client.get("/ready")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "sources": {"store": {"ok": True, "detail": ""}}}


async def test_readiness_says_which_source_is_not(executor: str, demo: Store, tmp_path: Any) -> None:
    new = Store(f"sqlite:///{tmp_path / 'new.db'}")
    async with client_of(application(executor, new)) as client:
        ready = await client.get("/ready")
    await new.close()
    assert ready.status_code == 503
    assert ready.json()["status"] == "unavailable"
    assert "plangate migrate" in ready.json()["sources"]["store"]["detail"]


# --------------------------------------------------------------------------------------------------------------- memory


async def test_a_request_leaves_nothing_to_the_cyclic_collector(demo: Store) -> None:
    """Of the compiled executor; graphql-core's own makes cycles."""
    query = "{ plans(first: 3) { nodes { title serviceType { name } actions { nodes { assignee { name } } } } } }"
    async with client_of(application("compiled", demo)) as client:
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                assert "errors" not in (await client.post("/graphql", json={"query": query})).json()
            await asyncio.sleep(0)
            assert [each for each in gc.get_objects() if isinstance(each, Loaders | RecordLoader)] == []
        finally:
            gc.enable()
