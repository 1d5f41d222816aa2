"""Which channels there are, and that none of them raises."""

from __future__ import annotations

import subprocess
import sys

from oncall_tui.alerts.senders import senders
from oncall_tui.domain.alert_channels import AlertChannels, TerminalWay
from oncall_tui.domain.alerts import Channel, Level, Notice, Outcome, Result

NOTICE = Notice(Level.NOTICE, "a", "b")


def test_what_nothing_is_set_for_is_not_there():
    assert list(senders(AlertChannels())) == [Channel.DESKTOP]
    assert list(senders(AlertChannels(), print)) == [Channel.DESKTOP, Channel.TERMINAL]
    assert not senders(AlertChannels(desktop=False, terminal=TerminalWay.OFF), print)
    everything = AlertChannels(push=("json://x",), people={"Léa": ("json://y",)}, command=("true",))
    assert list(senders(everything, print)) == list(Channel)


def test_an_error_that_nobody_foresaw_is_a_failure_whose_words_are_not_told():
    def broken(sequence: str) -> None:
        raise RuntimeError("geheim")

    sent = senders(AlertChannels(desktop=False), broken)[Channel.TERMINAL].send(NOTICE)
    assert sent == Outcome(Result.FAILED, "RuntimeError")


def test_a_board_pays_nothing_for_them_before_one_is_used():
    code = (
        "import sys; import oncall_tui.domain.alerts; before = set(sys.modules)\n"
        "from oncall_tui.alerts.senders import senders\n"
        "from oncall_tui.domain.alert_channels import AlertChannels\n"
        "senders(AlertChannels(push=('json://x',), command=('x',)), print)\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"plyer", "apprise", "requests", "subprocess", "textual", "sqlalchemy"} & set(loaded.split())
