from __future__ import annotations

import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from oncall_tui.cli import checks
from oncall_tui.store.engine import Store


def found(result, name: str) -> dict[str, str]:
    return next(check for check in result.json["checks"] if check["name"] == name)


def states(result) -> dict[str, str]:
    return {check["name"]: check["state"] for check in result.json["checks"]}


def test_all_is_well_on_either_database(cli, store: Store, database_url):
    result = cli("--database", database_url, "doctor", "--json")
    assert result.code == 0
    assert result.json["ok"] is True
    assert all(list(check) == ["name", "state", "message", "hint"] for check in result.json["checks"])
    assert states(result)["schema"] == states(result)["writing"] == states(result)["reading"] == "ok"
    assert found(result, "database")["message"].startswith(("SQLite 3.", "PostgreSQL 1"))
    with store.connect() as connection:
        # The trial write was taken back.
        assert connection.exec_driver_sql("SELECT value FROM revision").scalar() == 0


def test_a_line_a_check_and_what_to_do_below_it(cli):
    lines = cli("doctor").out.splitlines()
    assert lines[0].startswith("ok    program     oncall-tui ")
    assert any(line.startswith("warn  database") and "isn't there yet" in line for line in lines)
    assert f"{'':18}it is made when the dashboard opens" in lines


def test_a_sqlite_without_full_text_search_is_told_before_it_is_missed(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("oncall_tui.store.migrate.full_text", lambda: False)
    database = ("--database", f"sqlite:///{tmp_path}/new.db")
    result = cli(*database, "doctor", "--json")
    assert result.code == 1
    assert found(result, "search")["message"].endswith("of this Python has no full-text search (FTS5)")
    result = cli(*database, "queue")
    assert result.code == 5
    assert "no full-text search" in result.err
    assert len(result.err.splitlines()) <= 2


def test_looking_makes_no_database(cli, tmp_path):
    assert cli("--database", f"sqlite:///{tmp_path}/new/oncall.db", "doctor").code == 0
    assert not (tmp_path / "new").exists()


def test_settings_that_are_refused_fail_and_the_rest_is_still_looked_at(cli, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("timzone = 1")
    result = cli("--config", str(config), "doctor", "--json")
    assert result.code == 1
    assert found(result, "settings")["state"] == "fail"
    assert "timezone" in found(result, "settings")["hint"]
    assert {"program", "packages", "terminal"} <= set(states(result))


def test_settings_that_anybody_may_change_are_a_warning(cli, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("")
    config.chmod(0o666)
    result = cli("--config", str(config), "doctor", "--json")
    assert (result.code, found(result, "settings")["state"]) == (0, "warn")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_unreachable_store_is_exit_5_and_its_password_is_not_told(process, form):
    result = process("--database", "postgresql://lea:geheim@127.0.0.1:1/desk", "doctor", *form)
    assert result.code == 5
    assert "geheim" not in result.out + result.err
    assert "127.0.0.1" in result.out


def test_a_file_that_is_no_database_is_exit_5(cli, tmp_path):
    (tmp_path / "x.db").write_text("not a database, but long enough to look like one" * 100)
    result = cli("--database", f"sqlite:///{tmp_path}/x.db", "doctor", "--json")
    assert result.code == 5
    assert "is not a database" in found(result, "database")["message"]


def test_a_file_that_others_may_read_is_a_warning(cli, sqlite_url):
    Store.open(sqlite_url).close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.chmod(0o644)
    result = cli("--database", sqlite_url, "doctor", "--json")
    assert found(result, "rights")["state"] == "warn"
    assert found(result, "rights")["hint"] == f"chmod 600 {path}"


def test_a_schema_that_is_not_ours_is_said(cli, sqlite_url):
    store = Store.open(sqlite_url)
    for schema, state, words in (("0000", "warn", "older"), ("9999", "fail", "newer")):
        with store.begin() as tx:
            tx.connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{schema}'")
        result = cli("--database", sqlite_url, "doctor", "--json")
        assert found(result, "schema")["state"] == state
        assert words in found(result, "schema")["message"]
        assert "writing" not in states(result)
    store.close()


def test_a_full_disk_and_a_slow_database_are_said(cli, sqlite_url, monkeypatch):
    Store.open(sqlite_url).close()
    monkeypatch.setattr(checks, "NO_SPACE", 10**18)
    monkeypatch.setattr(checks, "SLOW_READ", 0.0)
    result = cli("--database", sqlite_url, "doctor", "--json")
    assert (result.code, found(result, "disk")["state"]) == (1, "fail")
    assert found(result, "reading")["state"] == "warn"


def in_a_terminal(columns: int, lines: int, **env: str) -> str:
    """Run `doctor` on a terminal of its own and return what it shows."""
    master, slave = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", str(lines)], stdin=slave, check=True)
    os.write(master, b"\n")  # no test of the channels
    clean = {
        key: value for key, value in os.environ.items() if key not in ("TMUX", "SSH_CONNECTION", "COLORTERM")
    }
    subprocess.run(
        [sys.executable, "-m", "oncall_tui", "doctor"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=clean | env,
        check=False,
    )
    os.close(slave)
    shown = b""
    try:
        while block := os.read(master, 65_536):
            shown += block
    except OSError:  # Linux says so at the end of a terminal
        pass
    os.close(master)
    return shown.decode()


def test_the_terminal_is_described(monkeypatch):
    shown = in_a_terminal(
        80, 24, TERM="xterm-256color", COLORTERM="truecolor", TMUX="/tmp/x", SSH_CONNECTION="y"
    )
    assert "ok    terminal    xterm-256color, 80x24, true colour, utf-8, inside tmux and ssh" in shown
    shown = in_a_terminal(50, 10, TERM="dumb", PYTHONIOENCODING="latin-1")
    assert "warn  terminal    dumb, 50x10, basic colours" in shown
    for hint in ("xterm-256color", "C.UTF-8", "60x20"):
        assert hint in shown


def test_the_telephone_is_named_and_left_alone(cli, tmp_path):
    """Its control socket has one client, and that is the board."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        config = tmp_path / "config.toml"
        config.write_text(f'[calls]\nbaresip = "127.0.0.1:{port}"\n', encoding="utf-8")
        config.chmod(0o600)
        result = cli("--config", str(config), "doctor", "--json")
        assert f"127.0.0.1:{port}" in found(result, "telephone")["message"]
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "telephone" not in states(cli("doctor", "--json"))
