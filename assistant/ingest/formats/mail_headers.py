"""Headers of messages as people read them: encoded words, parameters with a charset, raw Korean bytes.

Real messages break the rules: words cut inside a letter, encoded words within quotes, names of charsets that nobody
registered. What a mail program shows all the same is read here too.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from email.errors import MessageError
from email.message import EmailMessage, Message
from urllib.parse import unquote_to_bytes

from assistant.errors import ReadError
from assistant.ingest.formats.draft import clean
from assistant.ingest.formats.source import codec_of, decode

_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\r\n]*)\?=")
#: What the standard library's parsers raise for headers that break the rules.
_TRIPPED = (MessageError, ValueError, LookupError, AttributeError, TypeError)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")


def header(message: Message, name: str) -> str:
    """Give the text of a header; empty where there is none."""
    return clean(words_decoded(_raw(message, name)))


def file_name(part: EmailMessage) -> str:
    """Give the name of an attachment, without folders; empty where it has none."""
    for header_name, key in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        # Latin-1 stands for the bytes: the parser trips over anything else
        raw = _raw(part, header_name).encode("utf-8", "surrogateescape").decode("latin-1")
        holder = Message()
        holder[header_name] = re.sub(r"[ \t\r\n]+", " ", raw)
        try:
            value = holder.get_param(key, header=header_name)
        except _TRIPPED:
            continue
        if isinstance(value, tuple):
            found = _bytes_decoded(str(value[2]).encode("latin-1", "replace"), str(value[0] or ""))
        elif value:
            found = _plain_parameter(str(value).encode("latin-1", "replace"))
        else:
            continue
        if name := clean(found).replace("\\", "/").rpartition("/")[2]:
            return name
    return ""


def kind(part: Message) -> str:
    """Give the media type of a part."""
    try:
        return part.get_content_type()
    except _TRIPPED:
        return _raw(part, "Content-Type").partition(";")[0].strip().lower() or "text/plain"


def is_attached(part: EmailMessage) -> bool:
    """Tell whether a part says that it is an attachment, not shown with the text."""
    return _raw(part, "Content-Disposition").lstrip().lower().startswith("attachment")


def charset(part: Message) -> str:
    """Give the charset that a part states; empty where it states none."""
    try:
        return str(part.get_content_charset() or "")
    except _TRIPPED:
        return ""


def words_decoded(raw: str) -> str:
    """Give text with its encoded words (RFC 2047) decoded. Words that follow each other are joined before that."""
    parts: list[tuple[str, bytes]] = []  # charset ("" for plain text), bytes
    text = re.sub(r"\r?\n(?=[ \t])", "", raw)
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        if between.strip() or not parts:
            parts.append(("", between.encode("utf-8", "surrogateescape")))
        codec = codec_of(found[1]) or found[1].lower()
        decoded = _word(found[2], found[3])
        if parts and parts[-1][0] == codec:
            parts[-1] = (codec, parts[-1][1] + decoded)
        else:
            parts.append((codec, decoded))
        at = found.end()
    parts.append(("", text[at:].encode("utf-8", "surrogateescape")))
    return "".join(_bytes_decoded(content, charset) for charset, content in parts if content)


def _word(kind: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw.rstrip(b"=")) % 4))
    except binascii.Error:
        return raw


def _plain_parameter(raw: bytes) -> str:
    if _PERCENT.search(raw.decode("latin-1")):
        try:
            return unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            pass
    return words_decoded(raw.decode("utf-8", "surrogateescape"))


def _bytes_decoded(content: bytes, charset: str) -> str:
    """Decode what a header states; where that is wrong or missing, like a text file."""
    codec = codec_of(charset)
    if codec and not (codec == "ascii" and not content.isascii()):
        try:
            return content.decode(codec)
        except (UnicodeDecodeError, LookupError):
            pass
    if content.isascii():
        return content.decode("ascii")
    try:
        return decode(content, "header")
    except ReadError:
        return content.decode(codec or "utf-8", errors="replace")


def _raw(message: Message, name: str) -> str:
    return next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
