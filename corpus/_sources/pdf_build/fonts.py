"""The fonts of the documents: NanumGothic (SIL Open Font License, embedding allowed).

A glyph that the font lacks would be an empty box on paper and a lost character for every reader
of the text, so it is an error here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from .errors import SourceError

PACKAGE = "fonts-nanum"
FOLDER = Path("/usr/share/fonts/truetype/nanum")
REGULAR = "NanumGothic"
BOLD = "NanumGothicBold"


@cache
def register_fonts() -> frozenset[int]:
    """Make the fonts known to reportlab; return the code points that both of them can draw."""
    glyphs: list[frozenset[int]] = []
    for name in (REGULAR, BOLD):
        path = FOLDER / f"{name}.ttf"
        if not path.is_file():
            raise SourceError(
                f"font {path} is missing: install the Debian package {PACKAGE} (apt-get install {PACKAGE})"
            )
        font = TTFont(name, str(path))
        pdfmetrics.registerFont(font)
        glyphs.append(frozenset(font.face.charToGlyph))
    # There is no italic cut: emphasis is set in the regular one.
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return glyphs[0] & glyphs[1]


def check_glyphs(text: str, where: str) -> None:
    """Raise SourceError when ``text`` holds a character that the fonts cannot draw."""
    drawable = register_fonts()
    missing = sorted({char for char in text if ord(char) not in drawable and char not in "\n\t"})
    if missing:
        names = ", ".join(f"{char!r} (U+{ord(char):04X})" for char in missing)
        raise SourceError(f"{where}: {REGULAR} has no glyph for {names}; write it differently")
