"""The embedder in 8 bits against fp32, in one run: speed, start-up, memory, nearness of the vectors, loss in search.

    python -m assistant.evaluation.embedding [--passages 500] [--timed 48] [FOLDER …]

Passages are those of FOLDERs in BEIR form, cut and titled as an index has them, or of the corpus when none is named.
Speed: the two forms take turns with every passage, so that other work on the machine falls on both; the ratio of CPU
times is the steadier figure. Start-up and memory: each form in a process of its own, from the call to the first vector.
Loss: each FOLDER is searched twice, its questions and all its passages in fp32 and in 8 bits. Vectors are kept
(vectors.py), so a run that is stopped goes on; fp32 embeds two to four passages a second and core.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import SettingsError
from assistant.evaluation.measures import MAIN, PerQuestion, difference, figure, over_sets, ratio
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.evaluation.vectors import CachedEmbedder

_FORMS = {"fp32": True, "int8": False}
_BATCH = 8
#: Each passage is timed so often, and its best time counts: other work on the machine only ever adds.
_TURNS = 3
#: What is searched twice: the retriever, and the embedder alone.
_OURS, _DENSE = "assistant", "dense"

#: A title and a text, as they are embedded.
Titled = tuple[str, str]
Encoder = Callable[[Sequence[Titled]], Any]


def passages(folders: Sequence[Path], settings: Settings, embedder: CachedEmbedder) -> dict[str, list[Titled]]:
    """All passages by where they come from: the names of `folders`, or the corpus's languages; the order is mixed.

    `embedder` makes the indexes of the folders, where there are none yet.
    """
    from assistant.evaluation.scale import originals
    from assistant.evaluation.sets import LABELS, load_retrieval_set, set_index
    from assistant.ingest.embedding import passage_text, passage_title

    sources: dict[str, list[Titled]] = {}
    for folder in folders:
        with set_index(load_retrieval_set(folder), settings.cache, embedder) as index:
            held = index.seen_by(LABELS).chunks(list(index.catalog.chunk_states())).values()
        sources[folder.name] = sorted(
            {(passage_title(chunk, document), passage_text(chunk)) for chunk, document in held}
        )
    if not folders:
        for each in originals([settings.corpus]):
            found = sources.setdefault(f"corpus, {each.language}", [])
            found.append((" > ".join(each.heading_path), " ".join(each.words)))
    for name in sources:
        random.Random(0).shuffle(sources[name])
    return sources


def in_turn(sources: dict[str, list[Titled]], count: int) -> list[Titled]:
    """The first `count` passages, the sources in equal parts as far as they reach."""
    longest = max(map(len, sources.values()))
    return [texts[n] for n in range(longest) for texts in sources.values() if n < len(texts)][:count]


def start(settings: Settings, exact: bool) -> dict[str, float]:
    """Seconds from nothing to the first vector (wall and CPU), and the most memory until then, MB."""
    from assistant.weights.embedder import SentenceEmbedder

    wall = time.perf_counter()
    SentenceEmbedder(settings.embedder, settings.cache, settings.threads, exact=exact).encode_query("얼라이언스?")
    return {
        "start_s": round(time.perf_counter() - wall, 1),
        "start_cpu_s": round(time.process_time(), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def speed(
    encoders: Mapping[str, Callable[[Sequence[Titled]], Any]], groups: Sequence[Sequence[Titled]]
) -> dict[str, Any]:
    """Passages a second of each form, by wall and by CPU time, and how many times faster int8 is than fp32."""
    spent: dict[str, list[tuple[float, float]]] = {form: [] for form in encoders}
    for group in groups:
        turns: dict[str, list[tuple[float, float]]] = {form: [] for form in encoders}
        for _ in range(_TURNS):
            for form, encode in encoders.items():
                wall, cpu = time.perf_counter(), time.process_time()
                encode(group)
                turns[form].append((time.perf_counter() - wall, time.process_time() - cpu))
        for form, times in turns.items():
            spent[form].append((min(wall for wall, _ in times), min(cpu for _, cpu in times)))
    count = sum(map(len, groups))
    seconds = {
        (form, clock): [pair[n] for pair in spent[form]] for form in spent for n, clock in enumerate(("", "cpu_"))
    }
    return {
        "passages": count,
        "mean_chars": round(sum(len(text) for group in groups for _, text in group) / count),
        **{f"{form}_per_{clock}s": round(count / sum(values), 2) for (form, clock), values in seconds.items()},
        **{f"{clock}ratio": _rounded(ratio(seconds["fp32", clock], seconds["int8", clock])) for clock in ("", "cpu_")},
    }


def nearness(exact: CachedEmbedder, rounded: CachedEmbedder, chosen: Sequence[Titled]) -> dict[str, Any]:
    """Cosine of the two forms' vectors of `chosen`."""
    import numpy as np

    titles, texts = [title for title, _ in chosen], [text for _, text in chosen]
    cosines = (exact.encode_passages(titles, texts) * rounded.encode_passages(titles, texts)).sum(axis=1)
    return {
        "passages": len(chosen),
        "mean": _rounded(figure({str(number): float(cosine) for number, cosine in enumerate(cosines)}), 5),
        "p01": round(float(np.quantile(cosines, 0.01)), 5),
        "min": round(float(cosines.min()), 5),
    }


def measured(folder: Path, settings: Settings, embedder: CachedEmbedder) -> dict[str, PerQuestion]:
    """All measures of the retriever and of the dense search alone on a set, with the vectors of `embedder`."""
    from assistant.evaluation.peers import DEPTH, dense
    from assistant.evaluation.runs import run, values_of
    from assistant.evaluation.sets import LABELS, load_retrieval_set, set_index
    from assistant.retrieval import HybridRetriever

    chosen = load_retrieval_set(folder)
    with set_index(chosen, settings.cache, embedder) as index:
        retriever, alone = HybridRetriever(index, embedder), dense(index, embedder)

        def ours(_: str, question: str) -> list[str]:
            return [hit.document.document_id for hit in retriever.search(question, LABELS, DEPTH)]

        searches = {_OURS: ours, _DENSE: lambda _, question: alone(question)}
        return {name: values_of(run(name, search, chosen.questions, chosen.qrels)) for name, search in searches.items()}


def loss(
    folder: Path, settings: Settings, exact: CachedEmbedder, rounded: CachedEmbedder
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The main measure of each search in fp32 and what 8 bits change: the figures, and the gain of every question."""
    before, after = measured(folder, settings, exact), measured(folder, settings, rounded)
    figures, gains = {}, {}
    for name in before:
        old, new = before[name][MAIN], after[name][MAIN]
        gains[name] = {question: new[question] - old[question] for question in new}
        figures[name] = {"fp32": round(figure(old).mean, 4), "int8_minus_fp32": _rounded(difference(new, old), 4)}
    return figures, gains


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]…")
@click.option("--passages", "count", default=500, show_default=True, help="Passages whose vectors are compared.")
@click.option("--timed", default=48, show_default=True, help="Passages timed one at a time and in batches; 0: none.")
@click.option("--threads", type=int, help="Threads of the embedder (default: the settings').")
def main(folders: tuple[Path, ...], count: int, timed: int, threads: int | None) -> None:
    """Measure the embedder's two forms; prints one JSON object a line, as soon as it is known."""
    from assistant.evaluation.vectors import cached
    from assistant.weights.fast_embedder import uses_int8

    settings = load_settings(threads=threads)
    if not uses_int8(settings.embedder, settings.cache):
        raise click.ClickException(
            str(SettingsError(f"{settings.embedder} runs in fp32 here, so there is nothing to compare."))
        )
    with ExitStack() as stack:
        exact_form, rounded = (
            stack.enter_context(cached(settings.embedder, settings, exact=each)) for each in _FORMS.values()
        )
        sources = passages(folders, settings, rounded)
        if timed:
            for part, figures in _timings(settings, in_turn(sources, timed)):
                _show(part, figures)
        _show("cosine", nearness(exact_form, rounded, in_turn(sources, count)))
        gains = []
        for folder in folders:
            _show(f"cosine, {folder.name}", nearness(exact_form, rounded, sources[folder.name]))
            figures, of_questions = loss(folder, settings, exact_form, rounded)
            gains.append(of_questions)
            _show(f"loss, {folder.name}", figures)
        for name in gains[0] if gains else ():
            _show(f"mean loss over sets, {name}", _rounded(over_sets([each[name] for each in gains]), 4))


def _timings(settings: Settings, chosen: Sequence[Titled]) -> Iterator[tuple[str, dict[str, Any]]]:
    from assistant.weights.embedder import SentenceEmbedder

    encoders: dict[str, Encoder] = {}
    for form, exact in _FORMS.items():
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield form, pool.apply(start, (settings, exact))
        embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads, exact=exact)
        embedder.encode_query("얼라이언스?")
        encoders[form] = lambda group, embedder=embedder: embedder.encode_passages(*zip(*group, strict=True))  # type: ignore[misc]
    yield "one at a time", speed(encoders, [[each] for each in chosen])
    yield "batches", speed(encoders, [chosen[first : first + _BATCH] for first in range(0, len(chosen), _BATCH)])


def _rounded(value: Any, digits: int = 3) -> dict[str, float]:
    return {name: round(number, digits) for name, number in asdict(value).items()}


def _show(part: str, figures: dict[str, Any]) -> None:
    click.echo(json.dumps({"part": part, **figures}))


if __name__ == "__main__":
    main()
