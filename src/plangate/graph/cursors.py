"""Cursors: a position in each source of a list, as opaque text.

A cursor belongs to one list with one order and one filter, which its fingerprint says. Positions that are values of the
record itself are plain: the viewer may read them. A cursor with an offset is encrypted (`Offset` says why) by AES-SIV
(RFC 5297), so that nobody can make one up or move an offset to another list, and equal positions have equal cursors.
"""

import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from msgspec import Struct

from plangate.errors import InvalidCursor
from plangate.listing import Offset

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

MAXIMUM = 4096
"""Characters. The longest that Plangate makes has about 100 for each list of each source."""

ENCRYPTED = b"\x01"
"""The first byte of an encrypted cursor. A plain one is JSON."""

DIGITS = 8
"""Hexadecimal digits of each number: the length of a cursor must not tell how large its numbers are."""


class _Place(Struct, frozen=True):
    own: str
    at: dict[str, Any]


class _Numbers(Struct, frozen=True):
    n: str
    of: tuple[str, ...] = ()


class Cursors:
    """Makes and reads cursors. Offsets are encrypted with the first of `keys`, and understood under any of them.

    Processes that serve the same clients need the same keys. Without any, a random key is made: cursors with offsets
    are then good for this process alone.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = [*keys] or [secrets.token_hex()]

    def encode(self, fingerprint: str, place: Mapping[str, Any]) -> str:
        """The cursor of a place: `{"own": source, "at": {source: position}}`."""
        try:
            text = orjson.dumps([fingerprint, place])
        except TypeError:  # an offset
            text = ENCRYPTED + self._ciphers[0].encrypt(orjson.dumps([fingerprint, place], default=_plain), None)
        return urlsafe_b64encode(text).decode().rstrip("=")

    def decode(self, fingerprint: str, cursor: str) -> dict[str, Any]:
        """The place of a cursor of the list with this fingerprint; InvalidCursor if it is none."""
        try:
            if len(cursor) > MAXIMUM:
                raise ValueError
            text = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            encrypted = text.startswith(ENCRYPTED)
            made_for, place = msgspec.json.decode(self._decrypted(text) if encrypted else text, type=tuple[str, _Place])
            if place.own not in place.at:
                raise ValueError
            at = {source: _offset(position) for source, position in place.at.items()} if encrypted else place.at
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise InvalidCursor("That is not a cursor of this graph. Use one that this list returned.") from error
        if made_for != fingerprint:
            raise InvalidCursor("That cursor belongs to another list, order or filter. Start again without it.")
        return {"own": place.own, "at": at}

    @cached_property
    def _ciphers(self) -> "list[AESSIV]":
        # Imported for the first offset: it takes 9 MB, which a worker with a store alone never needs.
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return [
            AESSIV(blake2b(key.encode(), digest_size=64, person=b"plangate cursors").digest()) for key in self._keys
        ]

    def _decrypted(self, text: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        for cipher in self._ciphers:
            try:
                return cipher.decrypt(text[len(ENCRYPTED) :], None)
            except InvalidTag:
                continue
        raise ValueError("made under another key, or changed")


def _plain(position: Any) -> Any:
    """An offset as JSON of a length that depends on nothing but how many numbers there are."""
    if type(position) is not Offset:
        raise TypeError
    numbers = "".join(f"{number:0{DIGITS}x}" for number in position.numbers)
    return {"n": numbers, "of": position.lists} if position.lists else {"n": numbers}


def _offset(position: Any) -> Any:
    """The reverse of `_plain`; a position of another source comes as it is."""
    if not isinstance(position, dict):
        return position
    found = msgspec.convert(position, _Numbers)
    return Offset(tuple(int(found.n[i : i + DIGITS], 16) for i in range(0, len(found.n), DIGITS)), found.of)
