"""Plain text: paragraphs and list items. Headings are not guessed."""

from __future__ import annotations

import re
import unicodedata

from assistant.errors import ReadError
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "text/plain"

#: A list marker at the beginning of a line: "-", "•", "1.", "2)", "(3)", "①", "가.".
LIST_MARKER = re.compile(
    r"(?:[-*•▪■□▶◦○●◯ㅇ❍➢✓·]|\d{1,3}[.)]|\(\d{1,3}\)|[①-⑳]|[가나다라마바사아자차카타파하][.)]|\([가-하]\)|[a-z][.)])\s+(?=\S)"
)

#: Texts with wider lines (in columns) were not wrapped by hand.
_WIDEST = 130
#: Where a word was divided at the end of a line.
_SOFT_HYPHEN_AT_END = re.compile(r"\u00ad[ \t]*\n[ \t]*(?=\S)")
_SENTENCE_END = re.compile(r"[.!?。:：][\"'”’)\]」』]*$")


def recognises(source: Source) -> bool:
    """Plain text is what remains when no other format fits."""
    return True


def read(source: Source) -> Draft:
    """Paragraphs end at an empty line, before a list marker and after a line that ended early."""
    if source.text.lstrip("\ufeff").startswith("<?xml"):
        raise ReadError(f"{source.name} is XML, but not HTML.", "Save the document as HTML, PDF, Markdown or text.")
    builder = DraftBuilder()
    write_text(builder, source.text)
    return builder.build()


def write_text(builder: DraftBuilder, text: str) -> None:
    """Write plain text (a file, the body of a message) into a draft that is being built."""
    text = _SOFT_HYPHEN_AT_END.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [line.expandtabs(4).rstrip() for line in text.split("\n")]
    wrap = max((width(line) for line in lines), default=0)
    pending: list[str] = []
    for line in [*lines, ""]:
        starts_item = LIST_MARKER.match(line.lstrip()) is not None
        if pending and (not line.strip() or starts_item or not _goes_on(pending[-1], line, wrap)):
            _write(builder, pending)
            pending = []
        if line.strip():
            pending.append(line)


def width(line: str) -> int:
    """Columns of a line on a terminal: a Hangul syllable takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def _goes_on(line: str, after: str, wrap: int) -> bool:
    """Whether a line was wrapped: the next word had no room, or it is long and ends no sentence."""
    if wrap > _WIDEST or (after.lstrip().startswith(">") and not line.lstrip().startswith(">")):
        return False
    no_room = width(line) + 1 + width(after.split()[0]) > wrap
    return no_room or (width(line) >= 0.7 * wrap and not _SENTENCE_END.search(line))


def _write(builder: DraftBuilder, lines: list[str]) -> None:
    joined = " ".join(line.strip() for line in lines)
    marker = LIST_MARKER.match(joined)
    if marker:
        depth = min(4, (len(lines[0]) - len(lines[0].lstrip())) // 2)
        builder.list_item(joined[marker.end() :], marker=marker[0].strip(), depth=depth)
    else:
        builder.paragraph(joined)
