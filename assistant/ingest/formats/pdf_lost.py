"""Characters that PDFium leaves out: single ones in a font that does not tell how large its letters are.

Such fonts are not embedded, or only in part, as in many Korean files; a raised figure between two pieces of text is
a single character. pdfminer (below pdfplumber) reads the page once more; only what stands at the places of the lost
characters is taken from it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

from assistant.ingest.formats.pdf_chars import Char, Place

#: Pages that are read twice at most: each takes about 70 ms.
_MOST = 300


class Lost:
    """Finds lost characters of the PDF file with this content."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._document: Any = None
        self._read = 0

    def chars(self, number: int, spots: Sequence[tuple[float, float]], place: Place) -> list[Char]:
        """The characters of a page (counted from 1) at these places of its user space."""
        if not spots or self._read >= _MOST:
            return []
        self._read += 1
        try:
            if self._document is None:
                import pdfplumber

                logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it has much to say about fonts without sizes
                self._document = pdfplumber.open(io.BytesIO(self._content))
            page = self._document.pages[number - 1]
            known, (left, bottom, _, _) = page.chars, page.mediabox
            page.close()
        except Exception:  # noqa: BLE001 - pdfminer raises anything; what PDFium read is kept
            return []
        found = []
        for x, y in spots:
            for char in known:
                size = char["size"]
                across, up = char["matrix"][4] + left, char["matrix"][5] + bottom
                if abs(across - x) < 0.5 and -0.6 * size < y - up < 0.8 * size and char["text"].strip():
                    x0, top, x1, base = place(x, y + 0.76 * size, x + max(char["width"], 0.3 * size), y)
                    found.append(Char(char["text"], x0, x1, top, base + 0.15 * size, -1, base))
                    break
        return found
