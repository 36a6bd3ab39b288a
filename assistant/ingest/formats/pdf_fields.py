"""What stands on a PDF page beside its text: form fields with their values and ticks, text boxes, words struck out.

PDFium fills in and reads the fields. What a file holds beyond that (comments, signatures, forms of the XFA kind,
attached files) is named in notes.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.ingest.formats.draft import clean
from assistant.ingest.formats.notes import Note, pages
from assistant.ingest.formats.pdf_chars import Box, Char, Place

if TYPE_CHECKING:
    import pypdfium2

TICKED, EMPTY = "☑", "☐"
#: Flags of an annotation that is not shown: hidden, no view. Flag of a field for passwords.
_HIDDEN, _PASSWORD = 2 | 32, 1 << 13
#: Longest value of a field in UTF-16 units, and most fields of a page.
_LONGEST, _MOST = 20_000, 3_000
#: How far a label may stand from its field (points): beside a text, above it, and beside a box to tick.
_BESIDE, _ABOVE, _NEAR = 260.0, 16.0, 60.0


@dataclass(slots=True)
class Value:
    """A value on a page and its place; `label` is what the file calls it where no label stands near."""

    text: str
    box: Box
    is_tick: bool = False
    label: str = ""


@dataclass(slots=True)
class Beside:
    """What stands on one page beside its text."""

    values: list[Value] = field(default_factory=list)
    struck: list[Box] = field(default_factory=list)


class Fields:
    """Reads the fields and annotations of a document, page by page. To be made before a page is loaded."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        import pypdfium2.raw as raw

        self._raw: Any = raw
        self._document = document
        self._missing: dict[tuple[str, str], list[int]] = {}
        kind = document.get_formtype()
        self._is_xfa = kind in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
        if kind != raw.FORMTYPE_NONE:
            document.init_forms()

    def notes(self) -> list[Note]:
        """What could not be read."""
        found: list[Note] = [
            {"where": pages(numbers), "reason": reason, "hint": hint}
            for (reason, hint), numbers in self._missing.items()
        ]
        if self._is_xfa:
            found.append(
                {
                    "where": "form",
                    "reason": "it is an XFA form, of whose fields only a part is kept as PDF",
                    "hint": "Print the filled form to a new PDF and give that.",
                }
            )
        raw, handle = self._raw, self._document.raw
        for at in range(min(raw.FPDFDoc_GetAttachmentCount(handle), 50)):
            attachment = raw.FPDFDoc_GetAttachment(handle, at)
            name = _string(lambda buffer, size: raw.FPDFAttachment_GetName(attachment, buffer, size))  # noqa: B023
            found.append(
                {
                    "where": name or "attachment",
                    "reason": "files attached to a PDF are not read",
                    "hint": "Save it from the PDF viewer and give it by itself.",
                }
            )
        return found

    def on(self, page: pypdfium2.PdfPage, number: int, place: Place) -> Beside:
        """What stands on the page beside its text."""
        raw, found = self._raw, Beside()
        for at in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)):
            annot = raw.FPDFPage_GetAnnot(page, at)
            if not annot:
                continue
            try:
                if not raw.FPDFAnnot_GetFlags(annot) & _HIDDEN:
                    self._look(found, annot, number, place)
            finally:
                raw.FPDFPage_CloseAnnot(annot)
        return found

    def _look(self, found: Beside, annot: Any, number: int, place: Place) -> None:
        raw = self._raw
        kind = raw.FPDFAnnot_GetSubtype(annot)
        if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            return
        rect = raw.FS_RECTF()
        raw.FPDFAnnot_GetRect(annot, rect)
        box = place(rect.left, rect.top, rect.right, rect.bottom)
        if kind == raw.FPDF_ANNOT_WIDGET:
            if self._document.formenv:
                found.values += self._values(annot, box, number)
        elif kind == raw.FPDF_ANNOT_STRIKEOUT:
            found.struck += self._marked(annot, place) or [box]
        elif kind == raw.FPDF_ANNOT_FREETEXT:
            found.values += [Value(text, box) for text in [self._entry(annot, b"Contents")] if text.strip()]
        elif kind == raw.FPDF_ANNOT_STAMP:
            self._miss(number, "a stamp on it was not read", "If its words matter, print the document to a new PDF.")
        elif self._entry(annot, b"Contents").strip():
            self._miss(number, "comments in its margin are not stored", "Write what matters into the text.")

    def _miss(self, number: int, reason: str, hint: str) -> None:
        numbers = self._missing.setdefault((reason, hint), [])
        if number not in numbers:
            numbers.append(number)

    def _values(self, annot: Any, box: Box, number: int) -> Iterator[Value]:
        raw, form = self._raw, self._document.formenv.raw
        kind = raw.FPDFAnnot_GetFormFieldType(form, annot)
        label = _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldAlternateName(form, annot, buffer, size))
        if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
            yield Value(TICKED if raw.FPDFAnnot_IsChecked(form, annot) else EMPTY, box, True, label)
        elif kind in (raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
            chosen = [
                _string(lambda buffer, size: raw.FPDFAnnot_GetOptionLabel(form, annot, at, buffer, size))  # noqa: B023
                for at in range(min(raw.FPDFAnnot_GetOptionCount(form, annot), _MOST))
                if raw.FPDFAnnot_IsOptionSelected(form, annot, at)
            ]
            if text := ", ".join(filter(None, chosen)) or self._value(annot):
                yield Value(text, box, label=label)
        elif kind == raw.FPDF_FORMFIELD_TEXTFIELD:
            text = self._value(annot)
            if text.strip() and raw.FPDFAnnot_GetFormFieldFlags(form, annot) & _PASSWORD:
                self._miss(number, "the value of a password field was not read", "None is needed.")
            elif text.strip():
                yield Value(text, box, label=label)
        elif kind == raw.FPDF_FORMFIELD_SIGNATURE and self._document.raw and raw.FPDF_GetSignatureCount(self._document):
            self._miss(number, "a digital signature on it was not read", "Check it in a PDF viewer.")

    def _value(self, annot: Any) -> str:
        raw, form = self._raw, self._document.formenv.raw
        return _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, annot, buffer, size))

    def _entry(self, annot: Any, name: bytes) -> str:
        return _string(lambda buffer, size: self._raw.FPDFAnnot_GetStringValue(annot, name, buffer, size))

    def _marked(self, annot: Any, place: Place) -> list[Box]:
        raw, quad = self._raw, self._raw.FS_QUADPOINTSF()
        boxes = []
        for at in range(min(raw.FPDFAnnot_CountAttachmentPoints(annot), _MOST)):
            if raw.FPDFAnnot_GetAttachmentPoints(annot, at, quad):
                xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                boxes.append(place(min(xs), max(ys), max(xs), min(ys)))
        return boxes


def _string(ask: Callable[[Any, int], int]) -> str:
    """The text that one of PDFium's functions writes into a buffer of UTF-16."""
    size = min(ask(None, 0), 2 * _LONGEST)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").rstrip("\0")


# --- values among the lines of text ---------------------------------------------------------------------------------


def placed(runs: Sequence[list[Char]], values: Sequence[Value], tabled: Callable[[Box], bool]) -> list[list[Char]]:
    """The runs with the values beside their labels. `tabled`: whether a place lies in a table, whose cells hold it."""
    order = list(runs)
    for value in sorted(values, key=lambda value: (value.box[1], value.box[0])):
        written = [clean(line) for line in re.split(r"[\r\n]+", value.text)]
        written = [line for line in written if line]
        if not written:
            continue
        home = _label(order, value)
        above = home is not None and _is_above(home, value)
        if home is not None and len(written) == 1 and not (above and tabled(value.box)):
            left = max(char.x1 for char in home) + 8 if above else value.box[0]
            home += _chars(written[0], (left, home[0].top, left + value.box[2] - value.box[0], home[0].bottom))
            continue
        if home is None and value.label and not tabled(value.box):
            written[0] = f"{value.label}: {written[0]}" if not value.is_tick else f"{written[0]} {value.label}"
        height = (value.box[3] - value.box[1]) / len(written)
        lines = [
            _chars(line, (value.box[0], value.box[1] + at * height, value.box[2], value.box[1] + (at + 1) * height))
            for at, line in enumerate(written)
        ]
        at = order.index(home) + 1 if home is not None else _place_in(order, value)
        order[at:at] = lines
    return order


def _chars(text: str, box: Box) -> list[Char]:
    """Characters of a value spread over its box."""
    x0, top, x1, bottom = box
    size = min(bottom - top, 14.0)
    top, bottom = (top + bottom - size) / 2, (top + bottom + size) / 2
    widths = [size * (1.0 if char >= "\u1100" else 0.5) for char in text]
    factor = min(1.0, max(1.0, x1 - x0) / sum(widths))
    found = []
    for char, width in zip(text, widths, strict=True):
        found.append(Char(char, x0, x0 + factor * width, top, bottom, -1, bottom - 0.2 * size))
        x0 += factor * width
    return found


def _label(runs: Sequence[list[Char]], value: Value) -> list[Char] | None:
    """The run of the page's text that a value belongs to."""
    x0, top, x1, bottom = value.box
    best: tuple[float, list[Char]] | None = None
    for run in runs:
        left, right = min(char.x0 for char in run), max(char.x1 for char in run)
        above, below = min(char.top for char in run), max(char.bottom for char in run)
        if run[0].index < 0 and not any(char.index >= 0 for char in run):
            continue
        level = min(bottom, below) - max(top, above) > 0.4 * min(bottom - top, below - above)
        if level and left <= x1 and right >= x0:
            distance = 0.0  # the field is a gap in the line
        elif level and right <= x0 + 2:
            distance = max(0.0, x0 - right)
            if distance > (_NEAR if value.is_tick else _BESIDE):
                continue
            distance += 12 if value.is_tick else 0  # a box mostly stands before its words
        elif level and value.is_tick and left >= x1 - 2:
            distance = max(0.0, left - x1)
            if distance > _NEAR:
                continue
        elif not value.is_tick and 0 <= top - below + 2 < _ABOVE and left < x1 and right > x0:
            distance = _BESIDE + top - below
        else:
            continue
        if best is None or distance < best[0]:
            best = distance, run
    return best[1] if best else None


def _is_above(home: Sequence[Char], value: Value) -> bool:
    return max(char.bottom for char in home) <= value.box[1] + 2.1


def _place_in(order: Sequence[list[Char]], value: Value) -> int:
    """Where a value without a label goes: behind the last run that stands above it."""
    return max((at + 1 for at, run in enumerate(order) if run[0].bottom <= value.box[1] + 2), default=0)
