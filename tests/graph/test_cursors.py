"""Cursors: opaque, of one list, and encrypted where they count records that the viewer may not read."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.errors import InvalidCursor
from plangate.graph.cursors import Cursors
from plangate.listing import Offset
from plangate.sources.happyforce import Happyforce
from plangate.sources.store import Store
from tests.gateway import Gateway

LIST = "0011223344"
NEW, OLD = "n" * 32, "o" * 32
PERSON = "603cad10a1b2c3d4e5000016"
"""Who has some actions in Happyforce."""


def place(*numbers: int, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"own": "happyforce", "at": {"happyforce": Offset(numbers, lists), "store": ["2026-11-20", "store:1"]}}


def unpacked(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    "position", [place(0), place(2**31 - 1), place(3, 4), place(3, 4, 5, lists=("a", "b", "c")), place(1, lists=("ä",))]
)
def test_an_offset_comes_back_and_is_not_shown(position: dict[str, Any]) -> None:
    cursors = Cursors()
    cursor = cursors.encode(LIST, position)
    assert cursors.decode(LIST, cursor) == position
    assert b"happyforce" not in unpacked(cursor) and b"2026" not in unpacked(cursor)
    assert cursors.encode(LIST, position) == cursor


def test_the_length_says_nothing_of_the_number() -> None:
    cursors = Cursors()
    made = [cursors.encode(LIST, place(number)) for number in (0, 9, 10, 99, 100, 65_535, 2**31 - 1)]
    assert len({len(each) for each in made}) == 1
    assert len(set(made)) == len(made)


def test_values_of_a_record_are_plain() -> None:
    position = {"own": "store", "at": {"store": ["2026-11-20", "store:1"], "oneplan": [None, "x"]}}
    cursors = Cursors()
    cursor = cursors.encode(LIST, position)
    assert orjson.loads(unpacked(cursor)) == [LIST, position]
    assert Cursors().decode(LIST, cursor) == position  # whichever the keys


def test_refuses_a_cursor_of_another_list() -> None:
    cursors = Cursors()
    with pytest.raises(InvalidCursor, match="another list"):
        cursors.decode("another", cursors.encode(LIST, place(1)))


def test_refuses_a_changed_cursor() -> None:
    cursors = Cursors()
    text = unpacked(cursors.encode(LIST, place(1)))
    changed = [text[:i] + bytes([text[i] ^ 1]) + text[i + 1 :] for i in range(len(text))]
    for each in (*changed, text[:-1], text + b"\0", text[:1], text[:17], b"\x01" * len(text)):
        with pytest.raises(InvalidCursor):
            cursors.decode(LIST, packed(each))


def test_keys_are_changed_without_a_break() -> None:
    before, between, after = Cursors([OLD]), Cursors([NEW, OLD]), Cursors([NEW])
    cursor = before.encode(LIST, place(7))
    assert between.decode(LIST, cursor) == place(7)
    assert after.decode(LIST, between.encode(LIST, place(7))) == place(7)
    for other in (after, Cursors(), Cursors()):
        with pytest.raises(InvalidCursor):
            other.decode(LIST, cursor)


# ------------------------------------------------------------------------------------------------------ in the graph


@pytest.fixture
async def gateway(executor: str, demo: Store) -> AsyncIterator[Gateway]:
    async with serve(HappyforceEmulator().app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id="session-id")
        yield Gateway(executor, {"store": demo, "happyforce": source})
        await source.close()


PAGE = """query ($sources: [String!], $first: Int, $after: String, $before: String, $filter: PlanFilter) {
  plans(sources: $sources, first: $first, after: $after, before: $before, filter: $filter) { edges { cursor node { id } } } }"""


async def edges(gateway: Gateway, **arguments: Any) -> list[Any]:
    found: list[Any] = (await gateway.data(PAGE, **arguments))["plans"]["edges"]
    return found


async def code(gateway: Gateway, **arguments: Any) -> Any:
    answer = await gateway.ask(PAGE, **arguments)
    assert answer["data"] == {"plans": None}
    return answer["errors"][0]["extensions"]["code"]


async def test_a_client_cannot_make_up_an_offset(gateway: Gateway) -> None:
    """Or it could ask what stands at each number, and so how many records it may not read stand between two."""
    [first] = await edges(gateway, first=1)
    [list_, known] = orjson.loads(unpacked(first["cursor"]))
    assert set(known["at"]) == {"store"}
    for position in ([7], 7, "00000007", {"n": "00000007"}, {"n": "00000007", "of": []}, [7, 0], None, [None]):
        made_up = packed(orjson.dumps([list_, {"own": "happyforce", "at": {**known["at"], "happyforce": position}}]))
        assert await code(gateway, after=made_up) == "INVALID_CURSOR", position
        assert await code(gateway, before=made_up) == "INVALID_CURSOR", position


async def test_a_client_cannot_use_an_offset_in_another_list(gateway: Gateway) -> None:
    own = {"sources": ["happyforce"]}
    filtered = {"filter": {"happyforce": {"assigneeId": PERSON}}, **own}
    [first, *_] = await edges(gateway, first=3, **filtered)
    assert len(await edges(gateway, first=3, after=first["cursor"], **filtered)) == 3
    assert await code(gateway, after=first["cursor"], **own) == "INVALID_CURSOR"
    assert await code(gateway, after=first["cursor"]) == "INVALID_CURSOR"


async def test_cursors_of_one_list_are_of_one_length(gateway: Gateway) -> None:
    alone = await edges(gateway, first=48, sources=["happyforce"])
    assert len({len(each["cursor"]) for each in alone}) == 1
    assert len({each["cursor"] for each in alone}) == len(alone) == 48


async def test_gateways_with_one_key_understand_each_other(gateway: Gateway, executor: str) -> None:
    arguments: dict[str, Any] = {"first": 2, "sources": ["happyforce"]}
    gateway.cursors = Cursors([NEW])
    *_, last = await edges(gateway, **arguments)
    next_page = await edges(gateway, after=last["cursor"], **arguments)
    other = Gateway(executor, gateway.sources)
    other.cursors = Cursors([NEW])
    assert await edges(other, after=last["cursor"], **arguments) == next_page
    other.cursors = Cursors([OLD])
    assert await code(other, after=last["cursor"], **arguments) == "INVALID_CURSOR"
