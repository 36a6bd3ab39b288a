"""Images of text (scans, photographs of panels): recognised page by page through `ocr`."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.formats import ocr
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.notes import Note, pages
from assistant.ingest.formats.pdf import write_items
from assistant.ingest.formats.pdf_scan import OCR_PAGE_LIMIT
from assistant.ingest.formats.pdf_style import Style
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

if TYPE_CHECKING:
    from PIL.Image import Image

MEDIA_TYPE = "image/*"

_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM")
#: Larger pictures (in pixels) are refused: a small file may claim any size.
_PIXEL_LIMIT = 120_000_000
#: Larger ones are made smaller before recognition; smaller ones than a page at 150 dpi larger.
_LONGEST, _SHORT = 3500, 1200


def recognises(source: Source) -> bool:
    """PNG, JPEG, GIF, TIFF, BMP or WebP by their first bytes."""
    start = source.content[:12]
    if start.startswith(b"BM"):  # two letters may begin any text: the size that follows is that of the file
        return int.from_bytes(source.content[2:6], "little") == len(source.content)
    return start.startswith(_MAGIC) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def read(source: Source) -> Draft:
    """Paragraphs and tables of all pages (frames); metadata: notes on pages without text.

    Raises ReadError: damaged, too large, without text, or no text recognition on this machine.
    """
    if problem := ocr.problem():
        raise ReadError(f"{source.name} is an image, and {problem}.", ocr.INSTALL)
    builder = DraftBuilder()
    empty: list[int] = []
    count = 0
    for number, frame in _frames(source):
        count = number
        if number > OCR_PAGE_LIMIT:
            raise ReadError(f"{source.name} has more than {OCR_PAGE_LIMIT} pages.", "Split it into parts.")
        image, factor = _sized(frame)
        items = ocr.recognise(image, number, 1 / factor)
        write_items(builder, items, Style([]))
        if not items:
            empty.append(number)
    if len(empty) == count:
        raise ReadError(
            f"No text could be recognised in the image {source.name}.",
            "If it shows text, scan it again at 300 dpi, upright and with good contrast.",
        )
    note: Note = {"where": pages(empty), "reason": "no text could be recognised on it", "hint": "Check the image."}
    return builder.build({"notes": (note,) if empty else ()})


def _frames(source: Source) -> Iterator[tuple[int, Image]]:
    """The pages of the image, as a person sees them."""
    from PIL import Image as images
    from PIL import ImageOps, ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limit below is ours
            image = images.open(io.BytesIO(source.content))
        if image.width * image.height > _PIXEL_LIMIT:
            raise ReadError(
                f"{source.name} has {image.width:,} × {image.height:,} pixels; the limit is {_PIXEL_LIMIT:,}.",
                "Make it smaller (300 dpi is enough for text).",
            )
        moving = image.format in ("GIF", "WEBP", "PNG")  # an animation is one picture
        for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
            yield number, _flat(ImageOps.exif_transpose(frame))
            if moving:
                return
    except ReadError:
        raise
    except Exception as exc:
        raise ReadError(
            f"{source.name} is a damaged image ({exc}).", "Open it in an image viewer, save it again and give that."
        ) from exc


def _flat(image: Image) -> Image:
    """Grey, transparent parts white: text in a transparent picture is drawn for paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        from PIL import Image as images

        shown = image.convert("RGBA")
        paper = images.new("RGBA", shown.size, "white")
        paper.alpha_composite(shown)
        image = paper
    return image.convert("L")


def _sized(image: Image) -> tuple[Image, float]:
    """The image at about the size that recognition likes, and the factor."""
    longest = max(image.size)
    factor = _LONGEST / longest if longest > _LONGEST else 2.0 if longest < _SHORT else 1.0
    if factor == 1.0:
        return image, factor
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size), factor
