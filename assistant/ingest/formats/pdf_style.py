"""What is typical for the text of a PDF, and what follows from it: lines that go on, headings, how to join.

Measured on the document itself: body size, leading, margins, whether spaces are written at line ends.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from assistant.ingest.formats.draft import is_warning
from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.pdf_table import Grid
from assistant.ingest.formats.spacing import is_one_word
from assistant.ingest.formats.text import LIST_MARKER

_SENTENCE_ENDS = (".", "!", "?", "。")
_CLOSING = "\"'”’)]」』"
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_HYPHENATED = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)*)-$")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*[.)]?\s|제\s?\d+\s?[편장절관조]|[IVX]+\.\s|부록|Chapter\b|Appendix\b|Annex\b")
_LEADERS = re.compile(r"(?:\s*[.·…]){5,}\s*")
#: The first line of a list item hangs out to the left so far at most (in parts of the size).
_HANGING = 4
#: Text this long is no heading.
_LONGEST_HEADING = 120


def body_size(lines: Iterable[Line]) -> float:
    """The font size of most of the text, in points."""
    exact: dict[float, int] = {}
    for line in lines:
        exact[line.size] = exact.get(line.size, 0) + len(line.text)
    weights: Counter[float] = Counter()
    for size, weight in exact.items():
        weights[_rounded(size)] += weight
    return weights.most_common(1)[0][0] if weights else 10.0


class Style:
    """What is typical for a document, measured on its lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.body = body_size(lines)
        bold = sum(len(line.text) for line in lines if line.bold)
        self._bold_is_rare = bold < 0.3 * max(1, sum(len(line.text) for line in lines))
        self._leading = _leading(lines)
        self._margins = _margins([line for line in lines if abs(line.size - self.body) < 0.15 * self.body])
        self._local_margins = self._measure_local_margins(lines)
        # Whether a space at which a line was wrapped leaves a trace, so that a line without one cut a word.
        self._shows_wrapped_spaces = self._measure_wrapped_spaces(lines)
        self._lines = lines

    @cached_property
    def _words(self) -> Counter[str]:
        """How often words occur inside lines, where no line break can have cut them."""
        inside = [line.text.partition(" ")[2].rpartition(" ")[0] for line in self._lines]
        return Counter(_WORD.findall("\n".join(inside).lower()))

    def _measure_wrapped_spaces(self, lines: Sequence[Line]) -> bool:
        full = [(a, b) for a, b in pairwise(lines) if a.page == b.page and self.is_full(a)]
        return sum(a.space_after or _is_shifted(b, a.x0) for a, b in full) > 0.1 * max(1, len(full))

    def _measure_local_margins(self, lines: Sequence[Line]) -> dict[int, float]:
        """Right edge of blocks of long lines, by `id` of the line: a box or a quotation may be narrower.

        The first line of a list item hangs out to the left of the rest.
        """
        blocks: list[list[Line]] = []
        for line in lines:
            last = blocks[-1][-1] if blocks else None
            hangs = last and len(blocks[-1]) == 1 and LIST_MARKER.match(last.text)
            room = (_HANGING if hangs else 1) * line.size
            if last and line.page == last.page and -line.size < line.x0 - last.x0 < room and self._is_below(last, line):
                blocks[-1].append(line)
            else:
                blocks.append([line])
        edges: dict[int, float] = {}
        for block in blocks:
            edge = max(line.x1 for line in block)
            if len(block) >= 3 and edge - block[0].x0 > 16 * block[0].size:
                edges.update((id(line), edge) for line in block)
        return edges

    def _is_below(self, last: Line, line: Line) -> bool:
        """Whether the line follows at the usual distance."""
        step = line.top - last.top
        if step <= 0 or abs(line.size - last.size) >= 0.12 * last.size:
            return False
        return step <= 1.25 * self._leading.get(_rounded(line.size), 1.5 * line.size)

    def margin(self, line: Line) -> float:
        """Right edge of the line's column, in points."""
        if id(line) in self._local_margins:
            return self._local_margins[id(line)]
        at = bisect_left(self._margins, line.x1 - 3)
        return self._margins[at] if at < len(self._margins) else line.x1

    def is_full(self, line: Line) -> bool:
        """Whether the line reaches the right margin, give or take two characters."""
        return self.margin(line) - line.x1 < 2.2 * line.size

    def continues(self, paragraph: Paragraph, line: Line) -> bool:
        """Whether the line goes on with the paragraph."""
        last = paragraph.lines[-1]
        if abs(line.size - last.size) > 0.12 * last.size or line.has_columns or last.has_columns:
            return False
        hyphenated = _hyphenated(last.text) is not None
        room = self.margin(last) - last.x1
        ended_early = not hyphenated and room > max(line.first_word + 0.6 * line.size, 1.2 * line.size)
        is_large = self._is_large(last)
        if ended_early and not is_large:  # most lines that do not go on: asked before what takes longer
            return False
        if _has_leaders(last.text) or (line.bold != last.bold and (ended_early or len(paragraph.lines) == 1)):
            return False
        if is_warning(line.text):  # a warning is never a part of the step before it
            return False
        ended = _ends_sentence(last.text)
        marker = LIST_MARKER.match(line.text)
        in_list = LIST_MARKER.match(paragraph.lines[0].text) is not None
        if marker and (in_list or ended or ended_early or not marker[0][0].isdigit()):
            return False
        if is_large:  # a heading of two lines
            aligned = abs(line.x0 - last.x0) < line.size or abs(line.x0 + line.x1 - last.x0 - last.x1) < line.size
            close = line.page == last.page and 0 < line.top - last.top < 1.7 * line.size
            return aligned and close and line.bold == last.bold and not _NUMBERED.match(line.text)
        if line.page != last.page or line.top < last.top or line.x0 > last.x1:
            return not ended and self.is_full(last) and abs(line.size - self.body) < 0.15 * self.body
        if not self._is_below(last, line):
            return False
        indent = line.x0 - last.x0
        return -4 * line.size < indent < (_HANGING if in_list and len(paragraph.lines) == 1 else 0.6) * line.size

    def mark_headings(self, found: Iterable[Paragraph | Grid]) -> None:
        """Set the level of headings: by size, then bold lines of body size below all of them."""
        headings = [each for each in found if isinstance(each, Paragraph) and not each.text and self._is_heading(each)]
        firsts = [each.lines[0] for each in headings]
        large = sorted({_rounded(line.size) for line in firsts if self._is_large(line)}, reverse=True)
        for each in headings:
            size = _rounded(each.lines[0].size)
            each.level = min(6, large.index(size) + 1 if size in large else len(large) + 1)

    def _is_large(self, line: Line) -> bool:
        return line.size > 1.13 * self.body

    def _is_heading(self, paragraph: Paragraph) -> bool:
        first = paragraph.lines[0]
        is_bold = self._bold_is_rare and first.bold and len(paragraph.lines) == 1 and first.size > 0.95 * self.body
        if first.has_columns or not (is_bold or self._is_large(first)):
            return False
        text = " ".join(line.text for line in paragraph.lines)
        if len(text) > _LONGEST_HEADING or not re.search(r"[^\W\d_]{2}", text) or _has_leaders(text):
            return False
        return not re.search(r"[.,;:]$|[다요]\.$", text) and text[0] not in "-•*※▪◦○●"

    def text(self, lines: Sequence[Line], in_cell: bool = False) -> str:
        """The lines of a paragraph or table cell as one text."""
        if not lines:
            return ""
        text = lines[0].text
        if len(lines) == 1:
            return _LEADERS.sub(" … ", text) if _has_leaders(text) else text
        edge, left = max(line.x1 for line in lines), min(line.x0 for line in lines)
        for before, line in pairwise(lines):
            full = edge - before.x1 < 1.5 * before.size if in_cell else self.is_full(before)
            spaced = before.space_after or line.space_before or _is_shifted(line, left)
            text = f"{text} {line.text}" if spaced else self._joined(text, line, full)
        return _LEADERS.sub(" … ", text) if _has_leaders(text) else text

    def _joined(self, text: str, line: Line, full: bool) -> str:
        if hyphenated := _hyphenated(text):
            tail = _WORD.match(line.text)
            if tail:
                return (text if self._keeps_hyphen(hyphenated[1], tail[0]) else text[:-1]) + line.text
        return text + ("" if self._is_glued(text, line.text, full) else " ") + line.text

    def _keeps_hyphen(self, head: str, tail: str) -> bool:
        """A hyphen at the end of a line belongs to the word if the document writes it so elsewhere."""
        joined, hyphenated = self._words[f"{head}{tail}".lower()], self._words[f"{head}-{tail}".lower()]
        if joined or hyphenated:
            return hyphenated > joined
        both_are_words = self._words[head.lower()] and self._words[tail.lower()]
        return bool(both_are_words) or len(head) < 2 or "-" in head or not tail[0].islower()

    def _is_glued(self, left: str, right: str, full: bool) -> bool:
        """Whether the line break cut a word in two."""
        both = left[-1] + right[0]
        if both.isascii() and not both.isdigit():
            return False
        if _ends_sentence(left) and not left[-2:-1].isdigit():
            return False
        if self._shows_wrapped_spaces:
            return True
        if right[0].isascii() and right[0].isalnum():
            return False
        return full and (_hangul(left[-1]) or _hangul(right[0])) and is_one_word(left, right)


# Regular expressions that begin with something optional are slow: what they need is looked for first.


def dots(text: str) -> int:
    """Count the dots of all kinds that lead to a page number."""
    return text.count(".") + (0 if text.isascii() else text.count("·") + text.count("…"))


def _has_leaders(text: str) -> bool:
    return dots(text) >= 5 and _LEADERS.search(text) is not None


def _ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def _hyphenated(text: str) -> re.Match[str] | None:
    return _HYPHENATED.search(text) if text.endswith("-") else None


def _is_shifted(line: Line, left: float) -> bool:
    """Whether a line begins one space to the right of the margin: the space was wrapped with it."""
    return 0.15 * line.size < line.x0 - left < 0.5 * line.size


def _hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _leading(lines: Sequence[Line]) -> dict[float, float]:
    """Distance from one line to the next inside paragraphs, by font size: the lower quartile of what occurs."""
    steps: dict[float, list[float]] = {}
    for a, b in pairwise(lines):
        if a.page == b.page and abs(a.size - b.size) < 0.1 * a.size and 0.8 * a.size < b.top - a.top < 2.5 * a.size:
            steps.setdefault(_rounded(a.size), []).append(b.top - a.top)
    return {size: min(sorted(found)[len(found) // 4], 2.0 * size) for size, found in steps.items()}


def _margins(lines: Sequence[Line]) -> list[float]:
    """Right edges that many lines reach, one for each column: edges closer than 80 points are one ragged edge."""
    counts = Counter(round(line.x1 / 3) for line in lines)
    needed = max(3.0, 0.02 * len(lines))
    edges = sorted(3.0 * place + 1.5 for place, count in counts.items() if count >= needed)
    return [edge for edge, after in pairwise([*edges, math.inf]) if after - edge > 80]
