"""Evaluates a rule for a case, as of a date. Pure code: no model, no clock, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from assistant.errors import QuestionError
from assistant.rules import costs, fees, limits, sizes, support
from assistant.rules.case import Case
from assistant.rules.definition import Rule, load_rules
from assistant.rules.inputs import InputValue, missing
from assistant.rules.values import Clause, Line, Outcome, Result, Text
from assistant.rules.wording import date_text

#: The code of each rule; its figures, dates, clauses and words are in `rules/<name>.toml`.
FORMULAS: dict[str, Callable[[Case], None]] = {
    "share": support.government_share,
    "programme-support": support.programme_support,
    "ai-plus": support.ai_plus,
    "bank-loan": support.bank_loan,
    "indirect-cost": costs.indirect_cost,
    "research-allowance": costs.research_allowance,
    "entrusted-cost": costs.entrusted_cost,
    "in-kind": costs.in_kind,
    "equipment": costs.equipment,
    "new-staff": costs.new_staff,
    "settlement": costs.settlement,
    "technology-fee": fees.technology_fee,
    "fee-period": fees.fee_period,
    "deadline": limits.deadline,
    "sanctions": limits.sanctions,
    "project-limit": limits.project_limit,
    "company-size": sizes.company_size,
}


def find_rule(name: str) -> Rule:
    """Find a rule by name. Raises QuestionError that names the rules there are."""
    rules = load_rules()
    if name not in rules:
        raise QuestionError(f"There is no rule {name!r}.", f"Rules: {', '.join(rules)}.")
    return rules[name]


def evaluate(name: str, inputs: Mapping[str, InputValue], as_of: date) -> Result:
    """Evaluate the rule `name` for `inputs`, in the version that held on `as_of`.

    Never guesses: what is not given is named in `missing`, what the documents do not hold gives `unknown`.
    Raises QuestionError for an unknown rule or input.
    """
    rule = find_rule(name)
    unknown = [key for key in inputs if key not in rule.inputs]
    if unknown:
        raise QuestionError(f"{name} has no input {unknown[0]!r}.", f"Inputs: {', '.join(rule.inputs)}.")
    decided_by = inputs.get(rule.decided_by, as_of)
    day = decided_by if isinstance(decided_by, date) else as_of
    version = rule.version_at(day)
    if version is None or not version.known:
        return _unknown(rule, inputs, as_of, day)
    case = Case(rule, version, inputs, as_of)
    FORMULAS[name](case)
    outcome: Outcome = "incomplete" if case.wanted else "unknown" if case.unknown else "computed"
    warnings = [] if case.wanted else [*case.warnings, *_notices(rule, case)]
    return Result(
        rule=name,
        title=rule.title,
        outcome=outcome,
        as_of=as_of,
        since=version.since,
        until=version.until,
        inputs=dict(inputs),
        terms=() if outcome == "incomplete" else tuple(case.terms),
        figures=tuple(case.figures),
        lines=() if outcome == "incomplete" else tuple(case.lines),
        warnings=tuple(warnings),
        missing=tuple(missing(rule.inputs[key]) for key in case.wanted),
        clauses=_used(rule, case.lines, warnings),
    )


def _unknown(rule: Rule, inputs: Mapping[str, InputValue], as_of: date, day: date) -> Result:
    """No figures: before the first known version, in a gap between versions, or a version without a source."""
    version = rule.version_at(day)
    if version is not None:
        words, clauses = version.note, (version.clause,) if version.clause else ()
    else:
        known = [entry for entry in rule.versions if entry.known]
        ko = ", ".join(f"{_span(entry.since, entry.until, 'ko')}({entry.note.ko})" for entry in known)
        en = "; ".join(f"{_span(entry.since, entry.until, 'en')} ({entry.note.en})" for entry in known)
        words = Text(
            f"{date_text(day, 'ko')} 기준의 규정은 확인된 자료가 없습니다. 확인된 기간: {ko}.",
            f"The rule as of {date_text(day, 'en')} is not in the documents. Known: {en}.",
        )
        clauses = ()
    lines = [Line("unknown", words, clauses), _where_to_ask(rule)]
    return Result(
        rule=rule.name,
        title=rule.title,
        outcome="unknown",
        as_of=as_of,
        since=version.since if version else None,
        until=version.until if version else None,
        inputs=dict(inputs),
        lines=tuple(lines),
        clauses=_used(rule, lines, []),
    )


def _span(since: date, until: date | None, language: str) -> str:
    first = since.isoformat()
    if until is None:
        return f"{first}부터" if language == "ko" else f"since {first}"
    return f"{first}~{until.isoformat()}" if language == "ko" else f"{first} to {until.isoformat()}"


def _where_to_ask(rule: Rule) -> Line:
    return Line("ask", Text(f"확인할 곳: {rule.ask.ko}.", f"Where to ask: {rule.ask.en}."))


def _notices(rule: Rule, case: Case) -> list[Line]:
    """What always goes with a result: the version, the rule's own warnings, the age of the text, where to ask."""
    lines = []
    if case.version.until is not None:
        span_ko, span_en = (_span(case.version.since, case.version.until, language) for language in ("ko", "en"))
        note = case.version.note
        clauses = (case.version.clause,) if case.version.clause else ()
        words = Text(f"{span_ko} 기준입니다({note.ko}).", f"As of {span_en} ({note.en}).")
        lines.append(Line("version", words, clauses))
    lines += [Line("notice", notice.text, (notice.clause,) if notice.clause else ()) for notice in rule.notices]
    used = _used(rule, case.lines, [])
    if used:
        oldest = min(clause.effective for clause in used.values())
        lines.append(
            Line(
                "age",
                Text(
                    f"{oldest.isoformat()} 자료에 따른 계산이며, 그 뒤 규정이 바뀌었거나 공고가 다른 조건을 정할 수 "
                    "있습니다.",
                    f"Computed from material of {oldest.isoformat()}; the rule may have changed since, and a call may "
                    "set other terms.",
                ),
            )
        )
    return [*lines, _where_to_ask(rule)]


def _used(rule: Rule, lines: list[Line], warnings: list[Line]) -> dict[str, Clause]:
    return {name: rule.clauses[name] for line in [*lines, *warnings] for name in line.clauses}
