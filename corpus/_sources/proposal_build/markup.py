"""The small markup of ``pdf_build.blocks`` as plain text or as runs."""

from __future__ import annotations

import re
from html import unescape

TAG = re.compile(r"<[^>]+>")
BOLD = re.compile(r"<b>(.*?)</b>")


def plain(markup: str) -> str:
    """The text without markup."""
    return unescape(TAG.sub("", markup))


def runs(markup: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is bold."""
    pieces = BOLD.split(markup)
    return [(plain(piece), position % 2 == 1) for position, piece in enumerate(pieces) if piece]
