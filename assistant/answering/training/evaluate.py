"""How well the language model answers from quotes: `python -m assistant.answering.training.evaluate --offers FILE`.

Measured on the lessons that share no document with what was learned: whether it answers where it should (area under the
ROC curve), which quotes it rests on, its yes or no, its formulas, and what the check says of right and wrong replies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.answering.replies import (
    BEGIN,
    CHECKED,
    NOTHING,
    check_of,
    opener_of,
    opposite,
    parsed,
    prompt_of,
)
from assistant.answering.training.lessons import Lesson, lessons
from assistant.reading.training.checkpoints import tell
from assistant.reading.training.evaluate import with_interval
from assistant.weights.language_model import LlamaCppModel


def judged(model: LlamaCppModel, prompts: Path, lesson: Lesson, most: int) -> dict[str, Any]:
    """Ask one lesson: the odds that it is answered and that its reply holds, and what is replied."""
    language = lesson.language
    messages = prompt_of(prompts, lesson.quotes, lesson.question, language)
    row: dict[str, Any] = {
        "task": lesson.task, "language": language, "question": lesson.question, "wanted": lesson.reply,
        "holds": lesson.holds,
    }  # fmt: skip

    def confirmed(reply: str) -> float | None:
        holds, fails = CHECKED[language]
        return model.log_odds(check_of(prompts, messages, reply, language), [holds], fails)

    if lesson.holds is not None:
        row["confirmed"] = confirmed(lesson.reply)
    if lesson.task == "check":
        return row
    ids = [quote.id for quote in lesson.quotes]
    row["odds"] = model.log_odds(messages, [f"{BEGIN}{name}" for name in ids], NOTHING[language])
    row["reply"] = "".join(model.generate(messages, max_tokens=most))
    if (other := opposite(lesson.reply, language)) != lesson.reply:
        row["opposite_confirmed"] = confirmed(other)
    return row


def told(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Put the figures into words, a line each."""
    asked = [row for row in rows if "odds" in row and row["task"] != "calculation"]
    yield f"answers, area: {with_interval([row['odds'] for row in asked], [row['task'] == 'answer' for row in asked])}"
    answered = [row for row in rows if row["task"] == "answer" and row["reply"] != NOTHING[row["language"]]]
    right = [row for row in answered if set(_first(row["reply"])) & set(_first(row["wanted"]))]
    every = sum(row["task"] == "answer" for row in rows)
    yield f"answered: {len(answered)} of {every}; the first sentence from a right quote: {len(right)}"
    polar = [row for row in answered if "opposite_confirmed" in row]
    said = [(row, _opener(row["reply"], row), _opener(row["wanted"], row)) for row in polar]
    same = sum(one == other for _, one, other in said)
    yield f"yes or no: {same} right, {sum(not one for _, one, _ in said)} without, of {len(polar)}"
    surer = [row["confirmed"] - row["opposite_confirmed"] for row in polar]
    yield f"the check prefers the right one of yes and no: {sum(value > 0 for value in surer)} of {len(polar)}"
    sums = [row for row in rows if row["task"] == "calculation"]
    yield f"formulas right: {sum(row['reply'] == row['wanted'] for row in sums)} of {len(sums)}"
    held = [row for row in rows if "confirmed" in row]
    yield f"check, area: {with_interval([row['confirmed'] for row in held], [row['holds'] for row in held])}"


def _first(reply: str) -> tuple[str, ...]:
    line = parsed(reply.split("\n", 1)[0])
    return line.ids if line else ()


def _opener(reply: str, row: dict[str, Any]) -> str:
    line = parsed(reply.split("\n", 1)[0])
    return opener_of(line.text, row["language"])[:1] if line else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=Path, required=True, help="offers.jsonl of the training")
    parser.add_argument("--adapter", type=Path, help="GGUF file of an adapter (default: the shipped one)")
    parser.add_argument("--details", type=Path, help="file for one JSON line a lesson")
    options = parser.parse_args()
    from assistant.answering.adapter import adapter_of
    from assistant.settings import load_settings

    settings = load_settings()
    adapter = options.adapter or adapter_of(settings.language_model)
    model = LlamaCppModel(
        settings.language_model, settings.cache, context_tokens=2048, threads=settings.threads, adapter=adapter
    )
    reported = [lesson for lesson in lessons(options.offers) if lesson.split == "report"]
    rows = []
    for number, lesson in enumerate(reported, 1):
        rows.append(judged(model, settings.prompts, lesson, settings.answer_tokens))
        if number % 20 == 0:
            tell(f"{number}/{len(reported)} lessons")
    if options.details:
        options.details.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in told(rows)))


if __name__ == "__main__":
    main()
