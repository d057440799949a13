"""Where the commands print to."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def console() -> "Console":
    from rich.console import Console

    # Without a terminal there is no width to keep: one row, one line.
    return Console() if sys.stdout.isatty() else Console(width=200, soft_wrap=True)
