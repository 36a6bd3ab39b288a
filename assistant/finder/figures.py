"""Figures of a programme: stated by the documents, or worked out by the rules engine; each with its quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistant.finder.citing import Citing
from assistant.finder.definition import Computing, Programme
from assistant.finder.values import Amount, Note
from assistant.rules.engine import evaluate
from assistant.rules.values import Result
from assistant.schema import Language

#: Steps of a result that are told under an amount already, or that another part of the answer tells.
_TOLD = ("age", "ask", "version")


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts with what goes with them. `wanted`: fields that more could be worked out from."""

    amounts: tuple[Amount, ...] = ()
    notes: tuple[Note, ...] = ()
    wanted: tuple[str, ...] = ()


def figures_of(
    programme: Programme, facts: Mapping[str, Any], citing: Citing, language: Language, today: date
) -> Figures:
    """Work out what `programme` gives a firm and what the firm bears, and state what the documents state."""
    amounts: list[Amount] = []
    notes: list[Note] = []
    wanted: list[str] = []
    for computing in programme.computing:
        inputs = {
            name: facts[field]
            for name, known in computing.given.items()
            if (field := next((each for each in known if facts.get(each) is not None), ""))
        }
        lacking = [computing.given[name][-1] for name in computing.needs if name not in inputs]
        if lacking:
            wanted += lacking
            continue
        worked = _worked_out(computing, inputs, citing, language, today)
        amounts += worked.amounts
        notes += worked.notes
    for stated in programme.stated:
        if quoted := citing.words(programme.clauses[stated.clause]):
            role: Literal["most", "bears"] = "bears" if stated.role == "bears" else "most"
            amounts.append(Amount(role, stated.label.of(language), stated.text.of(language), quoted))
    return Figures(tuple(amounts), tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(wanted)))


def _worked_out(
    computing: Computing, given: Mapping[str, Any], citing: Citing, language: Language, today: date
) -> Figures:
    if any(given[name] == 0 for name in computing.needs):
        return Figures()
    result = evaluate(computing.rule, {**computing.fixed, **given}, computing.as_of or today)
    cited = citing.rule(result) if result.outcome == "computed" else None
    if cited is None:
        return Figures()
    roles: dict[str, Literal["most", "bears"]] = {name: "most" for name in computing.most}
    roles |= {name: "bears" for name in computing.bears}
    amounts = [
        Amount(
            role,
            term.label.of(language),
            term.text(language),
            tuple(dict.fromkeys(name for clause in term.clauses for name in cited[clause])),
            term.name,
            term.number,
            _formula(result, term.name, language),
        )
        for term in result.terms
        if (role := roles.get(term.name)) is not None
    ]
    notes = [
        Note(line.text.of(language), tuple(name for clause in line.clauses for name in cited[clause]))
        for line in result.warnings
        if line.name not in _TOLD and line.clauses
    ]
    return Figures(tuple(amounts), tuple(notes))


def _formula(result: Result, name: str, language: Language) -> str:
    return next((line.text.of(language) for line in result.lines if line.name == name), "")
