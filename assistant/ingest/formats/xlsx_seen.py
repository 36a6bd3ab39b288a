"""An Excel workbook as a person sees it, before dochan reads it.

Hidden rows and columns go, and the rest moves up, so that no gap cuts a table in two; so do struck-out and unreadable
cells, defined names and comments. Formulas are taken out, so that their last results remain; those without a result are
counted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx import parsed, replaced, serialised
from assistant.ingest.formats.office_runs import alternative
from assistant.ingest.formats.pptx_seen import seen_text
from assistant.ingest.formats.xlsx_looks import Looks, name_formats, rewrite_strings

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA = re.compile(rb"<((?:\w+:)?)f(?:\s[^>]*?)?(?:/>|>.*?</\1f>)", re.DOTALL)
#: A cell with a formula and without a result.
_NO_RESULT = re.compile(
    rb"<((?:\w+:)?)c\s([^>]*)>\s*<\1f(?:\s[^>]*?)?(?:/>|>[^<]*</\1f>)\s*(?:<\1v\s*/>\s*)?</\1c>", re.DOTALL
)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ZERO = re.compile(r"0(?:\.0+)?")
_HIDES = re.compile(rb'\b(?:hidden|zeroHeight)="(?:1|true)"|\b(?:width|ht)="0(?:\.0+)?"')
_STYLED = re.compile(rb'\bs="(\d+)"')
_PAGE_CODE = re.compile(r"&[PN](?:[+-]\d+)?")
#: Codes of headers and footers: text of size 1 or 2, fonts, sizes, colours, styles, fields for the file and the time.
_CODE = re.compile(r'&[12](?!\d)[^&]*|&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3}|[BIUESXYOHDTFAZG])')
#: Larger sheets are not taken apart (bytes): it would cost ten times their size in memory.
_LARGEST = 120 * 2**20


def as_seen(content: bytes) -> tuple[bytes, int]:
    """The workbook with what a person sees of it, and how many formulas have no result."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            changed = {
                name: data
                for name, change in _PARTS.items()
                if name in names and (data := _changed(archive.read(name), change)) is not None
            }
            styles = parsed(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else None
            looks = Looks.of(styles) if styles is not None else Looks()
            strings = parsed(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else None
            missing = 0
            for name in names:
                if _SHEET.fullmatch(name):
                    data = archive.read(name)
                    missing += len(_NO_RESULT.findall(data))
                    changed[name] = _FORMULA.sub(b"", _sheet(data, looks, strings))
                elif name.startswith("xl/worksheets/_rels/"):
                    changed[name] = _changed(archive.read(name), _without_comments) or archive.read(name)
                elif name.startswith("xl/drawings/") and name.endswith(".xml"):
                    changed[name] = _changed(archive.read(name), _describe) or archive.read(name)
                elif name.endswith(".vml"):
                    changed[name] = _changed(archive.read(name), _ticks) or archive.read(name)
    except Exception:  # noqa: BLE001 - a damaged container may raise anything; dochan says what is wrong with it
        return content, 0
    return replaced(content, changed), missing


def _changed(data: bytes, change: Callable[[Node], bool]) -> bytes | None:
    root = parsed(data)
    return serialised(root) if root is not None and change(root) else None


def _without_names(workbook: Node) -> bool:
    names = [*workbook.iterchildren("{*}definedNames")]
    for each in names:
        workbook.remove(each)
    return bool(names)


def _without_comments(links: Node) -> bool:
    found = [link for link in links if link.get("Type", "").rpartition("/")[2] in ("comments", "threadedComment")]
    for link in found:
        links.remove(link)
    return bool(found)


_PARTS: dict[str, Callable[[Node], bool]] = {
    "xl/workbook.xml": _without_names,
    "xl/styles.xml": name_formats,
    "xl/sharedStrings.xml": rewrite_strings,
}


def _ticks(drawing: Node) -> bool:
    """Write a box before the label of a check box or option button."""
    changed = False
    for control in drawing.iter("{*}ClientData"):
        shape = control.getparent()
        if control.get("ObjectType") not in ("Checkbox", "Radio") or shape is None:
            continue
        checked = control.find("{*}Checked")
        box = "☑" if checked is not None and (checked.text or "").strip() == "1" else "☐"
        label = next((node for node in shape.iter() if isinstance(node.tag, str) and (node.text or "").strip()
                      and control not in (node, *node.iterancestors())), None)  # fmt: skip
        if label is not None:
            label.text = f"{box} {(label.text or '').strip()}"
            changed = True
    return changed


def _sheet(data: bytes, looks: Looks, strings: Node | None) -> bytes:
    """One sheet; taken apart only where something may have to go."""
    unseen = looks.struck | looks.tiny | looks.white
    styled = bool(unseen) and any(int(at) in unseen for at in set(_STYLED.findall(data)))
    if len(data) > _LARGEST or not (
        styled or _HIDES.search(data) or b"headerFooter" in data or b"<is>" in data or b":is>" in data
    ):
        return data
    root = parsed(data)
    if root is None:
        return data
    rewrite_strings(root)
    _page_numbers(root)
    hidden = looks.unseen(root)
    for cell in root.iter("{*}c"):
        if cell.get("s", "").isdecimal() and int(cell.get("s", "0")) in hidden:
            kept = _not_struck(cell, strings)
            for child in [*cell]:
                cell.remove(child)
            if kept:
                space = cell.tag.removesuffix("c")
                inline, text = (cell.makeelement(f"{space}{name}", None, None) for name in ("is", "t"))
                text.text = kept
                inline.append(text)
                cell.append(inline)
                cell.set("t", "inlineStr")
    _Grid.of(root).close_up(root)
    return serialised(root)


def _not_struck(cell: Node, strings: Node | None) -> str:
    """What rich text in a struck-out cell says in runs that are not struck out."""
    value = cell.findtext("{*}v") or ""
    if cell.get("t") != "s" or strings is None or not value.isdecimal() or int(value) >= len(strings):
        return ""
    kept = []
    for run in strings[int(value)].iterchildren("{*}r"):
        look = run.find("{*}rPr")
        if look is not None and look.find("{*}strike") is None and look.find("{*}rFont") is not None:
            kept.append("".join(text.text or "" for text in run.iterchildren("{*}t")))
    return "".join(kept)


def _page_numbers(root: Node) -> None:
    """Leave the words of what is printed above and below a sheet: no codes, and no third that only counts pages."""
    for group in root.iterchildren("{*}headerFooter"):
        for part in group:
            thirds = re.split(r"(?=&[LCR])", part.text or "")
            part.text = "".join(third[:2] + _CODE.sub("", third[2:]) for third in thirds if not _counts_pages(third))


def _counts_pages(third: str) -> bool:
    words = _CODE.sub("", _PAGE_CODE.sub("", third))
    return bool(_PAGE_CODE.search(third)) and not re.search(r"\d", words)


def _describe(drawing: Node) -> bool:
    """Leave of a picture's names only a description that a person wrote, and of a text box what is seen."""
    for name in drawing.iter("{*}cNvPr"):
        for attribute in ("descr", "title"):
            name.set(attribute, alternative(name.get(attribute, "")).strip(" []"))
        name.set("name", "")
    for run in drawing.iter("{*}r"):
        look = run.find("{*}rPr")
        for text in run.iterchildren("{*}t") if look is not None else ():
            text.text = seen_text(text.text or "", look)
    return True


@dataclass
class _Grid:
    """The hidden rows and columns of a sheet (from 1)."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, root: Node) -> _Grid:
        """Find what is hidden; rows that the sheet hides by default have no cells of their own that are shown."""
        grid = cls()
        for column in root.iter("{*}col"):
            if column.get("hidden") in ("1", "true") or _ZERO.fullmatch(column.get("width", "")):
                first, last = int(column.get("min", "1")), int(column.get("max", "1"))
                grid.columns.update(range(first, min(last, 16_384) + 1))
        by_default = any(
            form.get("zeroHeight") in ("1", "true") for form in root.iterchildren("{*}sheetFormatPr")
        )  # fmt: skip
        at = 0
        for row in root.iter("{*}row"):
            at = int(row.get("r", at + 1))
            unset = row.get("hidden") is None and row.get("ht") is None
            flat = _ZERO.fullmatch(row.get("ht", "")) is not None
            if row.get("hidden") in ("1", "true") or flat or (by_default and unset):
                grid.rows.add(at)
        return grid

    def close_up(self, root: Node) -> None:
        """Take hidden rows and columns out and move the rest up."""
        if not (self.rows or self.columns):
            return
        rows, columns = sorted(self.rows), sorted(self.columns)
        at = 0
        for row in list(root.iter("{*}row")):
            at = int(row.get("r", at + 1))
            parent = row.getparent()
            if at in self.rows and parent is not None:
                parent.remove(row)
                continue
            number = at - _before(rows, at)
            row.set("r", str(number))
            column = 0
            for cell in list(row.iterchildren("{*}c")):
                found = _REFERENCE.fullmatch(cell.get("r", ""))
                column = _column(found[1]) if found else column + 1
                if column in self.columns:
                    row.remove(cell)
                else:
                    cell.set("r", f"{_letters(column - _before(columns, column))}{number}")
        for merge in list(root.iter("{*}mergeCell", "{*}hyperlink")):
            moved = self._moved(merge.get("ref", ""), rows, columns)
            parent = merge.getparent()
            if moved:
                merge.set("ref", moved)
            elif parent is not None:
                parent.remove(merge)

    def _moved(self, reference: str, rows: list[int], columns: list[int]) -> str:
        """A range without what is hidden in it; nothing if all of it is."""
        corners = _REFERENCE.findall(reference)
        if not corners:
            return ""
        (left, top), (right, bottom) = corners[0], corners[-1]
        first, last = _column(left), _column(right)
        highest, lowest = int(top), int(bottom)
        while first <= last and first in self.columns:
            first += 1
        while highest <= lowest and highest in self.rows:
            highest += 1
        if first > last or highest > lowest:
            return ""
        start = f"{_letters(first - _before(columns, first))}{highest - _before(rows, highest)}"
        end = f"{_letters(last - _before(columns, last + 1))}{lowest - _before(rows, lowest + 1)}"
        return f"{start}:{end}" if ":" in reference else start


def _before(hidden: list[int], at: int) -> int:
    from bisect import bisect_left

    return bisect_left(hidden, at)


def _column(letters: str) -> int:
    found = 0
    for letter in letters:
        found = 26 * found + ord(letter) - ord("A") + 1
    return found


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
