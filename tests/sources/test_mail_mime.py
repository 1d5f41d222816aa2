"""The structure of a mail, found by bytes: the same as the standard library finds line by line."""

from __future__ import annotations

import email
from email.message import EmailMessage, Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.sources.mail_mime import PARTS, Entity

_files = st.binary(max_size=200)
_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=200)


def _built(texts: list[str], files: list[bytes], inner: EmailMessage | None, newline: bytes) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.set_content(texts[0])
    for text in texts[1:]:
        mail.add_alternative(text, subtype="html")
    for number, file in enumerate(files):
        mail.add_attachment(file, maintype="image", subtype="png", filename=f"{number}.png")
    if inner is not None:
        mail.add_attachment(inner)
    return mail.as_bytes().replace(b"\n", newline)


def _inner() -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "inner"
    made.set_content("inner")
    made.add_attachment(b"file", maintype="image", subtype="png", filename="inner.png")
    return made


def shape(mail: Message) -> Any:
    """Return the types and contents of a mail as the standard library has them."""
    if mail.get_content_maintype() == "multipart":
        payload = mail.get_payload()
        assert isinstance(payload, list)
        return mail.get_content_type(), [shape(part) for part in payload if isinstance(part, Message)]
    if mail.get_content_type() == "message/rfc822":
        return mail.get_content_type(), None
    content = mail.get_payload(decode=True)
    assert isinstance(content, bytes)
    return mail.get_content_type(), content.rstrip(b"\r\n")


def own_shape(entity: Entity) -> Any:
    if entity.children:
        return entity.media_type, [own_shape(child) for child in entity.children]
    content = None if entity.media_type == "message/rfc822" else entity.content.rstrip(b"\r\n")
    return entity.media_type, content


@given(
    st.lists(_texts, min_size=1, max_size=3),
    st.lists(_files, max_size=3),
    st.booleans(),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_parts_are_those_that_the_standard_library_finds(
    texts: list[str], files: list[bytes], with_inner: bool, newline: bytes
) -> None:
    data = _built(texts, files, _inner() if with_inner else None, newline)
    assert own_shape(Entity(data)) == shape(email.message_from_bytes(data))


@given(st.lists(_files, min_size=1, max_size=3))
def test_the_size_of_a_file_is_known_without_decoding_it(files: list[bytes]) -> None:
    mail = Entity(_built(["x"], files, None, b"\r\n"))
    assert [child.size for child in mail.children[1:]] == [len(file) for file in files]


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (b"Subject: a\nSubject: b\n\nx", "a"),
        (b"SUBJECT :  a  \r\n b\r\n\r\nx", "a  \r\n b"),
        (b"From anne Fri Nov 27\nSubject: a\n\nx", "a"),
        (b"Subject: a", "a"),
        # What is no header ends the head.
        (b"Subject: a\nno header\nSubject: b\n\nx", "a"),
        (b"no header\nSubject: b\n\nx", ""),
        (b"\nSubject: b\n\nx", ""),
        (b"", ""),
    ],
)
def test_the_head_ends_where_it_does(head: bytes, first: str) -> None:
    assert Entity(head).head.first("subject") == first


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b"--b\n\none\n--b\n\ntwo\n--b--\nepilogue", [b"one", b"two"]),
        (b"preamble\r\n--b  \r\n\r\none\r\n--b--", [b"one"]),
        # Not ended, not begun, and with lines that only begin like one.
        (b"--b\n\none\n--b\n\ntwo", [b"one", b"two"]),
        (b"--b\n\none\n--bb\nstill one\n--b--", [b"one\n--bb\nstill one"]),
        (b"--b\n--b\n--b--", [b"", b""]),
        (b"--b", []),
        (b"one", []),
        (b"", []),
    ],
)
def test_parts_stand_between_the_lines_that_say_so(body: bytes, parts: list[bytes]) -> None:
    for newline in (b"\n", b"\r\n") if b"\r" not in body else (b"",):
        data = body.replace(b"\n", newline) if newline else body
        mail = Entity(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + data)
        assert [child.body.replace(b"\r\n", b"\n") for child in mail.children] == parts


@pytest.mark.parametrize(
    "value", ['"b c"', "b", "b; charset=x", '"b"; x', "b\r\n\t; x=y", "*=utf-8''b", "*0=b"]
)
def test_a_boundary_is_read_in_all_the_ways_it_is_written(value: str) -> None:
    name = "boundary" if value.startswith("*") else "boundary="
    delimiter = "--b c" if " c" in value and value.startswith('"b c') else "--b"
    data = f"Content-Type: multipart/mixed; {name}{value}\r\n\r\n{delimiter}\r\n\r\none\r\n{delimiter}--"
    assert [child.body for child in Entity(data.encode()).children] == [b"one"]


def test_a_mail_of_more_parts_than_anybody_sends_is_read_in_bounds() -> None:
    data = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (PARTS + 500)
    assert len(Entity(data).children) <= PARTS + 1
