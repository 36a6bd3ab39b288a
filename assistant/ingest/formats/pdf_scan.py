"""Pages of a PDF without a usable text layer: told apart, drawn and recognised; what cannot be is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.formats import ocr
from assistant.ingest.formats.notes import Note, pages
from assistant.ingest.formats.ocr_words import DPI
from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.pdf_page import Page
from assistant.ingest.formats.pdf_table import Grid

if TYPE_CHECKING:
    import pypdfium2
    from PIL.Image import Image

#: Recognition takes about 2 seconds a page: later pages of one file are left out, and named.
OCR_PAGE_LIMIT = 400
#: Visible characters below which a page is looked at: is there more on it than its text layer says?
_THIN = 400
#: Part of the page that is dark outside the text layer, above which it is worth recognising.
_MUCH_INK = 0.008
#: Share of characters without meaning above which a text layer is broken.
_BROKEN = 0.3
#: Letters that recognition must find for each one of the text layer to be preferred to it.
_BETTER = 1.5
#: Longest side of a drawn page in pixels: posters and plans would take gigabytes.
_LONGEST = 5000

#: A scan of fewer dots per inch than the first is drawn with the second: its letters are large enough then.
_COARSE, _COARSE_DPI = 140, 300

_EMPTY = "no text could be recognised on it"


class Scanner:
    """Recognises the text of pages that need it. `name` is the file's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problem: str | None = None
        self._lost: dict[tuple[str, str], list[int]] = {}
        self._recognised = 0

    def lost(self, number: int, reason: str, hint: str = "Print the document to a new PDF and give that.") -> None:
        """A page that could not be read."""
        self._lost.setdefault((reason, hint), []).append(number)

    def looked_at(self, page: pypdfium2.PdfPage, read: Page) -> Page:
        """The page as it was read, or with recognised text where the text layer is missing or broken."""
        is_broken = read.broken > _BROKEN * max(1, read.characters)
        if not is_broken and (read.characters >= _THIN or not _shows_more(page, read)):
            return read
        has_text = not is_broken and read.characters >= 10
        reason, hint = self._obstacle()
        if reason:
            if not has_text:
                self.lost(read.number, reason, hint)
                read.items = []
            return read
        self._recognised += 1
        image, scale = _drawn(page, _COARSE_DPI if _is_coarse(page) else DPI)
        found = ocr.recognise(image, read.number, scale)
        letters = sum(len(line.text) for item in found for line in lines_of(item))
        if found and letters > _BETTER * (read.characters if has_text else 0):
            read.items = list(found)
        elif not has_text:
            read.items = []
            self.lost(read.number, _EMPTY, "Scan it again at 300 dpi, upright and with good contrast.")
        return read

    def _obstacle(self) -> tuple[str, str]:
        """Why the next page cannot be recognised, and what to do."""
        if self._recognised >= OCR_PAGE_LIMIT:
            return f"more than {OCR_PAGE_LIMIT} scanned pages in one file", "Split the file into parts."
        if self._problem is None:
            self._problem = ocr.problem()
        return (f"no text layer, and {self._problem}", ocr.INSTALL) if self._problem else ("", "")

    def notes(self) -> tuple[Note, ...]:
        """Pages that are missing from the draft. Blank-looking ones between readable pages are no loss."""
        return tuple(
            {"where": pages(numbers), "reason": reason, "hint": hint} for (reason, hint), numbers in self._lost.items()
        )

    def refuse(self, count: int) -> None:
        """Raise ReadError: no page of the file gave any text."""
        for (reason, hint), numbers in self._lost.items():
            raise ReadError(f"{self._name}: {pages(numbers)} of {count} could not be read: {reason}.", hint)
        raise ReadError(f"{self._name} holds no text ({count} blank pages).", "Check that this is the right file.")


def lines_of(item: Line | Grid | Paragraph) -> list[Line]:
    """The lines of a part of a page; one of a merged cell comes once for each place that the cell covers."""
    if isinstance(item, Line):
        return [item]
    return item.lines if isinstance(item, Paragraph) else [line for row in item.rows for cell in row for line in cell]


def _drawn(page: pypdfium2.PdfPage, dpi: float) -> tuple[Image, float]:
    """The page as a grey image, and the points that one of its pixels measures."""
    longest = max(*page.get_size(), 1.0)
    scale = min(dpi / 72, _LONGEST / longest)
    image = page.render(scale=scale, grayscale=True).to_pil()
    return image, 1 / scale


def _is_coarse(page: pypdfium2.PdfPage) -> bool:
    """Whether the largest picture on the page has few dots per inch."""
    import pypdfium2.raw as raw

    found = [(0.0, 0.0)]
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        wide, high = right - left, top - bottom
        if wide > 1 and high > 1:
            pixels = picture.get_px_size()
            found.append((wide * high, 72 * max(pixels) / max(wide, high)))
    return 0 < max(found)[1] < _COARSE


def _draws(page: pypdfium2.PdfPage, but_text: bool) -> bool:
    """Whether the page draws anything (`but_text`: besides text). Asked first, as drawing a page takes 10 ms."""
    import pypdfium2.raw as raw

    handle = page.raw
    count = raw.FPDFPage_CountObjects(handle)
    if not but_text:
        return bool(count)
    text = raw.FPDF_PAGEOBJ_TEXT
    return any(raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(handle, at)) != text for at in range(count))


def _shows_more(page: pypdfium2.PdfPage, read: Page) -> bool:
    """Whether there is much ink outside the lines of the text layer."""
    if not _draws(page, but_text=read.characters >= 10):
        return False
    import numpy as np

    image, scale = _drawn(page, 50)
    pixels = np.array(image, dtype=np.uint8)
    dark = pixels < min(150, int(pixels.mean()) - 30)
    lines = [line for item in read.items if not isinstance(item, Paragraph) for line in lines_of(item)]
    for line in lines:
        top, bottom = max(0, int(line.top / scale) - 1), int(line.bottom / scale) + 2
        dark[top:bottom, max(0, int(line.x0 / scale) - 1) : int(line.x1 / scale) + 2] = False
    return bool(dark.mean() > (_MUCH_INK if read.characters >= 10 else 0.0002))
