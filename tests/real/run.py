"""`make test-real`: install a telephone and a caller from Debian's packages, and ring the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {"sipp": "sip-tester", "baresip": "baresip-core"}
"""The programs that are needed, each with the package that has it."""


def main() -> int:
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing and (os.geteuid() != 0 or not Path("/etc/debian_version").exists()):
        needed = " and ".join(missing)
        print(f"make test-real needs {needed}: as root on Debian it installs them", file=sys.stderr)
        return 1
    if missing and not installed(missing):
        return 1
    return subprocess.run([sys.executable, "-m", "pytest", Path(__file__).parent], check=False).returncode


def installed(packages: list[str]) -> bool:
    """Install `packages`, with fresh lists where the ones at hand don't do."""
    install = ["apt-get", "install", "-qq", "--no-install-recommends", "-y", *packages]
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (install, ["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode == 0
        if done and command is install:
            return True
    print(f"make test-real can't install {' and '.join(packages)}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
