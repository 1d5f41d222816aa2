"""`kill -9` at each step of a call: whoever comes back goes on with all that was answered before."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from callers import LEMAN, CodedNight
from calling import NUMBER, known
from pty_program import Program

from oncall_tui.domain.calls import Triage
from oncall_tui.domain.codes import Proof
from oncall_tui.domain.emergency import Decision

Holds = Callable[[Triage], bool]

CODE = (LEMAN.encode() + b"\r", "MATCH")
STEPS: tuple[tuple[tuple[tuple[bytes, str], ...], Holds], ...] = (
    (((b"f", "French"),), lambda it: it.answers.language == "fr"),
    ((CODE,), lambda it: it.steps[-1].value.get("outcome") == "match"),
    ((CODE, (b"y", "VIP code, confirmed")), lambda it: it.answers.proof is Proof.CODE),
    (((b"y", "yes"),), lambda it: it.answers.infrastructure is True),
    (((b"y", "Needs us"),), lambda it: it.answers.needs_us is True),
    (((b"2", "Mail"),), lambda it: it.answers.service == "Mail"),
    (((b"wDisks gone\r", "Disks gone"),), lambda it: it.answers.summary == "Disks gone"),
)
"""What is typed and what is shown then, bit by bit, and what the database says after it."""


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path, config=f'[codes]\nkey_file = "{tmp_path}/keys/oncall.key"\n')
    made.clock.now = datetime.now(UTC)  # as the program has it
    yield made
    made.close()


def until(night: CodedNight, ref: str, holds: Holds) -> None:
    """Wait until the database says so."""
    give_up = monotonic() + 20
    while not holds(known(night, ref)):
        assert monotonic() < give_up, known(night, ref)
        sleep(0.02)


def test_a_call_goes_on_with_everything_answered_before_each_kill(night: CodedNight, tmp_path: Path) -> None:
    ref = night.desk("telephone").calls.ring(NUMBER, external_id="one").ref
    arguments = ("--config", str(tmp_path / "config.toml"), "--database", night.url, "--as", "Léa")
    shown = ""
    for typed, holds in STEPS:
        with Program(*arguments) as program:
            program.wait_for("goes back to it" if shown else "picks up")
            program.type(b"a")
            program.wait_for("EMERGENCY CALL")
            if shown not in ("", "MATCH"):
                program.wait_for(shown)
            program.wait_for("So far")
            for keys, shown in typed:
                program.type(keys)
                program.wait_for(shown)
            until(night, ref, holds)
            program.signal(signal.SIGKILL)
            assert program.wait_for_exit() == -signal.SIGKILL
        assert known(night, ref).call.operator == "Léa"
    with Program(*arguments) as program:
        program.wait_for("goes back to it")
        program.type(b"a")
        program.wait_for("can be accepted")
        program.type(b"\r")
        program.wait_for("ACCEPTED")
    (record,) = night.desk("reader").calls.records(ref)
    assert (record.decision, record.summary, record.service) == (Decision.ACCEPTED, "Disks gone", "Mail")
