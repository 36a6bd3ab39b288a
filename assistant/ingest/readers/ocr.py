"""Text recognition (Korean and English) of page images through Tesseract.

Used only where a page has no usable text layer. Whether it can be used is asked first (`problem`): it needs the package
tesserocr and the recognition data for both languages. Knows nothing of PDF or image files.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf_chars import Line, Paragraph
from assistant.ingest.readers.spacing import is_one_word
from assistant.ingest.readers.text import LIST_MARKER

if TYPE_CHECKING:
    import tesserocr
    from PIL.Image import Image

#: Pages are drawn at this resolution (dots per inch); 300 was 15 % slower and no better.
DPI = 200
INSTALL = (
    "Run `sudo apt install tesseract-ocr tesseract-ocr-kor` and `pip install tesserocr`, then read the file again."
)

_LANGUAGES = ("kor", "eng")
_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tesseract-ocr/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
#: Below this mean confidence (0 to 100) a page may lie on its side or stand on its head.
_DOUBTFUL = 75
#: Lines below this mean confidence are specks and pictures; single words below it are often right.
_NOISE = 30
#: Tesseract keeps its state in one object.
_lock = threading.Lock()


def problem() -> str:
    """Why nothing can be recognised on this machine; empty if it can. The remedy is `INSTALL`."""
    try:
        import tesserocr  # noqa: F401
    except ImportError as exc:
        return f"text recognition (tesserocr) is not installed ({exc})"
    if _folder() is None:
        return "the recognition data for Korean and English (kor.traineddata, eng.traineddata) was not found"
    return ""


def recognise(image: Image, number: int, scale: float) -> list[Paragraph]:
    """Paragraphs of a page image in reading order; none if it shows no text. `scale`: points for one pixel.

    A page that lies on its side or stands on its head is turned; boxes are those of the page as it was given. Raises
    RuntimeError if Tesseract cannot be used (see `problem`).
    """
    gray = image.convert("L")
    with _lock:
        best, angle = _words(gray), 0
        if _confidence(best) < _DOUBTFUL:
            for turn in _turns(gray):
                words = _words(gray.rotate(turn, expand=True))
                if _letters(words) > 1.2 * _letters(best):
                    best, angle = words, turn
    lines = [line for words in best for line in [_line(words, number, scale, angle, gray.size)] if line is not None]
    return list(_paragraphs(zip((words[0].paragraph for words in best), lines, strict=True)))


@dataclass(slots=True)
class _Word:
    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    paragraph: tuple[int, ...]


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    """The folder that holds the data of both languages."""
    given = os.environ.get("TESSDATA_PREFIX")
    places = [Path(given), Path(given) / "tessdata"] if given else []
    places += [found for place in _PLACES for found in sorted(Path("/").glob(place.lstrip("/")), reverse=True)]
    return next(
        (place for place in places if all((place / f"{each}.traineddata").is_file() for each in _LANGUAGES)), None
    )


@lru_cache(maxsize=1)
def _api() -> tesserocr.PyTessBaseAPI:
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads cost more than they bring, and readers run in parallel
    import tesserocr

    return tesserocr.PyTessBaseAPI(
        path=str(_folder()), lang="+".join(_LANGUAGES), psm=tesserocr.PSM.SINGLE_COLUMN, oem=tesserocr.OEM.LSTM_ONLY
    )


def _words(image: Image) -> list[list[_Word]]:
    """Words of an upright image by lines, from top to bottom; lines of specks are left out.

    The page is taken for one column: looking for columns first lost a quarter of a page (and half of every table).
    """
    api = _api()
    api.SetImage(image)
    api.SetSourceResolution(DPI)
    lines: list[list[_Word]] = []
    found = [_word(row.split("\t")) for row in api.GetTSVText(0).splitlines()]
    for _, each in groupby((word for word in found if word), key=lambda pair: pair[0]):
        words = [word for _, word in each]
        if _confidence([words]) >= _NOISE and any(char.isalnum() for word in words for char in word.text):
            lines.append(words)
    api.Clear()
    return lines


def _word(fields: list[str]) -> tuple[tuple[int, ...], _Word] | None:
    """A word (level 5) of Tesseract's table, and which line it belongs to."""
    if len(fields) < 12 or fields[0] != "5" or not fields[11].strip():
        return None
    block, paragraph, line, _, left, top, width, height = (int(field) for field in fields[2:10])
    word = _Word(fields[11].strip(), float(fields[10]), left, top, left + width, top + height, (block, paragraph))
    return (block, paragraph, line), word


def _confidence(lines: list[list[_Word]]) -> float:
    weights = [(len(word.text), word.confidence) for words in lines for word in words]
    return sum(length * sure for length, sure in weights) / max(1, sum(length for length, _ in weights))


def _letters(lines: list[list[_Word]]) -> int:
    """Letters that were recognised with confidence."""
    return sum(len(word.text) for words in lines for word in words if word.confidence >= _DOUBTFUL)


def _turns(image: Image) -> tuple[int, ...]:
    """Angles (degrees, counter-clockwise) worth trying: what Tesseract takes the page for, or all."""
    import tesserocr

    if not (Path(str(_folder())) / "osd.traineddata").is_file():
        return 90, 270, 180
    with tesserocr.PyTessBaseAPI(path=str(_folder()), lang="osd", psm=tesserocr.PSM.OSD_ONLY) as api:
        api.SetImage(image)
        api.SetSourceResolution(DPI)
        found = api.DetectOrientationScript()
    if not found or found["orient_conf"] < 1:
        return 90, 270, 180
    angle = (360 - int(found["orient_deg"])) % 360
    return (360 - angle, angle) if angle in (90, 270) else (180,) if angle else ()


def _line(words: list[_Word], number: int, scale: float, angle: int, size: tuple[int, int]) -> Line:
    """A line in points of the page as given."""
    box = (
        min(w.left for w in words),
        min(w.top for w in words),
        max(w.right for w in words),
        max(w.bottom for w in words),
    )
    x0, top, x1, bottom = (scale * place for place in _as_given(box, angle, size))
    height = scale * (box[3] - box[1])
    gaps = [scale * (b.left - a.right) for a, b in pairwise(words)]
    return Line(
        " ".join(word.text for word in words),
        x0, x1, top, bottom,
        size=height,
        page=number,
        has_columns=any(gap > 2.2 * height for gap in gaps),
    )  # fmt: skip


def _as_given(box: tuple[int, int, int, int], angle: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where a box of the turned image is on the image as it was given, `size` wide and high."""
    left, top, right, bottom = box
    width, height = size
    if angle == 90:  # turned counter-clockwise: what is now the left edge was the top
        return width - bottom, left, width - top, right
    if angle == 270:
        return top, height - right, bottom, height - left
    if angle == 180:
        return width - right, height - bottom, width - left, height - top
    return box


def _paragraphs(lines: Iterable[tuple[tuple[int, ...], Line]]) -> Iterator[Paragraph]:
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
