"""How search grows with the index: time, memory and disk at 1,000, 10,000 and 100,000 passages.

    python -m assistant.evaluation.scale [--sizes 1000,10000,100000] [--minutes 5] [FOLDER …]

Passages are copies of those in FOLDER (default: the corpus) with a fifth of their words and half of their numbers
changed; vectors are copies of the corpus's own, turned by chance to a cosine of about .8. So no model runs, and the
share of passages that hold a word stays what it is in the originals, as it does when a real collection grows. A
dozen label sets; the one who asks may see two thirds of the passages. Everything else is the product's own: catalogue,
vectors, retriever. The query vector is fixed, so the embedder's time (the same at every size) is not in the figures,
but for those that --embed adds.

A run that is stopped, or ends after --minutes, is continued by the next one with the same --index.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import click

from assistant.errors import PathError, ReadError
from assistant.index import Index, fingerprint, open_index
from assistant.index.store import access_class_of, write_index
from assistant.ingest.chunking import chunk
from assistant.ingest.formats import read
from assistant.ingest.scan import scan
from assistant.schema import Block, Document, Language, Passage
from assistant.text import tokens
from assistant.text.language import detect
from assistant.text.tokens import Terms

if TYPE_CHECKING:
    import numpy as np

    from assistant.retrieval import HybridRetriever
    from assistant.retrieval.hybrid import QueryEmbedder

#: Label sets with their share of the passages (of 24); the asker holds the labels of VISIBLE.
SHARES: dict[tuple[str, ...], int] = {
    ("public",): 8,
    ("members",): 4,
    ("public", "staff"): 2,
    ("members", "staff"): 2,
    **{(f"company:{number}",): 1 for number in range(8)},
}
VISIBLE = frozenset({"public", "members"})

#: Passages of one document, in turn: notices and guides; every hundredth is a thick manual.
_LENGTHS = (3, 8, 20, 5, 60, 12, 4, 30)
_MANUAL = 400
_CHANGED_WORDS = 0.2
_CHANGED_NUMBERS = 0.5
#: Length of the random part of a vector whose own part is 1: a cosine of .8.
_TURN = 0.75
_BATCH = 1000
_REPEATS = 2
_MADE_BY = "copies-1"
_SEARCH, _EMBED, _WAIT = "question to hits", "embedding", "embedding to hits"


@dataclass(frozen=True, slots=True)
class Original:
    """A passage that copies are made of: its whitespace-separated words."""

    words: tuple[str, ...]
    heading_path: tuple[str, ...]
    language: Language


def originals(folders: Sequence[Path]) -> list[Original]:
    """All passages of the text files in `folders`, in order. Raises PathError when there are none.

    Other formats are passed over: reading a PDF takes longer than copying it a hundred times.
    """
    found = []
    for each in scan(list(folders)):
        if each.path.suffix not in (".md", ".html", ".txt"):
            continue
        try:
            draft = read(each.path)
        except ReadError:
            continue  # what cannot be read here is no matter of size
        language = detect(draft.text[:4000]) or "en"
        for passage in chunk("", "0" * 8, draft):
            found.append(Original(tuple(passage.text.split()), passage.heading_path, language))
    if not found:
        raise PathError("There is nothing to make copies of.", "Name a folder with documents.")
    return found


@cache
def _terms_of_word(word: str) -> Terms:
    return tokens.terms(word)


def _joined(words: Sequence[str]) -> Terms:
    parts = [_terms_of_word(word) for word in words]
    return Terms(*(tuple(term for part in parts for term in getattr(part, name)) for name in Terms.__slots__))


def changed(original: Original, pool: Sequence[str], rng: random.Random) -> list[str]:
    """The words of a copy: some are other words of the same language, some numbers are other numbers."""
    words = []
    for word in original.words:
        if rng.random() < _CHANGED_WORDS:
            word = rng.choice(pool)
        if word.isascii() and rng.random() < _CHANGED_NUMBERS:  # Korean with digits would have to be analysed anew
            word = re.sub(r"\d", lambda match: str(rng.randint(1, 9)), word)
        words.append(word)
    return words


def grow(index: Index, passages: Sequence[Original], vectors: np.ndarray, size: int, deadline: float) -> bool:
    """Add documents until the index holds `size` passages with vectors; False when `deadline` (monotonic) came first.

    The document with a number is always the same, so that a stopped run is continued.
    """
    present = len(index.catalog.chunk_states())
    number = len(index.catalog.states())
    held = Counter(access_class for access_class, _ in index.catalog.chunk_states().values())
    pools = {language: [w for p in passages if p.language == language for w in p.words] for language in ("ko", "en")}
    known: dict[str, Terms] = {}
    with patch("assistant.index.lexical.terms", lambda text: known.get(text) or tokens.terms(text)):
        while present < size and time.monotonic() < deadline:
            rng = random.Random(number)
            length = _MANUAL if number % 100 == 99 else _LENGTHS[number % len(_LENGTHS)]
            length = min(length, size - present)
            first = rng.randrange(len(passages))
            chosen = [passages[(first + step) % len(passages)] for step in range(length)]
            known.clear()
            texts = []
            for each in chosen:
                words = changed(each, pools[each.language], rng)
                texts.append(" ".join(words))
                known[texts[-1]] = _joined(words)
                known[" ".join(each.heading_path)] = _joined(" ".join(each.heading_path).split())
            labels = min(SHARES, key=lambda each: held[access_class_of(each)] - SHARES[each] / 24 * present)
            held[access_class_of(labels)] += length
            _put(index, number, labels, chosen, texts)
            number, present = number + 1, present + length
    while (waiting := index.ledger.waiting(_BATCH)) and time.monotonic() < deadline:
        for access_class in sorted({access_class for _, access_class in waiting}):
            ids = [chunk_id for chunk_id, other in waiting if other == access_class]
            index.vectors.add(access_class, ids, turned(vectors, ids))
            index.ledger.mark_embedded(ids)
    return present >= size and not index.ledger.waiting(1)


def _put(index: Index, number: int, labels: tuple[str, ...], chosen: Sequence[Original], texts: Sequence[str]) -> None:
    name = f"copies/{number}.txt"
    document = Document(
        document_id=name,
        path=name,
        title=" ".join(chosen[0].heading_path[:1]) or name,
        language=chosen[0].language,
        labels=labels,
        content_hash=f"{number:08d}",
        media_type="text/plain",
    )
    text, blocks, chunks = "\n\n".join(texts), [], []
    start = 0
    for ordinal, (each, own) in enumerate(zip(chosen, texts, strict=True)):
        end = start + len(own)
        blocks.append(Block("paragraph", start, end, each.heading_path))
        chunks.append(Passage(f"{name}@{number:08d}#{ordinal}", name, ordinal, start, end, own, each.heading_path))
        start = end + 2
    index.catalog.put(document, "", access_class_of(labels), text, blocks, chunks)


def turned(vectors: np.ndarray, ids: Sequence[str]) -> np.ndarray:
    """For each id a vector near one of `vectors`, the same one every time; shape (len(ids), dimensions)."""
    import numpy as np

    found = np.empty((len(ids), vectors.shape[1]), dtype=np.float32)
    for row, chunk_id in enumerate(ids):
        rng = np.random.default_rng(list(chunk_id.encode()))
        noise = rng.standard_normal(vectors.shape[1], dtype=np.float32)
        found[row] = vectors[rng.integers(len(vectors))] + _TURN * noise / np.linalg.norm(noise)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


class FixedEmbedder:
    """Gives the question the vector that was set."""

    vector: np.ndarray

    def encode_query(self, question: str) -> np.ndarray:
        """The set vector."""
        return self.vector


def measure(
    folder: Path, expected: dict[str, str], questions: Sequence[str], queries: np.ndarray, embed: bool = False
) -> dict[str, Any]:
    """Milliseconds of each stage and of the whole search over `questions` (p50, p95, CPU p50), memory and disk.

    A quarter of the questions goes first, so that the others find the index as a running service has it, but have not
    been asked themselves. `first`: the first question after the index was opened. The best of two for each question,
    each time in an index opened anew, since other work on the machine only ever adds. `embed`: also with the vector
    of the question, as the one who asks waits for it.
    """
    from assistant.retrieval import HybridRetriever

    tokens.terms("한국어 analyser")  # Kiwi takes seconds to load, at any size
    model = _model() if embed else None
    before = _memory_mb()
    warm, labels = len(questions) // 4, tuple(VISIBLE)
    first, rounds = 0.0, []
    for turn in range(_REPEATS):
        times: list[dict[str, tuple[float, float]]] = [{} for _ in questions]
        for stages in (_whole, _parts):
            with open_index(folder, expected) as index:
                embedder = FixedEmbedder()
                retriever = HybridRetriever(index, embedder)
                for number, question in enumerate(questions):
                    embedder.vector = queries[number]
                    for stage, action in stages(retriever, question, queries[number], labels).items():
                        times[number][stage] = _timed(action)
        first = first or times[0][_SEARCH][0]
        if model is not None:
            for each, question in zip(times, questions, strict=True):
                each[_EMBED] = _timed(lambda q=question + " " * turn: model.encode_query(q))  # type: ignore[misc]
                each[_WAIT] = tuple(map(sum, zip(each[_EMBED], each[_SEARCH], strict=True)))  # type: ignore[assignment]
        rounds.append(times[warm:])
    memory = _memory_mb()
    with open_index(folder, expected) as index:
        visible = index.seen_by(VISIBLE).counts()["chunks"] / len(index.catalog.chunk_states())
    figures = {}
    for stage in rounds[0][0]:
        wall = sorted(min(each[stage][0] for each in same) for same in zip(*rounds, strict=True))
        cpu = [min(each[stage][1] for each in same) for same in zip(*rounds, strict=True)]
        figures[stage] = {"p50": median(wall), "p95": wall[int(0.95 * (len(wall) - 1))], "cpu_p50": median(cpu)}
    return {
        "visible": round(visible, 3),
        "first_ms": round(first, 1),
        "ms": {stage: {name: round(value, 2) for name, value in found.items()} for stage, found in figures.items()},
        "memory_mb": round(memory - before),
        "disk_mb": {
            part: round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and wanted(f)) / 1e6, 1)
            for part, wanted in (
                ("catalog", lambda f: f.name.startswith("catalog")),
                ("vectors", lambda f: not f.name.startswith("catalog")),
            )
        },
    }


def _whole(
    retriever: HybridRetriever, question: str, vector: np.ndarray, labels: tuple[str, ...]
) -> dict[str, Callable[[], Any]]:
    return {_SEARCH: lambda: retriever.search(question, labels, 10)}


def _parts(
    retriever: HybridRetriever, question: str, vector: np.ndarray, labels: tuple[str, ...]
) -> dict[str, Callable[[], Any]]:
    """The stages of a search, and the counts that the choice of evidence asks for."""
    visible, asked = retriever.index.seen_by(labels), tokens.terms(question)
    words: list[str] = []
    vectors: list[str] = []
    return {
        "terms": lambda: tokens.terms(question),
        "words": lambda: words.extend(i for i, _ in visible.search_words(asked, 60)),
        "vectors": lambda: vectors.extend(i for i, _ in visible.search_vectors(vector, 60)),
        "owners": lambda: visible.owners([*words, *vectors]),
        "their terms": lambda: visible.terms_of(words),
        "passages": lambda: visible.chunks(vectors[:10]),
        "frequencies": lambda: visible.document_frequency(asked.words),
    }


def _model() -> QueryEmbedder:
    """The product's embedder, loaded."""
    from assistant.settings import load_settings
    from assistant.weights.embedder import SentenceEmbedder

    settings = load_settings()
    found = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    found.encode_query("얼라이언스?")
    return found


def _timed(action: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU time of `action`, ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _memory_mb() -> float:
    """Memory that this process holds at the moment, MB; Linux only, 0 elsewhere."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6 if statm.exists() else 0.0


@contextmanager
def _own_process() -> Iterator[Any]:
    """A fresh process, so that memory and caches are those of one size alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield pool


def _questions(file: Path, passages: Sequence[Original], count: int) -> list[str]:
    """Half from `file`, half the beginnings of passages, asked."""
    from assistant.evaluation.questions import load_questions

    rng = random.Random(0)
    real = [question.question for question in load_questions(file)]
    made = []
    for each in rng.sample([p for p in passages if len(p.words) > 20], count // 2):
        start = rng.randrange(len(each.words) - 8)
        begin, end = ("", "무엇입니까?") if each.language == "ko" else ("What is", "?")
        made.append(" ".join((begin, *each.words[start : start + 5], end)).strip())
    return rng.sample(real, min(len(real), count - len(made))) + made


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]…")
@click.option("--sizes", default="1000,10000,100000", show_default=True, help="Numbers of passages.")
@click.option("--dimensions", default=768, show_default=True, help="The first so many of each vector are used.")
@click.option("--index", type=click.Path(path_type=Path), default=Path("indexes/scale"), show_default=True)
@click.option("--minutes", default=60.0, show_default=True, help="Stop building after this; the next run goes on.")
@click.option("--questions", "count", default=40, show_default=True, help="Questions asked at each size.")
@click.option("--embed", is_flag=True, help="Also with the question's vector, as the product computes it.")
@click.option("--again", is_flag=True, help="Build from nothing.")
def main(
    folders: tuple[Path, ...],
    sizes: str,
    dimensions: int,
    index: Path,
    minutes: float,
    count: int,
    embed: bool,
    again: bool,
) -> None:
    """Build an index of each of the sizes and measure the search; prints one JSON object a line."""
    import numpy as np

    from assistant.settings import CHECKOUT, load_settings

    settings = load_settings()
    passages = originals(folders or (settings.corpus,))
    stored = np.load(next((settings.corpus / "_vectors").glob("*.npz")))["vectors"].astype(np.float32)
    vectors = stored[:, :dimensions] / np.linalg.norm(stored[:, :dimensions], axis=1, keepdims=True)
    questions = _questions((CHECKOUT or Path()) / "tests" / "questions" / "first_dev.jsonl", passages, count)
    queries = turned(vectors, questions)
    expected = fingerprint(f"{_MADE_BY}/{dimensions}", _MADE_BY)
    deadline = time.monotonic() + 60 * minutes
    if again:
        shutil.rmtree(index, ignore_errors=True)
    for size in (int(part) for part in sizes.split(",")):
        folder = index / str(size)
        started = time.monotonic()
        with write_index(folder, expected) as opened:
            finished = grow(opened, passages, vectors, size, deadline)
        built = round(time.monotonic() - started, 1)
        if not finished:
            click.echo(json.dumps({"passages": size, "build_s": built, "unfinished": True}))
            return
        with _own_process() as pool:
            figures = pool.apply(measure, (folder, expected, questions, queries, embed))
        click.echo(json.dumps({"passages": size, "build_s": built, "dimensions": dimensions, **figures}))


if __name__ == "__main__":
    main()
