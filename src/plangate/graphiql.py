"""The page for people at /graphql: Strawberry's GraphiQL, whose scripts come from a CDN."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import NamedTuple

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
SCRIPT_URL = re.compile(r'<script[^>]*\ssrc="(https://[^"]+)"')
STYLE_URL = re.compile(r'<link[^>]*rel="stylesheet"[^>]*\shref="(https://[^"]+)"')


class Page(NamedTuple):
    html: bytes
    headers: dict[str, str]


def graphiql_page() -> Page:
    """The page, with a policy that allows the scripts and styles in it and no others."""
    from strawberry.http.ides import get_graphql_ide_html

    html = get_graphql_ide_html("graphiql")
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in SCRIPT.findall(html)]
    policy = {
        "default-src": ["'none'"],
        "script-src": [*SCRIPT_URL.findall(html), *hashes],
        "style-src": [*STYLE_URL.findall(html), "'unsafe-inline'"],  # the editor sets styles of its own
        "img-src": ["data:"],
        "font-src": ["data:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    headers = {
        "content-security-policy": "; ".join(" ".join([name, *sources]) for name, sources in policy.items()),
        "cache-control": "public, max-age=300",
    }
    return Page(html.encode(), headers)
