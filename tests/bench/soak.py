"""Run the proofs that need load or time: `make soak`, or `python tests/bench/soak.py [names]`.

Each `soak_*.py` beside this file is one, a program of its own: it starts what it needs, prints what it measures, and
fails with an AssertionError. They run one after the other. Together they may take ten minutes, each at most
`LIMIT_S`; a program that takes longer is killed, with what it has started, and counts as failed.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 240.0
FOLDER = Path(__file__).parent


def run(script: Path) -> bool:
    print(f"\n== {script.stem}", flush=True)
    began = time.monotonic()
    with subprocess.Popen([sys.executable, script], start_new_session=True) as process:
        try:
            passed = process.wait(LIMIT_S) == 0
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            passed = False
    print(f"== {script.stem}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
    return passed


def main() -> None:
    names = sys.argv[1:]
    scripts = sorted(each for each in FOLDER.glob("soak_*.py") if not names or each.stem.removeprefix("soak_") in names)
    failed = [script.stem for script in scripts if not run(script)]
    sys.exit(f"failed: {', '.join(failed)}" if failed or not scripts else None)


if __name__ == "__main__":
    main()
