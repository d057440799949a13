"""OnePlan, emulated: the read side of the API of a made-up utility's portfolio office, and how gates are decided.

Faithful in routes, casing, authentication and shapes as far as these are public (`upstreams.md` section C and
`seeds/002`); docstrings say what is inferred or a stand-in.
"""

from .emulator import OnePlanEmulator

__all__ = ["OnePlanEmulator"]
