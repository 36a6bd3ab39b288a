"""The card of a computed answer: inputs that can be changed in place, each amount with its formula and clause.

Code computes, here and when an input changes; the page's script only asks again. A stored answer gets its card as long
as the rule still says what was said then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from assistant.answering.computing import Computation, compute_again
from assistant.audit import open_audit
from assistant.errors import QuestionError
from assistant.rules.chat import Computed, answer
from assistant.rules.definition import Input, Rule
from assistant.rules.engine import find_rule
from assistant.rules.inputs import InputValue, accepted, parse
from assistant.rules.route import Request as Case
from assistant.rules.route import with_missing
from assistant.rules.values import Term
from assistant.rules.wording import upper, won_text
from assistant.schema import Answer, Language, Quote, Sentence
from assistant.web.sentences import Chips, chips_by, glued, render_check, render_sentence, unbroken
from assistant.web.sources import html_text, place_of, render_chip, render_from, render_quote
from assistant.web.texts import text

if TYPE_CHECKING:
    from assistant.floor.pack import Readable
    from assistant.settings import Settings
    from assistant.web.visitors import Visitors


def render_card(answered: Answer, turn: int, chips: Chips, language: Language) -> str:
    """The card of an answer, with the sentence above it and what to check below; empty where no rule computed it."""
    if not answered.rule:
        return ""
    try:
        case = _case(answered.rule)
    except (QuestionError, KeyError, ValueError):  # the rule is another one now
        return ""
    spoken = answered.language  # the sentences are in it
    computed = answer(case, spoken, case.as_of)
    said = {sentence.text: sentence for sentence in answered.sentences}
    if any(each.text not in said for each in computed.sentences if each.part != "taken"):
        return ""
    return (
        f'<div class="computed" data-turn="{turn}" data-language="{spoken}" '
        f'data-rule="{escape(json.dumps(dict(answered.rule), ensure_ascii=False))}">'
        f'<div class="headline">{_render_headline(computed, said, chips)}</div><form class="box money" '
        f'aria-label="{html_text(language, "money")}">{_render_inputs(case, spoken, language)}'
        f'<p class="wrong" role="alert"></p><div class="out" role="status">{_render_out(computed, said, chips, spoken)}'
        f'</div></form><div class="checks">{_render_checks(computed, said, chips, spoken)}</div></div>'
    )


def _case(rule: Mapping[str, Any]) -> Case:
    entries = find_rule(rule["name"]).inputs
    given = {name: parse(entries[name], value) for name, value in rule["inputs"].items()}
    return with_missing(Case(rule["name"], given, rule["target"], date.fromisoformat(rule["as_of"]), ""))


def _render_headline(computed: Computed, said: Mapping[str, Sentence], chips: Chips) -> str:
    parts = ("question",) if computed.missing else ("headline",)
    spoken = [render_sentence(said[each.text], chips) for each in computed.sentences if each.part in parts]
    return f'<p class="say">{"<br>".join(spoken)}</p>' if spoken else ""


def _render_checks(computed: Computed, said: Mapping[str, Sentence], chips: Chips, language: Language) -> str:
    return render_check([said[each.text] for each in computed.sentences if each.part == "warning"], chips, language)


# --- inputs ----------------------------------------------------------------------------------------------------------


def _render_inputs(case: Case, spoken: Language, language: Language) -> str:
    """What was given, needed or asked for; what else the rule takes behind a fold."""
    rule = find_rule(case.rule)
    first = [name for name, entry in rule.inputs.items() if name in case.inputs or entry.required or name in case.asks]
    shown = "".join(_render_input(rule.inputs[name], case.inputs.get(name), spoken, language) for name in first)
    others = "".join(
        _render_input(entry, None, spoken, language) for name, entry in rule.inputs.items() if name not in first
    )
    fold = (
        f'<details><summary>{html_text(language, "more_inputs")}</summary><div class="in">{others}</div></details>'
        if others
        else ""
    )
    return f'<div class="in">{shown}</div>{fold}'


def _render_input(entry: Input, value: InputValue | None, spoken: Language, language: Language) -> str:
    name, label = escape(entry.name), escape(upper(entry.label.of(spoken)))
    if entry.kind in ("choice", "flag"):
        named = {key: choice.label.of(spoken) for key, choice in entry.choices.items()}
        if entry.kind == "flag":
            named = {"yes": text(language, "yes"), "no": text(language, "no")}
            value = None if value is None else "yes" if value else "no"
        blank = (
            "" if value is not None and entry.required else f'<option value="">{html_text(language, "open")}</option>'
        )
        options = "".join(
            f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(said)}</option>'
            for key, said in named.items()
        )
        control = f'<select class="input" name="{name}">{blank}{options}</select>'
    else:
        kind = ' type="date"' if entry.kind == "date" else ' type="text" autocomplete="off"'
        control = f'<input class="input" name="{name}"{kind} value="{escape(_typed(entry, value, spoken))}">'
    return f'<label class="field"><span>{label}</span>{control}</label>'


def _typed(entry: Input, value: InputValue | None, language: Language) -> str:
    if isinstance(value, Decimal):
        return won_text(value, language) if entry.kind == "won" else f"{value.normalize():f}"
    return "" if value is None else str(value)


# --- amounts ---------------------------------------------------------------------------------------------------------


def _render_out(computed: Computed, said: Mapping[str, Sentence], chips: Chips, language: Language) -> str:
    """Each amount with its formula; other statements of the rule; whom to trust."""
    result = computed.result
    formulas = {line.name: line.text.of(language) for line in result.lines}
    terms = {term.name for term in result.terms}
    rows = "".join(_render_row(term, computed, formulas, said, chips, language) for term in result.terms)
    stated = [said[words] for name, words in formulas.items() if name not in terms and words in said]
    table = f'<table class="table"><tbody>{rows}</tbody></table>' if rows else ""
    notes = "".join(f"<p>{render_sentence(sentence, chips)}</p>" for sentence in stated)
    cites = "; ".join(clause.cite.of(language) for clause in result.clauses.values())
    foot = f"<b>{html_text(language, 'computed_by_code')}</b> {escape(cites)}" if rows else ""
    return f"{table}{notes}{f'<footer>{foot}</footer>' if foot else ''}"


def _render_row(
    term: Term,
    computed: Computed,
    formulas: Mapping[str, str],
    said: Mapping[str, Sentence],
    chips: Chips,
    language: Language,
) -> str:
    line = formulas.get(term.name, "")
    sentence = said.get(line)
    formula = line.partition(": ")[2].rpartition(" = ")[0].replace(" - ", " − ")
    key = ' class="key"' if term.name == computed.request.target else ""
    label = glued(upper(term.label.of(language)), chips(sentence.citations) if sentence else "")
    return (
        f"<tr{key}><td>{label}"
        f'<small>{unbroken(formula)}</small></td><td class="num">{escape(term.text(language))}</td></tr>'
    )


# --- computing again -------------------------------------------------------------------------------------------------


class Changed(BaseModel):
    """A card whose inputs were changed: the rule's name, inputs as typed, the target and date of the card.

    `known`: the places (document, start, end) that the answer has numbers for, in their order.
    """

    name: str = Field(max_length=60)
    inputs: dict[str, str] = Field(max_length=40)
    target: str = Field("", max_length=60)
    as_of: date
    language: Language
    turn: int = Field(ge=0, le=1_000_000)
    known: list[tuple[str, int, int]] = Field(default_factory=list, max_length=100)


def money_router(index: Readable, visitors: Visitors, settings: Settings) -> APIRouter:
    """The route that computes a card again, for a reader who may see the documents of its clauses."""
    audit = open_audit(settings)
    router = APIRouter(on_shutdown=[audit.close])

    @router.post("/rules/compute")
    def compute(request: Request, changed: Changed) -> Response:
        visitor = visitors.of(request.cookies, request.url.scheme)
        try:
            rule = find_rule(changed.name)
        except QuestionError as exc:
            return JSONResponse({"detail": exc.message}, 404)
        given = {name: typed.strip() for name, typed in changed.inputs.items() if name in rule.inputs and typed.strip()}
        if wrong := _wrong(rule, given, changed.language):
            return JSONResponse({"detail": wrong}, 422)
        again = {"name": rule.name, "inputs": given, "target": changed.target, "as_of": changed.as_of.isoformat()}
        seen = index.seen_by(visitor.labels)
        computation = compute_again(again, changed.language, seen, date.today())
        if computation is None:
            return JSONResponse({"detail": text(changed.language, "no_rule_for_this")}, 404)
        audit.note(visitor, "/rules/compute", computation.evidence)
        return HTMLResponse(_render_again(computation, changed))

    return router


def _wrong(rule: Rule, given: Mapping[str, str], language: Language) -> str:
    """What is wrong with the first input that cannot be read."""
    for name, typed in given.items():
        entry = rule.inputs[name]
        try:
            parse(entry, typed)
        except QuestionError:
            label, takes = upper(entry.label.of(language)), accepted(entry).of(language)
            return text(language, "input_wrong", label=label, accepted=takes)
    return ""


def _render_again(computation: Computation, changed: Changed) -> str:
    """The parts of a card that follow from its inputs; the script puts them in the place of the old ones."""
    known = {tuple(place): number for number, place in enumerate(changed.known, start=1)}
    numbered: dict[str, tuple[int, Quote]] = {}
    new: list[tuple[int, Quote]] = []
    for quote in computation.evidence:
        number = known.get((quote.document_id, quote.start, quote.end))
        if number is None:
            number = len(known) + len(new) + 1
            new.append((number, quote))
        numbered[quote.id] = (number, quote)
    language, chips = changed.language, chips_by(numbered, changed.turn, changed.language)
    computed = answer(_case(computation.rule), language, date.today())
    said = {sentence.text: sentence for sentence in computation.sentences}
    quotes = "".join(
        f'<li data-n="{number}" {place_of(quote)}>{render_chip(changed.turn, number, quote.title, language)}'
        f"{render_quote(quote)}{render_from(quote, language)}</li>"
        for number, quote in new
    )
    return (
        f'<div class="headline">{_render_headline(computed, said, chips)}</div>'
        f'<div class="out">{_render_out(computed, said, chips, language)}'
        f"{f'<ol class=ev>{quotes}</ol>' if quotes else ''}</div>"
        f'<div class="checks">{_render_checks(computed, said, chips, language)}</div>'
    )
