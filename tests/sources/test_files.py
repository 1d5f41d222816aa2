"""Files as they come: what is read from them, and how what can't be read is told."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.records import Rejection, Row
from oncall_tui.domain.tickets import Channel
from oncall_tui.sources.files import RECORD_LIMIT, Raw, open_records
from oncall_tui.sources.records import CUSTOMERS, TICKETS, read_customers, read_tickets
from oncall_tui.sources.rejected import RejectedFile

ZURICH = ZoneInfo("Europe/Zurich")
HEADER = "ref,customer,channel,subject,received_at,body"
TICKET = {
    "ref": "T-1",
    "customer": "leman",
    "channel": "email",
    "subject": "Mail queue stuck",
    "received_at": "2026-03-27T03:00:00+01:00",
}


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def short(value: str | bytes) -> str:
    """Return the name of a parameter that may be megabytes long."""
    return ascii(value[:24])


def raw_rows(path: str) -> list[Raw | Rejection]:
    with open_records(path, TICKETS) as file:
        return list(file)


def tickets(path: str) -> list[Any]:
    with open_records(path, TICKETS) as file:
        return list(read_tickets(file, ZURICH))


def customers(path: str) -> list[Any]:
    with open_records(path, CUSTOMERS) as file:
        return list(read_customers(file, ZURICH))


def jsonl(folder: Path, *rows: dict[str, Any]) -> str:
    return write(folder, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def ticket_with(folder: Path, **fields: object) -> Any:
    (row,) = tickets(jsonl(folder, TICKET | fields))
    return row


def customer_with(folder: Path, **fields: object) -> Any:
    (row,) = customers(jsonl(folder, {"id": "leman", "name": "Banque du Léman", "plan": "pro"} | fields))
    return row


def lines_and_reasons(rows: Iterable[object]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, Rejection)]


def refs(rows: Iterable[object]) -> list[str]:
    return [row.fields.get("ref", "") for row in rows if isinstance(row, Raw)]


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "says"),
        [("rows.xlsx", "neither .csv nor .jsonl"), ("rows", "neither"), ("missing.csv", "No such file")],
    )
    def test_a_file_that_is_none_of_ours_is_refused(self, tmp_path: Path, name: str, says: str) -> None:
        if name != "missing.csv":
            write(tmp_path, name, "x")
        with pytest.raises(BadInput, match=says):
            raw_rows(str(tmp_path / name))

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").mkdir()
        with pytest.raises(BadInput, match="is a folder"):
            raw_rows(str(tmp_path / "rows.csv"))

    def test_a_pipe_with_a_name_is_refused_and_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "rows.jsonl")
        with pytest.raises(BadInput, match="no regular file"):
            raw_rows(str(tmp_path / "rows.jsonl"))

    def test_a_name_with_a_nul_is_refused(self) -> None:
        with pytest.raises(BadInput, match="can't read"):
            raw_rows("a\0b.csv")

    def test_a_file_without_permission_is_refused(self) -> None:
        # Root may read everything: in that case nobody has to try, who can't enter pytest's folders.
        attempt = (
            "import os, sys\n"
            "from oncall_tui.sources.files import BadInput, open_records\n"
            "from oncall_tui.sources.records import TICKETS\n"
            "if os.geteuid() == 0: os.seteuid(65534)\n"
            "try: open_records(sys.argv[1], TICKETS).__enter__()\n"
            "except BadInput as error: print(error)\n"
        )
        with TemporaryDirectory() as folder:
            path = write(Path(folder), "rows.csv", HEADER)
            os.chmod(path, 0)
            os.chmod(folder, 0o755)
            done = subprocess.run([sys.executable, "-c", attempt, path], capture_output=True, text=True)
        assert done.stdout == f"can't read {path}: Permission denied\n", done.stderr

    @pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf_16_is_named_for_what_it_is(self, tmp_path: Path, name: str, encoding: str) -> None:
        content = HEADER if name.endswith("csv") else json.dumps(TICKET)
        with pytest.raises(BadInput, match="looks like UTF-16"):
            raw_rows(write(tmp_path, name, content.encode(encoding)))

    def test_an_empty_csv_has_no_header_and_an_empty_jsonl_no_rows(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="is empty"):
            raw_rows(write(tmp_path, "rows.csv", ""))
        assert raw_rows(write(tmp_path, "rows.jsonl", "")) == []

    def test_the_bytes_read_end_at_the_size_of_the_file(self, tmp_path: Path) -> None:
        for name, content in (("rows.jsonl", b"\xef\xbb\xbf{}\n\n{}"), ("rows.csv", f'{HEADER}\n"'.encode())):
            path = write(tmp_path, name, content)
            with open_records(path, TICKETS) as file:
                list(file)
                assert (file.size, file.bytes_read) == (len(content), len(content))


class TestJsonLines:
    def test_lines_with_bom_crlf_and_blank_ones(self, tmp_path: Path) -> None:
        content = b'\xef\xbb\xbf{"ref": "A"}\r\n\r\n  \n {"ref": "B"} \n{"ref": "C"}'
        rows = raw_rows(write(tmp_path, "rows.JSONL", content))
        assert [(row.line, row.fields) for row in rows if isinstance(row, Raw)] == [
            (1, {"ref": "A"}),
            (4, {"ref": "B"}),
            (5, {"ref": "C"}),
        ]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            (b"{", "no JSON: "),
            (b"nonsense", "no JSON: Expecting value at character 1"),
            (b'{"ref": "a\x00b"}', "no JSON: Invalid control character"),
            (b'{"ref": "a"} x', "no JSON: Extra data"),
            (b"[1]", "a list where an object"),
            (b'"x"', "text where an object"),
            (b"null", "null where an object"),
            (b"7", "a number where an object"),
            (b'{"ref": NaN}', "NaN is no JSON"),
            (b'{"ref": -Infinity}', "-Infinity is no JSON"),
            (b'{"ref": "a", "ref": "b"}', "field 'ref' occurs twice"),
            (b'{"contacts": [{"a": 1, "a": 2}]}', "field 'a' occurs twice"),
            (b'{"ref": ' + b"9" * 5000 + b"}", "a number is too long"),
            (b'{"ref": ' + b"[" * 100_000, "nested too deeply"),
            (b'{"ref": "caf\xe9"}', "byte 0xe9 at position 13 is not UTF-8"),
            (b'{"ref": "\xed\xa0\x80"}', "is not UTF-8"),
            (b'{"ref": "' + b"x" * RECORD_LIMIT + b'"}', "the line is longer than 1 MiB"),
            (b"x" * 3 * RECORD_LIMIT, "the line is longer than 1 MiB"),
        ],
        ids=short,
    )
    def test_a_bad_line_is_told_and_the_next_one_read(self, tmp_path: Path, line: bytes, says: str) -> None:
        rows = raw_rows(write(tmp_path, "rows.jsonl", b'{"ref": "A"}\n' + line + b'\n{"ref": "B"}\n'))
        assert refs(rows) == ["A", "B"]
        ((number, reason),) = lines_and_reasons(rows)
        assert number == 2
        assert says in reason

    def test_a_line_may_be_as_long_as_the_limit(self, tmp_path: Path) -> None:
        line = b'{"ref": "' + b"x" * (RECORD_LIMIT - 12) + b'"}\n'
        assert len(line) == RECORD_LIMIT
        assert len(refs(raw_rows(write(tmp_path, "rows.jsonl", line * 2)))) == 2

    def test_a_line_that_could_not_be_read_is_not_repeated(self, tmp_path: Path) -> None:
        rows = raw_rows(write(tmp_path, "rows.jsonl", b'{"vip_code": "407182",}\n["407182"]\n'))
        assert "407182" not in repr(rows)


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
    def test_delimiters_line_ends_and_bom(self, tmp_path: Path, delimiter: str, end: str, bom: bytes) -> None:
        lines = [
            ["Ref ", "subject", "body", "customer", "CHANNEL", '"received_at"'],
            ["A", "plain", "", "leman", "email", "2026"],
            ["B", f'"with {delimiter} and ""quotes"""', '"one\ntwo\n\nthree"', "leman", "email", "2026"],
            ["C", '5" disk', '""', "leman", "email", "2026"],
        ]
        content = bom + end.join(delimiter.join(line) for line in lines).encode()
        rows = raw_rows(write(tmp_path, "rows.csv", content))
        assert [(row.line, row.fields.get("ref"), row.fields.get("subject")) for row in rows] == [
            (2, "A", "plain"),
            (3, "B", f'with {delimiter} and "quotes"'),
            (7, "C", '5" disk'),
        ]
        assert rows[1].fields["body"] == "one\ntwo\n\nthree"
        assert "body" not in rows[2].fields

    @pytest.mark.parametrize(
        ("header", "says"),
        [
            ("", "line 1: no column of tickets is named"),
            ("\n", "line 1: no column of tickets is named"),
            ("T-1,leman,email,Mail stuck,2026-03-27T03:00,", "line 1: no column of tickets"),
            (f"{HEADER},colour", "line 1: unknown column 'colour'"),
            (f"{HEADER},", "line 1: unknown column ''"),
            (f"{HEADER},body", "line 1: column 'body' occurs twice"),
            ("ref,customer,channel,subject", "line 1: column 'received_at' is missing"),
            ("ref\rcustomer\rT-1", "line 1: no header"),
            ("x" * RECORD_LIMIT * 2, "line 1: no header"),
            ('"ref,customer', "line 1: no column"),
        ],
        ids=short,
    )
    def test_a_wrong_header_refuses_the_file(self, tmp_path: Path, header: str, says: str) -> None:
        with pytest.raises(BadInput) as refused:
            raw_rows(write(tmp_path, "rows.csv", f"{header}\nT-1,leman,email,x,2026-03-27T03:00,"))
        assert says in refused.value.message

    def test_a_header_in_another_encoding_names_the_byte(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="line 1: byte 0xe9 at position 4"):
            raw_rows(
                write(tmp_path, "rows.csv", "réf,é".encode("latin-1").replace(b"f", b"ff")[:1] + b"ab\xe9")
            )

    def test_the_header_tells_what_is_allowed(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput) as refused:
            raw_rows(write(tmp_path, "rows.csv", f"{HEADER},colour\n"))
        required = TICKETS.required
        optional = ["answered_at", "body", "closed_at", "contact", "language", "owner"]
        assert refused.value.hint == f"allowed: {', '.join([*required, *optional])}"

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            (b"B,leman", "2 columns where the header has 6"),
            (b"B,l,e,s,r,b,more", "7 columns where the header has 6"),
            (b"B,l,e,caf\xe9,r,b", "byte 0xe9 at position 10 is not UTF-8"),
            (b"B,l,e,a\rb,r,b", "carriage return"),
            (b'B,l,e,"a"b,r,b', "a quote opens on this line"),
            (b'B,l,e,"a,r,b', "a quote opens on this line"),
            (b'B,l,e,"' + b"x" * 10 * RECORD_LIMIT + b'",r,b', "the row is longer than 1 MiB"),
            (b'B,l,e,"' + b'x"",\n' * (RECORD_LIMIT // 5) + b'",r,b', "the row is longer than 1 MiB"),
            (b"B,l,e," + b"x" * 3 * RECORD_LIMIT + b",r,b", "the row is longer than 1 MiB"),
            (b'B,l,e,"' + b"x" * 3 * RECORD_LIMIT + b'" y,r,b', "a quote opens on this line"),
        ],
        ids=short,
    )
    def test_a_bad_row_is_told_and_the_next_one_read(self, tmp_path: Path, row: bytes, says: str) -> None:
        content = HEADER.encode() + b"\nA,l,e,s,r,b\n" + row + b"\nC,l,e,s,r,b\nD,l,e,plain,r,b\n"
        rows = raw_rows(write(tmp_path, "rows.csv", content))
        assert refs(rows) == ["A", "C", "D"]
        ((number, reason),) = lines_and_reasons(rows)
        assert number == 3
        assert says in reason

    def test_a_quote_that_is_never_closed_costs_its_line_and_no_other(self, tmp_path: Path) -> None:
        content = (
            f'{HEADER}\nA,l,e,"torn,r,b\nB,l,e,s,r,b\nC,l,e,"quoted",r,b\nD,l,e,"torn too,r,b\nE,l,e,s,r,b'
        )
        rows = raw_rows(write(tmp_path, "rows.csv", content))
        assert refs(rows) == ["B", "C", "E"]
        assert [line for line, _ in lines_and_reasons(rows)] == [2, 5]
        assert [row.line for row in rows] == [2, 3, 4, 5, 6]

    def test_the_line_after_a_row_of_many_is_counted_right(self, tmp_path: Path) -> None:
        content = f'{HEADER}\r\n\r\n;;\r\nA,l,e,"1\r\n2\r\n3",r,b\r\n,,,,,\r\nB,l,e,s,r,b\r\n'
        rows = raw_rows(write(tmp_path, "rows.csv", content))
        assert [row.line for row in rows] == [3, 4, 8]

    def test_a_field_of_half_a_megabyte_is_read(self, tmp_path: Path) -> None:
        content = f'{HEADER}\nA,l,e,s,r,"{"x" * (RECORD_LIMIT // 2)}"\n'
        (row,) = raw_rows(write(tmp_path, "rows.csv", content))
        assert len(row.fields["body"]) == RECORD_LIMIT // 2

    def test_a_row_that_could_not_be_read_is_not_repeated(self, tmp_path: Path) -> None:
        rows = customers(write(tmp_path, "rows.csv", "id,name,plan,vip_code\na,b,pro,407182,x\na,407182\n"))
        assert len(rows) == 2
        assert "407182" not in repr(rows)

    @settings(max_examples=300)
    @given(
        st.lists(
            st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)] * 6),
            max_size=6,
        ),
        st.sampled_from([",", ";", "\t"]),
        st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    )
    def test_whatever_python_writes_is_read_back(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        rows: list[tuple[str, ...]],
        delimiter: str,
        quoting: int,
    ) -> None:
        names = HEADER.split(",")
        written = io.StringIO(newline="")
        writer = csv.writer(written, delimiter=delimiter, quoting=quoting)
        writer.writerows([names, *rows])
        found = raw_rows(write(tmp_path_factory.getbasetemp(), "any.csv", written.getvalue()))
        expected = [{n: cell for n, cell in zip(names, row, strict=True) if cell} for row in rows]
        assert [row.fields for row in found if isinstance(row, Raw)] == [
            fields for fields in expected if fields
        ]

    def test_a_nul_costs_its_own_row(self, tmp_path: Path) -> None:
        path = write(tmp_path, "nul.csv", f"{HEADER}\nA,l,e\0,s,r,b\nB,l,e,s,r,b\n")
        with open_records(path, TICKETS) as file:
            rows = list(file)
        assert lines_and_reasons(rows) == [(2, "a NUL byte stands in it: no text has one")]
        assert refs(rows) == ["B"]

    @settings(max_examples=500)
    @given(st.text(st.sampled_from('ab,"\n\r'), max_size=40))
    def test_any_jumble_of_quotes_ends_and_counts_its_lines(
        self, tmp_path_factory: pytest.TempPathFactory, jumble: str
    ) -> None:
        path = write(tmp_path_factory.getbasetemp(), "any.csv", f"{HEADER}\n{jumble}\nZ,l,e,s,r,b\n")
        with open_records(path, TICKETS) as file:
            rows = list(file)
            assert file.bytes_read == file.size
        lines = [row.line for row in rows]
        assert lines == sorted(set(lines))
        assert all(1 < line <= jumble.count("\n") + 3 for line in lines)
        if not jumble.count('"'):
            assert refs(rows)[-1] == "Z"


@pytest.mark.parametrize(
    ("name", "before", "field", "after"),
    [
        ("rows.jsonl", '{"ref": "', "x", '"}\n{"ref": "B"}\n'),
        ("rows.csv", f'{HEADER}\nA,l,e,"', "x", '",r,b\nB,l,e,s,r,b\n'),
        ("rows.csv", f'{HEADER}\nA,l,e,"', 'x ""y""' * 99 + "\n", '",r,b\nB,l,e,s,r,b\n'),
        ("rows.csv", f"{HEADER}\nA,l,e,", "x", ",r,b\nB,l,e,s,r,b\n"),
    ],
    ids=short,
)
def test_twenty_megabytes_in_one_field_are_never_held(
    tmp_path: Path, name: str, before: str, field: str, after: str
) -> None:
    path = write(tmp_path, name, before + field * (20_000_000 // len(field)) + after)
    tracemalloc.start()
    try:
        rows = raw_rows(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [isinstance(row, Rejection) for row in rows] == [True, False]
    assert refs(rows) == ["B"]
    assert peak < 5 * RECORD_LIMIT


class TestTickets:
    def test_a_whole_ticket(self, tmp_path: Path) -> None:
        row = ticket_with(
            tmp_path,
            body="Hello,\r\n\tbye ",
            contact=" A. Rochat ",
            owner="Léa",
            answered_at="2026-03-27T03:20",
            closed_at="2026-03-27T02:30:00Z",
            language="French",
        )
        record = row.record
        assert record.language == "fr"
        assert (record.ref, record.customer, record.channel) == ("T-1", "leman", Channel.EMAIL)
        assert (record.body, record.contact, record.owner) == ("Hello,\n        bye", "A. Rochat", "Léa")
        assert record.received_at.isoformat() == "2026-03-27T02:00:00+00:00"
        assert record.answered_at.isoformat() == "2026-03-27T02:20:00+00:00", "provider's local time"
        assert record.closed_at.isoformat() == "2026-03-27T02:30:00+00:00"

    def test_what_is_null_empty_or_left_out_is_nothing(self, tmp_path: Path) -> None:
        row = ticket_with(tmp_path, body=None, contact="", owner=" ", answered_at=None, closed_at="")
        assert row.record[5:] == (None,) * 6
        assert row.record.digest() == ticket_with(tmp_path).record.digest()

    def test_numbers_go_as_references(self, tmp_path: Path) -> None:
        assert ticket_with(tmp_path, ref=1001, customer=7).record[:2] == ("1001", "7")

    def test_the_digest_follows_what_is_said_and_not_how(self, tmp_path: Path) -> None:
        digest = ticket_with(tmp_path).record.digest()
        assert (
            ticket_with(tmp_path, received_at="2026-03-27T02:00Z", channel="EMAIL").record.digest() == digest
        )
        for changed in (
            {"subject": "x"},
            {"owner": "Léa"},
            {"contact": "Léa"},
            {"closed_at": "2026-03-28T00:00Z"},
        ):
            assert ticket_with(tmp_path, **changed).record.digest() != digest

    @pytest.mark.parametrize("name", ["ref", "customer", "channel", "subject", "received_at"])
    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_what_is_required_is_named(self, tmp_path: Path, name: str, value: str | None) -> None:
        assert ticket_with(tmp_path, **{name: value}).reason == f"{name} is missing"

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"channel": "fax"}, "unknown channel 'fax'; allowed: email, phone, emergency"),
            ({"channel": ["email"]}, "channel is a list where text is needed"),
            ({"subject": 7}, "subject is a number where text is needed"),
            ({"ref": True}, "ref is true or false where text is needed"),
            ({"ref": 1.5}, "ref is a number where text is needed"),
            ({"ref": "x" * 61}, "ref is longer than 60 characters"),
            ({"ref": "T\u200b-1"}, "ref holds characters that can't be shown"),
            ({"ref": "T\x00-1"}, "ref holds characters that can't be shown"),
            ({"customer": "a\nb"}, "customer holds characters that can't be shown"),
            ({"received_at": 1774576800}, "received_at is a number where text is needed"),
            ({"received_at": "yesterday"}, "received_at: 'yesterday' is no ISO 8601 instant"),
            ({"received_at": "2026-02-30T10:00"}, "received_at: '2026-02-30T10:00' is no possible date"),
            ({"received_at": "2026-03-27"}, "is a date without a time"),
            ({"received_at": "2026-03-29T02:30"}, "does not exist in Europe/Zurich"),
            ({"received_at": "2026-10-25T02:30"}, "occurs twice in Europe/Zurich"),
            ({"answered_at": "2026-03-27T01:59:59Z"}, "answered_at lies before received_at (R5)"),
            ({"closed_at": "2026-03-27T01:59:59Z"}, "closed_at lies before received_at (R5)"),
            ({"prio": 1}, "unknown field 'prio'; allowed: answered_at, body,"),
        ],
    )
    def test_a_reason_says_what_and_where(
        self, tmp_path: Path, fields: dict[str, object], reason: str
    ) -> None:
        row = ticket_with(tmp_path, **fields)
        assert reason in row.reason
        assert row.line == 1
        assert row.record == TICKET | fields

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_text_is_clean_in_every_field(self, tmp_path: Path, name: str) -> None:
        text = HOSTILE[name]
        row = ticket_with(tmp_path, subject=f"x{text}", body=text, contact=text, owner=text)
        assert isinstance(row, Row)
        shown = [text for text in row.record[3:8] if isinstance(text, str)]
        assert all(line.isprintable() or set(line) & set("\n\u00a0\u3000\u202f") for line in shown)
        assert len(row.record.subject) <= 500

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_references_are_taken_as_they_are_or_not_at_all(self, tmp_path: Path, name: str) -> None:
        row = ticket_with(tmp_path, ref=HOSTILE[name])
        if isinstance(row, Row):
            assert row.record.ref in {HOSTILE[name].strip(), "L\u00e9man", "\ud55c\uad6d"}
        else:
            assert row.reason in {
                "ref is missing",
                "ref is longer than 60 characters",
                "ref holds characters that can't be shown",
            }


class TestCustomers:
    def test_a_whole_customer(self, tmp_path: Path) -> None:
        record = customer_with(
            tmp_path,
            plan="Enterprise",
            subscribed_on="2026-01-31",
            partner=True,
            vip_code="407182",
            language="fr-CH",
            contacts=[
                {"name": "A. Rochat", "email": "a@leman.ch", "phone": "+41 22 555 01 40", "role": "CTO"},
                {"email": "noc@leman.ch", "support_code": "1234567"},
            ],
            services=["VPS", "Mail", "VPS"],
            managers=[{"name": "Marc", "technical": True}],
            access=[{"service": "Mail", "granted_at": "2026-03-01T10:00", "until": "2026-04-01T10:00"}],
        ).record
        assert (record.plan, record.partner, record.language) == (Plan.ENTERPRISE, True, "fr-CH")
        assert str(record.subscribed_on) == "2026-01-31"
        assert [(c.name, c.email, c.role) for c in record.contacts] == [
            ("A. Rochat", "a@leman.ch", "CTO"),
            ("noc@leman.ch", "noc@leman.ch", ""),
        ]
        assert record.services == ("VPS", "Mail")
        assert record.managers[0].technical
        assert record.access[0].until.isoformat() == "2026-04-01T08:00:00+00:00"
        assert "407182" not in repr(record)
        assert "1234567" not in repr(record)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"plan": "gold"}, "unknown plan 'gold'; allowed: standard, plus, pro, enterprise"),
            ({"plan": None}, "plan is missing"),
            ({"name": ""}, "name is missing"),
            ({"subscribed_on": "31.01.2026"}, "subscribed_on '31.01.2026' is no date"),
            ({"subscribed_on": "2026-02-30"}, "is no date of the calendar"),
            ({"partner": "maybe"}, "partner is neither true nor false"),
            ({"partner": 1}, "partner is a number"),
            ({"language": "x" * 36}, "language is longer than 35 characters"),
            ({"contacts": {}}, "contacts is an object where a list"),
            ({"contacts": ["A"]}, "contacts[1] is text where an object"),
            ({"contacts": [{"name": "A"}, {"mail": "x"}]}, "unknown field 'contacts[2].mail'"),
            ({"contacts": [{"role": "CTO"}]}, "contacts[1]: a contact without name, email and phone"),
            ({"contacts": [{"email": "x" * 255}]}, "contacts[1].email is longer than 254 characters"),
            ({"contacts": [{"phone": "1" * 41}]}, "contacts[1].phone is longer than 40 characters"),
            ({"services": "VPS"}, "services is text where a list"),
            ({"services": ["VPS", ""]}, "services[2] is empty"),
            ({"services": [1]}, "services[1] is a number where text is needed"),
            ({"managers": [{"email": "m@x.ch"}]}, "managers[1].name is missing"),
            ({"access": [{"service": "Mail"}]}, "access[1].granted_at is missing"),
            (
                {
                    "access": [
                        {"service": "M", "granted_at": "2026-03-01T10:00Z", "until": "2026-03-01T10:00Z"}
                    ]
                },
                "access[1]: until does not lie after granted_at (R23)",
            ),
            ({"vipcode": "407182"}, "unknown field 'vipcode'"),
        ],
    )
    def test_a_reason_says_what_and_where(
        self, tmp_path: Path, fields: dict[str, object], reason: str
    ) -> None:
        row = customer_with(tmp_path, **fields)
        assert reason in row.reason
        assert "407182" not in repr(row)

    def test_codes_are_concealed_in_what_is_rejected(self, tmp_path: Path) -> None:
        row = customer_with(
            tmp_path, plan="gold", vip_code="407182", contacts=[{"name": "A", "support_code": "1234567"}]
        )
        assert row.record["vip_code"] == "***"
        assert row.record["contacts"] == [{"name": "A", "support_code": "***"}]

    @pytest.mark.parametrize("name", ["VIP", "vip", "Vip-Nr", "CODE", "contact_Code "])
    def test_a_code_under_a_misspelt_name_is_not_repeated(self, tmp_path: Path, name: str) -> None:
        row = customer_with(tmp_path, **{name: "407182"})
        assert "407182" not in f"{row.reason} {json.dumps(row.record)}"

    def test_what_is_nested_deeply_is_rejected_and_shown_only_so_far(self, tmp_path: Path) -> None:
        deep: Any = "407182"
        for _ in range(400):
            deep = [{"x": deep}]
        row = customer_with(tmp_path, contacts=deep)
        assert "unknown field 'contacts[1].x'" in row.reason
        assert "407182" not in json.dumps(row.record)

    def test_a_contact_with_two_support_codes_is_rejected(self, tmp_path: Path) -> None:
        people = [{"name": "A", "support_code": "1234567"}, {"name": "A", "support_code": "7654321"}]
        reason = "A is given two support codes; a user has one (R16)"
        assert customer_with(tmp_path, contacts=people).reason == reason
        content = "id,name,plan,contact_name,support_code\nb,B,pro,A,1234567\nb,,,A,7654321\nb,,,A,1234567\n"
        assert lines_and_reasons(customers(write(tmp_path, "rows.csv", content))) == [(3, reason)]

    def test_rows_of_one_id_are_one_customer_with_many_contacts(self, tmp_path: Path) -> None:
        content = (
            "id;name;plan;partner;services;vip_code;contact_name;contact_email;contact_phone;contact_role;support_code\n"
            'leman;Banque du Léman;enterprise;yes;"VPS; Mail;";407182;A. Rochat;a@leman.ch;;CTO;1234567\n'
            "leman;Banque du Léman;enterprise;yes;;;B. Favre;;+41 22 1;;\n"
            "leman;;;;;;C. Droz;;;;\n"
            "moret;Fromagerie Moret;pro;;;;;;;;\n"
        )
        rows = customers(write(tmp_path, "rows.csv", content))
        assert [(row.line, row.record.id) for row in rows] == [(2, "leman"), (5, "moret")]
        leman, moret = (row.record for row in rows)
        assert leman.services == ("VPS", "Mail")
        assert leman.partner is True
        assert [contact.name for contact in leman.contacts] == ["A. Rochat", "B. Favre", "C. Droz"]
        assert (moret.contacts, moret.services, moret.partner) == (None, None, None)
        assert "407182" not in repr([row.record for row in rows])

    def test_a_further_row_is_rejected_for_itself(self, tmp_path: Path) -> None:
        content = (
            "id,name,plan,contact_name,contact_phone\n"
            "leman,Banque du Léman,pro,A. Rochat,\n"
            "leman,Banque du Léman,plus,B. Favre,\n"
            "leman,Banque du Léman,pro,,\n"
            f"leman,,,C. Droz,{'1' * 41}\n"
            "leman,,,D. Blanc,\n"
        )
        rows = customers(write(tmp_path, "rows.csv", content))
        assert lines_and_reasons(rows) == [
            (
                3,
                "plan differs from line 2, the first one of leman; "
                "a further row of the same id adds a contact and changes nothing else",
            ),
            (
                4,
                "repeats the id of line 2 and adds no contact; "
                "a further row of the same id is for a further contact",
            ),
            (5, "contact.phone is longer than 40 characters"),
        ]
        (row,) = (row for row in rows if isinstance(row, Row))
        assert [contact.name for contact in row.record.contacts] == ["A. Rochat", "D. Blanc"]


class TestRejectedFile:
    REJECTION = Rejection(7, "no \x1b[31m\u202e", {"subject": HOSTILE["escape colour"], "x": "\ud800"})

    def test_rejections_are_lines_of_json_for_the_owner_only(self, tmp_path: Path) -> None:
        source = write(tmp_path, "rows.csv", "")
        old = write(tmp_path, "rows.csv.rejected.jsonl", "old\n")
        with RejectedFile(source) as file:
            file.add(self.REJECTION)
            assert Path(old).read_text() == "old\n", "replaced as a whole, at the end"
        assert file.path == Path(old)
        content = Path(old).read_text()
        assert content.isascii()
        assert "\x1b" not in content
        assert json.loads(content) == {
            "line": 7,
            "reason": "no \x1b[31m\u202e",
            "record": self.REJECTION.record,
        }
        assert os.stat(old).st_mode & 0o777 == 0o600

    def test_nothing_rejected_nothing_touched(self, tmp_path: Path) -> None:
        old = write(tmp_path, "rows.csv.rejected.jsonl", "old\n")
        with RejectedFile(str(tmp_path / "rows.csv")) as file:
            pass
        assert file.path is None
        assert Path(old).read_text() == "old\n"

    def test_an_import_that_fails_leaves_nothing_behind(self, tmp_path: Path) -> None:
        with pytest.raises(KeyboardInterrupt), RejectedFile(str(tmp_path / "rows.csv")) as file:
            file.add(self.REJECTION)
            raise KeyboardInterrupt
        assert list(tmp_path.iterdir()) == []
