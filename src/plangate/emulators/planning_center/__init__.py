"""Planning Center Services, emulated: the read side of the 2018-11-01 API of a made-up church.

Faithful in envelope, paging, parameters, errors, rate limit and redirects as far as these are public (`upstreams.md`
section E and `seeds/004`); docstrings say what is inferred or a stand-in. Writing is answered with 405.
"""

from .emulator import PlanningCenterEmulator

__all__ = ["PlanningCenterEmulator"]
