"""What is wrong with the records that a system sent: one line in the log for each answer, however many they are."""

import asyncio
from typing import Any

import structlog

from plangate.errors import UpstreamBadResponse

MAX_SKIPPED = 10_000
"""Maximum number of records of one answer that are left out. With more of them it is not a list of records."""

MAX_PROBLEMS = 10
"""Maximum number of different problems that a line names; the others are only counted."""

MAX_EXAMPLES = 5
"""Maximum number of ids of records that a line names."""

MAX_ID = 64
"""Maximum length of an id in a line, in characters."""

log = structlog.get_logger(__name__)


class RecordLog:
    """Collects problems while the records of an answer of `source` are made, which happens without a pause.

    They are logged as one warning, `records_invalid`, as soon as the event loop goes on; at once where none runs.
    Descriptions of problems must not quote what the system sent. An id may be anything; only a text or a number is
    shown.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._problems: dict[str, int] = {}
        self._examples: dict[str, None] = {}
        self._count = self._skipped = 0

    def skip(self, problem: str, id: Any = None) -> None:
        """Note that a record is left out (`Plan without a valid id`). UpstreamBadResponse if those are too many."""
        self.add(problem, id)
        self._skipped += 1
        if self._skipped > MAX_SKIPPED:
            message = f"{self.source} sent more than {MAX_SKIPPED} records that cannot be read."
            raise UpstreamBadResponse(self.source, message)

    def add(self, problem: str, id: Any = None) -> None:
        """Note that a value of a record is left out (`Plan.startDate: not an instant`)."""
        self._count += 1
        if problem in self._problems:
            self._problems[problem] += 1
        elif len(self._problems) < MAX_PROBLEMS:
            self._problems[problem] = 1
        if len(self._examples) < MAX_EXAMPLES and isinstance(id, str | int):
            self._examples[str(id)[:MAX_ID]] = None
        if self._count == 1:
            try:
                asyncio.get_running_loop().call_soon(self._write)
            except RuntimeError:
                self._write()

    def _write(self) -> None:
        log.warning(
            "records_invalid",
            source=self.source,
            count=self._count,
            problems=[f"{problem} ({count})" for problem, count in self._problems.items()],
            examples=list(self._examples),
        )
        self._problems, self._examples = {}, {}
        self._count = self._skipped = 0
