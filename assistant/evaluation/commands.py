"""`assistant eval`: figures of the retrieval, or of the answers, on a question set."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.evaluation.runs import Outcome
    from assistant.settings import Settings

_path = click.Path(path_type=Path)


@click.command("eval")
@click.argument("question_sets", type=_path, nargs=-1, required=True, metavar="SET...")
@click.option("--calibrate", is_flag=True, help="Set the judge's numbers on these sets (JSON lines with keys).")
@click.option("--answers", is_flag=True, help="Ask the assistant and judge its answers (JSON lines with keys only).")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many questions.")
@click.option("--outcomes", type=_path, metavar="FILE", help="Write one JSON object per question to this file.")
@click.option("--report", type=_path, metavar="FILE.html", help="Write a page with tables and plots.")
@click.option("--peer", is_flag=True, help="Measure other retrievers beside ours (folders in BEIR form only).")
@click.option("--compare", type=_path, metavar="RUN.jsonl", help="An earlier --outcomes file: what has changed.")
@click.option("--index", type=_path, help="Index folder for JSON lines (default: indexes/default).")
@click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    question_sets: tuple[Path, ...],
    calibrate: bool,
    answers: bool,
    limit: int | None,
    outcomes: Path | None,
    report: Path | None,
    peer: bool,
    compare: Path | None,
    index: Path | None,
    user: str | None,
    as_json: bool,
) -> None:
    """Measure how well SET's questions find their passages: hit@k, recall@k, MRR@10, nDCG@10, with 95 % intervals.

    SET is a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), searched with an index of its own, or a file
    of JSON lines with keys (tests/questions), searched with the assistant's index. With --calibrate the numbers of
    assistant/tuning.toml are set on all the files given.
    """
    from assistant.errors import SettingsError
    from assistant.evaluation.sets import is_retrieval_set
    from assistant.settings import load_settings

    settings = load_settings(index=index)
    if calibrate:
        _calibrate(question_sets, settings, limit)
        return
    if len(question_sets) > 1:
        raise SettingsError("Only --calibrate takes several sets.", "Name one set.")
    question_set = question_sets[0]
    folder = is_retrieval_set(question_set)
    if folder and answers:
        raise SettingsError("A folder in BEIR form has no keys to judge answers by.", "Leave --answers away.")
    if not folder and peer:
        raise SettingsError("Peers are measured on folders in BEIR form.", "Leave --peer away.")
    if answers and (report or compare):
        raise SettingsError("--report and --compare are about retrieval.", "Leave --answers away.")
    if answers:
        _answers(question_set, settings, limit, outcomes, user, as_json)
        return
    from assistant.evaluation import runs
    from assistant.evaluation.report import write_report

    before = runs.read(compare) if compare else None
    found = _of_folder(question_set, settings, limit, peer) if folder else _of_file(question_set, settings, limit, user)
    figures = {"set": question_set.stem, **runs.summary(found)}
    if before:
        figures["comparison"] = runs.compare(found[runs.OURS], before)
    if outcomes:
        runs.write(outcomes, found)
    if report:
        write_report(report, figures, found)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def _of_folder(folder: Path, settings: Settings, limit: int | None, peer: bool) -> dict[str, list[Outcome]]:
    from assistant.evaluation import peers, runs
    from assistant.evaluation.sets import LABELS, load_retrieval_set, set_index
    from assistant.evaluation.vectors import cached
    from assistant.ingest.pipeline import terminal_progress
    from assistant.retrieval import HybridRetriever

    chosen = load_retrieval_set(folder, limit)
    with (
        cached(settings.embedder, settings) as embedder,
        set_index(chosen, settings.cache, embedder, terminal_progress()) as index,
    ):
        retriever = HybridRetriever(index, embedder)

        def ours(_: str, question: str) -> list[str]:
            return [hit.document.document_id for hit in retriever.search(question, LABELS, peers.DEPTH)]

        found = {runs.OURS: _run(runs.OURS, ours, chosen.questions, chosen.qrels)}
        if peer:
            with cached(peers.PLAIN_EMBEDDER, settings) as plain:
                for name, search in peers.peers(chosen, index, embedder, plain).items():
                    found[name] = _run(name, _without_id(search), chosen.questions, chosen.qrels)
    return found


def _without_id(search: Callable[[str], list[str]]) -> Callable[[str, str], list[str]]:
    return lambda _, question: search(question)


def _of_file(file: Path, settings: Settings, limit: int | None, user: str | None) -> dict[str, list[Outcome]]:
    from assistant.access import labels_of
    from assistant.evaluation import runs
    from assistant.evaluation.golds import gold_search, gold_set
    from assistant.evaluation.vectors import cached
    from assistant.ingest.opened import open_set_index
    from assistant.retrieval import HybridRetriever

    questions, qrels = gold_set(file, limit)
    labels = labels_of(user, settings.access_file)
    with cached(settings.embedder, settings) as embedder, open_set_index(settings) as index:
        retriever = HybridRetriever(index, embedder)
        search = gold_search(questions, labels, lambda text, held: retriever.search(text, held, settings.top_k))
        texts = {question.id: question.question for question in questions}
        return {runs.OURS: _run(runs.OURS, search, texts, qrels)}


def _run(
    name: str, search: Callable[[str, str], Sequence[str]], questions: dict[str, str], qrels: dict[str, dict[str, int]]
) -> list[Outcome]:
    from tqdm import tqdm

    from assistant.evaluation.runs import run

    with tqdm(total=len(questions), desc=name, unit="", mininterval=1.0) as bar:
        return run(name, search, questions, qrels, bar.update)


def _answers(
    file: Path, settings: Settings, limit: int | None, outcomes: Path | None, user: str | None, as_json: bool
) -> None:
    from assistant.access import labels_of
    from assistant.answering import open_assistant
    from assistant.evaluation import questions as asked

    questions = asked.load_questions(file)[:limit]

    def show(outcome: asked.Outcome) -> None:
        if not as_json:
            mark = click.style("right   ", fg="green") if outcome.verdict == "right" else f"{outcome.verdict:<8}"
            click.echo(f"{mark} {outcome.id:<12} {outcome.question}")
            if outcome.verdict != "right":
                click.echo(f"         → {outcome.answer}")

    assistant = open_assistant(settings)
    try:
        results = asked.ask_all(assistant, questions, labels_of(user, settings.access_file), show)
    finally:
        assistant.index.close()
    if outcomes:
        outcomes.write_text(asked.to_jsonl(results), encoding="utf-8")
    figures = asked.summary(results, questions)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            click.echo(f"{name:<16} {value}")


def _calibrate(files: Sequence[Path], settings: Settings, limit: int | None) -> None:
    """Set the judge's numbers on question sets with keys, and say what they reach there."""
    from assistant.access import PUBLIC
    from assistant.answering import open_assistant
    from assistant.evaluation import calibration
    from assistant.evaluation.questions import load_questions

    questions = [question for file in files for question in load_questions(file)][:limit]
    assistant = open_assistant(settings)
    try:
        seen = calibration.look(assistant, questions, frozenset({PUBLIC}))
        numbers = calibration.calibrated(assistant.index, seen)
        reached = calibration.figures(assistant.index, seen, numbers)
    finally:
        assistant.index.close()
    calibration.write(numbers, [file.stem for file in files], ("answer", "weight", "quoted", "further"))
    click.echo(json.dumps(reached, ensure_ascii=False, indent=1))


_COLUMNS = ("hit@1", "hit@5", "recall@10", "mrr@10", "ndcg@10")


def _show(figures: dict[str, Any]) -> None:
    click.echo(f"{figures['set']}: {figures['questions']} questions with a known passage")
    click.echo(f"{'':26}" + "".join(f"{name:>11}" for name in _COLUMNS) + f"{'95 %':>16}{'ours / it':>11}")
    for name, row in figures["retrievers"].items():
        interval = f"{row['ndcg@10']['low']:.3f}–{row['ndcg@10']['high']:.3f}"
        ratio = row.get("ours_as_ratio")
        click.echo(
            f"{name:26}"
            + "".join(f"{row[column]['mean']:>11.3f}" for column in _COLUMNS)
            + f"{interval:>16}"
            + (f"{ratio:>11.3f}" if ratio else "")
        )
    if comparison := figures.get("comparison"):
        gain = comparison["difference"]["ndcg@10"]
        click.echo(
            f"Against the earlier run ({comparison['shared']} questions in both): {comparison['better']} better, "
            f"{comparison['worse']} worse, nDCG@10 {gain['mean']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]"
        )
        for row in comparison["changed"]:
            ranks = " → ".join(str(row[when]["rank"] or "–") for when in ("before", "now"))
            click.echo(f"  {ranks:>9}  {row['id']:<16} {row['question']}")
