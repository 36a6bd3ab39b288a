"""What changed between two versions of a document as HTML and as a table for spreadsheets: counts, figures, words.

Pure functions; every text of a document is escaped.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Literal

from assistant.comparison.values import Change, Comparison
from assistant.schema import Document, Language, Quote
from assistant.text.table_rows import cells_of
from assistant.web.documents.library import address
from assistant.web.documents.texts import text

_WORDS = re.compile(r"\s+|\d+(?:[.,]\d+)*|[^\W\d]+|[^\w\s]")
#: Kinds of changes: what each is called (a key of the texts), and its colour.
KINDS = {
    "value": ("kind_value", "maybe"),
    "changed": ("kind_changed", "note"),
    "added": ("kind_added", "yes"),
    "removed": ("kind_removed", "no"),
}
#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = tuple("=+-@\t\r")


def kind_of(change: Change) -> str:
    """Tell what kind of change it is: added, removed, value (of a figure) or changed (in words)."""
    return "value" if change.kind == "changed" and change.values else change.kind


def words_of(old: Quote | None, new: Quote | None) -> list[tuple[Literal["=", "-", "+"], str]]:
    """Tell how the old words become the new ones: what stays (=), what goes (-), what comes (+), in order."""
    if old is None or new is None:
        return [("+", new.quote)] if new else [("-", old.quote)] if old else []
    before, after = _WORDS.findall(old.quote), _WORDS.findall(new.quote)
    found: list[tuple[Literal["=", "-", "+"], str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("=", "".join(before[a:b])))
            continue
        if b > a:
            found.append(("-", "".join(before[a:b])))
        if d > c:
            found.append(("+", "".join(after[c:d])))
    return found


def render_changes(comparison: Comparison, language: Language, root: str) -> str:
    """All changes: how many of each kind, those of tables' figures side by side, the others in their words.

    `root` is what all addresses begin with.
    """
    if not comparison.changes:
        return f'<p class="box">{_say(language, "no_change")}</p>'
    rows = [change for change in comparison.changes if _in_table(change)]
    others = [change for change in comparison.changes if not _in_table(change)]
    note = f'<p class="seen-note">{_say(language, "anew")}</p>' if comparison.is_anew else ""
    values = _render_values(comparison, rows, language, root) if rows else ""
    words = _render_words(comparison, others, language, root) if others else ""
    return f'{_render_counts(comparison, language)}{note}<div class="changes">{values}{words}</div>'


def as_csv(comparison: Comparison, language: Language) -> str:
    """Write all changes as a table: kind, section, page, before, after."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(text(language, key) for key in ("kind", "section", "page_head", "before", "after"))
    for change in comparison.changes:
        piece = change.piece
        sides = (change.old.quote if change.old else "", change.new.quote if change.new else "")
        place = (" > ".join(piece.heading_path), piece.pages)
        table.writerow(_cell(each) for each in (text(language, KINDS[change.kind][0]), *place, *sides))
    return f"\ufeff{written.getvalue()}"  # the mark by which spreadsheets know the encoding


def _cell(words: str) -> str:
    return f"'{words}" if words.startswith(_FORMULA) else words


def _say(language: Language, key: str, **values: object) -> str:
    return escape(text(language, key, **values))


def _in_table(change: Change) -> bool:
    return kind_of(change) == "value" and bool(change.piece.table_header)


def _render_counts(comparison: Comparison, language: Language) -> str:
    valued = sum(kind_of(change) == "value" for change in comparison.changes)
    counts = (
        ("sum_values", valued),
        ("sum_words", comparison.count("changed") - valued),
        ("sum_added", comparison.count("added")),
        ("sum_removed", comparison.count("removed")),
        ("sum_same", comparison.unchanged),
    )
    return (
        '<ul class="sum">'
        + "".join(f"<li><b>{count}</b> <span>{_say(language, key)}</span></li>" for key, count in counts)
        + "</ul>"
    )


def _render_values(comparison: Comparison, rows: Sequence[Change], language: Language, root: str) -> str:
    body = []
    for change in rows:
        for number, value in enumerate(change.values):
            first = f"{escape(_item(change))}<small>{_place(comparison, change, language, root)}</small>"
            sides = (
                f"<del>{escape(value.old.text)}</del>" if value.old else "–",
                f"<ins>{escape(value.new.text)}</ins>" if value.new else "–",
            )
            cells = "".join(f'<td class="num">{side}</td>' for side in sides)
            body.append(f'<tr><th scope="row">{"" if number else first}</th>{cells}</tr>')
    names = (_version(comparison.old, "before", language), _version(comparison.new, "after", language))
    head = "".join(f'<th scope="col" class="num">{escape(name)}</th>' for name in names)
    title = _say(language, "values")
    return (
        f'<section><h2 class="cap">{title}</h2><div class="scroll-x" tabindex="0" role="region" '
        f'aria-label="{title}"><table class="table"><thead><tr><th scope="col">{_say(language, "item")}</th>{head}</tr>'
        f"</thead><tbody>{''.join(body)}</tbody></table></div></section>"
    )


def _render_words(comparison: Comparison, changes: Sequence[Change], language: Language, root: str) -> str:
    items = []
    for change in changes:
        name, colour = KINDS[kind_of(change)]
        tag = f'<span class="tag {colour}">{_say(language, name)}</span>'
        tags = {"=": "{}", "-": "<del>{}</del>", "+": "<ins>{}</ins>"}
        words = "".join(tags[side].format(escape(said)) for side, said in words_of(change.old, change.new))
        place = _place(comparison, change, language, root)
        items.append(
            f'<li><p class="from"><span>{place}</span>{tag}</p><blockquote class="quote">{words}</blockquote></li>'
        )
    title = _say(language, "words_changed")
    return f'<section><h2 class="cap">{title}</h2><ul class="chg">{"".join(items)}</ul></section>'


def _item(change: Change) -> str:
    """What a row of a table is about: its first cell with letters that no differing figure stands in."""
    figures = [side.text for each in change.values for side in (each.old, each.new) if side]
    cells = cells_of(change.piece.quote)
    named = (each for each in cells if any(map(str.isalpha, each)) and not any(one in each for one in figures))
    return next(named, cells[0] if cells else "")


def _place(comparison: Comparison, change: Change, language: Language, root: str) -> str:
    """Where a change stands: its section, and the page as a link."""
    piece = change.piece
    section = escape(piece.heading_path[-1]) if piece.heading_path else ""
    if not piece.pages:
        return section
    document = comparison.new if change.new else comparison.old
    where = f"{root}/{address('read', document.document_id)}#page-{piece.page}"
    link = f'<a class="link" href="{escape(where)}">{_say(language, "page", page=piece.pages)}</a>'
    return f"{section} · {link}" if section else link


def _version(document: Document, key: str, language: Language) -> str:
    return document.version or document.effective_date or text(language, key)
