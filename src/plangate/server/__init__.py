"""The HTTP server: uvicorn with a protocol that bounds what clients can send, hold open and ask for at once.

    connection ──▶ protocol ──▶ admission ──▶ application
                      │
                   worker (what the connections of a process share)

The application puts a `Worker` into its lifespan state (`async with Worker(...)`), and the protocol finds it there.
Nothing here knows GraphQL. The limits are in `plangate.settings.http`, the error codes in `plangate.errors`.
"""

import resource
from collections.abc import Callable
from typing import Any

import structlog
import uvicorn

from plangate.server.protocol import HttpProtocol
from plangate.server.worker import RESERVED, STATE, Worker

__all__ = ["STATE", "HttpProtocol", "Worker", "raise_file_limit", "server_config"]

OTHER_FILES = 200
"""Open files of a worker that are not clients' connections: the database, upstream systems, logs."""

log = structlog.get_logger(__name__)


def server_config(app: Callable[..., Any] | str, **options: Any) -> uvicorn.Config:
    """How uvicorn is run. `options` are uvicorn's own."""
    return uvicorn.Config(
        app,
        http=HttpProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nothing depends on the client's address
        **options,
    )


def raise_file_limit(connections: int) -> None:
    """Let this process and its children open as many files as `connections` take, as far as the system allows it."""
    wanted = connections + RESERVED + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        log.warning(
            f"The system allows {hard} open files per process, and http.max_connections needs {wanted}. "
            "Raise the limit (ulimit -n), or lower the setting."
        )
