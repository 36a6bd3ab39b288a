"""What the styles of an Excel workbook say: which cells nobody can read, and the formats of numbers by their codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_styles import is_white
from assistant.ingest.formats.raised import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

#: Formats that Excel knows by code only and dochan does not: without them a date is shown as 46054. Source: ECMA-376
#: part 1, 18.8.30, with the Korean formats.
_BY_CODE = {
    **dict.fromkeys((27, 36, 50, 57), 'yyyy"年" mm"月" dd"日"'),
    **dict.fromkeys((28, 29, 51, 54, 58), "mm-dd"),
    **dict.fromkeys((34, 35, 52, 53, 55, 56), "yyyy-mm-dd"),
    30: "mm-dd-yy",
    31: 'yyyy"년" mm"월" dd"일"',
    32: 'h"시" mm"분"',
    33: 'h"시" mm"분" ss"초"',
    41: '#,##0;-#,##0;"-"',
    42: '"₩"#,##0;-"₩"#,##0;"-"',
    43: '#,##0.00;-#,##0.00;"-"',
    44: '"₩"#,##0.00;-"₩"#,##0.00;"-"',
}
#: Points: smaller text cannot be read.
_TINY = 2.0
_WHITE_INDEXES = ("1", "9")
_OFF = ("0", "false", "none")


@dataclass
class Looks:
    """The cell styles of a workbook, by their index."""

    struck: set[int] = field(default_factory=set)
    tiny: set[int] = field(default_factory=set)
    white: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, styles: Node) -> Looks:
        """Read xl/styles.xml."""
        found = cls()
        fonts = [font for group in styles.iterchildren("{*}fonts") for font in group.iterchildren("{*}font")]
        fills = [fill for group in styles.iterchildren("{*}fills") for fill in group.iterchildren("{*}fill")]
        for group in styles.iterchildren("{*}cellXfs"):
            for at, form in enumerate(group.iterchildren("{*}xf")):
                font = _pick(fonts, form.get("fontId"))
                if font is None:
                    continue
                if is_on(font, "strike"):
                    found.struck.add(at)
                size = font.find("{*}sz")
                if size is not None and _number(size.get("val", "")) <= _TINY:
                    found.tiny.add(at)
                if _is_white(font.find("{*}color")) and not _is_filled(_pick(fills, form.get("fillId"))):
                    found.white.add(at)
        return found

    def unseen(self, sheet: Node) -> set[int]:
        """Styles whose cells nobody can read in a sheet. One with tables or conditions may have any ground."""
        colored = any(True for _ in sheet.iterchildren("{*}conditionalFormatting", "{*}tableParts", "{*}picture"))
        return self.struck | self.tiny | (set() if colored else self.white)


def name_formats(styles: Node) -> bool:
    """Write out the formats of numbers that are known by code only, and zeros for the places behind one."""
    groups = [*styles.iterchildren("{*}numFmts")]
    changed = False
    for form in (each for group in groups for each in group):
        code = form.get("formatCode", "")
        form.set("formatCode", _with_zeros(code))
        changed = changed or form.get("formatCode") != code
    named = {each.get("numFmtId") for group in groups for each in group}
    used = {form.get("numFmtId", "") for group in styles.iterchildren("{*}cellXfs") for form in group}
    missing = [code for code in _BY_CODE if str(code) in used and str(code) not in named]
    if not missing:
        return changed
    space = styles.tag.removesuffix("styleSheet")
    if not groups:
        group = styles.makeelement(f"{space}numFmts", None, None)
        styles.insert(0, group)
        groups = [group]
    for code in missing:
        form = styles.makeelement(f"{space}numFmt", None, None)
        form.set("numFmtId", str(code))
        form.set("formatCode", _BY_CODE[code])
        groups[0].append(form)
    return True


def _with_zeros(code: str) -> str:
    """The format as Excel counts its places: a # behind a 0 is a 0 (dochan makes 1.1 of 1.01)."""
    shown, zero, literal, skipped = "", False, False, False
    for char in code:
        if skipped:
            skipped = False
        elif char == '"':
            literal = not literal
        elif not literal:
            skipped = char in "\\_*"
            if char in ".;" or char.isspace():
                zero = False
            elif char == "0" and "." not in shown.rpartition(";")[2].replace("\\.", ""):
                zero = True
            elif char == "#" and zero:
                char = "0"
        shown += char
    return shown


def rewrite_strings(root: Node) -> bool:
    """Take struck-out runs and readings out of rich text, and set raised figures apart; whether anything changed."""
    changed = False
    for reading in list(root.iter("{*}rPh")):
        parent = reading.getparent()
        if parent is not None:
            parent.remove(reading)
            changed = True
    for run in list(root.iter("{*}r")):
        look = run.find("{*}rPr")
        if look is None:
            continue
        place = look.find("{*}vertAlign")
        raise_ = place.get("val") if place is not None else ""
        for text in run.iterchildren("{*}t"):
            before = text.text or ""
            if is_on(look, "strike"):
                text.text = ""
            elif raise_ == "superscript":
                text.text = raised(before)
            elif raise_ == "subscript":
                text.text = lowered(before)
            changed = changed or text.text != before
    return changed


def is_on(properties: Node, name: str) -> bool:
    """Whether a property is set and not switched off."""
    found = properties.find(f"{{*}}{name}")
    return found is not None and found.get("val", "1").lower() not in _OFF


def _pick(nodes: list[Node], index: str | None) -> Node | None:
    return nodes[int(index)] if index and index.isdecimal() and int(index) < len(nodes) else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 10.0


def _is_white(color: Node | None) -> bool:
    if color is None:
        return False
    if color.get("theme") is not None:
        return color.get("theme") == "0" and _number(color.get("tint", "0")) == 0
    return color.get("indexed") in _WHITE_INDEXES or is_white(color.get("rgb", "")[-6:])


def _is_filled(fill: Node | None) -> bool:
    if fill is None or len(fill) == 0:
        return False
    pattern = fill.find("{*}patternFill")
    if pattern is None:
        return True  # a gradient
    if pattern.get("patternType", "none") == "none":
        return False
    return pattern.get("patternType") != "solid" or not _is_white(pattern.find("{*}fgColor"))
