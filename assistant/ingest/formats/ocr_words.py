"""Words and lines of a part of a page image, as Tesseract recognises them in Korean and English.

Knows nothing of pages: `ocr` turns them, parts them and puts their lines together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingest.formats.page_columns import Region

if TYPE_CHECKING:
    import tesserocr
    from PIL.Image import Image

#: Images are taken to be of this resolution (dots per inch); 300 was 15 % slower and no better.
DPI = 200
#: Below this mean confidence (0 to 100) a page may lie on its side; words from it on are sure.
DOUBTFUL = 75

_LANGUAGES = ("kor", "eng")
_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tesseract-ocr/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
#: Lines below this mean confidence are specks and pictures; single words below it are often right.
_NOISE = 30
#: Latin words below the first confidence in a Korean line are read again as Korean; what comes out is taken from the
#: second on, and if it is so much surer.
_UNSURE, _SURE, _SURER = 88, 60, 5
#: A part of a page below this mean confidence is told from its paper in the other way too, and the surer reading kept.
_PALE = 90
#: So many times as many letters must be sure.
_CLEARLY = 1.03
#: Tesseract's names for one threshold of grey for the whole part (Otsu), and for one of each place (Sauvola).
_ONE_THRESHOLD, _LOCAL_THRESHOLDS = "0", "2"
_HANGUL, _LATIN = re.compile("[가-힣]"), re.compile("[A-Za-z]")


@dataclass(slots=True)
class Word:
    """A word with its confidence (0 to 100) and its box in pixels; `spaced`: whether a space stands before it."""

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    spaced: bool = True


@dataclass(slots=True)
class Written:
    """A line. What Tesseract calls words are single syllables in Korean: not before each of them there is a space."""

    words: list[Word]
    paragraph: tuple[int, int]

    @property
    def text(self) -> str:
        """The words with the spaces between them."""
        return "".join(f" {word.text}" if word.spaced else word.text for word in self.words).strip()

    @property
    def top(self) -> int:
        """Its upper edge, in pixels."""
        return min(word.top for word in self.words)

    def move(self, right: int, down: int) -> None:
        """Count places from another corner."""
        for word in self.words:
            word.left, word.right = word.left + right, word.right + right
            word.top, word.bottom = word.top + down, word.bottom + down


@lru_cache(maxsize=1)
def folder() -> Path | None:
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
        path=str(folder()),
        lang=language or "+".join(_LANGUAGES),
        psm=tesserocr.PSM.SINGLE_WORD if language else tesserocr.PSM.SINGLE_COLUMN,
        oem=tesserocr.OEM.LSTM_ONLY,
    )


def lines_of(image: Image, region: Region, number: int, *, is_cell: bool = False) -> list[Written]:
    """Lines of a column of an upright image, from above; those of specks are left out. `number`: the region's.

    `is_cell`: it is a cell of a table, whose few lines are of one size.

    One threshold parts ink from paper best on most pages, thresholds by place on grey paper and bands of colour.
    """
    found = _read(image, region, number, _ONE_THRESHOLD, is_cell)
    if confidence(found) < _PALE:
        other = _read(image, region, number, _LOCAL_THRESHOLDS, is_cell)
        if letters(other) > _CLEARLY * letters(found):
            return other
    return found


def _read(image: Image, region: Region, number: int, thresholds: str, is_cell: bool) -> list[Written]:
    from tesserocr import PSM

    api = _api()
    api.SetPageSegMode(PSM.SINGLE_BLOCK if is_cell else PSM.SINGLE_COLUMN)
    api.SetVariable("thresholding_method", thresholds)
    api.SetImage(image.crop(region))
    api.SetSourceResolution(DPI)
    found = list(_recognised(api, number, region[0], region[1]))
    api.Clear()
    return [
        written for written in found if confidence([written]) >= _NOISE and any(char.isalnum() for char in written.text)
    ]


def _recognised(api: tesserocr.PyTessBaseAPI, region: int, left: int, top: int) -> Iterator[Written]:
    """Lines of the image that was set: the region of a page whose corner is at `left`, `top`."""
    from tesserocr import RIL

    texts = [" ".join(line.split()) for line in api.GetUTF8Text().splitlines()]
    place = api.GetIterator()
    if place is None:
        return
    lines: list[Written] = []
    paragraph = 0
    more = True
    while more:
        box = place.BoundingBox(RIL.WORD)
        if box is not None and (text := place.GetUTF8Text(RIL.WORD).strip()):
            if place.IsAtBeginningOf(RIL.TEXTLINE) or not lines:
                paragraph += place.IsAtBeginningOf(RIL.PARA)
                lines.append(Written([], (region, paragraph)))
            x0, y0, x1, y1 = box
            lines[-1].words.append(Word(text, place.Confidence(RIL.WORD), left + x0, top + y0, left + x1, top + y1))
        more = place.Next(RIL.WORD)
    at = 0
    for written in lines:
        letters = "".join(word.text for word in written.words)
        found = next((i for i in range(at, len(texts)) if texts[i].replace(" ", "") == letters), None)
        if found is not None:
            _space(written.words, texts[found])
            at = found + 1
        yield written


def _space(words: Sequence[Word], text: str) -> None:
    """Note before which words there is a space in the line's text, which Tesseract tells only for the whole line."""
    at = 0
    for word in words:
        word.spaced = text[at] == " "
        at += word.spaced + len(word.text)


def read_again(image: Image, lines: Sequence[Written]) -> None:
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


def _other_language(word: Word) -> str:
    """The language that may read a doubtful word better; empty for one that is not doubtful."""
    if _LATIN.search(word.text):
        return "kor" if word.confidence < _UNSURE else ""
    return "eng" if word.confidence < DOUBTFUL and re.search(r"\d", word.text) and len(word.text) > 3 else ""


def confidence(lines: Sequence[Written]) -> float:
    """Mean confidence of all letters; 0 if there are none."""
    weights = [(len(word.text), word.confidence) for written in lines for word in written.words]
    return sum(length * sure for length, sure in weights) / max(1, sum(length for length, _ in weights))


def letters(lines: Sequence[Written]) -> int:
    """How many letters were recognised with confidence."""
    return sum(len(word.text) for written in lines for word in written.words if word.confidence >= DOUBTFUL)
