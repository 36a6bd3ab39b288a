"""How many lies the verifier catches, and how many right answers it rejects.

Right answers are sentences of the documents, rephrased mechanically (`rephrase`), or answers that the assistant gave
(`--answers`). Each is changed in one thing (`mutants`) and both are verified as in the product. The
documents fall into two parts: the reader learned from one, the figures that count come from the other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from assistant.access import PUBLIC
from assistant.answering.opening import open_language_model, open_reader
from assistant.answering.replies import Line, prompt_of
from assistant.answering.say import Speaker
from assistant.answering.verify import problems
from assistant.errors import PathError
from assistant.evaluation.mutants import Mutant, all_mutants
from assistant.evaluation.rephrase import Right, Text, half_of, right_answers
from assistant.index import Visible, open_index
from assistant.index.database import SCHEMA_VERSION
from assistant.index.homes import url_of
from assistant.index.server import server_of
from assistant.schema import Quote
from assistant.settings import load_settings
from assistant.tuning import tuning

_SEED = 7

Made = TypeVar("Made")
#: What is wrong with a text in the place of a right one; empty when nothing is.
Wrong = Callable[[str, Right], list[str]]


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


def verifier(speaker: Speaker) -> Wrong:
    """What the product finds wrong with a text in the place of a right one: code first, then the language model."""

    def wrong(text: str, right: Right) -> list[str]:
        if found := problems(text, right.cited, right.question, right.language):
            return found
        first = right.cited[0]
        question = right.question or (first.heading_path[-1] if first.heading_path else first.title)
        messages = prompt_of(speaker.prompts, right.cited, question, right.language)
        line = Line(tuple(quote.id for quote in right.cited), text)
        return [] if speaker.confirms(messages, line, right.cited, right.language) else ["not confirmed"]

    return wrong


def measure(answers: Sequence[Right], wrong: Wrong, seed: int = _SEED) -> Outcome:
    """Verify each answer and each of its mutants."""
    judged = [(right, wrong(right.text, right)) for right in answers]
    mutants = all_mutants(answers, seed)
    missed = [mutant for mutant in mutants if not wrong(mutant.text, mutant.right)]
    return Outcome(answers, [(right, why) for right, why in judged if why], mutants, missed)


def texts_of(visible: Visible) -> list[Text]:
    """Read the visible documents of an index with their stored text and blocks."""
    found = []
    for document in visible.documents():
        stored = visible.document_text(document.document_id)
        if stored:
            blocks = visible.blocks(document.document_id, 0, len(stored[1]))
            found.append(Text(document, stored[1], tuple(blocks)))
    return found


def _made(path: Path, what: str, make: Callable[[dict[str, Any]], Made]) -> list[Made]:
    """What `make` makes of each JSON line of a file of `what`. Raises PathError that names the line at fault."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise PathError(f"The {what} {path} cannot be read ({exc.strerror}).", "Check the path.") from exc
    for number, line in enumerate(lines, 1):
        try:
            found.append(make(json.loads(line)))
        except (ValueError, TypeError, KeyError, IndexError) as exc:
            raise PathError(f"{path.name}, line {number}: {exc!r}.", "Correct the line.") from exc
    return found


def given_answers(path: Path) -> list[Right]:
    """Answers of the assistant: JSON lines with `question`, `language`, `sentence` and `citations` (as in its JSON).

    Raises PathError that names the line at fault.
    """

    def right(entry: dict[str, Any]) -> Right:
        cited = tuple(
            Quote(**{**piece, "heading_path": tuple(piece.get("heading_path", ()))}) for piece in entry["citations"]
        )
        return Right(entry["sentence"], entry["language"], cited, entry["question"], "answer", cited[0].document_id)

    return _made(path, "answers", right)


def as_pairs(answers: Sequence[Right], seed: int = _SEED) -> Iterator[dict[str, Any]]:
    """True and false sentences beside their quotes, as `assistant.reading.training` learns from them."""
    for right in answers:
        yield _pair(right, right.text, "")
    for mutant in all_mutants(answers, seed):
        yield _pair(mutant.right, mutant.text, mutant.kind)


def _pair(right: Right, text: str, lie: str) -> dict[str, Any]:
    first = right.cited[0]
    return {
        "language": right.language,
        "sentence": text,
        "title": first.title,
        "heading": first.heading_path[-1] if first.heading_path else "",
        "table_header": first.table_header,
        "quote": "\n".join(quote.quote for quote in right.cited),
        "supported": not lie,
        "lie": lie,
    }


def given_lies(path: Path) -> list[tuple[Right, bool, str]]:
    """Sentences that an author wrote about quotes: whether each is supported, and the kind of its lie.

    Raises PathError that names the line at fault.
    """

    def lie(entry: dict[str, Any]) -> tuple[Right, bool, str]:
        quote = Quote(
            "k3v", entry["document"], entry["title"], "", "", "", None, (entry["heading"],), entry["quote"], 0,
            len(entry["quote"]), table_header=entry["table_header"],
        )  # fmt: skip
        right = Right(entry["sentence"], entry["lang"], (quote,), "", entry.get("lie", ""), entry["document"])
        return right, entry["supported"], entry.get("lie", "")

    return _made(path, "sentences", lie)


def of_lies(entries: Sequence[tuple[Right, bool, str]], wrong: Wrong) -> dict[str, Any]:
    """Shares of written lies that are caught, by kind, and of true sentences that are rejected."""
    caught: dict[str, list[bool]] = {}
    rejected = []
    for right, supported, lie in entries:
        found = bool(wrong(right.text, right))
        if supported:
            rejected.append(found)
        else:
            caught.setdefault(lie, []).append(found)
    every = [each for found in caught.values() for each in found]
    return {
        "true": len(rejected),
        "rejected_share": round(sum(rejected) / max(1, len(rejected)), 4),
        "lies": len(every),
        "caught_share": round(sum(every) / max(1, len(every)), 4),
        "caught_by_kind": {kind: [sum(found), len(found)] for kind, found in sorted(caught.items())},
    }


def _speaker() -> Speaker:
    settings = load_settings()
    numbers = tuning()
    return Speaker(
        open_language_model(settings), open_reader(settings), settings.prompts, settings.answer_tokens, numbers.holds,
        numbers.backing, numbers.supports,
    )  # fmt: skip


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), help="Index folder; default from the settings.")
@click.option("--half", type=click.Choice(["check", "tune", "all"]), default="check", show_default=True)
@click.option("--most", type=click.IntRange(min=1), default=400, show_default=True, help="Right answers at most.")
@click.option("--answers", type=click.Path(path_type=Path), help="Answers of the assistant instead of sentences.")
@click.option("--seed", type=int, default=_SEED, show_default=True)
@click.option("--pairs", type=click.Path(path_type=Path), metavar="FILE", help="Write pairs to learn from instead.")
@click.option("--lies", type=click.Path(path_type=Path), metavar="FILE", help="Sentences that an author wrote instead.")
@click.option("--json", "as_json", is_flag=True, help="Figures and every example, as JSON.")
def main(
    folder: Path | None,
    half: str,
    most: int,
    answers: Path | None,
    seed: int,
    pairs: Path | None,
    lies: Path | None,
    as_json: bool,
) -> None:
    """Measure the verifier on lies made of right answers."""
    if lies:
        click.echo(json.dumps(of_lies(given_lies(lies), verifier(_speaker())), ensure_ascii=False, indent=1))
        return
    if answers:
        rights = given_answers(answers)[:most]
    else:
        settings = load_settings()
        server, url = server_of(settings), url_of(settings)
        with open_index(folder or settings.index, {"schema": SCHEMA_VERSION}, server=server, url=url) as index:
            texts = texts_of(index.seen_by((PUBLIC,)))
        wanted = [text for text in texts if half in ("all", half_of(text.document.document_id))]
        rights = right_answers(wanted, seed, most=most)
    if pairs:
        with pairs.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(pair, ensure_ascii=False) + "\n" for pair in as_pairs(rights, seed))
        return
    outcome = measure(rights, verifier(_speaker()), seed)
    if as_json:
        click.echo(json.dumps({**outcome.figures(), **outcome.examples()}, ensure_ascii=False, indent=1))
        return
    click.echo(json.dumps(outcome.figures(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
