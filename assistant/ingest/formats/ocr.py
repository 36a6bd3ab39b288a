"""Text recognition (Korean and English) of page images through Tesseract.

Used only where a page has no usable text layer. Whether it can be used is asked first (`problem`): it needs the package
tesserocr and the recognition data for both languages. Knows nothing of PDF or image files.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingest.formats.page_columns import regions
from assistant.ingest.formats.page_turn import as_given, skew, straightened
from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.spacing import is_one_word
from assistant.ingest.formats.text import LIST_MARKER
from assistant.ingest.more_time import more_time

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
#: Latin words below the first confidence in a Korean line are read again as Korean; what comes out is taken from the
#: second on, and if it is so much surer.
_UNSURE, _SURE, _SURER = 88, 60, 5
_HANGUL, _LATIN = re.compile("[가-힣]"), re.compile("[A-Za-z]")
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

    A page that leans is put straight, one that lies on its side or stands on its head is turned; boxes are those of the
    page as it was given. Raises RuntimeError if Tesseract cannot be used (see `problem`).
    """
    given = image.convert("L")
    more_time()
    lean = skew(given)
    gray = straightened(given, lean)
    with _lock:
        best, angle = _lines(gray), 0
        if _confidence(best) < _DOUBTFUL:
            for turn in _turns(gray):
                turned = _lines(gray.rotate(turn, expand=True))
                if _letters(turned) > 1.2 * _letters(best):
                    best, angle = turned, turn
        if not angle:
            _read_again(gray, best)
    lines = [_line(written, number, scale, angle, lean, gray.size) for written in best]
    return list(_paragraphs(zip((written.paragraph for written in best), lines, strict=True)))


@dataclass(slots=True)
class _Word:
    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    spaced: bool = True


@dataclass(slots=True)
class _Written:
    """A line. What Tesseract calls words are single syllables in Korean: not before each of them there is a space."""

    words: list[_Word]
    paragraph: tuple[int, int]

    @property
    def text(self) -> str:
        return "".join(f" {word.text}" if word.spaced else word.text for word in self.words).strip()


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    """The folder that holds the data of both languages."""
    given = os.environ.get("TESSDATA_PREFIX")
    places = [Path(given), Path(given) / "tessdata"] if given else []
    places += [found for place in _PLACES for found in sorted(Path("/").glob(place.lstrip("/")), reverse=True)]
    return next(
        (place for place in places if all((place / f"{each}.traineddata").is_file() for each in _LANGUAGES)), None
    )


@lru_cache(maxsize=3)
def _api(language: str = "") -> tesserocr.PyTessBaseAPI:
    """Reads columns of text in both languages, or a single word in one."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads cost more than they bring, and readers run in parallel
    import tesserocr

    return tesserocr.PyTessBaseAPI(
        path=str(_folder()),
        lang=language or "+".join(_LANGUAGES),
        psm=tesserocr.PSM.SINGLE_WORD if language else tesserocr.PSM.SINGLE_COLUMN,
        oem=tesserocr.OEM.LSTM_ONLY,
    )


def _lines(image: Image) -> list[_Written]:
    """Lines of an upright image in reading order; those of specks are left out.

    Each of its regions is taken for one column: having Tesseract look for columns lost a quarter of a page (and half
    of every table).
    """
    api = _api()
    found: list[_Written] = []
    for number, region in enumerate(regions(image)):
        api.SetImage(image.crop(region))
        api.SetSourceResolution(DPI)
        found += _recognised(api, number, region[0], region[1])
        api.Clear()
    return [
        written
        for written in found
        if _confidence([written]) >= _NOISE and any(char.isalnum() for char in written.text)
    ]


def _recognised(api: tesserocr.PyTessBaseAPI, region: int, left: int, top: int) -> Iterator[_Written]:
    """Lines of the image that was set: the region of a page whose corner is at `left`, `top`."""
    from tesserocr import RIL

    texts = [" ".join(line.split()) for line in api.GetUTF8Text().splitlines()]
    place = api.GetIterator()
    if place is None:
        return
    lines: list[_Written] = []
    paragraph = 0
    more = True
    while more:
        box = place.BoundingBox(RIL.WORD)
        if box is not None and (text := place.GetUTF8Text(RIL.WORD).strip()):
            if place.IsAtBeginningOf(RIL.TEXTLINE) or not lines:
                paragraph += place.IsAtBeginningOf(RIL.PARA)
                lines.append(_Written([], (region, paragraph)))
            x0, y0, x1, y1 = box
            lines[-1].words.append(_Word(text, place.Confidence(RIL.WORD), left + x0, top + y0, left + x1, top + y1))
        more = place.Next(RIL.WORD)
    at = 0
    for written in lines:
        letters = "".join(word.text for word in written.words)
        found = next((i for i in range(at, len(texts)) if texts[i].replace(" ", "") == letters), None)
        if found is not None:
            _space(written.words, texts[found])
            at = found + 1
        yield written


def _space(words: Sequence[_Word], text: str) -> None:
    """Note before which words there is a space in the line's text, which Tesseract tells only for the whole line."""
    at = 0
    for word in words:
        word.spaced = text[at] == " "
        at += word.spaced + len(word.text)


def _read_again(image: Image, lines: Sequence[_Written]) -> None:
    """Have doubtful words of Korean lines read by one language alone: together they take Hangul for capitals."""
    for written in lines:
        if not any(_HANGUL.search(word.text) for word in written.words):
            continue
        for word in written.words:
            language = _other_language(word)
            if not language:
                continue
            api = _api(language)
            edge = (word.bottom - word.top) // 6
            api.SetImage(image.crop((word.left - edge, word.top - edge, word.right + edge, word.bottom + edge)))
            api.SetSourceResolution(DPI)
            text = "".join(api.GetUTF8Text().split())
            sure = float(api.MeanTextConf())
            api.Clear()
            if text and sure > max(word.confidence + _SURER, _SURE):
                word.text, word.confidence = text, sure


def _other_language(word: _Word) -> str:
    """The language that may read a doubtful word better; empty for one that is not doubtful."""
    if _LATIN.search(word.text):
        return "kor" if word.confidence < _UNSURE else ""
    return "eng" if word.confidence < _DOUBTFUL and re.search(r"\d", word.text) and len(word.text) > 3 else ""


def _confidence(lines: list[_Written]) -> float:
    weights = [(len(word.text), word.confidence) for written in lines for word in written.words]
    return sum(length * sure for length, sure in weights) / max(1, sum(length for length, _ in weights))


def _letters(lines: list[_Written]) -> int:
    """Letters that were recognised with confidence."""
    return sum(len(word.text) for written in lines for word in written.words if word.confidence >= _DOUBTFUL)


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


def _line(written: _Written, number: int, scale: float, angle: int, lean: float, size: tuple[int, int]) -> Line:
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
