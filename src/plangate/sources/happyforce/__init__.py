"""Happyforce's action plans, live: `Happyforce` is the source."""

from .source import Happyforce

__all__ = ["Happyforce"]
