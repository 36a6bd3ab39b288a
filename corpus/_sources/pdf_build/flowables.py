"""Blocks become reportlab flowables.

A warning stays on the page of the step it guards; a table that breaks repeats its head.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape

from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    LongTable,
    Spacer,
    TableStyle,
    XPreformatted,
)
from reportlab.platypus import PageBreak as PageBreakFlowable
from reportlab.platypus import Paragraph as ParagraphFlowable
from reportlab.platypus.tableofcontents import TableOfContents

from . import blocks, styles
from .figure import figure_flowables, figure_height
from .fonts import check_glyphs

TAGS = re.compile(r"<[^>]+>")
# Points that must be free for a block to start on the page, else it starts on the next one. This is
# used in place of keepWithNext, which would move a whole table with its heading.
ROOM_FOR_TABLE = 95
ROOM_FOR_CHAPTER = 230
ROOM_FOR_HEADING = 30
ROOM_FOR_NOTICE = 110
ROOM_FOR_TEXT = 36
STARTS_WITH_ROOM = (blocks.Heading, blocks.Table, blocks.Figure)
NARROWEST_COLUMN = 0.08


class _NoticeFlowable(ParagraphFlowable):
    """A paragraph with a thick bar at its left; the bar is a line, so it never reads as a table."""

    def __init__(self, block: blocks.Notice) -> None:
        style = styles.notice_style(block.kind)
        style.leftIndent, style.rightIndent = 14, 6
        style.spaceBefore, style.spaceAfter, style.keepWithNext = 5, 8, 1
        super().__init__(block.markup, style)
        self._colour = styles.NOTICE_COLOURS[block.kind]

    def draw(self) -> None:
        """Draw the bar, then the text."""
        canvas = self.canv
        canvas.saveState()
        canvas.setStrokeColor(self._colour)
        canvas.setLineWidth(3)
        canvas.line(4, -2, 4, self.height + 1)
        canvas.restoreState()
        super().draw()


def _heading(block: blocks.Heading) -> ParagraphFlowable:
    flowable = ParagraphFlowable(block.markup, styles.HEADINGS[min(block.level, 4)])
    flowable.heading_level = block.level
    return flowable


def _plain(markup: str) -> str:
    return unescape(TAGS.sub("", markup))


def _text_width(text: str) -> float:
    """Width in Latin letters; a Hangul syllable takes about twice as much."""
    return sum(1.9 if ord(char) > 0x1100 else 1.0 for char in text)


def _column_widths(block: blocks.Table) -> list[float]:
    """Column widths in points: the shares given, else by the square root of the text in each."""
    shares = list(block.widths)
    for column in [] if shares else zip(block.header, *block.rows, strict=True):
        cells = [_plain(cell) for cell in column]
        widths = [_text_width(cell) for cell in cells]
        longest_word = max(_text_width(word) for cell in cells for word in cell.split() or [""])
        average = sum(widths) / len(widths)
        shares.append(max(average**0.5 * 2.2, longest_word * 0.62, max(widths) ** 0.5 * 1.4))
    total = sum(shares)
    floor = max(total * NARROWEST_COLUMN, 0.001)
    shares = [max(share, floor) for share in shares]
    return [styles.TEXT_WIDTH * share / sum(shares) for share in shares]


def _table(block: blocks.Table) -> list[Flowable]:
    head = [f"<b>{cell}</b>" if cell else "" for cell in block.header]
    data = [[ParagraphFlowable(cell, styles.CELL_HEAD) for cell in head]]
    data += [[ParagraphFlowable(cell, styles.CELL) for cell in row] for row in block.rows]
    table = LongTable(data, colWidths=_column_widths(block), repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, styles.RULE),
                ("BACKGROUND", (0, 0), (-1, 0), styles.HEAD_FILL),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("NOSPLIT", (0, 0), (-1, 1)),
            ]
        )
    )
    caption = [ParagraphFlowable(block.caption, styles.CAPTION)] if block.caption else []
    return [*caption, table, Spacer(1, 9)]


def _cover(block: blocks.Cover) -> list[Flowable]:
    rows = [
        [ParagraphFlowable(name, styles.CELL_HEAD), ParagraphFlowable(value, styles.CELL)] for name, value in block.rows
    ]
    table = LongTable(rows, colWidths=[150, styles.TEXT_WIDTH - 150], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, styles.RULE),
                ("BACKGROUND", (0, 0), (0, -1), styles.HEAD_FILL),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
            ]
        )
    )
    return [
        Spacer(1, 90),
        ParagraphFlowable(block.mark, styles.COVER_MARK),
        ParagraphFlowable(block.title, styles.COVER_TITLE),
        ParagraphFlowable(block.subtitle, styles.COVER_SUBTITLE),
        table,
        Spacer(1, 20),
        *(ParagraphFlowable(remark, styles.COVER_REMARK) for remark in block.remarks),
        PageBreakFlowable(),
    ]


def _contents(block: blocks.Contents) -> list[Flowable]:
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("TOP", "BOTTOM", "LEFT", "RIGHT")]
    contents = TableOfContents(levelStyles=styles.CONTENTS_LEVELS, dotsMinLevel=0, tableStyle=TableStyle(padding))
    return [ParagraphFlowable(block.title, styles.CONTENTS_TITLE), contents, PageBreakFlowable()]


def _item(markup: str, mark: str, depth: int) -> ParagraphFlowable:
    return ParagraphFlowable(markup, styles.list_style(depth), bulletText=mark)


def _one(block: blocks.Block) -> list[Flowable]:
    match block:
        case blocks.Heading():
            return [_heading(block)]
        case blocks.Paragraph():
            return [ParagraphFlowable(block.markup, styles.BODY)]
        case blocks.Bullet():
            return [_item(block.markup, "•" if block.depth == 0 else "–", block.depth)]
        case blocks.Step():
            return [_item(block.markup, f"{block.number}.", block.depth)]
        case blocks.Notice():
            return [_NoticeFlowable(block)]
        case blocks.Code():
            return [XPreformatted(block.text, styles.CODE)]
        case blocks.Table():
            return _table(block)
        case blocks.Figure():
            return figure_flowables(block)
        case blocks.Cover():
            return _cover(block)
        case blocks.Contents():
            return _contents(block)
        case blocks.PageBreak():
            return [PageBreakFlowable()]


def _texts(block: blocks.Block) -> Iterable[str]:
    match block:
        case blocks.Table():
            yield block.caption
            yield from block.header
            for row in block.rows:
                yield from row
        case blocks.Cover():
            yield from (block.title, block.subtitle, block.mark, *block.remarks)
            yield from (cell for row in block.rows for cell in row)
        case blocks.Figure():
            yield block.caption
            yield from (str(part) for shape in block.shapes for part in shape)
        case blocks.Code():
            yield block.text
        case blocks.Contents():
            yield block.title
        case blocks.PageBreak():
            return
        case _:
            yield block.markup


def _room(following: Sequence[blocks.Block]) -> float:
    """Points that the first of ``following`` needs together with what it may not be torn from."""
    match following:
        case [blocks.Heading(level=1), *_]:
            return ROOM_FOR_CHAPTER
        case [blocks.Heading(), blocks.Paragraph(), blocks.Figure() as figure, *_]:
            return ROOM_FOR_HEADING + 2 * ROOM_FOR_TEXT + figure_height(figure)
        case [blocks.Heading(), *rest]:
            return ROOM_FOR_HEADING + _room(rest)
        case [blocks.Table(), *_]:
            return ROOM_FOR_TABLE
        case [blocks.Figure() as figure, *_]:
            return figure_height(figure)
        case [blocks.Notice(), *_]:
            return ROOM_FOR_NOTICE
        case _:
            return ROOM_FOR_TEXT


def to_flowables(document: Sequence[blocks.Block], where: str) -> list[Flowable]:
    """Turn the blocks of one document into flowables, in order.

    Raises SourceError, which names ``where``, when the fonts cannot draw a character.
    """
    check_glyphs("".join(_plain(text) for block in document for text in _texts(block)), where)
    flowables: list[Flowable] = []
    for position, block in enumerate(document):
        after_heading = position > 0 and isinstance(document[position - 1], blocks.Heading)
        if isinstance(block, STARTS_WITH_ROOM) and not after_heading:
            flowables.append(CondPageBreak(_room(document[position : position + 3])))
        flowables += _one(block)
    return flowables
