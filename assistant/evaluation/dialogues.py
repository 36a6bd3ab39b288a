"""Follow-up questions: what passages they find as typed, and with what the talk adds.

A dialogue set is a retrieval set with `multi_turn.jsonl`: `_id`, `turns` (oldest first, each "user:…" or "agent:…", the
last one the question), `gold` (passage ids). Compared are the question as typed, and the
question behind the one that its conversation began with, as the assistant reads it.

    python -m assistant.evaluation.dialogues FOLDER
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import click

from assistant.errors import PathError
from assistant.evaluation.measures import MAIN, per_question
from assistant.reading.encoding import with_before
from assistant.schema import Hit

if TYPE_CHECKING:
    from assistant.retrieval import HybridRetriever

_TOP = 10


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Earlier questions with their answers, the question, and the passages that answer it."""

    id: str
    before: tuple[tuple[str, str], ...]
    question: str
    gold: frozenset[str]


def load_dialogues(folder: Path) -> list[Dialogue]:
    """The dialogues of a set. Raises PathError that names the line at fault."""
    file = folder / "multi_turn.jsonl"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise PathError(f"{file} cannot be read ({exc.strerror}).", "Name a set with dialogues.") from exc
    found = []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            turns = [tuple(turn.split(":", 1)) for turn in entry["turns"]]
            found.append(Dialogue(entry["_id"], _pairs(turns[:-1]), turns[-1][1], frozenset(entry["gold"])))
        except (ValueError, KeyError, TypeError, IndexError) as exc:
            raise PathError(f"{file.name}, line {number}: {exc!r}.", "Correct the line.") from exc
    return found


def _pairs(turns: Sequence[tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """Questions with the answers that follow them; an answer without a question goes to the one before."""
    pairs: list[tuple[str, str]] = []
    for who, said in turns:
        if who == "user":
            pairs.append((said, ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {said}".strip())
    return tuple(pairs)


def ndcg(hits: Sequence[Hit], gold: frozenset[str]) -> float:
    """nDCG@10 with binary grades over documents, each counted once where it first stands."""
    ranked = list(dict.fromkeys(hit.document.document_id for hit in hits))
    return per_question({"q": ranked}, {"q": dict.fromkeys(gold, 1)})[MAIN]["q"]


def measure(
    dialogues: Sequence[Dialogue],
    lone: Mapping[str, tuple[str, frozenset[str]]],
    retriever: HybridRetriever,
    labels: frozenset[str],
) -> dict[str, list[float]]:
    """nDCG@10 of each question: `typed` alone, and in the `context` of the question that its dialogue began with.

    `lone` holds first questions with their passages: asked after a stranger's talk they are a new topic, and
    `new_topic` beside `new_topic_alone` shows what a wrong reference costs.
    """
    scores: dict[str, list[float]] = {name: [] for name in ("typed", "context", "new_topic_alone", "new_topic")}
    for dialogue in dialogues:
        first = dialogue.before[0][0] if dialogue.before else ""
        for name, query in (("typed", dialogue.question), ("context", with_before(dialogue.question, first))):
            scores[name].append(ndcg(retriever.search(query, labels, 3 * _TOP), dialogue.gold))
    draw = random.Random(0)
    begun = [dialogue.before[0][0] for dialogue in dialogues if dialogue.before]
    for question, gold in lone.values():
        strange = with_before(question, draw.choice(begun))
        scores["new_topic_alone"].append(ndcg(retriever.search(question, labels, 3 * _TOP), gold))
        scores["new_topic"].append(ndcg(retriever.search(strange, labels, 3 * _TOP), gold))
    return scores


def report(scores: Mapping[str, Sequence[float]]) -> str:
    """A line for each way of asking: the mean over all questions, and over each half."""
    return "\n".join(
        f"{name:16} {mean(found):.3f}   halves {mean(found[::2]):.3f} {mean(found[1::2]):.3f}   n={len(found)}"
        for name, found in scores.items()
        if len(found) > 1
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--limit", type=int, help="Only the first N dialogues and first questions.")
def main(folder: Path, limit: int | None) -> None:
    """Measure the follow-up questions of the dialogue set in FOLDER."""
    from assistant.evaluation.sets import LABELS, load_retrieval_set, set_index
    from assistant.evaluation.vectors import CachedEmbedder, cache_file
    from assistant.retrieval import HybridRetriever
    from assistant.settings import load_settings
    from assistant.weights.embedder import SentenceEmbedder

    settings = load_settings()
    chosen = load_retrieval_set(folder)
    lone = {name: (text, frozenset(chosen.qrels[name])) for name, text in list(chosen.questions.items())[:limit]}
    plain = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    embedder = CachedEmbedder(plain, cache_file(settings.cache, plain.fingerprint))
    with set_index(chosen, settings.cache, embedder) as index:
        retriever = HybridRetriever(index, embedder)
        click.echo(report(measure(load_dialogues(folder)[:limit], lone, retriever, LABELS)))


if __name__ == "__main__":
    main()
