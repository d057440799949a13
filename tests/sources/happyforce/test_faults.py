"""Whatever Happyforce does, a question ends within its deadline, with an answer or one typed error."""

import pytest

from plangate.emulators.faults import Faults
from plangate.emulators.happyforce import HappyforceEmulator
from plangate.emulators.server import serve
from plangate.errors import (
    BadUserInput,
    UpstreamBadResponse,
    UpstreamUnavailable,
)
from plangate.listing import Condition, ListQuery, Scope
from plangate.sources.happyforce import Happyforce

from .conftest import SESSION, Connect


@pytest.mark.parametrize("content_type", ["text/plain", "*/*", "application/octet-stream"])
async def test_an_odd_content_type_does_not_matter(
    source: Happyforce, emulator: HappyforceEmulator, content_type: str
) -> None:
    emulator.faults.set(Faults(content_type=content_type))
    assert (await source.check()).ok


async def test_no_content_type_does_not_matter(scope: Scope) -> None:
    emulator = HappyforceEmulator(content_type=None)
    async with serve(emulator.app) as url:
        source = Happyforce(url=f"{url}/api/v1/company", session_id=SESSION)
        assert len((await source.list_plans(ListQuery(5, scope=scope))).records) == 5
        await source.close()


async def test_nobody_there(scope: Scope) -> None:
    source = Happyforce(url="http://127.0.0.1:1/api/v1/company")
    with pytest.raises(UpstreamUnavailable):
        await source.list_plans(ListQuery(5, scope=scope))
    assert (await source.check()).detail == "happyforce cannot be reached."
    await source.close()


async def test_a_wrong_session_and_a_wrong_path(connect: Connect, scope: Scope) -> None:
    assert (await connect(session_id="over").check()).detail == "happyforce refuses the gateway's credential."
    astray = connect(actions_path="company-actions")
    with pytest.raises(UpstreamBadResponse, match="actions_path"):
        await astray.list_actions(ListQuery(5, scope=scope))
    assert (await astray.check()).ok


async def test_a_passing_fault_is_retried(source: Happyforce, emulator: HappyforceEmulator, scope: Scope) -> None:
    emulator.faults.set(Faults(status=503, times=2))
    assert len((await source.list_plans(ListQuery(5, scope=scope))).records) == 5
    assert len(emulator.log) == 3


@pytest.mark.parametrize("operator", ["status", "focus_type", "action_type"])
async def test_a_word_that_happyforce_does_not_know_is_the_callers_mistake(
    source: Happyforce, scope: Scope, operator: str
) -> None:
    filter = Condition("happyforce", operator, "nonsense")
    with pytest.raises(BadUserInput, match="does not know"):
        await source.list_plans(ListQuery(5, scope=scope, filter=filter))


@pytest.mark.parametrize("question", ["plans", "people"])
async def test_an_odd_id_is_never_sent(source: Happyforce, emulator: HappyforceEmulator, question: str) -> None:
    odd = ["../actions", "a/b", "%2e%2e", "a?b", "", "é", "x" * 65]
    assert await getattr(source, question)(odd) == {}
    assert not len(emulator.log)
