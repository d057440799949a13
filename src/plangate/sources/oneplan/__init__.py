"""OnePlan, live: `OnePlan` is the source."""

from .source import OnePlan

__all__ = ["OnePlan"]
