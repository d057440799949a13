"""Clocks, headers, keys and tokens for tests of authentication."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.datastructures import Headers

from plangate.access import Role, Viewer
from plangate.authentication import Authenticator, fingerprint, new_api_key
from plangate.errors import Unauthenticated
from plangate.model import Key
from plangate.sources.store import ApiKey, Store, add_api_key

SHARED = "a key that both sides know, 32 bytes"
SIGNER = OctKey.import_key(SHARED)
ADA = Viewer(Key("store:ada"), "demo", Role.MEMBER)


class Clock:
    """Stands still unless a test moves it. `wall` is the time of day that goes with it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._offset = time.time() - self.now

    def __call__(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self._offset


def bearer(credential: str) -> Headers:
    return Headers({"Authorization": f"Bearer {credential}"})


def token(signer: Any = SIGNER, alg: str = "HS256", kid: str | None = None, **claims: Any) -> str:
    usual = {"sub": "ada", "workspace": "demo", "role": "member", "exp": int(time.time()) + 3600}
    given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode({"alg": alg, **({"kid": kid} if kid else {})}, given, signer, algorithms=[alg])


async def add(store: Store, id: str = "1", role: str = "member", secret: str | None = None) -> str:
    """A new API key of Ada's, in the store."""
    secret = secret or new_api_key()
    key = ApiKey(id, fingerprint(secret), Key("store:ada"), "demo", role, None, "2026-11-20T00:00:00+00:00")
    await add_api_key(store.database, key)
    return secret


async def refused(authenticator: Authenticator, headers: Any) -> None:
    assert authenticator.recall(headers) is None
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.authenticate(headers)
    assert caught.value.message.startswith(("Send an API key", "The credential is not valid."))
    assert caught.value.extensions == {"code": "UNAUTHENTICATED"}
