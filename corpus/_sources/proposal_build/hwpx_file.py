"""Sets blocks as a Hancom document (HWPX, OWPML) with python-hwpx.

Headings take the outline styles 개요 1 and 개요 2, which the word processor numbers itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import count

from hwpx import HwpxDocument
from pdf_build import blocks
from pdf_build.errors import SourceError

from .archive import rewritten
from .markup import plain, runs

NORMAL = "바탕글"
HEAD_FILL = "#E6EDF5"
#: points, by heading level; level 1 is the title, which is no outline entry
SIZES = {1: 18, 2: 14, 3: 11.5}
BULLETS = ("• ", "– ")
RANDOM_ID = re.compile(r'(<hp:(?:p|tbl) (?:[^>]* )?id=")\d+(")')
META = re.compile(r'(<opf:meta name="([A-Za-z]+)" content="text")(?:/>|>[^<]*</opf:meta>)')
TITLE = re.compile(r"<opf:title/>|<opf:title>[^<]*</opf:title>")
PREVIEWS = ("Preview/PrvImage.png",)


def _text(document: HwpxDocument, markup: str, mark: str = "") -> None:
    paragraph = document.add_paragraph(mark, style=NORMAL, inherit_style=False)
    for text, bold in runs(markup):
        paragraph.add_run(text, char_pr_id_ref=document.styles.ensure_run(bold=bold))


def _table(document: HwpxDocument, block: blocks.Table) -> None:
    rows = (block.header, *block.rows)
    table = document.add_table(len(rows), len(block.header))
    for number, row in enumerate(rows):
        for column, markup in enumerate(row):
            table.set_cell_text(number, column, plain(markup))
            if number == 0:
                table.set_cell_shading(number, column, HEAD_FILL)
    longest = [max(len(plain(row[column])) for row in rows) for column in range(len(block.header))]
    table.set_column_widths([max(4.0, length**0.5 * 3) for length in longest])
    document.add_paragraph("", style=NORMAL, inherit_style=False)


def _block(document: HwpxDocument, block: blocks.Block) -> None:
    match block:
        case blocks.Heading(level=1):
            style = document.styles.ensure_run(bold=True, size=SIZES[1])
            document.add_paragraph(plain(block.markup), style=NORMAL, char_pr_id_ref=style, inherit_style=False)
        case blocks.Heading():
            style = document.styles.ensure_run(bold=True, size=SIZES[block.level])
            document.add_heading(plain(block.markup), block.level - 1, char_pr_id_ref=style)
        case blocks.Paragraph() | blocks.Notice():
            _text(document, block.markup)
        case blocks.Bullet():
            _text(document, block.markup, BULLETS[min(block.depth, 1)])
        case blocks.Step():
            _text(document, block.markup, f"{block.number}) ")
        case blocks.Table():
            _table(document, block)
        case _:
            raise SourceError(f"a {type(block).__name__} cannot be set in HWPX")


def _package(xml: str, title: str, author: str, written: date) -> str:
    day = written.isoformat()
    known = {
        "creator": author,
        "lastsaveby": author,
        "CreatedDate": f"{day}T00:00:00Z",
        "ModifiedDate": f"{day}T00:00:00Z",
        "date": day,
    }
    xml = META.sub(lambda found: f"{found[1]}>{escape(known.get(found[2], ''))}</opf:meta>", xml)
    return TITLE.sub(f"<opf:title>{escape(title)}</opf:title>", xml, count=1)


def hwpx_bytes(document_blocks: Sequence[blocks.Block], title: str, author: str, written: date) -> bytes:
    """Return the HWPX file, the same bytes for the same blocks.

    python-hwpx gives paragraphs and tables random ids; they are numbered in order instead.
    """
    document = HwpxDocument.new()
    for block in document_blocks:
        _block(document, block)
    numbers = count(1)
    preview = "\r\n".join(
        plain(block.markup) for block in document_blocks if isinstance(block, blocks.Heading | blocks.Paragraph)
    )

    def change(name: str, content: bytes) -> bytes | None:
        if name in PREVIEWS:
            return None
        if name == "Preview/PrvText.txt":
            return preview[:1000].encode()
        if name == "Contents/content.hpf":
            return _package(content.decode(), title, author, written).encode()
        if name.startswith("Contents/section"):
            return RANDOM_ID.sub(lambda found: f"{found[1]}{next(numbers)}{found[2]}", content.decode()).encode()
        return content

    return rewritten(document.to_bytes(), change)
