"""What failed while a request was served, as lines in the log: equal failures are one line with a count."""

from types import TracebackType
from typing import Any

import structlog

from plangate.errors import SourceError

Path = list[str | int]

log = structlog.get_logger(__name__)


class Failures:
    """Collects errors of sources and unexpected errors, and logs them.

    Errors of a source are equal if their code, status and cause are; unexpected errors if they are of one type and
    raised in one line. The first of them is shown.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], list[Any]] = {}

    def add(self, error: Exception, path: Path | None = None) -> None:
        """`path` is the field of the response that the error is at, if any."""
        known = self._found.setdefault(_identity(error), [error, path, 0])
        known[2] += 1

    def log(self) -> None:
        """Write a line for each distinct failure since the last time, and forget them."""
        found, self._found = self._found, {}
        for error, path, count in found.values():
            log_failure(error, path, count)


def log_failure(error: Exception, path: Path | None = None, count: int = 1) -> None:
    """One line: a warning for an error of a source, an error with traceback for an unexpected one."""
    if not isinstance(error, SourceError):
        log.error("unexpected_error", path=path, count=count, exc_info=error)
        return
    optional = {"status": error.status, "cause": error.cause}
    known = {name: value for name, value in optional.items() if value is not None}
    log.warning(
        "source_failed", source=error.source, code=error.code, reason=error.message, count=count, path=path, **known
    )


def _identity(error: Exception) -> tuple[Any, ...]:
    if isinstance(error, SourceError):
        return error.source, error.code, error.status, error.cause
    return type(error), *_raised_at(error.__traceback__)


def _raised_at(traceback: TracebackType | None) -> tuple[str, int] | tuple[()]:
    """The file and the line that raised an exception."""
    if traceback is None:
        return ()
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
