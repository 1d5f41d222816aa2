"""Files that are put somewhere, or grow, as a source."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.correspondence import Batch, Outgoing, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.records import Rejection
from oncall_tui.sources.folder import BATCH_ROWS, open_source
from oncall_tui.sources.source import Source

HEADER = "ref,customer,channel,subject,received_at\n"


def line(ref: str) -> str:
    return json.dumps(
        {
            "ref": ref,
            "customer": "leman",
            "channel": "email",
            "subject": "Queue stuck",
            "received_at": "2026-03-27T03:00",
        }
    )


def row(ref: str) -> str:
    return f"{ref},leman,email,Queue stuck,2026-03-27T03:00"


class Inbox:
    """A folder, and a reader that goes on from its cursor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source: Source = open_source(SourceAccess("drop", "files", str(path)))
        self.cursor = ""
        self.unread: list[str] = []

    def pull(self) -> list[str]:
        """Return the references and reasons that came since the last pull."""
        found: list[str] = []
        for batch in self.source.pull(self.cursor):
            self.cursor = batch.cursor
            self.unread += batch.unread
            found += [
                each.reason if isinstance(each, Rejection) else each.record.ref for each in batch.records
            ]
        return found

    def put(self, name: str, text: str) -> Path:
        path = self.path / name
        path.write_text(text)
        return path

    def append(self, name: str, text: str) -> None:
        with (self.path / name).open("a") as file:
            file.write(text)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def test_what_is_put_there_comes_once_the_oldest_file_first(inbox: Inbox) -> None:
    newer, older = inbox.put("a.jsonl", line("T-1") + "\n"), inbox.put("b.csv", HEADER + row("T-2") + "\n")
    os.utime(older, (1_700_000_000, 1_700_000_000))
    os.utime(newer, (1_700_000_600, 1_700_000_600))
    inbox.put("notes.txt", "no tickets")
    inbox.put(".hidden.jsonl", line("T-3"))
    inbox.put("a.jsonl.rejected.jsonl", '{"line": 1, "reason": "", "record": null}\n')
    assert inbox.pull() == ["T-2", "T-1"]
    assert list(inbox.source.pull(inbox.cursor)) == []


def test_instants_without_an_offset_are_of_the_zone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("T-1") + "\n")
    source = open_source(SourceAccess("drop", "files", str(tmp_path), zone=ZoneInfo("Asia/Tokyo")))
    ((record,),) = [batch.records for batch in source.pull("")]
    assert not isinstance(record, Rejection)
    assert record.record.received_at == datetime(2026, 3, 26, 18, tzinfo=UTC)


def test_only_what_was_appended_is_read_and_told_with_its_line(inbox: Inbox) -> None:
    inbox.put("a.jsonl", f"{line('T-1')}\n\n{line('T-2')}\n")
    assert inbox.pull() == ["T-1", "T-2"]
    inbox.append("a.jsonl", f"{line('T-3')}\nno json\n")
    batches = list(inbox.source.pull(inbox.cursor))
    (taken, rejected) = (each for batch in batches for each in batch.records)
    assert not isinstance(taken, Rejection)
    assert (taken.line, taken.record.ref) == (4, "T-3")
    assert isinstance(rejected, Rejection)
    assert (rejected.line, rejected.reason) == (5, "a.jsonl: no JSON: Expecting value at character 1")


def test_a_line_that_is_being_written_waits_for_its_end(inbox: Inbox) -> None:
    half = line("T-2")[:40]
    inbox.put("a.jsonl", f"{line('T-1')}\n{half}")
    assert inbox.pull() == ["T-1"]
    inbox.append("a.jsonl", line("T-2")[40:] + "\n")
    assert inbox.pull() == ["T-2"]


@pytest.mark.parametrize(("name", "head", "write"), [("a.jsonl", "", line), ("a.csv", HEADER, row)])
def test_a_last_line_that_stays_without_end_is_read_with_the_second_look(
    inbox: Inbox, name: str, head: str, write: Callable[[str], str]
) -> None:
    inbox.put(name, head + write("T-1"))
    assert inbox.pull() == []
    assert inbox.pull() == ["T-1"]
    assert inbox.pull() == []


def test_a_table_that_changed_is_read_again(inbox: Inbox) -> None:
    inbox.put("a.csv", HEADER + row("T-1") + "\n")
    assert inbox.pull() == ["T-1"]
    inbox.append("a.csv", row("T-2") + "\n")
    assert inbox.pull() == ["T-1", "T-2"]


def test_another_file_of_the_same_name_is_read_from_its_beginning(inbox: Inbox) -> None:
    inbox.put("a.jsonl", line("T-1") + "\n")
    assert inbox.pull() == ["T-1"]
    inbox.put("a.jsonl", f"{line('T-8')}\n{line('T-9')}\n")
    assert inbox.pull() == ["T-8", "T-9"]
    inbox.put("a.jsonl", line("T-7") + "\n")
    assert inbox.pull() == ["T-7"]


def test_a_long_file_comes_in_parts_and_goes_on_after_the_last_that_was_stored(inbox: Inbox) -> None:
    refs = [f"T-{number}" for number in range(BATCH_ROWS + 3)]
    inbox.put("a.jsonl", "".join(line(ref) + "\n" for ref in refs))
    pull = inbox.source.pull("")
    first: Batch = next(pull)
    pull.close()
    assert len(first.records) == BATCH_ROWS
    inbox.cursor = first.cursor
    assert inbox.pull() == refs[BATCH_ROWS:]


def test_what_is_no_table_is_told_once_and_holds_nothing_up(inbox: Inbox) -> None:
    inbox.put("a.csv", "colour,size\nred,3\n")
    (inbox.path / "b.jsonl").write_bytes("ref".encode("utf-16"))
    inbox.put("c.jsonl", line("T-1") + "\n")
    assert inbox.pull() == ["T-1"]
    assert inbox.pull() == []
    assert len(inbox.unread) == 2
    assert any("a.csv" in told for told in inbox.unread)
    assert any("UTF-16" in told for told in inbox.unread)


def test_neither_a_folder_nor_a_link_to_nothing_is_a_file(inbox: Inbox) -> None:
    (inbox.path / "a.jsonl").symlink_to(inbox.path / "b.jsonl" / "nothing")
    inbox.put("b.jsonl", line("T-1") + "\n")
    closed = inbox.path / "c.jsonl"
    closed.mkdir()
    assert inbox.pull() == ["T-1"]
    one = open_source(SourceAccess("drop", "files", str(closed)))
    assert list(one.pull("")) == []


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs a file that nobody can read")
def test_a_file_that_cant_be_read_is_told_after_the_others(inbox: Inbox) -> None:
    (inbox.path / "a.jsonl").symlink_to("/proc/self/clear_refs")
    inbox.put("b.jsonl", line("T-1") + "\n")
    for _ in range(2):
        found = []
        with pytest.raises(SourceUnavailable, match=r"can't read .*a\.jsonl: "):
            for batch in inbox.source.pull(inbox.cursor):
                inbox.cursor = batch.cursor
                found += batch.records
    assert found == [], "what could be read isn't read again"


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "notes.txt").touch()
    for name in ("pipe.jsonl", "notes.txt"):
        source = open_source(SourceAccess("drop", "files", str(tmp_path / name)))
        with pytest.raises(SourceUnavailable, match=f"{name} is no .jsonl or .csv file and no folder"):
            list(source.pull(""))


def test_a_name_that_acts_on_a_terminal_is_told_without_it(inbox: Inbox) -> None:
    inbox.put("a\x1b[31m.jsonl", "no json\n")
    (told,) = inbox.pull()
    assert told.endswith(".jsonl: no JSON: Expecting value at character 1")
    assert "\x1b" not in told
    inbox.put("b\x1b[31m.csv", "colour\nred\n")
    inbox.pull()
    assert "\x1b" not in "".join(inbox.unread)


def test_a_path_without_a_file_is_told(tmp_path: Path) -> None:
    source = open_source(SourceAccess("drop", "files", str(tmp_path / "gone")))
    with pytest.raises(SourceUnavailable, match="gone: No such file") as told:
        list(source.pull(""))
    assert ".jsonl" in told.value.hint
    with pytest.raises(SourceUnavailable, match="gone: No such file"):
        source.check()


def test_a_check_counts_the_files(inbox: Inbox) -> None:
    assert inbox.source.check() == "0 files"
    inbox.put("a.jsonl", line("T-1") + "\n")
    assert inbox.source.check() == "1 file"


def test_a_cursor_of_something_else_reads_all_again(inbox: Inbox) -> None:
    inbox.put("a.jsonl", line("T-1") + "\n")
    for cursor in ("42", "no", '{"a.jsonl": 1}', '{"a.jsonl": [1, 2, "x", -1, 0]}', "[]", "null"):
        inbox.cursor = cursor
        assert inbox.pull() == ["T-1"], cursor


def test_it_takes_no_answer_and_has_no_attachments(inbox: Inbox, tmp_path: Path) -> None:
    now = datetime(2026, 3, 27, 3, tzinfo=UTC)
    outgoing = Outgoing(1, "drop", OutgoingAct.ANSWER, OutgoingState.SENDING, 1, "T-1", "Léa", now)
    handed = inbox.source.send(outgoing)
    assert (handed.state, handed.detail) == (
        OutgoingState.REFUSED,
        f"{inbox.path} takes no answer: it is a file",
    )
    with pytest.raises(NotFound):
        inbox.source.save("a", "1", tmp_path / "saved")
    assert not inbox.source.wait(60)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
def test_however_it_is_written_every_line_comes_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool]]
) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    written: list[str] = []
    found: list[str] = []
    inbox.put("a.jsonl", "")
    for lines, cut in steps:
        refs = [f"T-{len(written) + each}" for each in range(lines)]
        written += refs
        text = "".join(line(ref) + "\n" for ref in refs)
        if cut and text:
            inbox.append("a.jsonl", text[:-30])
            found += inbox.pull()
            text = text[-30:]
        inbox.append("a.jsonl", text)
        found += inbox.pull()
    assert found == written
