"""The parts a document is made of, as plain frozen values that know nothing of PDF.

Every ``markup`` field is text in which ``&``, ``<`` and ``>`` are escaped and only the tags
``<b>``, ``<i>``, ``<br/>`` and ``<link href="…">`` occur.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

NoticeKind = Literal["danger", "warning", "caution", "note", "quote"]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a chapter and opens the contents entry."""

    level: int
    markup: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    markup: str


@dataclass(frozen=True)
class Bullet:
    """One item of a list without order; ``depth`` counts from 0."""

    markup: str
    depth: int = 0


@dataclass(frozen=True)
class Step:
    """One item of a numbered list or procedure."""

    number: int
    markup: str
    depth: int = 0


@dataclass(frozen=True)
class Notice:
    """A warning, a note or a quotation; it stays on the page of the block it precedes."""

    kind: NoticeKind
    markup: str


@dataclass(frozen=True)
class Code:
    """Text to be set line by line as it is."""

    text: str


@dataclass(frozen=True)
class Table:
    """A ruled table; ``widths`` are shares of the line width (empty: judged from the text)."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing in its own units, the origin at the lower left; ``shapes`` as in ``figure.py``."""

    width: float
    height: float
    shapes: tuple[tuple[Any, ...], ...]
    caption: str


@dataclass(frozen=True)
class Cover:
    """The first page of a manual."""

    title: str
    subtitle: str
    mark: str
    rows: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Contents:
    """A contents page made from the headings of levels 1 and 2."""

    title: str


@dataclass(frozen=True)
class PageBreak:
    """Go on with a new page."""


Block = Heading | Paragraph | Bullet | Step | Notice | Code | Table | Figure | Cover | Contents | PageBreak
