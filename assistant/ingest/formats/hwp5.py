"""HWP 5 through dochan, with what its reader leaves out: list numbers, and what is white on white or too small.

dochan offers no seam for its parsers, so its method is bound to ours, which add to theirs. Record layouts:
"한글 문서 파일 구조 5.0" (Hancom), tables 25 (border and fill), 33 (characters), 40 to 44 (lists), 46 (paragraphs).
Imported only where an HWP file is read: dochan is large.
"""

from __future__ import annotations

import dataclasses
import struct
import types
from typing import Any

from dochan import Dochan
from dochan import reader as dochan_reader
from dochan.control_char import get_advance_bytes
from dochan.hwp.doc_info import DocInfoParser
from dochan.hwp.section import SectionParser

from assistant.ingest.formats.docx_styles import is_white
from assistant.ingest.formats.hwp_lists import DEEPEST, FORMS, RAISED_BY, Numbering, bullet, marker

_BORDER_FILL, _CHAR_SHAPE, _NUMBERING, _BULLET, _PARA_SHAPE = 20, 21, 23, 24, 25
_TEXT, _CONTROL, _TABLE, _PAGE_BORDER = 67, 71, 77, 75
_COUNTED_CODE = 18
_SECTION, _COUNTED = b"dces", b"onta"
#: Kinds of numbers that stand in captions: of pictures, tables, equations.
_CAPTIONS = (3, 4, 5)
_OUTLINE, _NUMBER, _BULLETED = 1, 2, 3
#: Text of at most this height (hundredths of a point) cannot be read.
_TINY = 200
#: In the second properties of a paragraph: the box before it is ticked.
_TICKED = 0x80
_FORM_NAMES = list(FORMS.values())


class _DocInfo(DocInfoParser):
    """dochan's parser; the result also knows which backgrounds are coloured, and the lists."""

    def _read_all_records(self, data: bytes) -> Any:
        self._raw = super()._read_all_records(data)
        return self._raw

    def parse_stream(self, stream_data: bytes, is_compressed: bool) -> Any:
        """Parse DocInfo, then what is needed here; a record that is cut short says nothing."""
        found = super().parse_stream(stream_data, is_compressed)
        found.colored, found.numberings, found.bullets, found.lists = set(), {}, {}, {}
        found.checked, found.colored_paragraphs = set(), set()
        counts = {_BORDER_FILL: 0, _NUMBERING: 0, _BULLET: 0, _PARA_SHAPE: -1}
        for tag, data in getattr(self, "_raw", ()):
            if tag not in counts:
                continue
            counts[tag] += 1
            try:
                _keep(found, tag, counts[tag], data)
            except (struct.error, UnicodeDecodeError):
                continue
        looks = [data for tag, data in getattr(self, "_raw", ()) if tag == _CHAR_SHAPE]
        if len(looks) == len(found.char_shapes):
            found.char_shapes = [_placed(*pair) for pair in zip(found.char_shapes, looks, strict=True)]
        found.plain_shapes = found.char_shapes
        found.paper_shapes = [_unseen_on_paper(shape, found.colored) for shape in found.char_shapes]
        return found


def _keep(found: Any, tag: int, number: int, data: bytes) -> None:
    if tag == _BORDER_FILL:
        kind = struct.unpack_from("<I", data, 32)[0]
        if kind & 6 or (kind & 1 and not _is_paper(struct.unpack_from("<I", data, 36)[0])):
            found.colored.add(number)
    elif tag == _NUMBERING:
        found.numberings[number] = Numbering(_levels(data))
    elif tag == _BULLET:
        ticked = data[23:25] if len(data) >= 25 else b""
        found.bullets[number] = (data[12:14].decode("utf-16-le"), ticked.decode("utf-16-le").strip("\0"))
    elif tag == _PARA_SHAPE:
        properties = struct.unpack_from("<I", data, 0)[0]
        _, listed, fill = struct.unpack_from("<HHH", data, 28)
        if fill in found.colored:
            found.colored_paragraphs.add(number)
        found.lists[number] = ((properties >> 23) & 3, listed, min(((properties >> 25) & 7) + 1, DEEPEST))
        if len(data) > 42 and data[42] & _TICKED:
            found.checked.add(number)


def _levels(data: bytes) -> dict[int, tuple[str, str, int]]:
    """Seven levels: properties, three widths, the pattern; then where each starts (at the end of newer records)."""
    levels: dict[int, tuple[str, str, int]] = {}
    at = 0
    for level in range(1, 8):
        properties = struct.unpack_from("<I", data, at)[0]
        length = struct.unpack_from("<H", data, at + 12)[0]
        pattern = data[at + 14 : at + 14 + 2 * length].decode("utf-16-le")
        code = (properties >> 5) & 15
        levels[level] = (_FORM_NAMES[code] if code < len(_FORM_NAMES) else "", pattern, 1)
        at += 14 + 2 * length
    starts = [struct.unpack_from("<H", data, at)[0]] if len(data) >= at + 2 else []
    if len(data) >= at + 2 + 28:
        starts = list(struct.unpack_from("<7I", data, at + 2))
    return {
        level: (form, pattern, starts[level - 1] if level <= len(starts) and 0 < starts[level - 1] < 10_000 else 1)
        for level, (form, pattern, _) in levels.items()
    }


def _is_paper(color: int) -> bool:
    """Whether 0x00BBGGRR is white, or no colour at all."""
    return color == 0xFFFFFFFF or is_white(f"{color & 0xFFFFFF:06x}")


def _placed(shape: Any, data: bytes) -> Any:
    """The shape as raised or lowered where it stands well above or below the line: marks are often made so."""
    place = sorted(struct.unpack_from("<7b", data, 35))[3] if len(data) >= 42 else 0
    if shape.superscript or shape.subscript or abs(place) < RAISED_BY:
        return shape
    return dataclasses.replace(shape, superscript=1) if place < 0 else dataclasses.replace(shape, subscript=1)


def _unseen_on_paper(shape: Any, colored: set[int]) -> Any:
    """The shape as it looks on white: struck out, which is never stored, where nobody could see it."""
    white = is_white(f"{shape.text_color & 0xFFFFFF:06x}") and shape.text_color < 0x1000000
    shaded = not _is_paper(shape.shade_color) and shape.shade_color != 0
    tiny = 0 < shape.base_size <= _TINY
    if (white and not shaded) or tiny:
        return dataclasses.replace(shape, strikeout=1, strikeout_shape=0)
    return shape


class _Section(SectionParser):
    """dochan's parser; it also numbers lists and knows what lies under a text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_color = 0
        self._outline = 0
        self._outlines: dict[int, Numbering] = {}

    def _tree_to_section(self, tree: Any, **kwargs: Any) -> Any:
        pages = [node["record"] for node in _nodes(tree) if node["record"].tag_id == _PAGE_BORDER]
        fills = {struct.unpack_from("<H", page.data, 12)[0] for page in pages if len(page.data) >= 14}
        colored = bool(fills & getattr(self.doc_info, "colored", set()))
        self._on_color += colored
        try:
            return super()._tree_to_section(tree, **kwargs)
        finally:
            self._on_color -= colored

    def _parse_paragraph_group_impl(self, para_node: Any) -> Any:
        for child in para_node["children"]:
            data = child["record"].data
            if child["record"].tag_id == _CONTROL and data[:4] == _SECTION and len(data) >= 20:
                self._outline = struct.unpack_from("<H", data, 18)[0]
        _write_numbers(para_node["children"])
        record = para_node["record"]
        shape = struct.unpack_from("<H", record.data, 8)[0] if len(record.data) >= 10 else -1
        self._paragraph_on_color = shape in getattr(self.doc_info, "colored_paragraphs", ())
        elements = super()._parse_paragraph_group_impl(para_node)
        for element in elements:
            text = element.__dict__.pop("_marker", "")
            if text:
                first = next((run for run in element.runs if run.text.strip()), element.runs[0])
                plain = {"strikeout": False, "superscript": False, "subscript": False, "note_ref": 0, "equation": None}
                element.runs.insert(0, dataclasses.replace(first, text=text, link="", **plain))
        return elements

    def _text_runs(self, text_result: Any, char_shape_data: Any, remaining: int) -> Any:
        info = self.doc_info
        if hasattr(info, "paper_shapes"):
            on_color = self._on_color or self._paragraph_on_color
            info.char_shapes = info.plain_shapes if on_color else info.paper_shapes
        try:
            return super()._text_runs(text_result, char_shape_data, remaining)
        finally:
            if hasattr(info, "plain_shapes"):
                info.char_shapes = info.plain_shapes

    def _detect_heading_level(self, para: Any) -> Any:
        """dochan asks this of each paragraph before it looks into tables and shapes: the place to count."""
        kind, listed, level = getattr(self.doc_info, "lists", {}).get(para.para_shape_id, (0, 0, 1))
        shown = ""
        if kind == _BULLETED:
            plain, ticked = self.doc_info.bullets.get(listed, ("", ""))
            shown = bullet(ticked if ticked and para.para_shape_id in self.doc_info.checked else plain)
        elif kind in (_OUTLINE, _NUMBER):
            numbering = self.doc_info.numberings.get(self._outline if kind == _OUTLINE else listed)
            if kind == _OUTLINE and numbering is not None:  # the outline counts by itself
                numbering = self._outlines.setdefault(self._outline, Numbering(numbering.levels))
            shown = numbering.next(level) if numbering is not None else ""
        para._marker = marker(shown, 1 if kind == _OUTLINE else level)
        return super()._detect_heading_level(para)

    def _parse_table_impl(self, ctrl_node: Any) -> Any:
        record = next(
            (node["record"] for node in _nodes(ctrl_node["children"], 2) if node["record"].tag_id == _TABLE), None
        )
        return self._over(_table_is_colored(record, self.doc_info), super()._parse_table_impl, ctrl_node)

    def _parse_cell_info_impl(self, lh_node: Any) -> Any:
        data = lh_node["record"].data
        fill = struct.unpack_from("<H", data, 32)[0] if len(data) >= 34 else 0
        return self._over(fill in getattr(self.doc_info, "colored", ()), super()._parse_cell_info_impl, lh_node)

    def _parse_image(self, ctrl_node: Any) -> Any:
        return self._over(True, super()._parse_image, ctrl_node)  # a shape may have any colour

    def _over(self, color: bool, parse: Any, node: Any) -> Any:
        self._on_color += color
        try:
            return parse(node)
        finally:
            self._on_color -= color

    @staticmethod
    def _bookmark_name(ctrl_node: Any) -> str:
        return ""  # nobody sees bookmarks


def _write_numbers(children: Any) -> None:
    """Write the numbers of captions ("표 3") into a paragraph's text, in the place of the controls that stand for them.

    A control takes eight characters of the text, and places in it are counted in characters: zeros fill it up.
    """
    numbers = [
        struct.unpack_from("<IH", node["record"].data, 4)
        for node in children
        if node["record"].tag_id == _CONTROL and node["record"].data[:4] == _COUNTED and len(node["record"].data) >= 10
    ]
    for node in children if numbers else ():
        record, at, found = node["record"], 0, iter(numbers)
        text = bytearray(record.data if record.tag_id == _TEXT else b"")
        while at + 16 <= len(text):
            code = int.from_bytes(text[at : at + 2], "little")
            if code == _COUNTED_CODE and text[at + 2 : at + 6] == _COUNTED:
                kind, number = next(found, (0, 0))
                if kind & 15 in _CAPTIONS:
                    text[at : at + 16] = str(number).encode("utf-16-le").ljust(16, b"\0")
            at += get_advance_bytes(code)
        if text:
            record.data = bytes(text)


def _nodes(nodes: Any, depth: int = 3) -> Any:
    """Nodes of a record tree, a few levels deep."""
    for node in nodes:
        yield node
        if depth > 1:
            yield from _nodes(node["children"], depth - 1)


def _table_is_colored(record: Any, info: Any) -> bool:
    """Whether a table has a coloured background, or zones of its own, which are not looked into."""
    if record is None or len(record.data) < 20:
        return False
    rows = struct.unpack_from("<H", record.data, 4)[0]
    at = 18 + 2 * rows
    if len(record.data) < at + 2:
        return False
    zones = struct.unpack_from("<H", record.data, at + 2)[0] if len(record.data) >= at + 4 else 0
    return zones > 0 or struct.unpack_from("<H", record.data, at)[0] in getattr(info, "colored", ())


class Reader(Dochan):
    """dochan's reader of HWP 5 files with the parsers above."""

    _parse_hwp = types.FunctionType(
        Dochan._parse_hwp.__code__,
        {**vars(dochan_reader), "DocInfoParser": _DocInfo, "SectionParser": _Section},
        "_parse_hwp",
        Dochan._parse_hwp.__defaults__,
        Dochan._parse_hwp.__closure__,
    )
