"""The verdict on a code: with 1 000 000 organisations against 1 000, and every outcome against every other.

A verdict is the whole transaction: limits, look-up, attempt, audit entry, on the disk when it is said. Each
of them comes from another number, as calls do, and all kinds take turns, so that a slow moment of the
machine meets everyone alike.
ONCALL_BENCH_SHORT=1 takes fewer organisations and verdicts, for a look.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from figures import exit_status, figure, heading

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.codes import Caller, Code, CodeKind, CodeRules, Outcome
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.store import codes, customers, sealing
from oncall_tui.store.codes import Issue
from oncall_tui.store.keyring import Keyring

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
MANY, FEW = (50_000, 1_000) if SHORT else (1_000_000, 1_000)
VERDICTS = 300 if SHORT else 2_000
# The revoked codes of the few come round again and again: their organisations are not to wait.
RULES = CodeRules(check_digit=True, length=9, wrong=1_000)

_BATCH = 10_000


def code_of(number: int) -> str:
    """Return the code of the organisation with that number; each has its check digit."""
    digits = f"{number * 97 % 10**8:08d}"
    return digits + str(_check(digits))


def _check(digits: str) -> int:
    from oncall_tui.domain.codes import damm

    return damm(digits)


def filled(folder: str, organisations: int) -> Desk:
    """Return a desk with so many organisations; every tenth code is revoked."""
    offer = replace(load_settings(None, {}).offer, codes=RULES)
    desk = open_desk(
        f"sqlite:///{folder}/{organisations}.db",
        offer,
        "bench",
        clock=lambda: datetime.now(UTC),
        keyring=Keyring(Path(folder, "oncall.key")),
    )
    for begin in range(0, organisations, _BATCH):
        numbers = range(begin, min(begin + _BATCH, organisations))
        with desk.store.begin(bulk=True) as tx:
            now = desk.clock()
            key = sealing.for_writing(tx, now)
            found = [Customer(f"c{number}", f"Customer {number}", Plan.PRO) for number in numbers]
            customers.add(tx, [(one, None) for one in found])
            # The ids of a table that is only ever added to.
            issues = [
                Issue(number + 1, f"c{number}", CodeKind.VIP, "", Code(code_of(number))) for number in numbers
            ]
            codes.add(tx, key, issues, now)
            codes.revoke(tx, [number + 1 for number in numbers if number % 10 == 0], now)
    return desk


def typed(outcome: Outcome, turn: int, organisations: int) -> str:
    """Return a code that comes to `outcome`, another one each turn, as far apart as they are many."""
    place = turn * 7919 % (organisations // 10) * 10
    if outcome is Outcome.NO_MATCH:
        return code_of(organisations + place)
    code = code_of(place + (outcome is not Outcome.REVOKED))
    return code[:-1] + str((int(code[-1]) + 5) % 10) if outcome is Outcome.MISHEARD else code


KINDS = (Outcome.MATCH, Outcome.NO_MATCH, Outcome.REVOKED, Outcome.MISHEARD)


def measured(desks: Mapping[int, Desk]) -> dict[tuple[int, Outcome], list[float]]:
    """Return the seconds of every verdict by the number of organisations and its outcome."""
    took: dict[tuple[int, Outcome], list[float]] = defaultdict(list)
    gc.disable()
    for turn in range(VERDICTS):
        # Whoever comes first in a turn has another file's pages in the cache: they take turns at that, too.
        kinds = KINDS[turn % 4 :] + KINDS[: turn % 4]
        for organisations, desk in sorted(desks.items(), reverse=bool(turn % 2)):
            for place, outcome in enumerate(kinds):
                caller = Caller(number=f"+41 22 {(turn * 4 + place) % 10**7:07d}")
                text = typed(outcome, turn, organisations)
                begun = time.perf_counter()
                verdict = desk.callers.look_up(text, caller)
                took[organisations, outcome].append(time.perf_counter() - begun)
                assert verdict.outcome is outcome, (verdict.outcome, outcome)
        gc.collect(0)
    gc.enable()
    return took


def p99(seconds: Sequence[float]) -> float:
    """Return what 99 of 100 stay within, in ms."""
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1e3


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        desks = {organisations: filled(folder, organisations) for organisations in (MANY, FEW)}
        took = measured(desks)
        for desk in desks.values():
            desk.close()
    heading(f"{MANY:,}", f"{FEW:,}")
    all_of = {
        number: [second for outcome in KINDS for second in took[number, outcome]] for number in (MANY, FEW)
    }
    figure("verdict on a code, p99", p99(all_of[MANY]), p99(all_of[FEW]), "ms", at_most=1.3)
    figure("verdict on a code, median", *(median(all_of[n]) * 1e3 for n in (MANY, FEW)), "ms")
    heading("slowest", "fastest")
    for organisations in (MANY, FEW):
        medians = {outcome: median(took[organisations, outcome]) * 1e3 for outcome in KINDS}
        name = f"medians of the outcomes, {organisations:,}"
        figure(name, max(medians.values()), min(medians.values()), "ms", at_most=1.05)
        print("    " + ", ".join(f"{outcome} {ms:.3f} ms" for outcome, ms in medians.items()))
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
