"""Planhat, live: `Planhat` is the source."""

from .source import Planhat

__all__ = ["Planhat"]
