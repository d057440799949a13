"""Planhat, emulated: the models of a made-up tenant, to read and to write.

Faithful in paths, parameters, paging, bare arrays, prefixed ids, partial and bulk updates as far as these are public
(`upstreams.md` section D and `seeds/003`); docstrings say what is inferred or a stand-in.
"""

from .emulator import PlanhatEmulator

__all__ = ["PlanhatEmulator"]
