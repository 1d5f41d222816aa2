"""What a process has used so far, as the Linux kernel counts it; the process may be any of ours."""

from __future__ import annotations

import time
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all threads, those that have ended too, in seconds."""
    # How Linux makes a clock out of a process (clock_getcpuclockid); exact, where /proc counts in 10 ms.
    return time.clock_gettime(~pid << 3 | 2)


def screen_cpu_seconds(pid: int) -> float:
    """Return the processor time of the first thread, in seconds: the one that draws the screen."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


def own_mib(pid: int) -> float:
    """Return the memory that is the process's alone (USS), in MiB: what would be free if it ended."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
