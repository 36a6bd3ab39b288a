"""How well questions are routed to rules: the rule, its inputs, the wanted output, and what is wrongly computed.

`python -m assistant.evaluation.rules SET.jsonl [--today 2026-11-22] [--calibrate] [--json]` with the reader of this
machine. A line holds `question`, `lang`, `rule` (null: for the documents), `inputs` by name (won, percent, ISO dates,
keys of choices), `target`, and `before`: the question of the turn before, whose case it completes (or not). Nothing is
searched and nothing answered: only `assistant.rules.route` is measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from assistant.reading import Reader
from assistant.rules.engine import evaluate
from assistant.rules.given import Thresholds
from assistant.rules.inputs import InputValue
from assistant.rules.route import Request, Said, request_of
from assistant.schema import Excerpt, Language, Reading
from assistant.tuning import tuning

#: Thresholds that are tried.
_GRID = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its key; `rule` is "" where the documents answer it, `before` the question of the turn before.

    `inputs` are those that the question itself gives, not those of the turn before.
    """

    question: str
    language: Language
    rule: str
    inputs: Mapping[str, Any]
    target: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: `request` is None where it was left to the documents."""

    case: Case
    request: Request | None

    @property
    def rule_right(self) -> bool:
        """Tell whether the rule of the key was picked, or none where the key has none."""
        return (self.request.rule if self.request else "") == self.case.rule

    @property
    def inputs_right(self) -> bool:
        """Tell whether the inputs of the key were taken and no others (beside those of the turn before)."""
        given = {name: _plain(value) for name, value in self.request.inputs.items()} if self.request else {}
        if self.case.before:
            given = {name: value for name, value in given.items() if name in self.case.inputs}
        return self.rule_right and given == self.case.inputs

    @property
    def computed(self) -> bool:
        """Tell whether an amount or a verdict would be shown, neither a question back nor that it is not known."""
        asked = self.request
        if asked is None or asked.asks:
            return False
        return evaluate(asked.rule, asked.inputs, asked.as_of).outcome == "computed"


class RememberingReader:
    """Reads each question and excerpt once: several thresholds are tried on the same readings."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._readings: dict[tuple[str, Excerpt], Reading] = {}
        self._supports: dict[tuple[str, Excerpt], float] = {}
        self.fingerprint = reader.fingerprint

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Give the reader's readings, remembered."""
        new = [excerpt for excerpt in excerpts if (question, excerpt) not in self._readings]
        if new:
            found = self._reader.read(question, new)
            self._readings |= {(question, e): reading for e, reading in zip(new, found, strict=True)}
        return [self._readings[question, excerpt] for excerpt in excerpts]

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Give the reader's probabilities, remembered."""
        new = [excerpt for excerpt in excerpts if (sentence, excerpt) not in self._supports]
        if new:
            found = self._reader.supports(sentence, new)
            self._supports |= {(sentence, e): p for e, p in zip(new, found, strict=True)}
        return [self._supports[sentence, excerpt] for excerpt in excerpts]


def load_cases(path: Path) -> list[Case]:
    """Load the cases of a file of JSON lines."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Case(
            row["question"],
            row["lang"],
            row["rule"] or "",
            row.get("inputs", {}),
            row.get("target", ""),
            row.get("before", ""),
        )
        for row in rows
    ]


def run(cases: Sequence[Case], reader: Reader, thresholds: Thresholds, today: date) -> list[Outcome]:
    """Route every case, after the turn before it where it has one."""
    outcomes = []
    for case in cases:
        turns = [Said(text, case.language) for text in (case.before, case.question) if text]
        outcomes.append(Outcome(case, request_of(turns, reader, thresholds, today)))
    return outcomes


def calibrate(cases: Sequence[Case], reader: Reader, today: date) -> Thresholds:
    """Find the thresholds of least cost: a wrong computation costs 5, one that nobody asked for 3, any other miss 1."""
    remembering = RememberingReader(reader)
    tried = [Thresholds(rule, taken, chosen) for rule in _GRID for taken in _GRID for chosen in _GRID]
    return min(tried, key=lambda thresholds: _cost(run(cases, remembering, thresholds, today)))


def tuned(rule: float | None = None, taken: float | None = None, chosen: float | None = None) -> Thresholds:
    """Give the thresholds of `tuning.toml`, but for those that are given."""
    kept = tuning()
    return Thresholds(
        kept.rule if rule is None else rule,
        kept.taken if taken is None else taken,
        kept.chosen if chosen is None else chosen,
    )


def _cost(outcomes: Sequence[Outcome]) -> int:
    counted = _figures(outcomes)
    missed = counted["computable"] - counted["inputs"] - counted["wrong"]
    return 5 * counted["wrong"] + 3 * counted["computed"] + counted["asked_back"] + missed


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Count by language and together.

    Of the `computable`: `rule` picked right, `inputs` taken right too, `target` too; `wrong`: computed with another
    rule or other inputs than the key's, the worst that can happen. Of those for the `documents`: `computed` although
    no rule answers, `asked_back` although nothing is missing.
    """
    return {name: _figures([o for o in outcomes if name in ("all", o.case.language)]) for name in ("all", "ko", "en")}


def _figures(outcomes: Sequence[Outcome]) -> dict[str, int]:
    mine = [outcome for outcome in outcomes if outcome.case.rule]
    others = [outcome for outcome in outcomes if not outcome.case.rule]
    return {
        "computable": len(mine),
        "rule": sum(outcome.rule_right for outcome in mine),
        "inputs": sum(outcome.inputs_right for outcome in mine),
        "target": sum(o.inputs_right and o.request is not None and o.request.target == o.case.target for o in mine),
        "wrong": sum(outcome.computed and not outcome.inputs_right for outcome in mine),
        "documents": len(others),
        "computed": sum(outcome.computed for outcome in others),
        "asked_back": sum(outcome.request is not None and bool(outcome.request.asks) for outcome in others),
    }


def _plain(value: InputValue) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), metavar="SET.jsonl")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day of the questions (default: today).")
@click.option("--rule", "rule_from", type=float, help="A card fits from here on (default: tuning.toml).")
@click.option("--taken", type=float, help="An input is stated from here on (default: tuning.toml).")
@click.option("--chosen", type=float, help="A choice is supported from here on (default: tuning.toml).")
@click.option("--reader", "folder", type=click.Path(path_type=Path), help="Another reader's weights.")
@click.option("--calibrate", "calibrating", is_flag=True, help="Find the thresholds on this set first.")
@click.option("--misses", is_flag=True, help="List what went wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    path: Path,
    today: Any,
    rule_from: float | None,
    taken: float | None,
    chosen: float | None,
    folder: Path | None,
    calibrating: bool,
    misses: bool,
    as_json: bool,
) -> None:
    """Route the questions of SET.jsonl to the rules and count what is right."""
    from assistant.reading.reader import WEIGHTS, TrainedReader

    cases, reader = load_cases(path), TrainedReader(folder or WEIGHTS)
    day = today.date() if today else date.today()
    thresholds = calibrate(cases, reader, day) if calibrating else tuned(rule_from, taken, chosen)
    outcomes = run(cases, reader, thresholds, day)
    if calibrating:
        click.echo(str(thresholds), err=True)
    if misses:
        for outcome in outcomes:
            if not outcome.inputs_right:
                click.echo(_told(outcome), err=True)
    counted = figures(outcomes)
    if as_json:
        click.echo(json.dumps(counted))
        return
    for name, row in counted.items():
        click.echo(f"{name}: " + ", ".join(f"{key} {count}" for key, count in row.items()))


def _told(outcome: Outcome) -> str:
    case, request = outcome.case, outcome.request
    found = (
        f"{request.rule} { {name: _plain(value) for name, value in request.inputs.items()} } asks {request.asks}"
        if request
        else "documents"
    )
    return f"{case.question}\n  key: {case.rule or 'documents'} {dict(case.inputs)}\n  got: {found}"


if __name__ == "__main__":
    main()
