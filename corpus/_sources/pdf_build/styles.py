"""Sizes, colours and paragraph styles. Headings are clearly larger than text, level by level."""

from __future__ import annotations

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from .blocks import NoticeKind
from .fonts import BOLD, REGULAR

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN_SIDE = 20 * mm
MARGIN_TOP = 26 * mm
MARGIN_BOTTOM = 22 * mm
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN_SIDE

INK = HexColor("#1c2430")
QUIET = HexColor("#5b6675")
RULE = HexColor("#8a94a3")
ACCENT = HexColor("#0b4f8a")
HEAD_FILL = HexColor("#e6edf5")

NOTICE_COLOURS: dict[NoticeKind, Color] = {
    "danger": HexColor("#b3121d"),
    "warning": HexColor("#c25700"),
    "caution": HexColor("#8a6d00"),
    "note": ACCENT,
    "quote": QUIET,
}


def _style(name: str, size: float, leading: float, bold: bool = False, **more: object) -> ParagraphStyle:
    settings: dict[str, object] = {
        "fontName": BOLD if bold else REGULAR,
        "fontSize": size,
        "leading": leading,
        "textColor": INK,
        "alignment": TA_LEFT,
        "allowWidows": 0,
        "allowOrphans": 0,
        # A word that is longer than its cell is cut rather than drawn over the rule.
        "splitLongWords": 1,
    }
    settings.update(more)
    return ParagraphStyle(name, **settings)


BODY = _style("body", 9.8, 14.7, spaceAfter=5)
HEADINGS: dict[int, ParagraphStyle] = {
    1: _style("heading1", 19, 25, True, spaceBefore=20, spaceAfter=8, textColor=ACCENT),
    2: _style("heading2", 14, 19, True, spaceBefore=11, spaceAfter=6),
    3: _style("heading3", 11.8, 16, True, spaceBefore=9, spaceAfter=4),
    4: _style("heading4", 10.6, 15, True, spaceBefore=7, spaceAfter=3),
}
CELL = _style("cell", 8.6, 11.8)
CELL_HEAD = _style("cellhead", 8.6, 11.8, True)
CAPTION = _style("caption", 8.8, 13, True, spaceBefore=6, spaceAfter=4)
FIGURE_CAPTION = _style("figurecaption", 8.8, 13, True, spaceBefore=3, spaceAfter=9)
CODE = _style("code", 8.6, 12.4, leftIndent=10, spaceBefore=3, spaceAfter=7)
COVER_TITLE = _style("covertitle", 30, 39, True, textColor=ACCENT, spaceAfter=8)
COVER_SUBTITLE = _style("coversubtitle", 16, 23, spaceAfter=26)
COVER_MARK = _style("covermark", 15, 22, True, textColor=NOTICE_COLOURS["danger"], spaceAfter=60)
COVER_REMARK = _style("coverremark", 9.4, 14.6, textColor=QUIET, spaceBefore=6)
CONTENTS_TITLE = _style("contentstitle", 19, 25, True, textColor=ACCENT, spaceAfter=12)
CONTENTS_LEVELS = [
    _style("contents1", 9.4, 12.2, True, spaceBefore=2),
    _style("contents2", 8.6, 11.0, leftIndent=14),
]


def list_style(depth: int) -> ParagraphStyle:
    """Style of a list item at ``depth`` (0 is the outermost)."""
    indent = 18 + 16 * depth
    return _style(
        f"list{depth}",
        9.8,
        15.2,
        leftIndent=indent,
        bulletIndent=indent - 15,
        spaceAfter=3.5,
        bulletFontName=REGULAR,
        bulletFontSize=9.8,
    )


def notice_style(kind: NoticeKind) -> ParagraphStyle:
    """Style of the text of a notice."""
    return _style(f"notice-{kind}", 9.8, 15)
