"""The cache of prepared documents: least recently used, bounded by the bytes that its entries hold."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

LARGEST_SHARE = 4
"""An entry takes at most this fraction (1/n) of the cache, so that one document cannot evict all others."""


class Cache:
    """A map of values and their sizes in bytes, as their owner estimates them.

    `size` is the maximum of bytes. An entry that would take more than 1/LARGEST_SHARE of them is dropped.
    """

    def __init__(self, size: int) -> None:
        self.size, self.used = size, 0
        self._entries: OrderedDict[Hashable, list[Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable) -> Any:
        """The value of a key, which becomes the most recently used one; None if there is none."""
        if (entry := self._entries.get(key)) is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Add a value, or replace it."""
        self._drop(key)
        self._entries[key] = [value, 0]
        self.grow(key, value, size)

    def grow(self, key: Hashable, value: Any, size: int) -> None:
        """Count more bytes for a value, if it is still kept for this key."""
        entry = self._entries.get(key)
        if entry is None or entry[0] is not value:
            return
        entry[1] += size
        self.used += size
        if entry[1] > self.size // LARGEST_SHARE:
            self._drop(key)
        while self.used > self.size:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        if entry := self._entries.pop(key, None):
            self.used -= entry[1]
