"""Writes what the product offers for our labelled questions: `python -m assistant.answering.training.offers --help`.

For each question its own search and reader choose quotes from the index, wrong neighbours among them, as they would for
anybody who asks. Can be stopped at any time; the next run goes on behind the last line of FOLDER/offers.jsonl.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

from assistant.access import PUBLIC
from assistant.answering.judge import judge
from assistant.answering.quotable import with_quoted
from assistant.answering.quotes import quotes_of
from assistant.answering.read import Retriever, read
from assistant.answering.understand import understand
from assistant.index import Index, Visible
from assistant.reading import Reader
from assistant.reading.encoding import with_before
from assistant.reading.training.checkpoints import tell
from assistant.reading.training.examples import DATA, Excerpts, rows
from assistant.schema import Language, Quote
from assistant.tuning import tuning

#: Passages that are read for a question: wrong neighbours are among the first.
_READ = 8
#: From these probabilities on a passage is quoted: lower than in use, because the reader has learned these questions.
_LEAST, _OFFERED = 0.05, 0.2
#: Share of the questions of a kind that are taken; there are many amounts.
_SHARE = {"amount": 0.2, "yes_no": 0.5}
_OTHERS = 0.35


def asked(seed: int = 5) -> list[dict[str, Any]]:
    """Our questions, shuffled: those with a reply, and those that the documents are known not to answer."""
    chance = random.Random(seed)
    known = Excerpts(None)
    found = [
        row for row in rows(DATA / "pairs.jsonl")
        if row["answers"] and row.get("reply") and known.get(row) and chance.random() < _SHARE.get(row["kind"], _OTHERS)
    ]  # fmt: skip
    found += [row for row in rows(DATA / "hits.jsonl") if row["expect"] == "none" and not row["yes"]]
    chance.shuffle(found)
    return found


def labels_of(row: dict[str, Any], known: Excerpts, index: Index) -> frozenset[str]:
    """Give the labels of somebody who may see the passage that a question is about."""
    passage = known.get(row) if "passage" in row else None
    with index.held() as catalog:
        return frozenset({PUBLIC, *(catalog.labels(passage["document"]) if passage else ())})


def offered(question: str, visible: Visible, retriever: Retriever, reader: Reader) -> Iterator[Quote]:
    """Choose quotes for a question as the product does, at lower thresholds."""
    numbers = replace(tuning(), answer=dict.fromkeys(get_args(Language), _LEAST), offered=_OFFERED, unknown=2.0)
    understood = understand(question, (), visible, max_chars=2000, today=date.today())
    hits = retriever.search(understood.text, visible.labels, _READ)
    verdict = judge(understood, read(understood.text, hits, visible, reader, numbers), numbers)
    yield from (quote for quote, _ in quotes_of(with_quoted(verdict.told, numbers.quoted), visible))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for offers.jsonl")
    options = parser.parse_args(arguments)
    from assistant.answering.opening import open_reader
    from assistant.ingest.opened import open_set_index
    from assistant.retrieval import HybridRetriever
    from assistant.settings import load_settings
    from assistant.weights.embedder import SentenceEmbedder

    settings = load_settings()
    reader, index = open_reader(settings), open_set_index(settings)
    retriever = HybridRetriever(index, SentenceEmbedder(settings.embedder, settings.cache, settings.threads))
    known = Excerpts(None)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "offers.jsonl"
    done = {row["id"] for row in rows(path)}
    waiting = [row for row in asked() if row["id"] not in done]
    with path.open("a", encoding="utf-8") as lines:
        for number, row in enumerate(waiting, 1):
            question = with_before(row["question"], row.get("before", ""))
            quotes = [
                {
                    "document": quote.document_id, "title": quote.title, "headings": list(quote.heading_path),
                    "date": quote.effective_date, "header": quote.table_header, "text": quote.quote,
                    "start": quote.start, "end": quote.end,
                }
                for quote in offered(question, index.seen_by(labels_of(row, known, index)), retriever, reader)
            ]  # fmt: skip
            lines.write(json.dumps({"id": row["id"], "quotes": quotes}, ensure_ascii=False) + "\n")
            lines.flush()
            if number % 50 == 0:
                tell(f"{number}/{len(waiting)} questions")


if __name__ == "__main__":
    main()
