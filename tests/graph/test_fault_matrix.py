"""Each of five systems in each of twelve faults: the others answer, the error is typed, all is well afterwards."""

from pathlib import Path

import pytest

from tests.fault_matrix import FAULTS, SYSTEMS, laboratory


@pytest.mark.parametrize("name", SYSTEMS)
async def test_a_failing_system_fails_alone(name: str, tmp_path: Path) -> None:
    async with laboratory(tmp_path) as here:
        complaints = {title: (await here.outcome(name, fault)).complaints(fault) for title, fault in FAULTS.items()}
    assert {title: each for title, each in complaints.items() if each} == {}
