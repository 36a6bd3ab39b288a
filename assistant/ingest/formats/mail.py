"""E-mail messages (EML): the headers people read, the text that is shown, and the attachments as parts."""

from __future__ import annotations

import base64
import binascii
import email
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Literal

from assistant.errors import MetadataError, ReadError
from assistant.ingest import frontmatter
from assistant.ingest.formats import html
from assistant.ingest.formats.containers import COUNT_LIMIT, TOTAL_LIMIT, Parts, ReadPart
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.mail_headers import charset, file_name, header, is_attached, kind
from assistant.ingest.formats.packed_folder import Member, PackedFolder
from assistant.ingest.formats.source import Source, codec_of, decode
from assistant.ingest.formats.text import write_text
from assistant.ingest.labels import Apart, stated
from assistant.schema import Draft

MEDIA_TYPE = "message/rfc822"
IS_CONTAINER = True

_HEADER = re.compile(rb"[!-9;-~]{1,60}:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*")
#: A message begins with header lines, and these are among them.
_KNOWN = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"mime-version", b"return-path", b"cc",
          b"content-type", b"delivered-to", b"x-mailer", b"sender", b"reply-to"}  # fmt: skip
_SENT_BY = {b"from", b"received", b"return-path", b"sender", b"message-id", b"mime-version"}
_SHOWN = ("From", "To", "Cc", "Date")
#: A mailbox separates messages with such a line; a file of one message may begin with it.
_MAILBOX_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:From [^\n]*\n)?")
_OF_PAGES = ("image/", "font/", "text/css", "text/javascript", "application/javascript", "application/x-javascript")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
#: HTML that has less than half of the words of a plain text that is so many times as long is a frame around pictures.
_SAME, _FULLER = 0.5, 5
_WORDS = re.compile(r"\w+")

_Item = tuple[Literal["text", "part"], EmailMessage]


def recognises(source: Source) -> bool:
    """Recognise header lines from the first byte on, at least two of them those of a message."""
    names: set[bytes] = set()
    content = source.content[: 2**16]
    start = at = _MAILBOX_LINE.match(content).end()  # type: ignore[union-attr]  # always matches
    while match := _HEADER.match(content, at):
        names.add(match[0].partition(b":")[0].lower())
        at = match.end()
    complete = at == len(content) or content[at : at + 2] in (b"\r\n", b"\n") or content[at : at + 1] == b"\n"
    return at > start and complete and len(names & _KNOWN) >= 2 and bool(names & _SENT_BY)


def read(source: Source, read_part: ReadPart) -> Draft:
    """Read subject, sender, receivers and date, the text as mail programs show it, then the attachments.

    Pictures that belong to the text are left out, as in other formats. Metadata: title, date, notes on attachments
    that could not be read, labels of the parts. Raises ReadError if the message is damaged or holds nothing.
    """
    message = email.message_from_bytes(source.content[_MAILBOX_LINE.match(source.content).end() :], policy=default)  # type: ignore[union-attr]
    assert isinstance(message, EmailMessage)
    builder = DraftBuilder()
    parts = Parts(source, builder, read_part)
    subject = header(message, "Subject")
    builder.heading(1, subject)
    for name in _SHOWN:
        if value := header(message, name):
            builder.paragraph(f"{name}: {value}")
    shown = len(builder.build().blocks)
    attached: list[EmailMessage] = []
    for how, part in _items(message, source.name):
        if how == "text":
            _write_body(builder, part, parts)
        else:
            attached.append(part)
    _attachments(attached, parts)
    if len(builder.build().blocks) == shown and not parts.notes:
        raise ReadError(f"{source.name} is a message without any text or attachment.", "Check that it is complete.")
    if len(builder.build().blocks) == shown:
        first = parts.notes[0]
        raise ReadError(f"{source.name} holds nothing that can be read; {first['where']}: {first['reason']}",
                        first["hint"])  # fmt: skip
    return builder.build({"title": subject, "date": _date(message), **parts.metadata()})


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(header(message, "Date")).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""


def _items(part: EmailMessage, name: str) -> Iterator[_Item]:
    """What a message shows, in order: texts, and parts that are files of their own."""
    found = kind(part)
    if found == "multipart/alternative":
        children = _children(part)
        chosen = _chosen(children, name)
        for child in children:
            # another form of the same text may still have files of its own
            yield from (item for item in _items(child, name) if child is chosen or _is_file(item, child))
    elif found == "multipart/related":
        for number, child in enumerate(_children(part)):
            yield from (item for item in _items(child, name) if number == 0 or _stands_alone(item[1]))
    elif found != "message/rfc822" and part.is_multipart():
        for child in _children(part):
            yield from _items(child, name)
    elif found in ("text/plain", "text/html") and not is_attached(part) and not file_name(part):
        yield "text", part
    elif found not in _SIGNATURES and not _belongs_to_text(part):
        yield "part", part


def _children(part: EmailMessage) -> list[EmailMessage]:
    return [child for child in part.get_payload() if isinstance(child, EmailMessage)] if part.is_multipart() else []


def _is_file(item: _Item, alternative: EmailMessage) -> bool:
    return item[0] == "part" and item[1] is not alternative


def _stands_alone(part: EmailMessage) -> bool:
    """Whether a part beside a page is a file of its own, not a picture, style sheet or script of the page."""
    return is_attached(part) or (bool(file_name(part)) and not kind(part).startswith(_OF_PAGES))


def _belongs_to_text(part: EmailMessage) -> bool:
    return kind(part).startswith("image/") and "content-id" in part and not is_attached(part)


def _chosen(alternatives: list[EmailMessage], name: str) -> EmailMessage | None:
    """The form that mail programs show: HTML, unless it says much less than the plain text."""
    texts: dict[str, tuple[EmailMessage, str]] = {}
    for alternative in alternatives:
        for how, part in _items(alternative, name):
            if how == "text" and kind(part) not in texts:
                texts[kind(part)] = (alternative, _plain_text(part, name))
    if "text/html" not in texts or "text/plain" not in texts:
        found = texts.get("text/html") or texts.get("text/plain")
        return found[0] if found else (alternatives[-1] if alternatives else None)
    rich, plain = (Counter(_WORDS.findall(texts[form][1])) for form in ("text/html", "text/plain"))
    said = (rich & plain).total() >= _SAME * plain.total() or plain.total() < _FULLER * rich.total()
    return texts["text/html" if rich and said else "text/plain"][0]


def _plain_text(part: EmailMessage, name: str) -> str:
    text = _text(part, name)
    if kind(part) != "text/html":
        return text
    builder = DraftBuilder()
    html.write_fragment(builder, text)
    return builder.build().text


def _write_body(builder: DraftBuilder, body: EmailMessage, parts: Parts) -> None:
    text = _text(body, parts.source.name)
    if kind(body) == "text/html":
        html.write_fragment(builder, text)
        return
    try:
        metadata, rest = frontmatter.split(text.lstrip("\ufeff"), parts.source.name)
    except MetadataError:
        metadata, rest = {}, text
    if "labels" not in metadata:
        write_text(builder, text)
        return
    try:
        parts.bind(stated(metadata, parts.source.name))
    except Apart:
        parts.withhold("its labels and those of the rest have none in common", "Give the text by itself.")
    else:
        write_text(builder, rest)


def _text(part: EmailMessage, name: str) -> str:
    """The part's text; where the charset that it states is wrong or missing, like a text file. Raises ReadError."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    codec = codec_of(charset(part))
    if codec and codec != "ascii":
        try:
            return content.decode(codec)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content, name) if content.strip() else ""


def _attachments(attached: list[EmailMessage], parts: Parts) -> None:
    members = []
    for count, part in enumerate(attached, start=1):

        def content(limit: int, part: EmailMessage = part, count: int = count) -> bytes:
            found = _content(part)
            if count > COUNT_LIMIT or len(found) > limit:
                raise ReadError("the message holds too much", "Save the attachment and give it by itself.")
            return found

        members.append(Member(file_name(part) or f"{kind(part)} {count}", content))
    PackedFolder(members).add_to(parts, TOTAL_LIMIT)


def _content(part: EmailMessage) -> bytes:
    if kind(part) == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(first, EmailMessage):
            return b""
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64" and not first.keys():
            try:  # against the rules, but common
                return base64.b64decode(str(first.get_payload()), validate=False)
            except (binascii.Error, ValueError):
                return b""
        return first.as_bytes()
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return b""
    codec = codec_of(charset(part))
    if kind(part).startswith("text/") and kind(part) != "text/html" and codec not in ("", "ascii"):
        try:
            return content.decode(codec).encode("utf-8")
        except (LookupError, UnicodeDecodeError):
            pass
    return content
