"""One retrieval run, question by question: kept as JSON lines, so that two runs can be compared later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import PathError
from assistant.evaluation.measures import MAIN, PerQuestion, Qrels, difference, figures, per_question

OURS = "assistant"
#: Ids kept of each ranking: as deep as the deepest measure.
_KEPT = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one retriever did on one question. `first`: rank of the first relevant passage, from 1."""

    retriever: str
    id: str
    question: str
    first: int | None
    found: tuple[str, ...]
    relevant: tuple[str, ...]
    measures: dict[str, float]


def run(
    retriever: str,
    search: Callable[[str, str], Sequence[str]],
    questions: Mapping[str, str],
    qrels: Qrels,
    progress: Callable[[], object] | None = None,
) -> list[Outcome]:
    """Ask all questions; `search(question_id, question)` gives ids best first, of which repeats are dropped."""
    rankings = {}
    for name, question in questions.items():
        rankings[name] = tuple(dict.fromkeys(search(name, question)))[:_KEPT]
        if progress:
            progress()
    values = per_question(rankings, qrels)
    return [
        Outcome(
            retriever,
            name,
            question,
            next((rank for rank, found in enumerate(rankings[name], 1) if found in qrels[name]), None),
            rankings[name],
            tuple(qrels[name]),
            {measure: round(values[measure][name], 6) for measure in values},
        )
        for name, question in questions.items()
    ]


def values_of(outcomes: Sequence[Outcome]) -> PerQuestion:
    """`{measure: {question: value}}` of one retriever's outcomes."""
    return {measure: {o.id: o.measures[measure] for o in outcomes} for measure in outcomes[0].measures}


def summary(runs: Mapping[str, Sequence[Outcome]]) -> dict[str, Any]:
    """Figures with intervals of every retriever; of the others also what they lose to ours, and ours as a ratio."""
    ours = values_of(runs[OURS])
    rows: dict[str, Any] = {}
    for name, outcomes in runs.items():
        values = values_of(outcomes)
        rows[name] = {measure: asdict(figure) for measure, figure in figures(values).items()}
        if name != OURS:
            mean = rows[name][MAIN]["mean"]
            rows[name]["ours_as_ratio"] = round(rows[OURS][MAIN]["mean"] / mean, 4) if mean else None
            rows[name]["ours_minus_it"] = asdict(difference(ours[MAIN], values[MAIN]))
    return {"questions": len(runs[OURS]), "retrievers": rows}


def write(file: Path, runs: Mapping[str, Sequence[Outcome]]) -> None:
    """One JSON object a line for each retriever and question."""
    lines = [json.dumps(asdict(o), ensure_ascii=False) + "\n" for outcomes in runs.values() for o in outcomes]
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as exc:
        raise PathError(f"{file} cannot be written ({exc.strerror}).", "Choose another place.") from exc


def read(file: Path) -> list[Outcome]:
    """Our outcomes of an earlier run. Raises PathError when the file is not one that `write` made."""
    try:
        entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = [
            Outcome(**{**entry, "found": tuple(entry["found"]), "relevant": tuple(entry["relevant"])})
            for entry in entries
            if entry["retriever"] == OURS
        ]
    except OSError as exc:
        raise PathError(f"The run {file} cannot be read ({exc.strerror}).", "Check the path.") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise PathError(
            f"{file} is not a retrieval run ({exc!r}).", "Make one with `assistant eval --outcomes`."
        ) from exc
    if not found:
        raise PathError(f"The run {file} is empty.", "Make one with `assistant eval --outcomes`.")
    return found


def compare(now: Sequence[Outcome], before: Sequence[Outcome]) -> dict[str, Any]:
    """Which questions changed on the main measure, and the mean difference of every measure with its interval."""
    old = {outcome.id: outcome for outcome in before}
    changed: list[dict[str, Any]] = [
        {
            "id": outcome.id,
            "question": outcome.question,
            "before": {"rank": old[outcome.id].first, MAIN: old[outcome.id].measures[MAIN]},
            "now": {"rank": outcome.first, MAIN: outcome.measures[MAIN]},
        }
        for outcome in now
        if outcome.id in old and abs(outcome.measures[MAIN] - old[outcome.id].measures[MAIN]) > 1e-6
    ]
    ours, theirs = values_of(now), values_of(before)
    gains = {row["id"]: row["now"][MAIN] - row["before"][MAIN] for row in changed}
    return {
        "shared": sum(outcome.id in old for outcome in now),
        "better": sum(gain > 0 for gain in gains.values()),
        "worse": sum(gain < 0 for gain in gains.values()),
        "difference": {m: asdict(difference(ours[m], theirs[m])) for m in ours if m in theirs},
        "changed": sorted(changed, key=lambda row: gains[row["id"]]),
    }
