"""E-mail messages (EML): the headers people read, the body, and the attachments as parts."""

from __future__ import annotations

import email
import re
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

from assistant.errors import ReadError
from assistant.ingest.readers import html
from assistant.ingest.readers.containers import COUNT_LIMIT, TOTAL_LIMIT, Parts
from assistant.ingest.readers.draft import DraftBuilder, clean
from assistant.ingest.readers.source import Source, decode
from assistant.ingest.readers.text import write_text
from assistant.schema import Draft

MEDIA_TYPE = "message/rfc822"

_HEADER = re.compile(rb"[!-9;-~]{1,60}:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*")
#: A message begins with header lines, and these are among them.
_KNOWN = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"mime-version", b"return-path", b"cc",
          b"content-type", b"delivered-to", b"x-mailer", b"sender", b"reply-to"}  # fmt: skip
_SENT_BY = {b"from", b"received", b"return-path", b"sender", b"message-id", b"mime-version"}
_SHOWN = ("From", "To", "Cc", "Date")


def recognises(source: Source) -> bool:
    """Header lines from the first byte on, at least two of them those of a message."""
    names: set[bytes] = set()
    at = 0
    content = source.content[: 2**16].removeprefix(b"\xef\xbb\xbf")
    while match := _HEADER.match(content, at):
        names.add(match[0].partition(b":")[0].lower())
        at = match.end()
    complete = at == len(content) or content[at : at + 2] in (b"\r\n", b"\n") or content[at : at + 1] == b"\n"
    return complete and len(names & _KNOWN) >= 2 and bool(names & _SENT_BY)


def read(source: Source) -> Draft:
    """Subject as heading, sender, receivers and date, the text (HTML where there is no other), then the attachments.

    Pictures that belong to the body are left out, as in other formats. Metadata: title, date, notes on attachments
    that could not be read. Raises ReadError if the message is damaged or holds nothing.
    """
    message = email.message_from_bytes(source.content.removeprefix(b"\xef\xbb\xbf"), policy=default)
    assert isinstance(message, EmailMessage)
    builder = DraftBuilder()
    parts = Parts(source, builder)
    subject = clean(_header(message, "Subject"))
    builder.heading(1, subject)
    for name in _SHOWN:
        if value := clean(_header(message, name)):
            builder.paragraph(f"{name}: {value}")
    shown = len(builder.build().blocks)
    body = _body(message)
    if body is not None:
        _write_body(builder, body, source.name)
    _attachments(message, body, parts)
    if len(builder.build().blocks) == shown and not parts.notes:
        raise ReadError(f"{source.name} is a message without any text or attachment.", "Check that it is complete.")
    if len(builder.build().blocks) == shown:
        first = parts.notes[0]
        raise ReadError(f"{source.name} holds nothing that can be read; {first['where']}: {first['reason']}",
                        first["hint"])  # fmt: skip
    return builder.build({"title": subject, "date": _date(message), "notes": tuple(parts.notes)})


def _header(message: EmailMessage, name: str) -> str:
    """A header decoded; what breaks the rules (raw Korean bytes) is decoded like a text file."""
    try:
        value = str(message.get(name, ""))
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):  # the parser of headers trips over some
        value = next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    if any("\udc80" <= char <= "\udcff" for char in value) or "\ufffd" in value:
        raw = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
        try:
            return decode(str(raw).encode("utf-8", "surrogateescape"), name)
        except ReadError:
            return value
    return value


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""


def _body(message: EmailMessage) -> EmailMessage | None:
    """The part that is shown: plain text before HTML."""
    try:
        body = message.get_body(("plain", "html"))
    except (MessageError, AttributeError, KeyError, ValueError):
        return None
    return body if isinstance(body, EmailMessage) else None


def _write_body(builder: DraftBuilder, body: EmailMessage, name: str) -> None:
    text = _text(body, name)
    if body.get_content_type() == "text/html":
        html.write_fragment(builder, text)
    else:
        write_text(builder, text)


def _text(part: EmailMessage, name: str) -> str:
    """The part's text; where the charset that it states is wrong or missing, like a text file. Raises ReadError."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset()
    if charset and charset not in ("us-ascii", "ascii"):
        try:
            # what calls itself EUC-KR is in fact its superset
            korean = charset in ("euc-kr", "ks_c_5601-1987", "ks_c_5601", "ksc5601")
            return content.decode("cp949" if korean else charset)
        except (LookupError, UnicodeDecodeError):
            pass
    if not content.strip():
        return ""
    return decode(content, name)


def _attachments(message: EmailMessage, body: EmailMessage | None, parts: Parts) -> None:
    """Every other part, but the alternatives of the body and the pictures in it."""
    left = TOTAL_LIMIT
    for count, part in enumerate(_leaves(message), start=1):
        kind = part.get_content_type()
        name = clean(part.get_filename() or "")
        if part is body or (not name and kind in ("text/plain", "text/html") and _is_alternative(part, message)):
            continue
        if kind.startswith("image/") and part.get("Content-ID") and part.get_content_disposition() != "attachment":
            continue
        content = _content(part)
        name = name or f"{kind} {count}"
        if count > COUNT_LIMIT or len(content) > left:
            parts.leave_out(name, "the message holds too much", "Save the attachment and give it by itself.")
            continue
        left -= len(content)
        parts.add(name, content)


def _leaves(message: EmailMessage) -> list[EmailMessage]:
    """Parts that hold content; a message that is attached is one of them."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        return [message]
    return [leaf for part in message.iter_parts() if isinstance(part, EmailMessage) for leaf in _leaves(part)]


def _is_alternative(part: EmailMessage, message: EmailMessage) -> bool:
    """Whether the part is another form of the body."""
    return any(
        each.get_content_type() == "multipart/alternative" and part in list(each.walk()) for each in message.walk()
    )


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, EmailMessage) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
