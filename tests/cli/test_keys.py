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


def test_the_command_prints_the_keys_in_force(cli, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[keys]\nclose = ["X", "f8"]\nnote = []\nqueue = ["B", "z"]\n', encoding="utf-8")
    document = cli("--config", str(path), "keys", "--json").json
    assert next(action for action in document if action["id"] == "close")["keys"] == ["X", "f8"]
    out = cli("--config", str(path), "keys").out
    assert "X F8" in out
    assert "B z" in out
    assert " note " in out
