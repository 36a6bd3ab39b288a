"""What is said to one question: how far it is, then the answer, what to check, conflicts, a refusal or an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from assistant.answering.changes import MARKS
from assistant.answering.wording import is_warning
from assistant.schema import Answer, Document, Language, Quote, Sentence
from assistant.web.documents.changes import KINDS
from assistant.web.documents.library import comparison_address
from assistant.web.icons import icon
from assistant.web.money import render_card
from assistant.web.sentences import Chips, chips_of, render_sentence
from assistant.web.sources import html_text, render_flags, render_from, render_quote
from assistant.web.texts import text
from assistant.web.turns import ShownTurn

#: Finds a document that the reader may see; None where there is none.
Finds = Callable[[str], Document | None]

#: A signal word is not longer.
_SIGNAL = 12
#: So many sentences make one paragraph.
_PARAGRAPH = 3


def render_answer(turn: ShownTurn, language: Language, finds: Finds) -> str:
    """The part of a turn that changes until it ends; what was found stands below it and stays."""
    if turn.running:
        return f"{_render_said(turn, turn.sentences, language)}{_render_waiting(turn, language)}"
    answer = turn.answer
    if turn.stage == "failed":
        return _render_failure(turn, language)
    if turn.unanswered or answer is None:
        note = "stopped_note" if turn.sentences else "stopped_note_empty"
        note = "interrupted_note" if turn.stage == "interrupted" else note
        stopped = f'<p class="unsure" role="status"><b>{html_text(language, f"status_{turn.stage}")}</b>'
        return f"{_render_said(turn, turn.sentences, language)}{stopped}<span>{html_text(language, note)}</span></p>"
    ended = f'<p class="unseen" role="status">{html_text(language, "status_" + answer.status)}</p>'
    if answer.status == "refused":
        return ended + _render_refusal(turn, answer, language)
    dated = render_conflicts(turn, answer, language)
    if not dated and not answer.comparisons:  # who compares knows that one version is superseded
        dated = _render_superseded(turn, answer, language, finds)
    card = render_card(answer, turn.number, chips_of(turn, language), language)
    alone = answer.status == "quotes_only"
    note = f'<p class="unsure"><span>{html_text(language, "quotes_only_note")}</span></p>' if alone else ""
    render = _render_compared if answer.comparisons else _render_said
    whole = "".join(_render_whole(each, language, finds) for each in answer.comparisons)
    return f"{ended}{dated}{card or render(turn, turn.sentences, language)}{whole}{note}"


# --- sentences -------------------------------------------------------------------------------------------------------


def _render_said(turn: ShownTurn, sentences: Sequence[Sentence], language: Language) -> str:
    """Warnings first, then the direct answer."""
    warnings = [sentence for sentence in sentences if is_warning(sentence.text)]
    others = [sentence for sentence in sentences if sentence not in warnings]
    signs = "".join(_render_sign(turn, sentence, language) for sentence in warnings)
    if not others:
        return signs
    together = len(others) <= _PARAGRAPH and not any("\n" in sentence.text for sentence in others)
    said = [render_sentence(sentence, chips_of(turn, language)) for sentence in others]
    if together:
        return f'{signs}<p class="say">{" ".join(said)}</p>'
    rest = "".join(f'<p class="say sub">{one}</p>' for one in said[1:])
    return f'{signs}<p class="say">{said[0]}</p>{rest}'


def _render_sign(turn: ShownTurn, sentence: Sentence, language: Language) -> str:
    signal, colon, words = sentence.text.partition(":")
    if not colon or len(signal) > _SIGNAL:
        return f'<div class="sig"><p>{render_sentence(sentence, chips_of(turn, language))}</p></div>'
    rest = Sentence(words.strip(), sentence.citations)
    return f'<div class="sig"><b>{escape(signal)}</b><p>{render_sentence(rest, chips_of(turn, language))}</p></div>'


def _render_compared(turn: ShownTurn, sentences: Sequence[Sentence], language: Language) -> str:
    """What changed between versions: the counts, then the changes as a list, each with its kind."""
    kinds = {said: kind for marks in MARKS.values() for kind, said in marks.items()}
    parts, chips = [], chips_of(turn, language)
    for changed, group in groupby(sentences, key=lambda each: each.text.partition(": ")[0] in kinds):
        if changed:
            parts.append(f'<ul class="told">{"".join(_render_change(each, kinds, chips) for each in group)}</ul>')
        else:
            parts += [f'<p class="say{" sub" if parts else ""}">{render_sentence(each, chips)}</p>' for each in group]
    return "".join(parts)


def _render_change(sentence: Sentence, kinds: Mapping[str, str], chips: Chips) -> str:
    said, _, words = sentence.text.partition(": ")
    change = render_sentence(Sentence(words, sentence.citations), chips)
    return f'<li><span class="tag {KINDS[kinds[said]][1]}">{escape(said)}</span> <span>{change}</span></li>'


def _render_whole(compared: Mapping[str, Any], language: Language, finds: Finds) -> str:
    """The way to all that changed between two versions; nothing while the reader may not see both."""
    old, new = (finds(compared[side]["document_id"]) for side in ("old", "new"))
    if old is None or new is None:
        return ""
    said = html_text(language, "whole_comparison", old=_version(old), new=_version(new))
    where = escape(comparison_address(old.document_id, new.document_id))
    return f'<p class="whole"><a class="btn dense" href="{where}">{icon("open")}<span>{said}</span></a></p>'


def _version(document: Document) -> str:
    return document.version or document.effective_date or document.title


# --- what depends on a date ------------------------------------------------------------------------------------------


def render_conflicts(turn: ShownTurn, answer: Answer, language: Language) -> str:
    """Documents that say different things, side by side with their dates, the newer first."""
    known = {one.id: one for one in turn.sources}
    pairs = [(known[newer], known[older]) for newer, older in answer.conflicts if newer in known and older in known]
    return "".join(
        _render_dated(
            text(language, "conflict", date=newer.effective_date or "–"),
            [
                (one.effective_date, render_flags(one, language, force=one is newer), _cited(turn, one, language))
                for one in pair
            ],
            language,
        )
        for pair in pairs
        for newer in pair[:1]
    )


def _cited(turn: ShownTurn, quote: Quote, language: Language) -> str:
    start, end = quote.span or (quote.start, quote.end)
    words = quote.quote[start - quote.start : end - quote.start]
    return f"{escape(words)}{chips_of(turn, language)((quote.id,))}"


def _render_superseded(turn: ShownTurn, answer: Answer, language: Language, finds: Finds) -> str:
    """What the answer rests on and is superseded, with the document in force and both dates."""
    old = {one.document_id: one for one in answer.citations if one.superseded_by}
    parts = []
    for quote in old.values():
        newer = finds(quote.superseded_by)
        name = newer.title if newer else quote.superseded_by
        link = f'<a class="link" href="documents/read/{escape(quote.superseded_by)}">{escape(name)}</a>'
        force = f'<span class="tag yes">{icon("ok")}{html_text(language, "in_force")}</span>'
        rows = [
            (newer.effective_date if newer else "", force, link),
            (quote.effective_date, render_flags(quote, language), escape(quote.title)),
        ]
        parts.append(_render_dated(text(language, "superseded_answer"), rows, language))
    return "".join(parts)


def _render_dated(title: str, rows: Sequence[tuple[str, str, str]], language: Language) -> str:
    body = "".join(
        f'<tr{" class=soft" if number else ""}><td><span class="when"><b>'
        f"{escape(text(language, 'since', date=date) if date else '–')}</b> {flags}</span></td><td>{said}</td></tr>"
        for number, (date, flags, said) in enumerate(rows)
    )
    return (
        f'<div class="box maybe two"><h3>{escape(title)}</h3><table class="table"><thead><tr>'
        f'<th scope="col">{html_text(language, "applies")}</th><th scope="col">{html_text(language, "says")}</th>'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


# --- waiting, refusing, failing --------------------------------------------------------------------------------------


def _render_waiting(turn: ShownTurn, language: Language) -> str:
    if turn.stage == "waiting":
        return (
            f'<section class="box line" role="status"><b>{turn.ahead}</b><div><h3>'
            f"{html_text(language, 'waiting', ahead=turn.ahead)}</h3></div></section>"
        )
    found = html_text(language, "step_found", count=len(turn.evidence))
    queued = turn.stage == "queued"
    writing = html_text(language, "queued", ahead=turn.ahead) if queued else html_text(language, "writing")
    searching = html_text(language, "searching")
    done, now = f'<li class="done">{icon("ok")}<span>', f'<li class="now">{icon("dot")}<span>'
    if turn.stage == "searching":
        steps = f"{now}{searching}</span></li><li>{icon('ring')}<span>{writing}</span></li>"
    else:
        steps = f"{done}{found}</span></li>{now}{writing}</span></li>"
    return f'<ol class="steps" role="status">{steps}</ol>'


def _render_refusal(turn: ShownTurn, answer: Answer, language: Language) -> str:
    said = ""
    if answer.citations:
        quotes = "".join(render_quote(one) + render_from(one, language) for one in answer.citations)
        said = f'<p class="say sub">{html_text(language, "says_unknown")}</p>{quotes}'
    near = "".join(
        f'<div class="near">{render_quote(one, marked=False)}{render_from(one, language)}'
        f"<p>{_render_there(turn, one, language)}</p></div>"
        for one in answer.related
        if one.id != answer.whom
    )
    title = f'<h3 class="h">{html_text(language, "related")}</h3>' if near else ""
    hint = f'<p class="small soft">{html_text(language, "related_hint")}</p>' if near else ""
    tell = (
        f'<p class="tell"><button type="button" class="btn dense" data-missing="{turn.number}">'
        f"{html_text(language, 'tell_staff')}</button></p>"
        if not turn.rating
        else ""
    )
    whom = _render_whom(turn, answer, language)
    refused = html_text(language, "status_refused")
    return f'<div class="refuse"><h2>{refused}</h2>{said}{whom}{title}{hint}{near}{tell}</div>'


def _render_whom(turn: ShownTurn, answer: Answer, language: Language) -> str:
    """What the documents say of whom to ask, in their own words."""
    return "".join(
        f'<section class="whom"><h3 class="h">{html_text(language, "whom")}</h3>{render_quote(one)}'
        f"{render_from(one, language)}<p>{_render_there(turn, one, language)}</p></section>"
        for one in (*answer.citations, *answer.related)
        if one.id == answer.whom
    )


def _render_there(turn: ShownTurn, quote: Quote, language: Language) -> str:
    chip = chips_of(turn, language)((quote.id,))
    return f'{chip} <span class="small soft there">{html_text(language, "see_there")}</span>'


def _render_failure(turn: ShownTurn, language: Language) -> str:
    sentence = re.sub("`([^`]*)`", r"<code>\1</code>", html_text(language, turn.error))
    kept = html_text(language, "failure_kept", count=len(turn.evidence)) if turn.evidence else ""
    left = f"<dt>{html_text(language, 'what_is_kept')}</dt><dd>{kept}</dd>" if kept else ""
    return (
        f'<section class="box no" role="alert"><h3>{html_text(language, "status_failed")}</h3><dl class="who">'
        f'<dt>{html_text(language, "what_happened")}</dt><dd class="note">{sentence}</dd>{left}</dl>'
        f'<p class="tell"><button type="button" class="btn main dense" data-ask="{escape(turn.question)}">'
        f"{html_text(language, 'ask_again')}</button></p></section>"
    )
