"""Scale's GenAI platform, emulated: the plans of two made-up accounts.

Only `POST /v4/plans` is documented [S]. Reading, listing, changing and archiving plans are inferred from the other
resources of `/v4` as Scale's client library has them [K, inf]; `inferred=False` leaves them out. Users are read as that
library reads them [K].
"""

from .emulator import ScaleEmulator

__all__ = ["ScaleEmulator"]
