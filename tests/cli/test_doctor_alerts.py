"""`doctor` and the channels of alerts: what is there, and a test that one is asked about."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pty_program import Program

SECRET = "geheim-token"


@pytest.fixture
def config(tmp_path: Path):
    """Write the settings `[alerts]` of a test."""

    def write(text: str) -> str:
        path = tmp_path / "config.toml"
        path.write_text(f"[alerts]\n{text}\n")
        path.chmod(0o600)
        return str(path)

    return write


def found(result) -> dict[str, tuple[str, str, str]]:
    return {each["name"]: (each["state"], each["message"], each["hint"]) for each in result.json["checks"]}


def test_what_is_there_and_what_is_not(cli, config):
    checks = found(cli("doctor", "--json"))
    assert checks["desktop"] == ("ok", "none here: no session bus here", "")
    assert checks["bell"][:2] == ("ok", "no terminal here")
    assert checks["push"][:2] == ("ok", "nothing set: while no board is open nobody is reached")
    assert checks["command"][:2] == ("ok", "nothing set")
    off = found(cli("--config", config('desktop = false\nterminal = "off"'), "doctor", "--json"))
    assert off["desktop"][1] == off["bell"][1] == "off in the settings"


def test_a_command_that_is_not_there_fails(cli, config):
    result = cli("--config", config('command = ["/no/such", "--key", "geheim"]'), "doctor", "--json")
    assert result.code == 1
    assert found(result)["command"] == ("fail", "/no/such can't be started", "see alerts.command")
    assert "geheim" not in result.out
    here = cli("--config", config(f"command = [{json.dumps(sys.executable)}]"), "doctor", "--json")
    assert found(here)["command"][:2] == ("ok", sys.executable)


def test_targets_are_counted_and_never_shown(cli, config, tmp_path):
    text = f'push = ["json://{SECRET}"]\n[people.lea]\nname = "Léa"\npush = ["json://lea/{SECRET}"]'
    result = cli("--config", config(text), "doctor", "--json")
    assert found(result)["push"] == ("ok", "1 target for everybody, and Léa by name", "")
    (tmp_path / "config.toml").chmod(0o644)
    result = cli("--config", str(tmp_path / "config.toml"), "doctor", "--json")
    state, message, hint = found(result)["push"]
    assert (state, hint) == ("warn", f"chmod 600 {tmp_path}/config.toml")
    bad = cli("--config", config(f'push = ["gibtsnicht://{SECRET}"]'), "doctor", "--json")
    assert found(bad)["push"][0] == "fail"
    assert "target 1 (gibtsnicht): Apprise can't read the URL" in found(bad)["push"][1]
    assert SECRET not in result.out + bad.out + message


def test_the_bus_is_looked_at(cli, monkeypatch, tmp_path):
    (tmp_path / "notify-send").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    state, message, _ = found(cli("doctor", "--json"))["desktop"]
    assert (state, message) == (
        "warn",
        f"the session bus at unix:path={tmp_path}/bus can't be asked: No such file or directory",
    )
    (tmp_path / "notify-send").unlink()
    assert found(cli("doctor", "--json"))["desktop"] == (
        "warn",
        "none here: no notify-send here",
        "on Debian and Ubuntu: apt install libnotify-bin",
    )
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    assert "over SSH" in found(cli("doctor", "--json"))["desktop"][1]


def test_a_test_is_sent_when_asked_for_and_nobody_is_asked_without_a_terminal(cli, config, tmp_path):
    code = f"import sys; open({str(tmp_path / 'got')!r}, 'a').write(sys.stdin.read() + '\\n')"
    path = config(f"command = {json.dumps([sys.executable, '-c', code])}")
    assert "trials" not in cli("--config", path, "doctor", "--json").json
    assert not (tmp_path / "got").exists()
    result = cli("--config", path, "doctor", "--alerts", "--json")
    assert result.code == 0
    assert [(trial["name"], trial["state"]) for trial in result.json["trials"]] == [
        ("desktop", "ok"),
        ("command", "ok"),
    ]
    (line,) = (tmp_path / "got").read_text().splitlines()
    assert json.loads(line)["title"] == "oncall-tui: a test"
    failing = config(f'command = [{json.dumps(sys.executable)}, "-c", "import sys; sys.exit(\'no credit\')"]')
    lines = cli("--config", failing, "doctor", "--alerts")
    assert lines.code == 1
    assert "fail  command     test not delivered, failed: no credit" in lines.out


@pytest.mark.parametrize(("answer", "said", "code"), [(b"y\n", "test seen", 0), (b"\n", "test not seen", 1)])
def test_on_a_terminal_one_is_asked_whether_it_was_seen(config, answer, said, code):
    path = config('terminal = "osc777"')
    with Program("--config", path, "doctor", env={"LANG": "C.UTF-8"}) as program:
        program.wait_for("Send a test over each channel of alerts? [y/N]")
        program.type(b"y\n")
        program.wait_for("\a\x1b]777;notify;oncall-tui: a test;Sent at ")
        program.wait_for("Did you see it? [y/N]")
        program.type(answer)
        program.wait_for(said)
        assert program.wait_for_exit() == code


def test_on_a_terminal_no_test_is_sent_unasked(config):
    with Program("--config", config('terminal = "bell"'), "doctor") as program:
        program.wait_for("Send a test over each channel of alerts? [y/N]")
        program.type(b"\n")
        assert program.wait_for_exit() == 0
    assert b"\a" not in program.output
