"""Logs: how they look, and what never gets into them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from plangate import logs
from plangate.operation_context import OperationContext

SECRETS = ("plg_abcdefghijkl", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "hunter2")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_json_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    logs.configure("auto", "info", out)
    log = structlog.get_logger()
    with OperationContext({}, request_id="r-1"):
        log.debug("too little")
        log.info("request", ms=1.5)
        logging.getLogger("somebody.else").warning("told by %s", "a library")
    first, second = lines(out)
    assert (first["event"], first["level"], first["request_id"], first["ms"]) == ("request", "info", "r-1", 1.5)
    assert (second["event"], second["request_id"]) == ("told by a library", "r-1")


def test_pretty() -> None:
    out = io.StringIO()
    logs.configure("pretty", "info", out)
    structlog.get_logger().info("request", ms=1.5)
    assert "request" in out.getvalue() and "ms=1.5" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("format", ["json", "pretty"])
def test_no_secrets(format: str) -> None:
    out = io.StringIO()
    logs.configure(format, "info", out)  # type: ignore[arg-type]
    log = structlog.get_logger()
    key, token, password = SECRETS
    log.info("headers", headers={"Authorization": f"Bearer {password}", "x-api-key": key}, api_key=key)
    log.info(f"cannot reach postgresql://plangate:{password}@database/plangate with Bearer {token}")
    log.info("nested", given=[{"url": f"https://u:{password}@host"}], token=token)
    try:
        local = password + key
        raise ValueError(f"no such key {key} for {len(local)}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("uvicorn.error").exception("failed too")
    written = out.getvalue()
    assert written.count("Traceback") == 2
    assert [secret for secret in SECRETS if secret in written] == []


def test_a_client_cannot_make_up_a_line_on_a_terminal() -> None:
    out = io.StringIO()
    logs.configure("pretty", "info", out)
    structlog.get_logger().info("request", path="/\x1b[2J", reason="a\n12:00:00 [info] made up", word="Älvdalen")
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue() and "Älvdalen" in out.getvalue()


def test_json_takes_whatever_it_is_given() -> None:
    out = io.StringIO()
    logs.configure("json", "info", out)
    structlog.get_logger().info("odd", surrogate="\ud800", large=2**70, other={1: object}, line="a\nb")
    [line] = lines(out)
    assert (line["surrogate"], line["large"], line["line"]) == ("\ud800", 2**70, "a\nb")


def test_a_line_is_bounded() -> None:
    out = io.StringIO()
    logs.configure("json", "info", out)
    structlog.get_logger().info(
        "x" * 9_000_000, items=["y" * 9_000_000] * 3, many=[1] * 10_000, map=dict.fromkeys(range(9_000))
    )
    [line] = lines(out)
    assert len(out.getvalue()) < 10_000
    assert line["event"] == "... (9000000 characters) ..."
    assert len(line["many"]) == len(line["map"]) == 100  # type: ignore[arg-type]


@pytest.mark.parametrize("shift", range(0, 90, 2))
def test_a_long_text_is_not_cut_within_a_secret(shift: int) -> None:
    key, token, password = SECRETS
    secret = f" Bearer {password} https://u:{password}@host {key} {token} "
    words, half = "word " * 5_000, logs.MAX_TEXT // 2
    for text in (words[: half - shift] + secret + words, words + secret + words[: half - shift]):
        cut = str(logs.hide_secrets(None, "", {"event": text})["event"])
        assert not any(part in cut for part in (password[:4], token[:8], key[4:8]))
        assert cut.startswith("word word") and len(cut) > logs.MAX_TEXT - 200
