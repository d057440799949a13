"""Scale's GenAI platform (EGP, SGP), live: `Scale` is the source."""

from .source import Scale

__all__ = ["Scale"]
