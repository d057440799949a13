"""Logs: one line for each event, pretty on a terminal and JSON otherwise, with the request's id, without secrets."""

import asyncio
import json
import logging
import re
import sys
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from plangate.operation_context import OperationContext

SECRET_NAMES = re.compile(r"authorization|api.?key|cookie|password|secret|token|credential", re.IGNORECASE)
SECRET_TEXTS = re.compile(
    r"plg_[\w-]+"  # an API key
    r"|(?<=bearer )[^\s'\"]+|(?<=basic )[^\s'\"]+"  # a credential in a header
    r"|(?<=://)[^\s/@:]*:[^\s@]*(?=@)"  # user and password in a URL
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*",  # a JSON Web Token
    re.IGNORECASE,
)
HIDDEN = "********"
MAX_TEXT = 20_000
"""Maximum length of a text in a line, in characters; of a longer one its beginning and end are shown."""
MAX_ITEMS = 100
"""Maximum number of items of a list or mapping in a line."""


def configure(
    format: Literal["auto", "pretty", "json"] = "auto", level: str = "info", stream: TextIO | None = None
) -> None:
    """Send every log of this process, the libraries' too, to `stream` (standard error)."""
    out = stream or sys.stderr
    pretty = format == "pretty" or (format == "auto" and out.isatty())
    before: list[Processor] = [
        add_ids,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if pretty else "iso", utc=not pretty),
    ]
    # Tracebacks as text: the renderers' own would show local variables, which hold credentials.
    after: list[Processor] = [structlog.processors.format_exc_info, hide_secrets]
    if pretty:
        after.append(escape_controls)
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer(serializer=to_json)
    )
    structlog.configure(
        processors=[*before, *after, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after, renderer],
        )
    )
    # Libraries tell of every step at info; of an operator's interest is what goes wrong. uvicorn says where it listens.
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, _number(level)), force=True)
    server = logging.getLogger("uvicorn.error")
    server.setLevel(_number(level))
    server.addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Drop uvicorn's tracebacks of the requests, and of the lifespan, that a second Ctrl-C cancels."""
    error = record.exc_info[0] if record.exc_info else None
    cancelled = error is not None and issubclass(error, asyncio.CancelledError)
    return not (cancelled or record.getMessage().rstrip().endswith("asyncio.exceptions.CancelledError"))


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def add_ids(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The ids of the GraphQL request that is served, so that all its lines can be found."""
    if (context := OperationContext.current()) is not None:
        event.setdefault("request_id", context.request_id)
        if context.trace_id:
            event.setdefault("trace_id", context.trace_id)
    return event


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A name that promises a secret hides its value; in all texts, what looks like a credential is replaced.

    Texts, lists and mappings are cut to their maximum lengths.
    """
    return {name: HIDDEN if _is_secret(name) else _without_secrets(value) for name, value in event.items()}


def escape_controls(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """On a terminal, a text of a client must not move the cursor or make up a line. Tracebacks keep their lines."""
    return {
        name: ascii(value)[1:-1]
        if isinstance(value, str) and name != "exception" and not value.isprintable()
        else value
        for name, value in event.items()
    }


def to_json(event: EventDict, **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # lone surrogates, integers over 64 bits
        return json.dumps(event, default=str)


@lru_cache(maxsize=1_024)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_TEXTS.sub(HIDDEN, value if len(value) <= MAX_TEXT else _cut(value))
    if isinstance(value, dict):
        return hide_secrets(None, "", {str(name): each for name, each in islice(value.items(), MAX_ITEMS)})
    if isinstance(value, list | tuple):
        return [_without_secrets(each) for each in value[:MAX_ITEMS]]
    return value


def _cut(text: str) -> str:
    """The first and the last words: never a part of one, nor the second of two, which could be a credential."""
    half = MAX_TEXT // 2
    first, last = re.sub(r"\S+\Z", "", text[:half]), re.sub(r"\A\S*\s*\S*", "", text[-half:])
    return f"{first}... ({len(text)} characters) ...{last}"
