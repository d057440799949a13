"""The HTTP server's limits. They apply in each worker process, before the application sees a request."""

from pydantic import Field

from plangate.settings.sections import Section


class HttpSettings(Section):
    max_url: int = Field(default=8_192, ge=64, description="Maximum bytes of a URL; a longer one is answered 414.")
    max_headers: int = Field(
        default=32_768, ge=1_024, description="Maximum bytes of all headers of a request; more are answered 431."
    )
    header_timeout: float = Field(
        default=10.0, gt=0, description="Seconds in which the headers of a request must be complete, else 408."
    )
    body_timeout: float = Field(
        default=30.0, gt=0, description="Seconds in which the body of a request must be complete, else 408."
    )
    idle_timeout: float = Field(
        default=75.0, gt=0, description="Seconds a keep-alive connection stays open without a request."
    )
    write_timeout: float = Field(
        default=30.0, gt=0, description="Seconds without a byte of the response taken, before the connection is cut."
    )
    max_buffered_bodies: int = Field(
        default=64_000_000,
        ge=1_000_000,
        description="Maximum bytes of request bodies that a worker holds before their requests start.",
    )
    max_buffered_responses: int = Field(
        default=256_000_000,
        ge=1_000_000,
        description="Maximum bytes of responses that a worker holds for clients that have not read them.",
    )
    max_connections: int = Field(default=2_000, ge=1, description="Maximum open connections of a worker.")
    max_requests: int = Field(
        default=1_000, ge=1, description="Maximum requests that a worker executes or queues; more are answered 503."
    )
    max_wait: float = Field(
        default=0.5, gt=0, description="Maximum seconds a request is expected to queue; above, it is answered 503."
    )
