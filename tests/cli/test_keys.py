from __future__ import annotations

from oncall_tui.actions import ACTIONS, Scope


def test_json_is_the_registry(cli):
    document = cli("keys", "--json").json
    assert [list(action) for action in document] == [
        ["id", "keys", "label", "help", "scope", "asks_first"]
    ] * len(ACTIONS)
    close = next(action for action in document if action["id"] == "close")
    assert close["keys"] == ["d"]
    assert close["asks_first"] is True
    assert close["scope"] == ["board", "ticket"]


def test_the_list_names_every_screen_and_action(cli):
    out = cli("keys").out
    for scope in Scope:
        assert scope.heading in out
    for action in ACTIONS:
        assert action.help in out
    assert "Close the ticket. One that nobody answered needs a reason. Asks first." in out
