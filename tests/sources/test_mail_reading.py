"""Mails as people, machines and broken programs write them, read into letters."""

from __future__ import annotations

import email
import tracemalloc
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oncall_tui.domain.correspondence import Letter, LetterKind, Sender
from oncall_tui.sources.mail_reading import CUT_LIMIT, CUT_TO, RawMail, read_mail

RECEIVED = datetime(2026, 11, 27, 2, 12, 44, tzinfo=UTC)
OWN = "support@desk.example"

ANNE = "From: Anne Rochat <anne@leman.example>\r\n"
TO_US = f"To: {OWN}\r\n"


def read(mail: str | bytes | EmailMessage, size: int | None = None) -> Letter:
    """Read a mail that arrived whole, or the beginning of one that has `size` bytes."""
    if isinstance(mail, EmailMessage):
        mail = mail.as_bytes()
    data = mail if isinstance(mail, bytes) else mail.encode("utf-8", "surrogateescape")
    return read_mail(RawMail("7:12", data, RECEIVED, len(data) if size is None else size), OWN)


def test_a_mail_is_a_request_of_who_wrote_it() -> None:
    letter = read(
        f"{ANNE}{TO_US}Subject: Plus de mail depuis ce matin\r\nMessage-ID: <1@leman.example>\r\n"
        "Date: Mon, 1 Jan 2035 00:00:00 +0000\r\n\r\n"
        "Bonjour,\r\n\r\nnous n'avons plus de mail depuis ce matin. Merci de votre aide\r\n"
    )
    assert letter == Letter(
        key="7:12 <1@leman.example>",
        kind=LetterKind.REQUEST,
        sender=Sender("Anne Rochat", "anne@leman.example"),
        subject="Plus de mail depuis ce matin",
        text="Bonjour,\n\nnous n'avons plus de mail depuis ce matin. Merci de votre aide",
        received_at=RECEIVED,
        message_id="<1@leman.example>",
        language="fr",
        size=letter.size,
    )


@given(st.binary(max_size=2000))
@example(b"")
@example(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n--x--")
@example(b"Content-Type: multipart/mixed; boundary=\n\n--\n\n")
@example(b"Content-Type: text/plain; charset*=''%\n\n\xff")
@example(b"Content-Type: text/html; charset=utf-7\n\n+")
@example(b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n!!!\nend")
@example(b"Content-Disposition: attachment; filename*=utf-8''%ff\n\n")
@example(b"Content-Disposition: attachment; filename*1=a; filename*3*=''b\n\n")
@example(b"From: =?utf-8?B?a\n <\xff@\n\n")
@example(b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n")
@example(b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\n--b--")
@example(b"Content-Type: message/delivery-status\n\nStatus: 5\n\n\n")
def test_no_bytes_are_too_broken_to_be_a_letter(data: bytes) -> None:
    letter = read(data)
    assert letter.message_id
    assert letter.key.startswith("7:12 ")


_headers = st.sampled_from(
    [
        b"From", b"To", b"Subject", b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition",
        b"Message-ID", b"References", b"Reply-To", b"Auto-Submitted", b"Return-Path", b"MIME-Version",
    ]
)  # fmt: skip
_values = st.sampled_from(
    [
        b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=b", b"text/html; charset=big5",
        b"message/rfc822", b"multipart/report; report-type=delivery-status; boundary=b", b"base64",
        b"quoted-printable", b"attachment; filename*0*=x'y'z", b"=?utf-8?Q?=E9?=", b"=?hex?B?YQ==?=",
        b"<a@b>, <>, \"", b"auto-replied", b"<>", b"mailer-daemon@x", b"text/rfc822-headers", b"image/png",
    ]
) | st.binary(max_size=30)  # fmt: skip
_heads = st.lists(st.tuples(_headers, _values), max_size=6).map(
    lambda lines: b"".join(b"%s: %s\r\n" % line for line in lines)
)
_mails = st.lists(
    st.tuples(_heads, st.sampled_from([b"\r\n--b\r\n", b"\r\n--b--\r\n", b"\r\n\r\n"]), st.binary())
)


@given(_mails)
def test_no_headers_are_too_broken_either(pieces: list[tuple[bytes, bytes, bytes]]) -> None:
    assert read(b"".join(part for piece in pieces for part in piece)).received_at == RECEIVED


def test_parts_nested_beyond_reason_are_a_request_as_they_stand() -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(3000))
    letter = read(ANNE + deep + "\r\nhelp")
    assert letter.kind is LetterKind.REQUEST
    assert letter.key.startswith("7:12 <")


# Whom it is from, and where an answer goes.


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("From: =?utf-8?Q?L=C3=A9a?= Favre <lea@x.example>", Sender("Léa Favre", "lea@x.example")),
        ('From: "=?iso-8859-1?Q?L=E9a?=" <lea@x.example>', Sender("Léa", "lea@x.example")),
        ("From: Léa <lea@x.example>", Sender("Léa", "lea@x.example")),
        ("From: lea@x.example", Sender("", "lea@x.example")),
        ("From: lea@x.example (Léa)", Sender("Léa", "lea@x.example")),
        ("From: Favre, Léa <lea@x.example>", Sender("Léa", "lea@x.example")),
        ("From: Léa <lea@x.example>, Marc <marc@x.example>", Sender("Léa", "lea@x.example")),
        ("From: nobody in particular\r\nSender: <bot@x.example>", Sender("", "bot@x.example")),
        ("From: nobody in particular", Sender("nobody in particular", "")),
        ("Return-Path: <envelope@x.example>", Sender("", "envelope@x.example")),
        ("X: y", Sender("", "")),
        # A form on a web page, ours or theirs, names who filled it in.
        ("From: form@desk.example\r\nReply-To: Anne <a@x.example>", Sender("Anne", "a@x.example")),
        (f"From: Form <{OWN}>\r\nReply-To: a@x.example", Sender("Form", "a@x.example")),
        (f"From: Anne <a@x.example>\r\nReply-To: {OWN}", Sender("Anne", "a@x.example")),
        # A mailing list answers to itself.
        (
            "From: Anne <a@x.example>\r\nReply-To: list@x.example\r\nList-Post: <mailto:list@x.example>",
            Sender("Anne", "a@x.example"),
        ),
    ],
)
def test_who_wrote(headers: str, sender: Sender) -> None:
    letter = read(f"{headers}\r\n\r\nhelp")
    assert (letter.sender, letter.kind) == (sender, LetterKind.REQUEST)


# What it answers.


def test_a_reply_names_what_it_answers_the_nearest_first() -> None:
    letter = read(
        f"{ANNE}In-Reply-To: <3@d>\r\nReferences: <1@d>\r\n <2@d>\r\n\t<3@d> broken <>\r\n"
        "Subject: Re: [M-3] WG: [EXTERN] [M-12] down [lower-1] [TOOLONG-2]\r\n\r\n"
    )
    assert letter.answers == ("<3@d>", "<2@d>", "<1@d>")
    assert letter.ref == "M-12"


def test_a_mail_without_a_message_id_has_one_that_stays() -> None:
    mail = f"{ANNE}Received: from x; 1\r\n\r\nhelp"
    first, again, other = read(mail), read(mail), read(mail.replace("; 1", "; 2"))
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.endswith("@no-message-id.invalid>")
    assert read(f"{ANNE}Message-ID: not one\r\n\r\n").message_id.endswith("@no-message-id.invalid>")
    assert read(f"{ANNE}Message-ID:\r\n <long@x>\r\n\r\n").message_id == "<long@x>"


# What it says.


def text_of(headers: str, body: bytes) -> str:
    return read(headers.encode() + b"\r\n\r\n" + body).text


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ("Content-Type: text/plain; charset=utf-8", "zoë – 100 €".encode(), "zoë – 100 €"),
        ("Content-Type: text/plain; charset=iso-8859-1", "zoë – 100 €".encode("cp1252"), "zoë – 100 €"),
        ("Content-Type: text/plain; charset=iso-8859-1", "zoë – 100 €".encode(), "zoë – 100 €"),
        ("Content-Type: text/plain; charset=us-ascii", b"zo\xeb", "zoë"),
        ("Content-Type: text/plain; charset=utf-8", b"zo\xeb", "zoë"),
        ("Content-Type: text/plain; charset=unheard-of", "zoë".encode(), "zoë"),
        ("Content-Type: text/plain; charset=rot13", b"help", "help"),
        ("Content-Type: text/plain; charset=punycode", b"help", "help"),
        ("Content-Type: text/plain; charset=\"gb2312'", b"help", "help"),
        ("Content-Type: text/plain; charset=koi8-r", "помощь".encode("koi8-r"), "помощь"),
        ("Content-Type: text/plain; charset=shift_jis", "助けて".encode("shift_jis"), "助けて"),
        ("X: y", "zoë".encode(), "zoë"),
        ("Content-Type: nonsense", b"help", "help"),
        ("Content-Transfer-Encoding: base64", b"aGVscA==", "help"),
        ("Content-Transfer-Encoding: base64", b"aGVs!cA", "help"),
        ("Content-Transfer-Encoding: quoted-printable", b"caf=C3=\r\n=A9 =ZZ", "café =ZZ"),
        ("Content-Transfer-Encoding: mystery", b"help", "help"),
    ],
)
def test_text_is_read_whatever_its_charset_claims(headers: str, body: bytes, text: str) -> None:
    assert text_of(headers, body) == text


def test_plain_text_is_preferred_to_html() -> None:
    mail = EmailMessage()
    mail.set_content("plain\n")
    mail.add_alternative("<p>rich</p>", subtype="html")
    assert read(mail).text == "plain"


def test_of_alternatives_html_is_read_where_the_plain_one_is_empty() -> None:
    mail = EmailMessage()
    mail.set_content(" \n")
    mail.add_alternative("<p>rich</p>", subtype="html")
    assert read(mail).text == "rich"


def test_html_is_read_as_a_reader_sees_it() -> None:
    page = """<?xml version="1.0"?><html><head><title>no</title><style>p {}</style></head><body>
    <p>Bonjour,<br>le site est en panne.</p><div style="DISPLAY : none">tracking</div>
    <script>alert(1)</script><ul><li>www<li>shop</ul>
    <table><tr><td>Erreur</td><td>502</td></tr><tr><th>depuis</th><td>3 h</td></tr></table>
    &lt;tag&gt; &#233;&nbsp;</body></html>"""
    assert text_of("Content-Type: text/html", page.encode()).split("\n") == [
        "Bonjour,",
        "le site est en panne.",
        "",
        "  * www",
        "  * shop",
        "Erreur 502",
        "depuis 3 h",
        "<tag> é",
    ]


HOSTILE_PAGES = {
    "nested tables": "<table><tr><td>" * 60_000 + "help",
    "nested blocks": "<div>" * 100_000 + "help",
    "wide cells": "<table><tr><td>" + "a" * 500_000 + "<td>x" + "<tr><td>a<td>b" * 30_000 + "help",
    "margins": "<p style='margin-top: 999999999em; padding-left: 999999999em'>help",
    "numbers": "<ol start=999999999999999999999999999999><li>help",
    "nested lists": "<ul>" * 240 + "<li>x" * 20_000 + "help",
    "open tags": "<p " * 300_000 + ">help",
    "comments": "<!--" * 200_000 + "-->help",
    "blanks": "<pre>" + " " * 800_000 + "x" + " " * 200_000 + "help",
    "declarations": "<?xml" * 200_000 + "?>help",
    "scripts": "help<script>" + "<script" * 100_000,
    "frames": "<html><frameset></frameset>help",
    "zeros": "help\0",
}


@pytest.mark.parametrize("made", HOSTILE_PAGES)
def test_html_that_is_made_to_hang_or_to_fill_the_memory_is_read_in_bounds(made: str) -> None:
    text = text_of("Content-Type: text/html", HOSTILE_PAGES[made].encode())
    assert len(text) < 2 << 20
    assert made in ("comments", "declarations") or "help" in text


# Files.


def test_files_are_listed_by_name_type_size_and_section() -> None:
    mail = EmailMessage()
    mail.set_content("see the files\n")
    mail.add_alternative("<p>see <img src=cid:1></p>", subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(b"\x89PNG" * 100, "image", "png", cid="<1>", filename="screen.png")  # type: ignore[union-attr]
    mail.add_attachment(b"%PDF" * 250, maintype="application", subtype="pdf", filename="Offre café.pdf")
    mail.add_attachment("a;b\n", subtype="csv", filename="übersicht.csv")
    mail.add_attachment(b"", maintype="application", subtype="octet-stream")
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("inner\n")
    mail.add_attachment(inner)
    letter = read(mail)
    assert letter.text == "see the files"
    assert [tuple(each) for each in letter.attachments] == [
        ("screen.png", "image/png", 400, "1.2.2/base64"),
        ("Offre café.pdf", "application/pdf", 1000, "2/base64"),
        ("übersicht.csv", "text/csv", 4, "3/7bit"),
        ("application-4.bin", "application/octet-stream", 0, "4/base64"),
        ("mail.eml", "message/rfc822", len(inner.as_bytes()), "5/8bit"),
    ]


@pytest.mark.parametrize("size", range(8))
def test_the_size_of_a_file_is_what_it_has_when_it_is_saved(size: int) -> None:
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"x" * size, maintype="image", subtype="png", filename="x.png")
    assert read(mail).attachments[0].size == size


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''caf%C3%A9.txt", "café.txt"),
        ("attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9.txt", "café.txt"),
        ('attachment; filename="=?utf-8?Q?caf=C3=A9.txt?="', "café.txt"),
        ("attachment; filename=café.txt", "café.txt"),
        ("attachment; filename*=unheard''of.txt", "of.txt"),
        ("attachment", "text-1.txt"),
        ("inline; filename=log.txt", "log.txt"),
    ],
)
def test_names_of_files_in_all_the_ways_they_are_written(disposition: str, name: str) -> None:
    mail = f"Content-Type: text/plain\r\nContent-Disposition: {disposition}\r\n\r\nx"
    assert [each.name for each in read(mail).attachments] == [name]


def test_what_is_to_be_read_between_files_is_read_too() -> None:
    part = "--b\r\nContent-Type: {}\r\n\r\n{}\r\n"
    mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "".join(
        part.format(*each)
        for each in [("text/plain", "one"), ("image/png", "x"), ("text/html", "<b>two</b>")]
    )
    letter = read(mail)
    assert letter.text == "one\n\ntwo"
    assert [each.name for each in letter.attachments] == ["image-2.png"]


def test_a_mail_that_is_too_long_is_cut_and_says_so() -> None:
    mail = (ANNE + "Subject: big\r\n\r\n" + "log\r\n" * 10).encode()
    letter = read(mail[:CUT_TO], size=CUT_LIMIT + 1)
    assert letter.text.startswith(
        "(This mail has 64 MiB: only its first MiB was read, and no attachments.)\n\nlog"
    )
    assert letter.size == CUT_LIMIT + 1


def test_a_mail_of_20_mb_is_read_with_its_file() -> None:
    mail = EmailMessage()
    mail["From"] = "anne@leman.example"
    mail.set_content("voilà le fichier\n")
    mail.add_attachment(b"x" * (20 << 20), maintype="video", subtype="mp4", filename="film.mp4")
    letter = read(mail)
    assert (letter.text, letter.attachments[0].size) == ("voilà le fichier", 20 << 20)


# Machines.


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", LetterKind.AUTOMATIC),
        ('Auto-Submitted: auto-replied; owner-email="a@x.example"', LetterKind.AUTOMATIC),
        ("X-Autoreply: yes", LetterKind.AUTOMATIC),
        ("X-Autorespond: out of office", LetterKind.AUTOMATIC),
        ("Precedence: auto_reply", LetterKind.AUTOMATIC),
        ("X-Mailer: vacation 2", LetterKind.AUTOMATIC),
        (
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            LetterKind.AUTOMATIC,
        ),
        # A machine that asks for help is never lost.
        ("Auto-Submitted: auto-generated", LetterKind.REQUEST),
        ("Auto-Submitted: no", LetterKind.REQUEST),
        ("Precedence: bulk\r\nList-Id: <ops.x.example>", LetterKind.REQUEST),
        ("X-Autoreply: no", LetterKind.REQUEST),
    ],
)
def test_what_a_machine_answers_is_told_from_what_it_asks(headers: str, kind: LetterKind) -> None:
    assert read(f"{ANNE}{headers}\r\n\r\nx").kind is kind


BOUNCE = b"""Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: support@desk.example
Subject: Mail delivery failed
Auto-Submitted: auto-replied
Message-ID: <b1@mx.example>
References: <answer@desk.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

A message that you sent could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Action: failed
Final-Recipient: rfc822;gone@leman.example
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such person

--b
Content-Type: text/rfc822-headers

Message-ID: <answer@desk.example>
Subject: Re: down
In-Reply-To: <1@leman.example>

--b--
"""


def test_a_bounce_names_what_came_back_and_why() -> None:
    letter = read(BOUNCE)
    assert (letter.kind, letter.answers) == (LetterKind.BOUNCE, ("<answer@desk.example>",))
    assert letter.text == (
        "Final-recipient: rfc822;gone@leman.example\nStatus: 5.1.1\n"
        "Diagnostic-code: smtp; 550 5.1.1 no such person\nAction: failed\n\n"
        "A message that you sent could not be delivered."
    )


@pytest.mark.parametrize("action", ["delayed", "relayed", "Delivered"])
def test_a_mail_that_is_late_or_has_arrived_came_not_back(action: str) -> None:
    """Who takes it for lost would write it twice."""
    letter = read(BOUNCE.replace(b"Action: failed", f"Action: {action}".encode()))
    assert letter.kind is LetterKind.AUTOMATIC
    assert letter.answers == ("<answer@desk.example>",)
    assert f"Action: {action}" in letter.text


def test_a_report_that_is_made_to_fill_the_memory_is_read_in_bounds() -> None:
    inner = b"Content-Type: message/rfc822\n\n" * 48 + b"x" * (4 << 20)
    report = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
    tracemalloc.start()
    try:
        assert read(ANNE.encode() + report + inner + b"\n--b--\n").kind is LetterKind.BOUNCE
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_a_bounce_with_the_whole_mail_or_only_words_is_one_too() -> None:
    whole = BOUNCE.replace(b"text/rfc822-headers", b"message/rfc822")
    assert read(whole).answers == ("<answer@desk.example>",)
    old = (
        b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n\nuser unknown\n\n--- your mail ---\n"
        b"Message-Id: <answer@desk.example>\n\nhello"
    )
    letter = read(old)
    assert (letter.kind, letter.answers) == (LetterKind.BOUNCE, ("<answer@desk.example>",))
    assert read(old.replace(b"MAILER-DAEMON", b"anne")).kind is LetterKind.REQUEST


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("To: anne@leman.example\r\nIn-Reply-To: <1@x>", LetterKind.ANSWER),
        ("To: anne@leman.example\r\nSubject: Re: [M-12] down", LetterKind.ANSWER),
        # Nothing of these tells a customer that work has begun (R6).
        (
            "To: anne@leman.example\r\nIn-Reply-To: <1@x>\r\nAuto-Submitted: auto-replied",
            LetterKind.AUTOMATIC,
        ),
        ("To: anne@leman.example\r\nSubject: new", LetterKind.REQUEST),
        (f"To: {OWN}\r\nIn-Reply-To: <1@x>", LetterKind.REQUEST),
    ],
)
def test_a_colleague_s_answer_from_another_program_is_one(headers: str, kind: LetterKind) -> None:
    assert read(f"From: Support <{OWN.upper()}>\r\n{headers}\r\n\r\nx").kind is kind


def test_a_subject_is_one_line_in_its_own_letters() -> None:
    assert (
        read("Subject: =?utf-8?Q?Probl=C3?=\r\n =?utf-8?Q?=A8me?=\r\n r=?x\r\n\r\n").subject
        == "Problème r=?x"
    )
    assert read(b"Subject: caf\xc3\xa9\r\n\r\n").subject == "café"
    assert read(b"Subject: caf\xe9\r\n\r\n").subject == "café"
    assert read("Subject: =?utf-8?B?!!?= =?nope?Q?caf=C3=A9?=\r\n\r\n").subject.endswith("café")


def test_a_letter_is_read_once_from_what_the_standard_library_writes() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Ünïcödé " * 30
    mail.set_content("ä" * 5000)
    assert email.message_from_bytes(mail.as_bytes())["Subject"]
    assert read(mail).subject == ("Ünïcödé " * 30).strip()
