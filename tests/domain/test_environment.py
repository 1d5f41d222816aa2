"""What programs that are started get to know of the environment."""

from __future__ import annotations

from oncall_tui.credentials import variable_of
from oncall_tui.domain.environment import KEY_VARIABLE, without_secrets


def test_keys_and_secrets_stay_here_and_all_else_goes_along() -> None:
    given = {"PATH": "/bin", "ONCALL_TUI_DATABASE": "sqlite:///a", "ONCALL_TUI_LEVEL": "critical"}
    secret = {KEY_VARIABLE: "k", variable_of("mail"): "s", variable_of("rt-2"): "t", "oncall_tui_key": "k"}
    assert without_secrets(given | secret) == given
    assert len(secret) == 4
