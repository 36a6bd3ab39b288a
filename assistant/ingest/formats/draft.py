"""The one place where stored text is composed: every reader builds its `Draft` here.

Offsets are born when a block is written and never searched for afterwards, so text is normalised here and
nowhere else. The builder knows nothing of files, pages on disk or chunks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.ingest.formats.office_symbols import UNNAMED
from assistant.schema import Block, BlockKind, Box, Draft
from assistant.text.table_rows import line_of

#: From here on all characters are private: signs of one program's fonts (Hancom's lines and seals), which mean nothing
#: without them.
_PRIVATE = 0xF0000
#: Hancom's numbers in boxes: 1 to 9, then the left halves of tens (1 to 9) and their right halves (0 to 9). Set apart:
#: they number what follows, and are no part of a figure in it.
_BOXED = {
    **{0xF02B0 + digit: f" {digit} " for digit in range(1, 10)},
    **{0xF02B9 + digit: f" {digit}" for digit in range(1, 10)},
    **{0xF02C3 + digit: f"{digit} " for digit in range(10)},
}
#: Letters and marks that show nothing: fillers of Hangul and Braille take room, selectors of a form do not.
_BLANK = {"\u3164", "\uffa0", "\u2800"}
_SELECTORS = {
    "\u034f", *(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0x180B, 0x180F), *range(0xE0100, 0xE01F0)))
}  # fmt: skip
#: Words struck out letter by letter, with a line that combines with each.
_OVERLAID = re.compile("(?:[^\\n][\u0300-\u0334\u1160-\u11ff]*[\u0335\u0336]+){2,}")

#: A paragraph that opens like this is a warning box, whatever the format calls it.
_WARNING = re.compile(
    r"^\W{0,3}(?:위험|경고|주의|주의\s?사항|안전\s?수칙|danger|warning|caution)\s*[:：!\]】)]", re.IGNORECASE
)


class _Kept(dict[int, str]):
    """What becomes of each character, found out once: for `str.translate`."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char == "\n" or category in ("Zl", "Zp"):
            kept = "\n"
        elif category == "Zs" or char in "\t\r\x0b\x0c\x85" or char in _BLANK or code >= _PRIVATE:
            kept = " "
        else:
            kept = "" if category in ("Cc", "Cf", "Cs", "Cn") or char in _SELECTORS else char
        self[code] = kept
        return kept


_KEPT = _Kept(UNNAMED | _BOXED)


def clean(text: str, keep_lines: bool = False) -> str:
    """Normalise to NFC, drop control and invisible characters, collapse white space.

    `keep_lines` keeps line breaks and indentation (for code). Soft hyphens, zero-width spaces, surrogates and
    noncharacters are dropped; zero-width joiners are too, as neither Korean nor English needs them. So are words
    struck out with combining lines.
    """
    if not (text.isascii() and text.isprintable()):
        if "\u0336" in text or "\u0335" in text:
            text = _OVERLAID.sub("", text)
        text = unicodedata.normalize("NFC", text.translate(_KEPT))
    if keep_lines:
        return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return " ".join(text.split())


def is_warning(text: str) -> bool:
    """Whether the text opens with a word such as 경고 or WARNING and a mark after it."""
    return bool(_WARNING.match(text))


class DraftBuilder:
    """Composes the stored text block by block.

    Blocks are separated by an empty line, rows of one table and items of one list by a line break. Blank
    blocks are ignored. `page` counts from 1 and is None where the format has no pages; `boxes` are the places of
    the block's lines.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []
        self._path: tuple[str, ...] = ()

    @property
    def first_heading(self) -> str:
        """Text of the first heading, or an empty string."""
        for block in self._blocks:
            if block.kind == "heading":
                return block.heading_path[-1]
        return ""

    @property
    def level(self) -> int:
        """Level of the section that is open, 0 where there is none."""
        return self._headings[-1][0] if self._headings else 0

    def heading(self, level: int, text: str, page: int | None = None, boxes: tuple[Box, ...] = ()) -> None:
        """A heading; `level` counts from 1 (outermost). Closes headings of the same or a deeper level."""
        text = clean(text)
        if not text:
            return
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, text))
        self._path = tuple(heading for _, heading in self._headings)
        self._add("heading", text, page, boxes=boxes)

    def end_section(self, level: int) -> None:
        """End the sections of this level and deeper: what follows stands under the headings above them."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._path = tuple(heading for _, heading in self._headings)

    def paragraph(
        self, text: str, page: int | None = None, boxes: tuple[Box, ...] = (), turns: Sequence[tuple[str, int]] = ()
    ) -> None:
        """A paragraph; one that opens with a warning word becomes a quote.

        `turns`: for each later page that it runs over to, the rest of the text from there on, and the page.
        """
        text = clean(text)
        self._add("quote" if is_warning(text) else "paragraph", text, page, boxes=boxes, turns=turns)

    def quote(self, text: str, page: int | None = None, boxes: tuple[Box, ...] = ()) -> None:
        """A block quotation or warning box."""
        self._add("quote", clean(text), page, boxes=boxes)

    def code(self, text: str, page: int | None = None) -> None:
        """Preformatted text: line breaks and indentation stay."""
        self._add("code", clean(text, keep_lines=True), page)

    def list_item(
        self,
        text: str,
        page: int | None = None,
        marker: str = "",
        depth: int = 0,
        boxes: tuple[Box, ...] = (),
        turns: Sequence[tuple[str, int]] = (),
    ) -> None:
        """A list item. `marker` ("3.", "-") is stored before the text; `depth` 0 is the outermost list.

        `turns` as for `paragraph`.
        """
        text = clean(text)
        if text:
            self._add("list_item", clean(f"{marker} {text}"), page, indent="  " * depth, boxes=boxes, turns=turns)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        page: int | None = None,
        continues: bool = False,
        boxes: Sequence[tuple[Box, ...]] = (),
    ) -> None:
        """A table, one block per row, cells joined by " | " so that each row has as many cells as the header.

        `header` may be empty. `continues` marks the rest of a table of an earlier page: its header row is
        known to the rows but not stored again. Rows without any text are ignored. `boxes`: for each row stored
        here, the header first, the places of its lines.
        """
        header_text = self._row(header)
        places = iter(boxes)
        if header_text and not continues:
            self._add("table_row", header_text, page, boxes=next(places, ()))
        for row in rows:
            self._add("table_row", self._row(row), page, table_header=header_text, boxes=next(places, ()))

    def part(self, name: str, draft: Draft) -> None:
        """A document inside this one (an attachment, a member of an archive) below a heading with its name.

        Its boxes are left out: they are places on pages of another file.
        """
        self.heading(1, name)
        if not draft.blocks:
            return
        gap = "\n\n" if self._blocks else ""
        base = self._length + len(gap)
        self._parts += [gap, draft.text]
        self._length = base + len(draft.text)
        for block in draft.blocks:
            path = self._path + block.heading_path
            self._blocks.append(
                replace(block, start=base + block.start, end=base + block.end, heading_path=path, boxes=(), turns=())
            )

    def build(self, metadata: Mapping[str, Any] | None = None) -> Draft:
        """The finished draft. A builder without blocks gives an empty draft; the caller refuses that."""
        return Draft("".join(self._parts), tuple(self._blocks), dict(metadata or {}))

    @staticmethod
    def _row(cells: Sequence[str]) -> str:
        cleaned = [clean(cell) for cell in cells]
        return line_of(cleaned) if any(cleaned) else ""

    def _add(
        self,
        kind: BlockKind,
        text: str,
        page: int | None,
        table_header: str = "",
        indent: str = "",
        boxes: tuple[Box, ...] = (),
        turns: Sequence[tuple[str, int]] = (),
    ) -> None:
        if not text.strip():
            return
        gap = self._gap(kind, bool(table_header)) + indent
        start = self._length + len(gap)
        self._parts += [gap, text]
        self._length = start + len(text)
        later = tuple((self._length - len(clean(rest)), number) for rest, number in turns)
        self._blocks.append(Block(kind, start, self._length, self._path, page, table_header, boxes, later))

    def _gap(self, kind: BlockKind, is_body_row: bool) -> str:
        if not self._blocks:
            return ""
        before = self._blocks[-1].kind
        same_list = kind == before == "list_item"
        return "\n" if same_list or (before == "table_row" and is_body_row) else "\n\n"
