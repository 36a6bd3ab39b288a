"""Lines of text of a PDF page, made of its characters: spaces restored from gaps, raised figures set apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_chars import SOFT_HYPHEN, Char, Line, Place, font_size, is_bold
from assistant.ingest.formats.pdf_raised import levels, written

if TYPE_CHECKING:
    import pypdfium2

#: Marks of more characters are text of their own.
LONGEST_MARK = 6
#: What raised and lowered figures consist of.
MARKS = frozenset("0123456789()+-−–=*†‡⁄,. abcdefghijklmnopqrstuvwxyz")


def rejoined(parts: Iterable[list[Char]]) -> list[list[Char]]:
    """Runs that follow each other closely on one line are one: PDFium breaks at raised and lowered characters."""
    joined: list[list[Char]] = []
    for run in parts:
        if joined and _follows(joined[-1][-1], run[0]):
            joined[-1] += run
        else:
            joined.append(run)
    return _marks_in_place(joined)


def _follows(before: Char, char: Char) -> bool:
    overlap = min(before.bottom, char.bottom) - max(before.top, char.top)
    size, larger = sorted((before.size, char.size))
    gap = char.x0 - before.x1
    if size > 0.9 * larger:
        return abs(gap) < 0.25 * size and overlap > 0.5 * size
    smaller = min(before, char, key=lambda each: each.size)
    return smaller.text in MARKS and -0.45 * size < gap < 0.25 * size and overlap > 0.2 * size


def _marks_in_place(joined: list[list[Char]]) -> list[list[Char]]:
    """Small marks that were drawn later than the line to whose characters they belong are put into it."""
    if len(joined) < 2:
        return joined
    kept: list[list[Char]] = []
    marks: list[list[Char]] = []
    for run in joined:
        is_mark = len(run) <= LONGEST_MARK and all(char.text in MARKS for char in run)
        (marks if is_mark else kept).append(run)
    if not marks:
        return joined
    homes = {id(mark): home for mark in marks if (home := _home(mark, kept)) is not None}
    for mark in marks:
        if id(mark) in homes:
            homes[id(mark)] += mark
    return [run for run in joined if id(run) not in homes]


def _home(mark: Sequence[Char], runs: Iterable[list[Char]]) -> list[Char] | None:
    """The run behind one of whose characters a mark stands, smaller than it and reaching above or below it."""
    first, height = mark[0], max(char.size for char in mark)
    for run in runs:
        if run[0].top - height > first.bottom or run[0].bottom + height < first.top:
            continue
        for char in run:
            off = abs(first.top + first.bottom - char.top - char.bottom) > 0.2 * char.size
            if first.size < 0.9 * char.size and off and not char.text.isspace() and _follows(char, first):
                return run
    return None


def lines_of(
    run: Sequence[Char], number: int, writes_spaces: bool, text_page: pypdfium2.PdfTextPage, place: Place
) -> list[Line]:
    """The line of a run (none if it is blank), its characters from left to right, spaces restored from gaps."""
    if all(char.text.isspace() for char in run):
        return []
    given, run = run, laid_flat(run)
    visible = [char for char in run if not char.text.isspace()]
    # Characters of a second font may be drawn after the line is finished: put them where they stand.
    ordered = sorted(run, key=lambda char: char.x0 + char.x1)
    measured = [char for char in visible if char.index >= 0] or visible
    middle = len(measured) // 2 if len(measured) > 7 else 3 * len(measured) // 5
    typical = sorted(measured, key=lambda char: char.bottom - char.top)[middle]  # no superscript
    size = (font_size(text_page, typical.index) if typical.index >= 0 else 0.0) or typical.size
    level = levels(ordered, typical, size, text_page, place) if run is given else {}
    texts = written(ordered, level) if level else [char.text for char in ordered]
    gaps_at: list[int] = []
    stretch = _stretch(ordered)
    interior = "".join(char.text for char in ordered).strip()
    spells = writes_spaces and (" " in interior or len(interior) < 30)

    def parts(a: Char, b: Char) -> bool:
        """Whether the gap stands for a space. Word processors set Hangul and Latin apart without one."""
        gap = b.x0 - a.x1
        if level and level.get(id(a), 0) != level.get(id(b), 0):
            return gap > 0.1 * size
        if gap <= least:
            return False
        return not (spells and _scripts_differ(a.text, b.text)) or gap > stretch + 0.45 * size

    least = stretch + 0.17 * size
    text, has_columns = "", False
    before: Char | None = None
    spaced = False
    for char, shown in zip(ordered, texts, strict=True):
        if char.text.isspace():
            spaced = True
            continue
        if char.text == SOFT_HYPHEN:
            shown = "-" if char is visible[-1] else ""
        if before is not None:
            gap = char.x0 - before.x1
            has_columns = has_columns or (gap > 2.2 * size and len(text) > 4)
            if gap > 1.2 * size:
                gaps_at.append(len(text))
            if spaced or parts(before, char):
                text += " "
        text += shown
        before, spaced = char, False
    if not text:
        return []
    if "\x80" <= text[0] <= "\x9f" and text[1:2] == " ":  # a sign that its font gives no meaning
        text = f"•{text[1:]}"
    upright = [char for char in visible if not level.get(id(char))] or visible
    samples = (visible[0], visible[len(visible) // 2], visible[-1])
    line = Line(
        text,
        x0=min(char.x0 for char in visible),
        x1=max(char.x1 for char in visible),
        top=min(char.top for char in upright),
        bottom=max(char.bottom for char in upright),
        size=size,
        page=number,
        bold=all(char.index >= 0 and is_bold(text_page, char.index) for char in samples),
        space_before=ordered[0].text.isspace(),
        space_after=ordered[-1].text.isspace(),
        first_word=_first_word(ordered, parts),
        has_columns=has_columns,
        gaps=tuple(gaps_at),
    )
    return [line]


def laid_flat(run: Sequence[Char]) -> Sequence[Char]:
    """A run that is drawn downwards, upwards or upside down, turned so that it reads from left to right."""
    first, last = run[0], run[-1]
    across = last.x0 + last.x1 - first.x0 - first.x1
    down = last.top + last.bottom - first.top - first.bottom
    if abs(down) > 2 * abs(across):
        if down > 0:
            return [Char(c.text, c.top, c.bottom, -c.x1, -c.x0, c.index) for c in run]
        return [Char(c.text, -c.bottom, -c.top, c.x0, c.x1, c.index) for c in run]
    if len(run) > 2 and sum(b.x0 < a.x0 for a, b in pairwise(run)) > 0.7 * (len(run) - 1):
        return [Char(c.text, -c.x1, -c.x0, -c.bottom, -c.top, c.index) for c in run]
    return run


def _stretch(ordered: Sequence[Char]) -> float:
    """How far the letters of a Korean line were set apart to fill it: half of their gaps are no wider."""
    gaps = [b.x0 - a.x1 for a, b in pairwise(ordered) if "가" <= b.text <= "힣" and "가" <= a.text <= "힣"]
    return max(0.0, sorted(gaps)[(len(gaps) - 1) // 2]) if gaps else 0.0


def _scripts_differ(a: str, b: str) -> bool:
    return ("가" <= a <= "힣" and b.isascii() and b.isalnum()) or ("가" <= b <= "힣" and a.isascii() and a.isalnum())


def _first_word(ordered: Sequence[Char], parts: Callable[[Char, Char], bool]) -> float:
    """Width of the first word of a line, in points."""
    chars = list(dropwhile(lambda char: char.text.isspace(), ordered))
    end = chars[0]
    for char in chars[1:]:
        if char.text.isspace() or parts(end, char):
            break
        end = char
    return end.x1 - chars[0].x0
