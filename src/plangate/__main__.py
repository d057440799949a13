"""`python -m plangate` is `plangate`."""

from plangate.cli import app

app()
