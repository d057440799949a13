"""What twelve faults of each upstream system come to, for whoever asks all six systems at once.

    make faults        # prints the table; exit code 1 if any cell is not as it should be

Everything is real: the gateway's sources, five emulators behind HTTP on loopback, a SQLite store with demo data. Each
cell is a system and a fault: one operation asks all six for plans, then the one that fails is asked until it is left
alone; then it recovers.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import structlog

from plangate.app import build_sources
from plangate.emulated import Emulated, served, systems
from plangate.emulators.faults import Faults
from plangate.settings import Settings
from plangate.source import Circuit, Source
from plangate.sources.store import Store, migrate
from plangate.sources.store.demo import load
from tests.gateway import Gateway

DEADLINE = 0.6
"""Seconds that a call of a slow system may take, with its retry."""
PATIENT = 10.0
"""Seconds that any other call may take: longer than this machine ever stands still, for that is nobody's fault."""
LATEST = 5.0
"""Seconds within which the whole answer must be there, on a busy machine."""
SLOW = 1.4
"""Seconds: longer than the deadline, and over before what is left behind is counted."""
PAUSE = 0.1
FAILURES = 2
QUESTIONS = 4
"""Within which a system that keeps failing is left alone."""

SYSTEMS = ("planning_center", "scale", "happyforce", "oneplan", "planhat")


class Fault(NamedTuple):
    faults: Faults
    code: str
    left_alone: str = "UPSTREAM_CIRCUIT_OPEN"
    """What the error says once the fault has lasted. Who is refused is told so each time, and a rate limit is waited
    for: neither is a system that is out of order."""
    deadline: float = PATIENT
    """The one that the system which fails is given."""


FAULTS: Mapping[str, Fault] = {
    "timeout": Fault(Faults(latency=SLOW), "UPSTREAM_TIMEOUT", deadline=DEADLINE),
    "reset": Fault(Faults(reset=True), "UPSTREAM_UNAVAILABLE"),
    "500": Fault(Faults(status=500), "UPSTREAM_UNAVAILABLE"),
    "503, Retry-After": Fault(Faults(status=503, retry_after=30), "UPSTREAM_UNAVAILABLE"),
    # Longer than the deadline, or else it would be waited for.
    "429": Fault(Faults(rate_limit=3), "UPSTREAM_RATE_LIMITED", left_alone="UPSTREAM_RATE_LIMITED", deadline=2.0),
    "HTML 403": Fault(Faults(html=True), "UPSTREAM_DENIED"),
    "malformed JSON": Fault(Faults(malformed=True), "UPSTREAM_BAD_RESPONSE"),
    "truncated body": Fault(Faults(truncated=True), "UPSTREAM_BAD_RESPONSE"),
    "50 MB body": Fault(Faults(huge_body=50_000_000), "UPSTREAM_BAD_RESPONSE"),
    "slow-loris": Fault(Faults(slow_body=0.2), "UPSTREAM_TIMEOUT", deadline=DEADLINE),
    "redirect": Fault(Faults(redirect="http://localhost:9/elsewhere"), "UPSTREAM_BAD_RESPONSE"),
    "expired credential": Fault(Faults(expired=True), "UPSTREAM_DENIED", left_alone="UPSTREAM_DENIED"),
}


class Outcome(NamedTuple):
    """What was seen in one cell."""

    code: str | None
    """Of the error of the system that fails."""
    others: int
    """How many of the other five answered, in the same operation."""
    seconds: float
    """Until the whole answer was there."""
    left_alone: str | None
    """The code once the fault has lasted."""
    calls: int
    """How many calls the system still got then, for one more question."""
    recovered: bool
    """Whether it answered again by itself once it was well, and its circuit was closed."""
    tells: bool
    """Whether it said more than it may in its error, an address or what was sent, or less than it should in `health`."""
    left_over: int
    """Tasks and open files (connections, that is) that there were not before."""

    def complaints(self, fault: Fault) -> list[str]:
        """What is not as it should be."""
        refused = fault.left_alone == "UPSTREAM_DENIED"
        wanted = {
            "code": self.code == fault.code,
            "others": self.others == len(SYSTEMS),
            "seconds": self.seconds < LATEST,
            "left_alone": self.left_alone == fault.left_alone,
            "calls": (self.calls > 0) is refused,
            "recovered": self.recovered,
            "tells": not self.tells,
            "left_over": self.left_over == 0,
        }
        return [f"{name}: {getattr(self, name)}" for name, well in wanted.items() if not well]


class Laboratory:
    """The store, and the emulators with their settings; what runs here is asked from here."""

    def __init__(self, store: Store, emulated: Mapping[str, Emulated], sections: Mapping[str, Any]) -> None:
        self.store = store
        self.emulated = emulated
        self.sections = dict(sections)

    async def outcome(self, name: str, fault: Fault, executor: str = "compiled") -> Outcome:
        """One cell, with sources of its own."""
        before = _tasks_and_files()
        failing = {name: self.sections[name].model_copy(update={"deadline": fault.deadline})}
        sources = {**build_sources(Settings(**self.sections | failing)), "store": self.store}
        gateway, faults = Gateway(executor, sources), self.emulated[name].emulator.faults
        try:
            faults.set(fault.faults)
            begun = time.monotonic()
            answer = await gateway.ask(_plans(*sources))
            seconds = time.monotonic() - begun
            codes = _codes(answer)
            last, calls = await self._until_left_alone(gateway, name)
            tells = _tells(answer) or await _is_silent(sources[name])
            faults.clear()
            recovered = await _recovers(gateway, name, sources[name])
        finally:
            faults.clear()
            await asyncio.gather(*(source.close() for key, source in sources.items() if key != "store"))
        return Outcome(
            codes.get(name),
            sum(1 for other in sources if other != name and answer["data"][other] and other not in codes),
            seconds,
            _codes(last).get(name),
            calls,
            recovered,
            tells,
            await _left_over(before),
        )

    async def _until_left_alone(self, gateway: Gateway, name: str) -> tuple[Mapping[str, Any], int]:
        """The last answer, and how many calls it took: a question that comes late is the next try after a pause."""
        log = self.emulated[name].emulator.log
        for _ in range(QUESTIONS):
            before = len(log)
            last = await gateway.ask(_plans(name))
            calls = len(log) - before
            if not calls:
                break
        return last, calls


@asynccontextmanager
async def laboratory(folder: Path) -> AsyncIterator[Laboratory]:
    """All that is asked here. The store's database is a file in `folder`."""
    url = f"sqlite:///{folder / 'store.sqlite'}"
    await migrate(url)
    store = Store(url)
    await load(store)
    options = {"deadline": PATIENT, "retries": 1, "circuit_failures": FAILURES, "circuit_pause": PAUSE}
    emulated = systems("demo", **options)
    async with served(emulated) as sections:
        here = Laboratory(store, emulated, sections)
        # What is opened once and stays (the database's file) is there before anything is counted.
        await here.outcome(SYSTEMS[0], Fault(Faults(status=500), ""))
        yield here
    await store.close()


def _plans(*names: str) -> str:
    return "{" + " ".join(f'{name}: plans(sources: ["{name}"], first: 2) {{ nodes {{ id }} }}' for name in names) + "}"


def _codes(answer: Mapping[str, Any]) -> dict[str, str]:
    """The codes of the errors by what they spoiled."""
    return {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", ())}


def _tells(answer: Mapping[str, Any]) -> bool:
    """Whether an error names an address, or quotes what a system sent."""
    return any(word in error["message"] for error in answer["errors"] for word in ("http:", "127.0.0.1", "<", "{"))


async def _is_silent(source: Source) -> bool:
    """Whether its health does not tell what is wrong."""
    health = await source.check()
    return health.ok or not health.detail


async def _recovers(gateway: Gateway, name: str, source: Source) -> bool:
    for _ in range(50):
        await asyncio.sleep(PAUSE)
        if "errors" not in await gateway.ask(_plans(name)):
            return source.circuit is Circuit.CLOSED
    return False


def _tasks_and_files() -> int:
    return len(asyncio.all_tasks()) + len([*Path("/dev/fd").iterdir()])


async def _left_over(before: int) -> int:
    """How many more there are than before, after as long as the ends of connections take to be heard of."""
    for _ in range(500):
        if _tasks_and_files() <= before:
            return 0
        await asyncio.sleep(0.01)
    return _tasks_and_files() - before


async def main() -> int:
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # of connections that were reset
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    wrong = 0
    print(
        "| system | fault | error | others that answered | in s | when it lasts | calls then | recovered | left over |"
    )
    print("|---|---|---|---:|---:|---|---:|---|---:|")
    with TemporaryDirectory() as folder:
        async with laboratory(Path(folder)) as here:
            for name in SYSTEMS:
                for title, fault in FAULTS.items():
                    seen = await here.outcome(name, fault)
                    cells = [name, title, seen.code, f"{seen.others} of 5", f"{seen.seconds:.2f}", seen.left_alone]
                    cells += [seen.calls, "yes" if seen.recovered else "no", seen.left_over]
                    complaints = seen.complaints(fault)
                    wrong += bool(complaints)
                    print("|", " | ".join(map(str, cells)), "|", *complaints, flush=True)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
