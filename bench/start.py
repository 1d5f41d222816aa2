"""The start of the command line against the import of a well-known command line library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from figures import best_of_interleaved, exit_status, figure, heading

PROGRAM = str(Path(sys.executable).with_name("oncall-tui"))


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    best = best_of_interleaved(
        {
            "help": lambda: run(PROGRAM, "queue", "--help"),
            "click": lambda: run(sys.executable, "-c", "import click"),
            "python": lambda: run(sys.executable, "-c", "pass"),
        },
        repeats=15,
    )
    heading("ours", "other")
    ours = best["help"] * 1e3
    figure("oncall-tui queue --help : import click", ours, best["click"] * 1e3, "ms", at_most=2)
    figure("oncall-tui queue --help : python -c pass", ours, best["python"] * 1e3, "ms")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
