"""How well the assistant tells questions that the passages answer from those they do not.

    python -m assistant.evaluation.abstention SET [--limit N] [--every N] [--outcomes FILE]

SET is a folder in BEIR form whose `queries.jsonl` says `answerable`. Where a query names its passages (`candidates`, or
`source_paragraph` and qrels) these are what was retrieved, in that order; else retrieval finds them. The judge is the
product's own. Printed: both error rates at its threshold, the area under the ROC curve of the probability, of the
embedder's cosine beside it, and the risk–coverage curve (of the most certain share of questions, how many have no
answer).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.answering import open_reader
from assistant.answering.judge import judge
from assistant.answering.read import read
from assistant.evaluation.sets import LABELS, RetrievalSet, entries, load_passages, qrels, set_index
from assistant.schema import Hit, Question
from assistant.settings import Settings, load_settings
from assistant.text.language import detect
from assistant.tuning import tuning

if TYPE_CHECKING:
    from assistant.index import Index

_COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Decided:
    """One question: whether it has an answer, the judge's probability of it, and the best passage's cosine."""

    id: str
    question: str
    language: str
    answerable: bool
    score: float
    cosine: float


def decisions(folder: Path, settings: Settings, every: int = 1, limit: int | None = None) -> Iterator[Decided]:
    """Decide on every `every`-th question of a set, as the assistant would."""
    from assistant.evaluation.vectors import cached
    from assistant.retrieval import HybridRetriever

    queries = list(entries(folder / "queries.jsonl", ("_id", "text", "answerable")))
    passages = load_passages(folder)
    given = _given(folder, queries, {passage.id for passage in passages})
    reader = open_reader(settings)
    chosen = RetrievalSet(folder.name, passages, {}, {})
    with (
        cached(settings.embedder, settings) as vectors,
        set_index(chosen, settings.cache, vectors) as index,
    ):
        by_passage = _chunks_of(index)
        retriever = HybridRetriever(index, vectors)
        for query in queries[::every][:limit]:
            text = query["text"]
            asked = Question(text, text, detect(text) or "en", date.today())
            if given:
                hits = _hits(index, by_passage, given[query["_id"]])
            else:
                hits = retriever.search(text, LABELS, settings.top_k)
            verdict = judge(asked, read(text, hits, index.seen_by(LABELS), reader, tuning()), tuning())
            cosine = max((hit.similarity or 0.0 for hit in hits), default=0.0)
            yield Decided(query["_id"], text, asked.language, query["answerable"], verdict.probability, cosine)


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
        for chunk, document in index.seen_by(LABELS).chunks(by_passage.get(passage, [])).values()
    ]


def auroc(have: Sequence[float], lack: Sequence[float]) -> float | None:
    """The area under the ROC curve; ties count half. None when there is nothing to compare."""
    wins = sum((a > b) + 0.5 * (a == b) for a in have for b in lack)
    return round(wins / (len(have) * len(lack)), 3) if have and lack else None


def figures(found: Sequence[Decided]) -> dict[str, Any]:
    """Tell both error rates at the judge's thresholds, the areas under the ROC curves, and risk at shares answered."""
    have = [one for one in found if one.answerable]
    lack = [one for one in found if not one.answerable]
    thresholds = tuning().answer
    refused = {one.id for one in found if one.score < thresholds[one.language]}
    ranked = sorted(found, key=lambda one: -one.score)
    return {
        "answerable": len(have),
        "unanswerable": len(lack),
        "thresholds": dict(thresholds),
        "refused_unanswerable": round(sum(one.id in refused for one in lack) / len(lack), 3) if lack else None,
        "falsely_refused": round(sum(one.id in refused for one in have) / len(have), 3) if have else None,
        "auroc": auroc([one.score for one in have], [one.score for one in lack]),
        "auroc_cosine": auroc([one.cosine for one in have], [one.cosine for one in lack]),
        "refused_at_falsely_refused": {
            f"{share:.0%}": _refused_at(share, [one.score for one in have], [one.score for one in lack])
            for share in (0.04, 0.08, 0.12)
        },
        "risk_at_coverage": {
            f"{share:.0%}": round(sum(not one.answerable for one in ranked[:most]) / most, 3)
            for share in _COVERAGES
            if (most := round(share * len(ranked)))
        },
    }


def _refused_at(share: float, have: Sequence[float], lack: Sequence[float]) -> float | None:
    """The share of the unanswerable that a threshold refuses which falsely refuses `share` of the others."""
    if not have or not lack:
        return None
    threshold = sorted(have)[int(share * len(have))]
    return round(sum(score < threshold for score in lack) / len(lack), 3)


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
        click.echo(f"{len(found)} {one.id} {one.score:.2f}", err=True)
        if outcomes:
            with outcomes.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
    click.echo(json.dumps({"set": folder.name, **figures(found)}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
