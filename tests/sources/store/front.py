"""A TCP front before a real PostgreSQL, which listens at a Unix socket without TLS: it adds what a network adds.

It can terminate TLS, lose the first cancel requests, and refuse startup parameters as PgBouncer does.
Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SSL_REQUEST, CANCEL_REQUEST = 80877103, 80877102
PORT = "5432"


@asynccontextmanager
async def front(
    socket: Path,
    *,
    tls: ssl.SSLContext | None = None,
    lost_cancel_requests: int = 0,
    refused_parameters: Sequence[bytes] = (),
) -> AsyncIterator[int]:
    """The port at which the server behind the socket answers."""
    lost: list[bytes] = []
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # clients that refuse the certificate

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            length, code = struct.unpack("!ii", await reader.readexactly(8))
            if code == SSL_REQUEST:
                writer.write(b"S" if tls else b"N")
                if tls:
                    await writer.start_tls(tls)
                length, code = struct.unpack("!ii", await reader.readexactly(8))
            rest = await reader.readexactly(length - 8)
            refused = [name for name in refused_parameters if name in rest.split(b"\0")[::2]]
            if refused:
                fields = b"SFATAL\0C08P01\0Munsupported startup parameter: %b\0\0" % refused[0]
                writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
            elif code == CANCEL_REQUEST and len(lost) < lost_cancel_requests:
                lost.append(rest)
            else:
                from_server, to_server = await asyncio.open_unix_connection(socket / f".s.PGSQL.{PORT}")
                writers.append(to_server)
                to_server.write(struct.pack("!ii", length, code) + rest)
                await asyncio.gather(copy(reader, to_server), copy(from_server, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for each in writers:
                each.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def front_in_thread(socket: Path, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """`front`, for tests whose client is a process of its own."""
    ports: list[int] = []
    started, ended = Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with front(socket, tls=tls) as port:
            ports.append(port)
            started.set()
            await ended.wait()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait(5)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


class Authority:
    """A certificate authority: `file` is its own certificate, `server` the context of a server at 127.0.0.1."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / f"{name}.crt"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._certificate(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        key, pair = ec.generate_private_key(ec.SECP256R1()), folder / f"{name}.server.pem"
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self._certificate(subject, key, address)
        pair.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(pair)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )
