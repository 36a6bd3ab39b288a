"""The lines of a section body become blocks. One line is one block:

``text`` paragraph · ``- text`` item · ``+ text`` numbered step · ``### text`` small heading ·
``!D``, ``!W``, ``!C``, ``!N`` danger, warning, caution, note · ``@table caption``, ``@cols 2 1``
and lines of ``| cell | cell`` a table whose first line is its head · ``@figure`` the layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import blocks
from .errors import SourceError
from .manual_source import Section, Wording

NOTICES: dict[str, tuple[blocks.NoticeKind, str, str]] = {
    "!D": ("danger", "위험", "DANGER"),
    "!W": ("warning", "경고", "WARNING"),
    "!C": ("caution", "주의", "CAUTION"),
    "!N": ("note", "참고", "NOTE"),
}
TABLE_WORD = {"ko": "표", "en": "Table"}
FIGURE_WORD = {"ko": "그림", "en": "Figure"}


def figure_block(wording: Wording, chapter: int) -> blocks.Figure:
    """The layout drawing of the machine with its labels in the language of ``wording``."""
    source: Any = wording.machine.figure
    shapes = tuple(
        (kind, *(wording.text(part) if isinstance(part, str) else part for part in rest))
        for kind, *rest in source["shapes"]
    )
    caption = f"{FIGURE_WORD[wording.language]} {chapter}-1. {wording.sentence(source['caption'])}"
    return blocks.Figure(source["width"], source["height"], shapes, caption)


class BodyReader:
    """Reads the section bodies of one chapter and numbers its tables."""

    def __init__(self, wording: Wording, chapter: int) -> None:
        self._wording = wording
        self._chapter = chapter
        self._tables = 0

    def read(self, section: Section) -> Iterator[blocks.Block]:
        """Yield the blocks of ``section`` below its heading, in order."""
        lines = [self._wording.applies(line.strip()) for line in section.body.splitlines()]
        pending = [line for line in lines if line]
        step = 0
        while pending:
            line = pending.pop(0)
            mark, _, rest = line.partition(" ")
            if mark == "@table":
                yield self._table(rest, pending)
            elif mark == "@figure":
                yield figure_block(self._wording, self._chapter)
            elif mark == "+":
                step += 1
                yield blocks.Step(step, self._wording.sentence(rest))
            elif mark == "-":
                yield blocks.Bullet(self._wording.sentence(rest))
            elif mark == "###":
                step = 0
                yield blocks.Heading(3, self._wording.sentence(rest))
            elif mark in NOTICES:
                kind, korean, english = NOTICES[mark]
                word = korean if self._wording.language == "ko" else english
                yield blocks.Notice(kind, f"<b>{word}:</b> {self._wording.sentence(rest)}")
            elif mark.startswith(("@", "!", "|")):
                raise SourceError(f"{self._wording.machine.folder}: unknown line {line!r}")
            else:
                yield blocks.Paragraph(self._wording.sentence(line))

    def _table(self, caption: str, pending: list[str]) -> blocks.Table:
        self._tables += 1
        widths: tuple[float, ...] = ()
        if pending and pending[0].startswith("@cols "):
            widths = tuple(float(share) for share in pending.pop(0).split()[1:])
        rows: list[tuple[str, ...]] = []
        while pending and pending[0].startswith("|"):
            cells = pending.pop(0)[1:].split(" | ")
            rows.append(tuple(self._wording.text(cell) for cell in cells))
        if len(rows) < 2 or len({len(row) for row in rows}) != 1:
            where = self._wording.machine.folder
            raise SourceError(f"{where}: table {caption!r} needs rows of equal length, got {rows!r}")
        number = f"{TABLE_WORD[self._wording.language]} {self._chapter}-{self._tables}."
        text = f"{number} {self._wording.sentence(caption)}"
        return blocks.Table(rows[0], tuple(rows[1:]), text, widths)
