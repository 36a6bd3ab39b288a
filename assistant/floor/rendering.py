"""Renders one page of a PDF, in a worker process like all reading of untrusted files. Knows nothing of labels.

A worker is asked for `manual.pdf/14`: the page as a name below its file. The picture comes back as the text of a draft,
in base 64, since nothing but the schema's values leaves a worker.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.schema import Draft

if TYPE_CHECKING:
    import pypdfium2

#: What the worker calls.
RENDERER = "assistant.floor.rendering:render"
#: Pixels for a point: 144 to the inch, so that small print is legible on a phone.
SCALE = 2.0
#: A larger page is scaled down to so many pixels.
_MOST_PIXELS = 6_000_000
MEDIA_TYPE = "image/webp"
#: A page with more letters is marked by lines.
_MOST_LETTERS = 20_000

#: A letter or figure of the text layer and its box: left, top, right, bottom in points from the top left corner.
Letter = tuple[str, float, float, float, float]


def render(asked: Path) -> Draft:
    """The page `asked.name` of the file `asked.parent`. Raises ReadError when there is no such page."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(asked.parent) as document:
            number = int(asked.name) - 1
            if not 0 <= number < len(document):
                raise ReadError(f"{asked.parent.name} has no page {asked.name}.")
            page = document[number]
            width, height = page.get_size()
            scale = min(SCALE, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
            picture = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
            letters = _letters(page)
    except (pypdfium2.PdfiumError, ValueError) as exc:
        raise ReadError(f"Page {asked.name} of {asked.parent.name} cannot be shown ({exc}).") from exc
    packed = io.BytesIO()
    picture.save(packed, "WEBP", quality=70, method=2)
    size = {"width": width, "height": height}
    return Draft(base64.b64encode(packed.getvalue()).decode("ascii"), (), {**size, "letters": letters})


def _letters(page: pypdfium2.PdfPage) -> tuple[Letter, ...]:
    """The letters and figures of a page, line by line; none where there is no text layer, or an endless one."""
    from assistant.ingest.formats.pdf_chars import runs, upright

    text_page = page.get_textpage()
    if text_page.count_chars() > _MOST_LETTERS:
        return ()
    return tuple(
        (char.text, round(char.x0, 1), round(char.top, 1), round(char.x1, 1), round(char.bottom, 1))
        for run in runs(text_page, upright(page))
        for char in run
        if char.text.isalnum()
    )
