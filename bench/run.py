"""Every benchmark, one after the other: `make bench`, or `python bench/run.py deadlines start`.

With ONCALL_BENCH_SHORT=1 those that take minutes (length, storm, idle, codes, calls, alerts, mail,
search) take less,
for a look: what they print then is no result.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALL = (
    "deadlines",
    "imports",
    "start",
    "board",
    "live",
    "ring",
    "length",
    "storm",
    "idle",
    "codes",
    "calls",
    "alerts",
    "mail",
    "document",
    "guides",
    "search",
)


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in ALL]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    failed = False
    for name in chosen or ALL:
        print(f"\n{name}", flush=True)
        # A process each: what one imports or warms up must not flatter the next.
        failed |= subprocess.run([sys.executable, Path(__file__).with_name(f"{name}.py")]).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
