"""Text recognition (Korean and English) of page images through Tesseract.

Used only where a page has no usable text layer. Whether it can be used is asked first (`problem`): it needs the package
tesserocr and the recognition data for both languages. Knows nothing of PDF or image files.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingest.formats.ocr_table import Ruled, taken_out
from assistant.ingest.formats.ocr_words import DOUBTFUL, DPI, Written, confidence, folder, letters, lines_of, read_again
from assistant.ingest.formats.page_columns import Region, regions
from assistant.ingest.formats.page_rules import ruled
from assistant.ingest.formats.page_turn import as_given, skew, straightened
from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.pdf_table import Grid, laid_out, places
from assistant.ingest.formats.spacing import is_one_word
from assistant.ingest.formats.text import LIST_MARKER
from assistant.ingest.more_time import more_time

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL = (
    "Run `sudo apt install tesseract-ocr tesseract-ocr-kor` and `pip install tesserocr`, then read the file again."
)

#: Tesseract keeps its state in one object.
_lock = threading.Lock()


def problem() -> str:
    """Why nothing can be recognised on this machine; empty if it can. The remedy is `INSTALL`."""
    try:
        import tesserocr  # noqa: F401
    except ImportError as exc:
        return f"text recognition (tesserocr) is not installed ({exc})"
    if folder() is None:
        return "the recognition data for Korean and English (kor.traineddata, eng.traineddata) was not found"
    return ""


def recognise(image: Image, number: int, scale: float) -> list[Paragraph | Grid]:
    """Paragraphs and ruled tables of a page image in reading order; none if it shows no text.

    `scale`: points for one pixel. A page that leans is put straight, one that lies on its side or stands on its head
    is turned; boxes are those of the page as it was given. Raises RuntimeError if Tesseract cannot be used (see
    `problem`).
    """
    given = image.convert("L")
    more_time()
    lean = skew(given)
    gray = straightened(given, lean)
    with _lock:
        best, angle = _seen(gray, scale), 0
        if confidence(_lines(best)) < DOUBTFUL:
            for turn in _turns(gray):
                turned = _seen(gray.rotate(turn, expand=True), scale)
                if letters(_lines(turned)) > 1.2 * letters(_lines(best)):
                    best, angle = turned, turn
                if confidence(_lines(best)) >= DOUBTFUL:
                    break
        if not angle:
            read_again(gray, _lines(best))

    def line(written: Written) -> Line:
        return _line(written, number, scale, angle, lean, gray.size)

    found: list[Paragraph | Grid] = []
    for is_table, group in groupby(best, key=lambda item: isinstance(item, Ruled)):
        if is_table:
            found += [_table(item, line, number) for item in group if isinstance(item, Ruled)]
        else:
            found += _paragraphs((item.paragraph, line(item)) for item in group if isinstance(item, Written))
    return found


def _lines(items: Iterable[Written | Ruled]) -> list[Written]:
    """All lines, those in tables too."""
    return [line for item in items for line in ([item] if isinstance(item, Written) else item.lines)]


def _table(table: Ruled, line: Callable[[Written], Line], number: int) -> Paragraph | Grid:
    """The table; one with a single row that holds something only frames a line, such as a heading."""
    lines = {box: [line(each) for each in inside] for box, inside in table.cells.items()}
    grid = laid_out(table.table, places(table.table), lambda box: lines.get(box, []), number)
    if grid and len(grid.rows) > 1:
        return grid
    together = [each for part in lines.values() for each in part]
    return Paragraph(together, text=" ".join(each.text for each in together))


def _seen(image: Image, scale: float) -> list[Written | Ruled]:
    """Lines and tables of an upright image in reading order.

    Each of its regions is taken for one column: having Tesseract look for columns lost a quarter of a page (and half
    of every table).
    """
    parts = regions(image)
    lines = [line for number, region in enumerate(parts) for line in lines_of(image, region, number)]
    tables = []
    for table in ruled(image, scale) if lines else ():
        found, lines = taken_out(table, image, scale, lines)
        tables += [found] if found else []
    items: list[Written | Ruled] = []
    for number in range(len(parts)):
        own: list[Written | Ruled] = [line for line in lines if line.paragraph[0] == number]
        for found in tables:
            if _home(found, parts) == number:
                below = [at for at, item in enumerate(own) if item.top > found.top]
                own.insert(below[0] if below else len(own), found)
        items += own
    return items


def _home(table: Ruled, parts: Sequence[Region]) -> int:
    """The region that most of a table lies in."""
    left, top, right, bottom = table.place

    def shared(at: int) -> int:
        x0, y0, x1, y1 = parts[at]
        return max(0, min(right, x1) - max(left, x0)) * max(0, min(bottom, y1) - max(top, y0))

    return max(range(len(parts)), key=shared)


def _turns(image: Image) -> tuple[int, ...]:
    """Angles (degrees, counter-clockwise) worth trying: what Tesseract takes the page for, or all."""
    import tesserocr

    if not (Path(str(folder())) / "osd.traineddata").is_file():
        return 90, 270, 180
    with tesserocr.PyTessBaseAPI(path=str(folder()), lang="osd", psm=tesserocr.PSM.OSD_ONLY) as api:
        api.SetImage(image)
        api.SetSourceResolution(DPI)
        found = api.DetectOrientationScript()
    if not found or found["orient_conf"] < 1:
        return 90, 270, 180
    angle = (360 - int(found["orient_deg"])) % 360
    return (360 - angle, angle) if angle in (90, 270) else (180,) if angle else ()


def _line(written: Written, number: int, scale: float, angle: int, lean: float, size: tuple[int, int]) -> Line:
    """A line in points of the page as given."""
    words = written.words
    box = (
        min(w.left for w in words),
        min(w.top for w in words),
        max(w.right for w in words),
        max(w.bottom for w in words),
    )
    x0, top, x1, bottom = (scale * place for place in as_given(box, angle, lean, size))
    height = scale * (box[3] - box[1])
    gaps = [scale * (b.left - a.right) for a, b in pairwise(words)]
    return Line(
        written.text,
        x0, x1, top, bottom,
        size=height,
        page=number,
        has_columns=any(gap > 2.2 * height for gap in gaps),
    )  # fmt: skip


def _paragraphs(lines: Iterable[tuple[tuple[int, int], Line]]) -> Iterator[Paragraph]:
    """Lines of one of Tesseract's paragraphs, parted at list markers and table rows."""
    for _, group in groupby(lines, key=lambda pair: pair[0]):
        held: list[Line] = []
        together = [line for _, line in group]
        edge = max(line.x1 for line in together)
        for line in together:
            if held and (LIST_MARKER.match(line.text) or line.has_columns or held[-1].has_columns):
                yield _paragraph(held, edge)
                held = []
            held.append(line)
        yield _paragraph(held, edge)


def _paragraph(lines: list[Line], edge: float) -> Paragraph:
    """Korean lines are wrapped inside words: Kiwi judges which breaks cut one."""
    text = lines[0].text
    for before, line in pairwise(lines):
        korean = "가" <= text[-1] <= "힣" and "가" <= line.text[0] <= "힣"
        full = edge - before.x1 < 2.2 * before.size
        text += ("" if korean and full and is_one_word(text, line.text) else " ") + line.text
    return Paragraph(lines, text=text)
