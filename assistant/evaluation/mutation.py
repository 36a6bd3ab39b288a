"""How many lies the verifier catches, and how many right answers it rejects; no language model is needed.

Right answers are sentences of the documents, rephrased mechanically (`rephrase`), or answers that the assistant gave
(`--answers`). Each is changed in one thing (`mutants`) and both are given to `answering.verification.problems`. The
documents fall into two halves: rules were tuned on one, the figures that count come from the other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from assistant.access import PUBLIC
from assistant.answering.verification import problems
from assistant.errors import PathError
from assistant.evaluation.mutants import Mutant, all_mutants
from assistant.evaluation.rephrase import Right, Text, half_of, right_answers
from assistant.index import Index, open_index
from assistant.index.catalog import SCHEMA_VERSION
from assistant.schema import Evidence
from assistant.settings import load_settings

_SEED = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answers` given, those `rejected` though right (with the reasons), `mutants` made and those `missed`."""

    answers: Sequence[Right]
    rejected: Sequence[tuple[Right, list[str]]]
    mutants: Sequence[Mutant]
    missed: Sequence[Mutant]

    def figures(self) -> dict[str, Any]:
        """Rates over all, and (caught, made) by kind and language."""
        made = Counter((mutant.kind, mutant.right.language) for mutant in self.mutants)
        missed = Counter((mutant.kind, mutant.right.language) for mutant in self.missed)
        answers = Counter((right.how, right.language) for right in self.answers)
        rejected = Counter((right.how, right.language) for right, _ in self.rejected)
        return {
            "right_answers": len(self.answers),
            "rejected": len(self.rejected),
            "rejected_share": round(len(self.rejected) / max(1, len(self.answers)), 4),
            "mutants": len(self.mutants),
            "caught": len(self.mutants) - len(self.missed),
            "caught_share": round(1 - len(self.missed) / max(1, len(self.mutants)), 4),
            "caught_by_kind": {f"{k} {lang}": [n - missed[k, lang], n] for (k, lang), n in sorted(made.items())},
            "rejected_by_rephrasing": {
                f"{h} {lang}": [rejected[h, lang], n] for (h, lang), n in sorted(answers.items())
            },
        }

    def examples(self) -> dict[str, list[dict[str, Any]]]:
        """What was rejected and what was missed, for a reader."""
        return {
            "rejected": [_shown(right, right.text, "; ".join(why)) for right, why in self.rejected],
            "missed": [_shown(m.right, m.text, f"{m.kind}: {m.change}") for m in self.missed],
        }


def _shown(right: Right, text: str, what: str) -> dict[str, Any]:
    return {"text": text, "what": what, "evidence": [piece.quote for piece in right.cited], "from": right.document_id}


def measure(answers: Sequence[Right], seed: int = _SEED) -> Outcome:
    """Verify each answer and each of its mutants."""
    judged = [(right, problems(right.text, right.cited, right.question, right.language)) for right in answers]
    mutants = all_mutants(answers, seed)
    missed = [m for m in mutants if not problems(m.text, m.right.cited, m.right.question, m.right.language)]
    return Outcome(answers, [(right, why) for right, why in judged if why], mutants, missed)


def texts_of(index: Index, labels: Iterable[str]) -> list[Text]:
    """The visible documents of an index with their stored text and blocks."""
    labels = tuple(labels)
    found = []
    for document in index.documents(labels):
        stored = index.document_text(document.document_id, labels)
        if stored:
            blocks = index.blocks(document.document_id, 0, len(stored[1]), labels)
            found.append(Text(document, stored[1], tuple(blocks)))
    return found


def given_answers(path: Path) -> list[Right]:
    """Answers of the assistant: JSON lines with `question`, `language`, `sentence` and `citations` (as in its JSON).

    Raises PathError that names the line at fault.
    """
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise PathError(f"The answers {path} cannot be read ({exc.strerror}).", "Check the path.") from exc
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            cited = tuple(
                Evidence(**{**piece, "heading_path": tuple(piece.get("heading_path", ()))})
                for piece in entry["citations"]
            )
            found.append(
                Right(entry["sentence"], entry["language"], cited, entry["question"], "answer", cited[0].document_id)
            )
        except (ValueError, TypeError, KeyError, IndexError) as exc:
            raise PathError(f"{path.name}, line {number}: {exc}.", "Correct the line.") from exc
    return found


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), help="Index folder; default from the settings.")
@click.option("--half", type=click.Choice(["check", "tune", "all"]), default="check", show_default=True)
@click.option("--most", type=click.IntRange(min=1), default=400, show_default=True, help="Right answers at most.")
@click.option("--answers", type=click.Path(path_type=Path), help="Answers of the assistant instead of sentences.")
@click.option("--seed", type=int, default=_SEED, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Figures and every example, as JSON.")
def main(folder: Path | None, half: str, most: int, answers: Path | None, seed: int, as_json: bool) -> None:
    """Measure the verifier on lies made of right answers."""
    if answers:
        rights = given_answers(answers)[:most]
    else:
        with open_index(folder or load_settings().index, {"schema": SCHEMA_VERSION}) as index:
            texts = texts_of(index, (PUBLIC,))
        wanted = [text for text in texts if half in ("all", half_of(text.document.document_id))]
        rights = right_answers(wanted, seed, most=most)
    outcome = measure(rights, seed)
    if as_json:
        click.echo(json.dumps({**outcome.figures(), **outcome.examples()}, ensure_ascii=False, indent=1))
        return
    click.echo(json.dumps(outcome.figures(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
