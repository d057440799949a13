"""The reverse proxies of docs/operators.md, each with a gateway behind it.

    apt-get install nginx haproxy caddy
    python tests/bench/soak_proxies.py [names]

The configuration is the code block of the page; only addresses and certificates are replaced. A proxy that is not
installed is skipped. PROXY_NGINX, PROXY_HAPROXY and PROXY_CADDY can name other executables.
"""

import asyncio
import gzip
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from getpass import getuser
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from serving import worker

NAME = "graph.example.org"
PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text("utf-8")
QUERY = json.dumps({"query": "{ plans(first: 50) { nodes { id title description } } }"})
POST = {"content-type": "application/json"}


class Https(HTTPConnection):
    """A connection to `port` of this machine, as a client of NAME that trusts `certificate`."""

    def __init__(self, port: int, certificate: Path) -> None:
        super().__init__(NAME, 443, timeout=20)
        self._at = ("127.0.0.1", port)
        self._tls = ssl.create_default_context(cafile=certificate)

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(socket.create_connection(self._at, 20), server_hostname=NAME)

    def ask(self, method: str, path: str, body: str | bytes | None = None, **headers: str) -> tuple[int, dict, bytes]:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.request(method, path, body, headers)
            response = self.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            self.close()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operators.md has no {language}"
    return found[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def replaced(text: str, **by: str) -> str:
    for old, new in by.items():
        assert old in text, f"docs/operators.md has no {old}"
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, upstream: int) -> tuple[str, list[str]]:
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    server = replaced(
        block("nginx"), **{"127.0.0.1:8000": f"127.0.0.1:{upstream}", "listen 443": f"listen 127.0.0.1:{port}"}
    )
    server = replaced(server, **{f"/etc/ssl/{NAME}": f"{folder}/{NAME}"})
    text = f"user {getuser()}; daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n{paths}\n{server}}}\n"
    (folder / "nginx.conf").write_text(text)
    return "nginx", ["-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(folder: Path, port: int, upstream: int) -> tuple[str, list[str]]:
    text = replaced(
        block("haproxy"), **{"127.0.0.1:8000": f"127.0.0.1:{upstream}", "bind :443": f"bind 127.0.0.1:{port}"}
    )
    (folder / "haproxy.cfg").write_text(replaced(text, **{"/etc/ssl/": f"{folder}/"}))
    return "haproxy", ["-db", "-f", str(folder / "haproxy.cfg")]


def caddy(folder: Path, port: int, upstream: int) -> tuple[str, list[str]]:
    site = f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/{NAME}.crt {folder}/{NAME}.key"
    text = replaced(block("caddyfile"), **{f"{NAME} {{": site, "127.0.0.1:8000": f"127.0.0.1:{upstream}"})
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{text}")
    return "caddy", ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def running(name: str, folder: Path, upstream: int) -> Iterator[int | None]:
    """The port of the proxy; None if it is not installed."""
    port = free_port()
    program, options = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}[name](folder, port, upstream)
    executable = (
        os.environ.get(f"PROXY_{program.upper()}") or shutil.which(program) or shutil.which(program, path="/usr/sbin")
    )
    if executable is None:
        yield None
        return
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with subprocess.Popen([executable, *options], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield port
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            if process.stderr and (said := process.stderr.read()) and "-v" in sys.argv:
                print(said)


def certificate(folder: Path) -> Path:
    key, made = folder / f"{NAME}.key", folder / f"{NAME}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / f"{NAME}.pem").write_text(made.read_text() + key.read_text())
    return made


def until_answered(client: Https, seconds: float) -> float:
    """How long it took until a query was answered."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with suppress(OSError, HTTPException):
            if client.ask("POST", "/graphql", QUERY, **POST)[0] == 200:
                return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"no answer in {seconds:g} s")


def check(client: Https) -> None:
    until_answered(client, 20)
    status, headers, body = client.ask("POST", "/graphql", QUERY, **POST, x_request_id="from-the-client-1")
    assert status == 200 and len(json.loads(body)["data"]["plans"]["nodes"]) > 10, body[:500]
    assert headers["x-request-id"] == "from-the-client-1"
    assert "content-encoding" not in headers
    status, headers, packed = client.ask("POST", "/graphql", QUERY, **POST, accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip" and json.loads(gzip.decompress(packed)) == json.loads(body)
    for credential in ({"authorization": "Bearer plg_wrong"}, {"x_api_key": "plg_wrong"}):
        status, _, refused = client.ask("POST", "/graphql", QUERY, **POST, **credential)
        assert b"UNAUTHENTICATED" in refused, "the credential does not arrive"
    long = "#" * 7_000
    ask = {"apollo_require_preflight": "1", "accept": "application/json"}
    status, _, body = client.ask(
        "GET", "/graphql?query=%7Bviewer%7Bid%7D%7D%20" + long.replace("#", "%20")[:7_000], **ask
    )
    assert status == 200, (status, body[:300])
    status, _, body = client.ask("POST", "/graphql", " " * 1_020_000 + QUERY, **POST)
    assert status == 413 and b"PAYLOAD_TOO_LARGE" in body, (status, body[:300])
    with suppress(OSError):  # it may close the connection before it has read all
        status, _, body = client.ask("POST", "/graphql", " " * 5_000_000 + QUERY, **POST)
        # 502: Caddy streams the body and may lose a refusal that comes before the end of it.
        assert status in (413, 502), (status, body[:300])


async def main() -> None:
    names = [name for name in sys.argv[1:] if name != "-v"] or ["nginx", "haproxy", "caddy"]
    upstream = free_port()
    settings = {
        "PLANGATE_PORT": str(upstream),
        "PLANGATE_ALLOWED_HOSTS": NAME,
        "PLANGATE_AUTHENTICATION__API_KEYS": "true",
        "PLANGATE_AUTHENTICATION__ANONYMOUS_ROLE": "admin",
    }
    for name in names:
        with tempfile.TemporaryDirectory() as path:
            folder = Path(path)
            client_certificate = certificate(folder)
            with running(name, folder, upstream) as port:
                if port is None:
                    print(f"{name}: not installed, skipped")
                    continue
                client = Https(port, client_certificate)
                async with worker(port=upstream, **settings):
                    await asyncio.to_thread(check, client)
                async with worker(port=upstream, **settings):
                    seconds = await asyncio.to_thread(until_answered, client, 20)
                print(f"{name}: passed; {seconds:.1f} s after a restart of the gateway it answers again")


if __name__ == "__main__":
    asyncio.run(main())
