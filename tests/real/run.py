"""`make test-real`: install a telephone, a caller, a desktop and servers from Debian, and use them."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "dbus-daemon": "dbus",
    "notify-send": "libnotify-bin",
    "Xvfb": "xvfb",
    "dunst": "dunst",
    "scrot": "scrot",
    "tmux": "tmux",
    "/usr/lib/dovecot/imap": "dovecot-imapd",
    "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "/usr/sbin/exim4": "exim4-daemon-light",
    "/usr/lib/python3/dist-packages/dbus/__init__.py": "python3-dbus",
    "/usr/share/request-tracker5/libexec/standalone_httpd": "request-tracker5",
    "/usr/share/doc/rt5-standalone": "rt5-standalone",
    "/usr/share/doc/rt5-db-sqlite": "rt5-db-sqlite",
    "rt-mailgate-5": "rt5-clients",
}
"""The programs and files that are needed, each with the package that has it."""

ANSWERS = """
database-type select sqlite3
dbconfig-install boolean true
rtname string desk.example
organization string desk.example
webbaseurl string http://127.0.0.1
webpath string /rt
install-cronjobs boolean false
handle-siteconfig-permissions boolean true
initial-root-password password {password}
initial-root-password-again password {password}
app-password-confirm password {password}
"""
"""What Debian asks at the installation of Request Tracker. The tests run it with settings of their own."""


POLICY = Path("/usr/sbin/policy-rc.d")
"""What Debian's packages ask before they start a daemon."""


def main() -> int:
    missing = [package for needed, package in PACKAGES.items() if not there(needed)]
    if missing and (os.geteuid() != 0 or not Path("/etc/debian_version").exists()):
        needed = " and ".join(missing)
        print(f"make test-real needs {needed}: as root on Debian it installs them", file=sys.stderr)
        return 1
    if missing and not installed(missing):
        return 1
    # Each file has servers of its own.
    tests = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadfile", Path(__file__).parent]
    return subprocess.run(tests, check=False).returncode


def there(needed: str) -> bool:
    """Say whether a program or a file is there."""
    return Path(needed).exists() if needed.startswith("/") else shutil.which(needed) is not None


def installed(packages: list[str]) -> bool:
    """Install `packages`, with fresh lists where the ones at hand don't do."""
    install = ["apt-get", "install", "-qq", "--no-install-recommends", "-y", *packages]
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if "request-tracker5" in packages:
        answers = ANSWERS.format(password=secrets.token_hex(16)).strip().splitlines()
        asked = "".join(f"request-tracker5 request-tracker5/{answer}\n" for answer in answers)
        subprocess.run(["debconf-set-selections"], input=asked.encode(), check=False)
    with no_daemons():
        for command in (install, ["apt-get", "update", "-qq"], install):
            done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode == 0
            if done and command is install:
                return True
    print(f"make test-real can't install {' and '.join(packages)}", file=sys.stderr)
    return False


@contextmanager
def no_daemons() -> Iterator[None]:
    """Let no package start its servers for the world: the tests start their own, on the loopback."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    sys.exit(main())
