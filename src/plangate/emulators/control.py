"""`/_emulator/`: what someone with curl can see of an emulator and do to it while it runs.

    curl localhost:PORT/_emulator/requests
    curl -X PUT localhost:PORT/_emulator/faults -d '{"status": 503, "times": 3}'
    curl -X DELETE localhost:PORT/_emulator/faults

Control requests are neither logged nor hit by faults, and need no credential: emulators listen on loopback only.
"""

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from .faults import Answer, FaultInjection, Faults
from .request_log import RequestLog, RequestLogging


def controlled(app: ASGIApp, faults: Faults, log: RequestLog, answer: Answer) -> Starlette:
    """`app` with its requests logged in `log`, open to `faults`, and with the control endpoints beside it."""

    async def index(request: Request) -> Response:
        return _json({"faults": faults, "switches": Faults.__struct_fields__, "requests": log.counts()})

    async def show_faults(request: Request) -> Response:
        return _json(faults)

    async def set_faults(request: Request) -> Response:
        try:
            faults.set(msgspec.json.decode(await request.body(), type=Faults))
        except msgspec.DecodeError as error:
            return _json({"error": str(error), "switches": Faults.__struct_fields__}, 400)
        return _json(faults)

    async def clear_faults(request: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def show_requests(request: Request) -> Response:
        return _json({"count": len(log), "paths": log.counts(), "requests": list(log)})

    async def clear_requests(request: Request) -> Response:
        log.clear()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/_emulator/", index),
            Route("/_emulator/faults", show_faults, methods=["GET"]),
            Route("/_emulator/faults", set_faults, methods=["PUT"]),
            Route("/_emulator/faults", clear_faults, methods=["DELETE"]),
            Route("/_emulator/requests", show_requests, methods=["GET"]),
            Route("/_emulator/requests", clear_requests, methods=["DELETE"]),
            Mount("/", RequestLogging(FaultInjection(app, faults, answer), log)),
        ]
    )


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
