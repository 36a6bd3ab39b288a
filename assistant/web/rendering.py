"""The conversation as HTML: pure functions from turns to strings.

Every text that comes from a document, a question or a model passes through `html.escape`. A source opens
as an HTML popover (`popovertarget`): it works by touch and keyboard without a script, and stays open while
the page adds sentences. Knows nothing of Gradio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assistant.ingest.progress import clock
from assistant.schema import Evidence, Language, Sentence
from assistant.web.sources import html_text, render_source, table_cells
from assistant.web.texts import text
from assistant.web.turns import ShownTurn

#: Sources shown before the fold, so that the prose stays on a phone's first screen.
SHOWN = 3

_STATUS_SIGNS = {
    "answered": "✓",
    "evidence_only": "≡",
    "computed": "=",
    "asked_back": "?",
    "refused": "∅",
    "stopped": "■",
    "failed": "!",
}


def render_header(language: Language, summary: Mapping[str, Any]) -> str:
    """The name, one line on what it is, and what it has read. `summary` is `Assistant.index_summary()`."""
    read = text(language, "corpus", documents=summary.get("documents", 0), chunks=summary.get("chunks", 0))
    if newest := summary.get("newest_effective_date"):
        read += " · " + text(language, "corpus_newest", date=newest).replace(" ", "\u00a0")
    return (
        f'<header class="masthead" lang="{language}"><h1>{html_text(language, "name")}</h1>'
        f'<p class="tagline">{html_text(language, "tagline")}</p><p class="small">{escape(read)}</p>'
        f"{render_progress(language, summary)}</header>"
    )


def render_progress(language: Language, summary: Mapping[str, Any]) -> str:
    """How far a run is that is writing the index, and what cannot be found by meaning yet; nothing when all is done."""
    said = []
    if run := summary.get("progress"):
        counts = {"done": f"{run['done']:,}", "total": f"{run['total']:,}"}
        said.append(text(language, "indexing_read" if run["stage"] == "read" else "indexing_embed", **counts))
        if run["remaining_s"] is not None:
            rate, left = f"{run['rate']:.1f}", clock(run["remaining_s"])
            said.append(text(language, "indexing_left", rate=rate, left=left))
    if waiting := summary.get("waiting"):
        said.append(text(language, "indexing_waiting", waiting=f"{waiting:,}"))
    return f'<p class="small indexing" role="status">{escape(" ".join(said))}</p>' if said else ""


def render_footer(language: Language) -> str:
    """The promise under the question box."""
    return f'<p class="promise" lang="{language}">{html_text(language, "promise")}</p>'


def render_examples_title(language: Language) -> str:
    """The line above the example questions."""
    return f'<h3 class="examples-title" lang="{language}">{html_text(language, "examples")}</h3>'


def render_notice(language: Language, key: str = "", **values: object) -> str:
    """A sentence above the question box about what was typed, or nothing."""
    return f'<p class="notice" role="alert">{html_text(language, key, **values)}</p>' if key else ""


def render_rating(language: Language, rating: str) -> str:
    """The question what the reader thinks of the newest answer, or the thanks for having said so."""
    return f'<p class="small" role="status" lang="{language}">{html_text(language, "rated" if rating else "rate")}</p>'


def render_conversation(turns: Sequence[ShownTurn], language: Language) -> str:
    """All turns, oldest first, or the welcome when there are none."""
    if not turns:
        body = (
            f'<div class="welcome"><h2>{html_text(language, "intro")}</h2>'
            f"<p>{html_text(language, 'intro_hint')}</p></div>"
        )
    else:
        body = "".join(render_turn(turn, language) for turn in turns)
    return f'<div class="conversation" lang="{language}" role="log" aria-live="polite">{body}</div>'


def render_turn(turn: ShownTurn, language: Language) -> str:
    """One question: what was found, then the verified sentences, how it ended, and the times."""
    refused = turn.answer is not None and turn.answer.status == "refused"
    failed = turn.stage == "failed"
    parts = [
        f'<div class="asked"><span class="unseen">{html_text(language, "asked")}: </span>{escape(turn.question)}</div>'
    ]
    if turn.standalone:
        parts.append(f'<p class="understood">{html_text(language, "understood", question=turn.standalone)}</p>')
    if turn.hidden:
        parts.append(f'<p class="note">{html_text(language, "hidden_note")}</p>')
    if turn.evidence and not refused and not failed:
        parts.append(_render_list(turn, turn.evidence, language, "evidence", "evidence_hint"))
    parts.append(_render_reply(turn, language))
    if refused and turn.sources:
        parts.append(_render_list(turn, turn.sources, language, "related", "related_hint"))
    if not failed:
        parts += [
            render_source(one, number, _source_id(turn, number), language, related=refused)
            for number, one in enumerate(turn.sources, start=1)
        ]
    return (
        f'<section class="turn" id="turn-{turn.number}" data-stage="{turn.stage}" '
        f'data-status="{_status(turn)}">{"".join(parts)}</section>'
    )


def _status(turn: ShownTurn) -> str:
    if turn.stage == "finished" and turn.answer is not None:
        return turn.answer.status
    return turn.stage if turn.stage in ("stopped", "failed") else ""


def _render_list(turn: ShownTurn, sources: Sequence[Evidence], language: Language, title: str, hint: str) -> str:
    """Sources as buttons that open them; those after the first few behind a fold."""
    rows = [_render_row(turn, one, number, language) for number, one in enumerate(sources, start=1)]
    shown, folded = rows[:SHOWN], rows[SHOWN:]
    # A checkbox, since a re-rendered page keeps its state; that of <details> would be lost at each sentence.
    fold = (
        f'<label class="fold"><input type="checkbox"><span>'
        f"{html_text(language, title + '_more', count=len(folded))}</span></label>"
        f'<ol class="folded" start="{SHOWN + 1}">{"".join(folded)}</ol>'
        if folded
        else ""
    )
    return (
        f'<section class="found {title}"><h3>{html_text(language, title)} <span class="count">{len(rows)}</span></h3>'
        f'<p class="small">{html_text(language, hint)}</p><ol>{"".join(shown)}</ol>{fold}</section>'
    )


def _render_row(turn: ShownTurn, source: Evidence, number: int, language: Language) -> str:
    flags = [
        f'<span class="flag">{html_text(language, flag)}</span>'
        for flag, applies in (("superseded", source.superseded_by), ("sample", source.sample))
        if applies
    ]
    page = text(language, "page_value", page=source.page) if source.page is not None else ""
    dated = [f'<span class="nowrap">{escape(part)}</span>' for part in (source.effective_date, page) if part]
    where = " · ".join([*dated, escape(source.title)])  # the title last: it is what a narrow screen may cut
    return (
        f'<li><button type="button" class="source-row" popovertarget="{_source_id(turn, number)}">'
        f'<span class="number" aria-hidden="true">{number}</span>'
        f'<span class="row-text"><span class="unseen">{html_text(language, "source", number=number)}: </span>'
        f'<span class="row-quote">{escape(_one_line(source))}</span>'
        f'<span class="row-where">{"".join(flags)}{where}</span></span></button></li>'
    )


def _render_reply(turn: ShownTurn, language: Language) -> str:
    if turn.running:
        values = {"ahead": turn.ahead} if turn.stage == "waiting" else {}
        status = (
            f'<p class="status running" role="status"><span class="dots" aria-hidden="true">'
            f"<i></i><i></i><i></i></span>{html_text(language, turn.stage, **values)}</p>"
        )
        return f'<section class="reply">{_render_prose(turn, language)}{status}</section>'
    kind = _status(turn)
    status = (
        f'<p class="status {kind}" role="status"><span class="sign" aria-hidden="true">{_STATUS_SIGNS[kind]}'
        f"</span>{html_text(language, 'status_' + kind)}</p>"
    )
    if turn.stage == "failed":
        sentence = re.sub("`([^`]*)`", r"<code>\1</code>", html_text(language, turn.error))
        body = f'<p class="note">{sentence}</p>'
    elif turn.stage == "stopped":
        note = "stopped_note" if turn.sentences else "stopped_note_empty"
        body = _render_prose(turn, language) + f'<p class="note">{html_text(language, note)}</p>'
    elif kind == "refused":
        body = f'<p class="fixed">{escape(turn.answer.answer if turn.answer else "")}</p>'
    elif kind == "evidence_only":
        body = _render_prose(turn, language) + f'<p class="note">{html_text(language, "evidence_only_note")}</p>'
    else:
        body = _render_prose(turn, language) + _render_cited(turn, language)
    return (
        f'<section class="reply" aria-label="{html_text(language, "answer")}">{status}{body}'
        f"{_render_timings(turn, language)}</section>"
    )


def _render_prose(turn: ShownTurn, language: Language) -> str:
    """The verified sentences, each with the numbers of its sources."""
    sentences = [_render_sentence(turn, one, language) for one in turn.sentences if one.verified]
    # a computation is read line by line
    between = "<br>" if _status(turn) in ("computed", "asked_back") else " "
    return f'<p class="prose-answer">{between.join(sentences)}</p>' if sentences else ""


def _render_sentence(turn: ShownTurn, sentence: Sentence, language: Language) -> str:
    numbers = {one.id: number for number, one in enumerate(turn.sources, start=1)}
    marks = "".join(
        f'<button type="button" class="cite" popovertarget="{_source_id(turn, numbers[cited])}" aria-label="'
        f"{html_text(language, 'open_source', number=numbers[cited], title=_title(turn, numbers[cited]))}"
        f'">{numbers[cited]}</button>'
        for cited in dict.fromkeys(sentence.citations)
        if cited in numbers
    )
    start, space, end = sentence.text.rpartition(" ")  # the numbers stay on the line of the last word
    return (
        f'<span class="sentence">{escape(start + space)}<span class="ending">{escape(end)}{marks}</span></span>'
        if len(end) < 25
        else f'<span class="sentence">{escape(sentence.text)}{marks}</span>'
    )


def _render_cited(turn: ShownTurn, language: Language) -> str:
    used = {cited for sentence in turn.sentences if sentence.verified for cited in sentence.citations}
    rows = [
        f'<li><button type="button" class="cited" popovertarget="{_source_id(turn, number)}">'
        f'<span class="number">{number}</span><span>{escape(one.title)}'
        f"{' · ' + escape(one.effective_date) if one.effective_date else ''}</span></button></li>"
        for number, one in enumerate(turn.sources, start=1)
        if one.id in used
    ]
    return f'<h4>{html_text(language, "cited")}</h4><ul class="cited-list">{"".join(rows)}</ul>' if rows else ""


def _render_timings(turn: ShownTurn, language: Language) -> str:
    if turn.answer is None or "total" not in turn.answer.timings_ms:
        return ""
    times = turn.answer.timings_ms
    values = {
        "evidence": _seconds(times.get("evidence", times.get("retrieval", 0.0))),
        "total": _seconds(times["total"]),
    }
    if times.get("first_token", times["total"]) < times["total"]:
        line = text(language, "timings_first", first=_seconds(times["first_token"]), **values)
    else:
        line = text(language, "timings", **values)
    return f'<p class="small times">{escape(line)}</p>'


def _source_id(turn: ShownTurn, number: int) -> str:
    return f"source-{turn.number}-{number}"


def _title(turn: ShownTurn, number: int) -> str:
    return turn.sources[number - 1].title


def _one_line(source: Evidence) -> str:
    """The quote for a list row: one line, a table row with its column names. The exact quote is in its popover."""
    cells = table_cells(source)
    quote = " · ".join(f"{name}: {cell}" for name, cell in cells) if cells else source.quote
    return " ".join(quote.split())


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f}"
