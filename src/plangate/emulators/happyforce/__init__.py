"""Happyforce, emulated: the action plans and actions of a made-up company.

Faithful in envelope, paging, filters, embedded actions, computed percentages, expiry on read, partial updates and
cascading deletes as far as these are public (`upstreams.md` section B and `seeds/001`); docstrings say what is inferred
or a stand-in. Writing actions is not emulated: nothing is known of its payloads.
"""

from .emulator import HappyforceEmulator

__all__ = ["HappyforceEmulator"]
