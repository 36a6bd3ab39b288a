"""Sets the judge's numbers on question sets with keys, and writes them to `tuning.toml` with set and date.

No language model takes part: what is judged are the quotes. `answer` is the lowest threshold, by language, that keeps
wrong refusals within a share; `weight` the one that puts an answering passage first most often; `further` the one that
tells most answers whole with the fewest quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.access import PUBLIC
from assistant.answering.judge import judge
from assistant.answering.quotable import with_quoted
from assistant.answering.quotes import quotes_of
from assistant.answering.read import ranked, read
from assistant.answering.understand import in_context, understand
from assistant.answering.wording import display
from assistant.evaluation.abstention import auroc
from assistant.evaluation.questions import Question as Keyed
from assistant.evaluation.questions import right_text
from assistant.schema import Found, Question, Turn, Verdict
from assistant.tuning import FILE, Tuning, tuning

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.index import Index

#: Share of the answerable questions that may be refused wrongly.
WRONGLY_REFUSED = 0.08
_WEIGHTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 5.0)
_FURTHER = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
#: What a quote more costs, in right answers.
_QUOTE_COST = 0.03
_QUOTED = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Seen:
    """A keyed question with what was read for it, alone and (a follow-up) in context."""

    keyed: Keyed
    asked: Question
    labels: frozenset[str]
    texts: tuple[str, ...]
    readings: tuple[tuple[Found, ...], ...]


def look(assistant: Assistant, keyed: Sequence[Keyed], labels: frozenset[str]) -> list[Seen]:
    """Search and read for every question, once."""
    seen = []
    for each in keyed:
        held = frozenset({PUBLIC, each.asker}) if each.asker else labels
        visible, numbers = assistant.index.seen_by(held), tuning()
        history = [Turn(each.previous, each.previous, "ko", "answered", "")] if each.previous else []
        asked = understand(each.question, history, visible, max_chars=2000, today=date.today())
        texts = tuple(dict.fromkeys((asked.text, in_context(asked))))
        readings = [
            tuple(read(text, assistant.search(text, labels=held), visible, assistant.reader, numbers)) for text in texts
        ]
        seen.append(Seen(each, asked, held, texts, tuple(readings)))
    return seen


def verdict_of(seen: Seen, numbers: Tuning) -> tuple[str, Verdict]:
    """The judge's verdict with other numbers, and the text that it was reached with."""
    verdicts = []
    for text, found in zip(seen.texts, seen.readings, strict=True):
        verdicts.append((text, judge(seen.asked, ranked(found, numbers.weight), numbers)))
    return max(verdicts, key=lambda pair: pair[1].probability)


def told_text(index: Index, seen: Seen, numbers: Tuning) -> tuple[str, int]:
    """The quotes that would be told, as text, and how many there are."""
    _, verdict = verdict_of(seen, numbers)
    if verdict.kind != "answer":
        return "", 0
    quotes = quotes_of(with_quoted(verdict.told, numbers.quoted), index.seen_by(seen.labels))
    return "\n".join(f"{display(quote)}" for quote, _ in quotes), len(quotes)


def calibrated(index: Index, seen: Sequence[Seen]) -> Tuning:
    """The numbers that fit `seen` best; the others stay as they are."""
    numbers = replace(tuning(), answer={"ko": 0.0, "en": 0.0})
    answerable = [each for each in seen if each.keyed.answerable]

    def first_right(weight: float) -> int:
        tried = replace(numbers, weight=weight, further=2.0)
        verdicts = [(each, verdict_of(each, tried)[1]) for each in answerable]
        return sum(right_text(each.keyed, v.told[0].hit.passage.text) for each, v in verdicts if v.told)

    numbers = replace(numbers, weight=max(_WEIGHTS, key=first_right))

    def gain(tried: Tuning) -> float:
        told = [told_text(index, each, tried) for each in answerable]
        right = sum(right_text(each.keyed, text) for each, (text, _) in zip(answerable, told, strict=True))
        return right - _QUOTE_COST * sum(count for _, count in told)

    numbers = max((replace(numbers, quoted=share, further=2.0) for share in _QUOTED), key=gain)
    numbers = max((replace(numbers, further=further) for further in _FURTHER), key=gain)
    thresholds = {}
    for language in ("ko", "en"):
        scores = sorted(verdict_of(e, numbers)[1].probability for e in answerable if e.asked.language == language)
        thresholds[language] = round(scores[int(WRONGLY_REFUSED * len(scores))], 3) if scores else 0.5
    return replace(numbers, answer=thresholds)


def figures(index: Index, seen: Sequence[Seen], numbers: Tuning) -> dict[str, Any]:
    """What the judge and the quotes reach with `numbers`: both error rates, and how many answers the quotes hold."""
    verdicts = [(each, verdict_of(each, numbers)[1]) for each in seen]
    have = [(each, verdict) for each, verdict in verdicts if each.keyed.answerable]
    lack = [(each, verdict) for each, verdict in verdicts if not each.keyed.answerable]
    told = [(e, *told_text(index, e, numbers)) for e, verdict in have if verdict.kind == "answer"]
    kinds: dict[str, list[bool]] = {}
    for each, text, _ in told:
        kinds.setdefault(each.keyed.kind, []).append(right_text(each.keyed, text))
    silent: dict[str, list[bool]] = {}
    for each, verdict in lack:
        silent.setdefault(each.keyed.kind, []).append(verdict.kind != "answer")
    return {
        "questions": len(seen),
        "wrongly_refused": _share(verdict.kind != "answer" for _, verdict in have),
        "unanswerable_refused": _share(verdict.kind != "answer" for _, verdict in lack),
        "auroc": auroc([v.probability for _, v in have], [v.probability for _, v in lack]),
        "first_passage_right": _share(right_text(e.keyed, v.told[0].hit.passage.text) for e, v in have if v.told),
        "recall_at_k": _share(_recalled(each) for each, _ in have),
        "quotes_hold_answer": _share(right_text(each.keyed, text) for each, text, _ in told),
        "quotes": round(sum(count for _, _, count in told) / max(1, len(told)), 2),
        "held_by_kind": {kind: f"{sum(found)}/{len(found)}" for kind, found in sorted(kinds.items())},
        "refused_by_kind": {kind: f"{sum(found)}/{len(found)}" for kind, found in sorted(silent.items())},
    }


def _recalled(seen: Seen) -> bool:
    return any(right_text(seen.keyed, "\n".join(each.hit.passage.text for each in found)) for found in seen.readings)


def _share(found: Iterable[bool]) -> float | None:
    counted = list(found)
    return round(sum(counted) / len(counted), 3) if counted else None


def write(numbers: Tuning, names: Sequence[str], changed: Iterable[str]) -> None:
    """Write those of the numbers that `changed` names to the package's file, with the sets and today's date."""
    import tomllib

    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for name in changed:
        raw[name] = {"value": getattr(numbers, name), "set": ", ".join(names), "date": date.today()}
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    for name, entry in raw.items():
        value = entry["value"]
        shown = (
            f"{{ {', '.join(f'{key} = {number}' for key, number in value.items())} }}"
            if isinstance(value, dict)
            else value
        )
        lines += ["", f"[{name}]", f"value = {shown}", f'set = "{entry["set"]}"', f"date = {entry['date']}"]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
