"""The embedder in 8 bits against fp32, in one run: passages a second, start-up, memory, and how near the vectors are.

    python -m assistant.evaluation.embedding [--passages 500] [--timed 24] [FOLDER …]

Passages are those of the corpus, with the pairs of the two languages in turn, and of FOLDERs in BEIR form. Speed: the
two forms take turns with every passage, so that other work on the machine falls on both; the ratio of CPU times is the
steadier figure. Start-up and memory: each form in a process of its own, from the call to the first vector.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

_FORMS = {"fp32": True, "int8": False}
_BATCH = 8


def passages(folders: Sequence[Path], settings: Settings, count: int) -> list[str]:
    """`count` passages, the languages and folders in equal parts as far as they reach; the same ones every time."""
    from assistant.evaluation.scale import originals
    from assistant.evaluation.sets import load_retrieval_set

    sources: dict[str, list[str]] = {}
    for each in originals([settings.corpus]):
        sources.setdefault(each.language, []).append(" ".join(each.words))
    for folder in folders:
        sources[str(folder)] = [passage.text for passage in load_retrieval_set(folder).passages if passage.text.strip()]
    rng = random.Random(0)
    for texts in sources.values():
        rng.shuffle(texts)
    found: list[str] = []
    while len(found) < count and any(sources.values()):
        found += [texts.pop() for texts in sources.values() if texts]
    return found[:count]


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


def _speed(encoders: dict[str, Callable[[list[str]], Any]], groups: Sequence[list[str]]) -> dict[str, Any]:
    """Passages a second of each form, by wall and by CPU time, and the ratio of int8 to fp32."""
    spent = {form: [0.0, 0.0] for form in encoders}
    for group in groups:
        for form, encode in encoders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            encode(group)
            spent[form][0] += time.perf_counter() - wall
            spent[form][1] += time.process_time() - cpu
    number = sum(map(len, groups))
    return {
        **{f"{form}_per_s": round(number / times[0], 2) for form, times in spent.items()},
        **{f"{form}_per_cpu_s": round(number / times[1], 2) for form, times in spent.items()},
        "ratio": round(spent["fp32"][0] / spent["int8"][0], 2),
        "cpu_ratio": round(spent["fp32"][1] / spent["int8"][1], 2),
    }


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]…")
@click.option("--passages", "count", default=500, show_default=True, help="Passages whose vectors are compared.")
@click.option("--timed", default=24, show_default=True, help="Of these, timed one at a time and in batches.")
@click.option("--threads", type=int, help="Threads of the embedder (default: the settings').")
def main(folders: tuple[Path, ...], count: int, timed: int, threads: int | None) -> None:
    """Measure the embedder's two forms; prints one JSON object a line, as soon as it is known."""
    import numpy as np

    from assistant.weights.embedder import SentenceEmbedder
    from assistant.weights.fast_embedder import uses_int8

    settings = load_settings(threads=threads)
    if not uses_int8(settings.embedder, settings.cache):
        raise click.ClickException(
            str(SettingsError(f"{settings.embedder} runs in fp32 here, so there is nothing to compare."))
        )
    for form, exact in _FORMS.items():
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            _show(form, pool.apply(start, (settings, exact)))
    texts = passages(folders, settings, count)
    encoders: dict[str, Callable[[list[str]], Any]] = {}
    for form, exact in _FORMS.items():
        embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads, exact=exact)
        embedder.encode_query("얼라이언스?")
        encoders[form] = lambda group, embedder=embedder: embedder.encode_passages([""] * len(group), group)  # type: ignore[misc]
    chosen = texts[:timed]
    _show("one at a time", _speed(encoders, [[text] for text in chosen]))
    _show("batches", _speed(encoders, [chosen[first : first + _BATCH] for first in range(0, timed, _BATCH)]))
    exact_vectors, rounded = (np.asarray(encoders[form](texts)) for form in _FORMS)
    cosines = (exact_vectors * rounded).sum(axis=1)
    low, least = float(np.quantile(cosines, 0.05)), float(cosines.min())
    mean = round(float(cosines.mean()), 5)
    _show("cosine", {"passages": len(texts), "mean": mean, "p05": round(low, 5), "min": round(least, 5)})


def _show(part: str, figures: dict[str, Any]) -> None:
    click.echo(json.dumps({"part": part, **figures}))


if __name__ == "__main__":
    main()
