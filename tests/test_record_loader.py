"""The loader of one kind, where sources fail it."""

import asyncio

from plangate.model import Key, Person, Record, ServiceType
from plangate.record_loader import Memory, RecordLoader


async def test_who_waits_for_a_load_that_is_cancelled_gets_an_error() -> None:
    async def fetch(keys: list[Key]) -> dict[Key, Record]:
        raise asyncio.CancelledError

    async with asyncio.timeout(2):
        answers = await RecordLoader(fetch).load_batch([Key("store:a"), None, Key("store:b")])
    assert [type(answer) for answer in answers] == [RuntimeError, type(None), RuntimeError]


def test_records_of_two_kinds_may_have_the_same_key() -> None:
    key = Key("planning_center:1")
    memory, person, service_type = Memory(), Person(key), ServiceType(key)
    memory.hear([person, service_type], frozenset())
    assert memory.recall(Person, [key, None], frozenset()) == {key: person}
    assert memory.recall(ServiceType, [key], frozenset()) == {key: service_type}
    assert memory.recall(Person, [key], frozenset({"email"})) == {}
