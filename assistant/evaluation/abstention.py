"""How well the assistant tells questions that the passages answer from those they do not.

    python -m assistant.evaluation.abstention SET [--limit N] [--every N] [--outcomes FILE]

SET is a folder in BEIR form whose `queries.jsonl` says `answerable`. Where a query names its passages (`candidates`, or
`source_paragraph` and qrels) these are what was retrieved, in that order; else retrieval finds them.
Printed: both error rates at the threshold in the settings, the area under the ROC curve of the score, and the
risk–coverage curve (of the most certain share of questions, how many have no answer).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.answering.answerability import certainty, decide
from assistant.answering.assistant import open_language_model
from assistant.answering.evidence import select
from assistant.answering.generation import judgement
from assistant.evaluation.sets import LABELS, RetrievalSet, entries, load_passages, qrels, set_index
from assistant.language import detect
from assistant.schema import Hit
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    import numpy as np

    from assistant.index import Index

#: Score of a question that code refuses before the model is asked: below every log odds.
_REFUSED_BY_CODE = -30.0
_COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Decided:
    """One question: whether it has an answer, the score (higher: rather answered), and what decided."""

    id: str
    question: str
    answerable: bool
    score: float
    reason: str
    coverage: float
    similarity: float


class _NoVectors:
    """Stands in for the embedder of an index that is never searched."""

    fingerprint = "none"

    def encode_query(self, question: str) -> np.ndarray:
        import numpy as np

        return np.ones(8, dtype=np.float32)

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        return np.ones((len(texts), 8), dtype=np.float32)


def decisions(folder: Path, settings: Settings, every: int = 1, limit: int | None = None) -> Iterator[Decided]:
    """Decide on every `every`-th question of a set, as the assistant would."""
    from assistant.evaluation.vectors import cached
    from assistant.retrieval import HybridRetriever
    from assistant.weights.embedder import SentenceEmbedder

    queries = list(entries(folder / "queries.jsonl", ("_id", "text", "answerable")))
    passages = load_passages(folder)
    given = _given(folder, queries, {passage.id for passage in passages})
    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    model = open_language_model(settings)
    chosen = RetrievalSet(folder.name, passages, {}, {})
    with (
        cached(settings.embedder, settings) as vectors,
        set_index(chosen, settings.cache, _NoVectors() if given else vectors) as index,
    ):
        by_passage = _chunks_of(index)
        retriever = HybridRetriever(index, embedder)
        for query in queries[::every][:limit]:
            asked = query["text"]
            if given:
                hits = _hits(index, by_passage, given[query["_id"]])
            else:
                hits = retriever.search(asked, LABELS, settings.top_k)
            found = select(
                asked,
                hits,
                index,
                LABELS,
                embedder=embedder,
                budget=settings.evidence_tokens,
                count_tokens=model.count_tokens,
            )
            decision = decide(asked, found, embedder)
            score = _REFUSED_BY_CODE
            if decision.answer:
                odds = judgement(model, settings.prompts, asked, detect(asked) or "en", found.telling)
                score = certainty(asked, odds, found)
            yield Decided(
                query["_id"], asked, query["answerable"], score, decision.reason, found.coverage, found.similarity
            )


def _given(folder: Path, queries: Sequence[dict[str, Any]], known: set[str]) -> dict[str, list[str]]:
    """The passages that each query comes with; empty when the set is to be searched."""
    if all("candidates" in query for query in queries):
        return {query["_id"]: query["candidates"] for query in queries}
    if not any("source_paragraph" in query for query in queries):
        return {}
    gold = qrels(folder / "qrels.tsv", known)
    return {q["_id"]: [q.get("source_paragraph") or next(iter(gold[q["_id"]]))] for q in queries}


def _chunks_of(index: Index) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for chunk_id in index.catalog.chunk_states():
        found.setdefault(chunk_id.rsplit("@", 1)[0], []).append(chunk_id)
    return found


def _hits(index: Index, by_passage: dict[str, list[str]], passages: Sequence[str]) -> list[Hit]:
    """Given passages as hits; the order is all that is known of their scores."""
    return [
        Hit(chunk, document, 1.0 - 0.03 * rank)
        for rank, passage in enumerate(passages)
        for chunk, document in index.chunks(by_passage.get(passage, []), LABELS).values()
    ]


def figures(found: Sequence[Decided], threshold: float) -> dict[str, Any]:
    """Both error rates, the area under the ROC curve (ties count half), and risk at shares of questions answered."""
    have = [one.score for one in found if one.answerable]
    lack = [one.score for one in found if not one.answerable]
    wins = sum((a > b) + 0.5 * (a == b) for a in have for b in lack)
    ranked = sorted(found, key=lambda one: -one.score)
    return {
        "answerable": len(have),
        "unanswerable": len(lack),
        "threshold": threshold,
        "refused_unanswerable": round(sum(score < threshold for score in lack) / len(lack), 3) if lack else None,
        "falsely_refused": round(sum(score < threshold for score in have) / len(have), 3) if have else None,
        "auroc": round(wins / (len(have) * len(lack)), 3) if have and lack else None,
        "risk_at_coverage": {
            f"{share:.0%}": round(sum(not one.answerable for one in ranked[:most]) / most, 3)
            for share in _COVERAGES
            if (most := round(share * len(ranked)))
        },
    }


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="SET")
@click.option("--limit", type=click.IntRange(min=1))
@click.option("--every", type=click.IntRange(min=1), default=1, help="Take every so many-th question.")
@click.option("--outcomes", type=click.Path(path_type=Path), metavar="FILE", help="One JSON line for each question.")
def main(folder: Path, limit: int | None, every: int, outcomes: Path | None) -> None:
    """Measure on SET how well unanswerable questions are refused, and how many others are refused with them."""
    settings = load_settings()
    found = []
    for one in decisions(folder, settings, every, limit):
        found.append(one)
        click.echo(f"{len(found)} {one.id} {one.score:+.1f} {one.reason}", err=True)
        if outcomes:
            with outcomes.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
    click.echo(json.dumps({"set": folder.name, **figures(found, settings.answer_odds)}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
