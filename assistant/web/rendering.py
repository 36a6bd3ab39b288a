"""The conversation as HTML: pure functions from turns to strings.

Every text that comes from a document, a question or a model passes through `html.escape`. A turn has the same parts
from its beginning on (question, answer, evidence, what can be done), so that a part which did not change is not drawn
again: evidence that was shown stays where it is. Knows nothing of Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.schema import Language, Quote
from assistant.web.answers import Finds, render_answer
from assistant.web.icons import icon
from assistant.web.sources import html_text, place_of, render_chip, render_flags, render_from, render_quote
from assistant.web.texts import EXAMPLES, text
from assistant.web.turns import ShownTurn

#: Quotes that are shown at once; the others are behind a fold.
SHOWN = 6
#: What can be wrong with an answer: keys of the texts.
REASONS = ("reason_figure", "reason_clause", "reason_outdated", "reason_other_question", "reason_in_document")


def nothing(_: str) -> None:
    """Find no document, where there is no index."""
    return


def render_notice(language: Language, key: str = "", **values: object) -> str:
    """Above the question box: a sentence about what was typed, and on a phone the way to the sources."""
    said = f'<p class="notice" role="alert">{html_text(language, key, **values)}</p>' if key else ""
    return (
        f'<button type="button" class="btn dense open-src" id="open-sources" data-do="sources" hidden>'
        f"<span>{html_text(language, 'sources_show')}</span> <b></b></button>{said}"
        f'<p class="hold" role="status">{html_text(language, "held")}</p>'
        f'<p class="lost" role="status">{html_text(language, "connection_lost")}</p>'
    )


def render_footer(language: Language) -> str:
    """The promise under the question box, and the way to what is kept of it all."""
    notice = f'<a href="privacy">{html_text(language, "privacy")}</a>'
    return f'<p class="promise" lang="{language}">{html_text(language, "promise")} {notice}</p>'


def render_conversation(
    turns: Sequence[ShownTurn], language: Language, finds: Finds = nothing, documents: int = 0
) -> str:
    """All turns, oldest first, or the welcome when there are none. `documents`: how many there are to be asked."""
    if turns:
        title = f'<h1 class="unseen">{html_text(language, "name")}</h1>'
        body = title + "".join(render_turn(turn, language, finds) for turn in turns)
    else:
        body = _render_welcome(language, documents)
    return f'<div class="conversation" lang="{language}">{body}</div>'


def _render_welcome(language: Language, documents: int) -> str:
    examples = "".join(
        f'<button type="button" data-ask="{escape(question)}"><small>{escape(topic)}</small>'
        f"<span>{escape(question)}</span></button>"
        for topic, question in EXAMPLES[language]
    )
    hint = html_text(language, "intro_hint", documents=documents) if documents else html_text(language, "intro_empty")
    return (
        f'<section class="empty"><h1>{html_text(language, "intro")}</h1><p class="soft">{hint}</p>'
        f'<div class="egs" role="group" aria-label="{html_text(language, "examples")}">{examples}</div></section>'
    )


def render_turn(turn: ShownTurn, language: Language, finds: Finds = nothing) -> str:
    """One question and all that belongs to it."""
    status = turn.answer.status if turn.stage == "finished" and turn.answer else ""
    shown = status or (turn.stage if turn.unanswered else "")
    return (
        f'<section class="turn" id="turn-{turn.number}" data-turn="{turn.number}" data-stage="{turn.stage}" '
        f'data-status="{shown}" aria-label="{html_text(language, "asked")}: {escape(turn.question)}">'
        f"{_render_asked(turn, language)}"
        f'<article class="answer" aria-live="polite">{render_answer(turn, language, finds)}</article>'
        f'<section class="found">{_render_evidence(turn, language, refused=status == "refused")}</section>'
        f"<footer>{_render_actions(turn, language)}</footer>"
        f'<div class="sources" hidden>{_render_documents(turn, language)}</div></section>'
    )


def _render_asked(turn: ShownTurn, language: Language) -> str:
    edit = html_text(language, "edit")
    parts = [
        f'<div class="asked"><button type="button" class="btn bare dense" data-edit="{escape(turn.question)}" '
        f'aria-label="{edit}" title="{edit}">{icon("pen")}</button><p>{escape(turn.question)}</p></div>'
    ]
    if turn.standalone:
        parts.append(f'<p class="understood">{html_text(language, "understood", question=turn.standalone)}</p>')
    if turn.hidden:
        parts.append(f'<p class="unsure"><span>{html_text(language, "hidden_note")}</span></p>')
    return f'<div class="question">{"".join(parts)}</div>'


def _render_evidence(turn: ShownTurn, language: Language, *, refused: bool) -> str:
    """The quotes in the documents' own words; of a refusal none, for what it shows stands in the answer."""
    if not turn.sources:
        return ""
    items = [_render_item(turn, one, number, language) for number, one in enumerate(turn.sources, start=1)]
    if refused:  # only for the script, which opens them by their numbers
        return f'<ol class="ev" hidden>{"".join(items)}</ol>'
    title = html_text(language, "evidence" if turn.stage == "finished" else "evidence_so_far")
    fold = (
        f'<details class="fold"><summary>{html_text(language, "evidence_more", count=len(items) - SHOWN)}</summary>'
        f'<ol class="ev">{"".join(items[SHOWN:])}</ol></details>'
        if len(items) > SHOWN
        else ""
    )
    return f'<h2 class="h">{title}</h2><ol class="ev">{"".join(items[:SHOWN])}</ol>{fold}'


def _render_item(turn: ShownTurn, source: Quote, number: int, language: Language) -> str:
    return (
        f'<li data-n="{number}" {place_of(source)}>{render_chip(turn.number, number, source.title, language)}'
        f"{render_quote(source)}{render_from(source, language)}</li>"
    )


def _render_documents(turn: ShownTurn, language: Language) -> str:
    """The documents of a turn's sources, for the pane beside it, each with its numbers."""
    numbers: dict[str, list[int]] = {}
    for number, source in enumerate(turn.sources, start=1):
        numbers.setdefault(source.document_id, []).append(number)
    refused = turn.answer is not None and turn.answer.status == "refused"
    title = html_text(language, "sources_related" if refused else "sources_cited", count=len(numbers))
    first = {source.document_id: source for source in reversed(turn.sources)}
    items = "".join(
        f'<button type="button" class="doc" data-turn="{turn.number}" data-n="{where[0]}" '
        f'data-document="{escape(name)}"><span class="n">{_span(where)}</span><b>{escape(first[name].title)}</b>'
        f'<span class="flags">{render_flags(first[name], language, force=True)}</span>'
        f'<span class="from">{escape(_dated(first[name], language))} · '
        f"{html_text(language, 'cited_times', count=len(where))}</span></button>"
        for name, where in numbers.items()
    )
    return f'<h2 data-count="{len(turn.sources)}">{title}</h2>{items}' if items else ""


def _dated(source: Quote, language: Language) -> str:
    version = text(language, "version_value", version=source.version) if source.version else ""
    return " · ".join(part for part in (version, source.effective_date) if part) or text(language, "not_dated")


def _span(numbers: Sequence[int]) -> str:
    """Numbers in order: runs of three or more as their ends, others one by one; may be broken between them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else "·<wbr>".join(map(str, run)) for run in runs]
    return "·<wbr>".join(parts)


# --- what can be done with an answer ---------------------------------------------------------------------------------


def _render_actions(turn: ShownTurn, language: Language) -> str:
    if turn.running or turn.stage == "failed":
        return ""
    copy = (
        f'<button type="button" class="btn bare dense" data-copy="{turn.number}" '
        f'data-done="{html_text(language, "copied")}">{icon("copy")}<span>{html_text(language, "copy")}</span></button>'
    )
    again = (
        f'<button type="button" class="btn bare dense" data-ask="{escape(turn.question)}" data-again>{icon("again")}'
        f"<span>{html_text(language, 'again')}</span></button>"
    )
    thumbs = (
        _render_thumb(turn, "up", language) + _render_thumb(turn, "down", language) if turn.stage == "finished" else ""
    )
    done = turn.rating == "up" or bool(turn.reason)
    thanks = f'<span class="small soft" role="status">{html_text(language, "rated")}</span>' if done else ""
    why = _render_why(turn, language) if turn.rating == "down" and not turn.reason else ""
    return (
        f'<div class="acts">{copy if turn.answer else ""}{again}{thumbs}{thanks}'
        f"{_render_timings(turn, language)}</div>{why}{_render_next(turn, language)}"
    )


def _render_thumb(turn: ShownTurn, way: str, language: Language) -> str:
    return (
        f'<button type="button" class="btn bare dense" data-rate="{way}" data-turn="{turn.number}" '
        f'aria-label="{html_text(language, f"rate_{way}")}" aria-pressed="{str(turn.rating == way).lower()}">'
        f"{icon(way)}</button>"
    )


def _render_why(turn: ShownTurn, language: Language) -> str:
    """What was wrong: five reasons and a note, in place."""
    reasons = "".join(
        f'<button type="button" class="btn dense" data-reason="{reason}" aria-pressed="false">'
        f"{html_text(language, reason)}</button>"
        for reason in REASONS
    )
    note, wrong = html_text(language, "note"), html_text(language, "what_was_wrong")
    return (
        f'<form class="why box" data-turn="{turn.number}"><p class="small"><b>{wrong}</b></p>'
        f'<div class="opts" role="group" aria-label="{wrong}">{reasons}</div>'
        f'<p class="line"><input class="input" name="note" maxlength="1000" autocomplete="off" placeholder="{note}" '
        f'aria-label="{note}"><button class="btn main">{html_text(language, "note_send")}</button></p>'
        f'<p class="tiny soft">{html_text(language, "who_sees_it")}</p></form>'
    )


def _render_next(turn: ShownTurn, language: Language) -> str:
    """What the documents also answer, asked with one press."""
    if not turn.next:
        return ""
    asked = "".join(
        f'<button type="button" data-ask="{escape(question)}">{icon("turn")}<span>{escape(question)}</span></button>'
        for question in turn.next
    )
    return f'<h2 class="h">{html_text(language, "also_answered")}</h2><div class="next">{asked}</div>'


def _render_timings(turn: ShownTurn, language: Language) -> str:
    if turn.answer is None or "total" not in turn.answer.timings_ms:
        return ""
    times = turn.answer.timings_ms
    evidence, total = times.get("evidence", times.get("retrieval", 0.0)) / 1000, times["total"] / 1000
    said = html_text(language, "timings", evidence=f"{evidence:.1f}", total=f"{total:.1f}")
    return f'<span class="time">{said}</span>'
