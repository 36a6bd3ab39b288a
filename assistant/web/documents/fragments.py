"""A document as HTML: its text in blocks with the cited passages marked, or its page with their lines marked.

Pure functions; every text of a document is escaped. Marks on a page are drawn in points, which boxes count in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from assistant.floor.marks import areas
from assistant.floor.pages import Picture
from assistant.schema import Block, Language
from assistant.text.table_rows import cells_of
from assistant.web.documents.places import Place
from assistant.web.documents.texts import text as said

_BULLET, _BETWEEN = "- ", " | "


def render_text(
    blocks: Iterable[Block], text: str, places: Sequence[Place] = (), now: Place | None = None, label: str = ""
) -> str:
    """The text of `blocks`: headings, paragraphs, lists and tables, with `places` marked.

    `label` names it where it is scrolled by itself, for wide tables; without one it stands in what is scrolled.
    """
    marker = _Marker(text, places, now)
    parts = []
    groups = [list(group) for _, group in groupby(blocks, key=lambda block: (block.kind, block.table_header))]
    for inside, following in zip(groups, [*groups[1:], []], strict=True):
        kind, header = inside[0].kind, inside[0].table_header
        if following and following[0].table_header == text[inside[-1].start : inside[-1].end]:
            inside = inside[:-1]  # the header row stands at the top of its table
        if kind == "list_item":
            parts.append(f"<ul>{''.join(_render_item(block, marker) for block in inside)}</ul>")
        elif kind == "table_row" and header:
            parts.append(_render_table(inside, header, marker))
        else:
            parts += [_render_block(block, marker) for block in inside]
    region = f' tabindex="0" role="region" aria-label="{escape(label)}"' if label else ""
    return f'<div class="text"{region}>{"".join(parts)}</div>'


class _Marker:
    """Writes blocks with the marks of places."""

    def __init__(self, text: str, places: Sequence[Place], now: Place | None) -> None:
        self.text = text
        self._places = places
        self._now = now
        self._shown = False

    def element(self, tag: str, block: Block, inside: str | None = None, kind: str = "") -> str:
        """A block as an element; the first one of the place that is looked at is named."""
        hit = [place for place in self._places if place.start < block.end and block.start < place.end]
        first = self._now in hit and not self._shown
        self._shown = self._shown or first
        classes = " ".join(part for part in (kind, "hit" if hit else "") if part)
        named = f' class="{classes}"' if classes else ""
        marks = f"{named}{' data-now' if first else ''}"
        words = self.words(block.start, block.end) if inside is None else inside
        return f"<{tag}{marks}>{words}</{tag}>"

    def words(self, start: int, end: int) -> str:
        """The slice `start:end` with the answering words marked."""
        spans = sorted(
            (max(place.span[0], start), min(place.span[1], end))
            for place in self._places
            if place.span and place.span[0] < end and start < place.span[1]
        )
        parts, at = [], start
        for first, last in spans:
            if last > at:
                first = max(first, at)
                parts.append(f"{escape(self.text[at:first])}<mark>{escape(self.text[first:last])}</mark>")
                at = last
        return "".join(parts) + escape(self.text[at:end])


def _render_block(block: Block, marker: _Marker) -> str:
    if block.kind == "heading":
        return marker.element(f"h{min(5, 1 + max(1, len(block.heading_path)))}", block)
    return marker.element({"quote": "blockquote", "code": "pre"}.get(block.kind, "p"), block)


def _render_item(block: Block, marker: _Marker) -> str:
    bullet = len(_BULLET) if marker.text.startswith(_BULLET, block.start) else 0
    words = marker.words(block.start + bullet, block.end)
    return marker.element("li", block, words, "point" if bullet else "")


def _render_table(rows: Sequence[Block], header: str, marker: _Marker) -> str:
    names = cells_of(header)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = []
    for block in rows:
        cells, at = [], block.start
        for cell in cells_of(marker.text[block.start : block.end]):
            cells.append(f"<td>{marker.words(at, at + len(cell))}</td>")
            at += len(cell) + len(_BETWEEN)
        body.append(marker.element("tr", block, "".join(cells)))
    return f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def render_leaf(
    picture: Picture,
    address: str,
    number: int,
    title: str,
    blocks: Sequence[Block],
    text: str,
    places: Sequence[Place],
    now: Place | None,
    language: Language,
) -> str:
    """A page as a picture, the lines of `places` marked on it, the answering words stronger."""
    marks = []
    for place in places:
        here = " now" if place == now else ""
        for kind, part in (("", (place.start, place.end)), ("word", place.span)):
            if part:
                found = areas(blocks, text, number, *part, picture.letters)
                marks += [_render_area(area, f"{kind}{here}".strip()) for area in found]
    label = escape(said(language, "page_of", title=title, page=number))
    return (
        f'<figure class="leaf" id="page-{number}"><div class="sheet"><img src="{escape(address)}" alt="{label}">'
        f'<svg viewBox="0 0 {picture.width:.1f} {picture.height:.1f}" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(marks)}</svg></div><figcaption>{escape(said(language, 'page', page=number))}</figcaption></figure>"
    )


def _render_area(area: tuple[float, float, float, float], kind: str) -> str:
    left, top, right, bottom = area
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
