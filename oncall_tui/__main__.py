"""`python -m oncall_tui` is `oncall-tui`."""

from __future__ import annotations

import sys

from oncall_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
