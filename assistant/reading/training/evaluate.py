"""How well the reader reads: `python -m assistant.reading.training.evaluate --weights FOLDER --shared FOLDER`.

Measured on the `report` parts of our own and of the public pairs, which share no document with what was learned:
areas under the ROC curve, span F1, support, kinds. With `--calibrate`
slopes and offsets (Platt 1999), by head and language, are fitted on our own report pairs and written to the card.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assistant.reading.probability import logit
from assistant.reading.reader import TrainedReader
from assistant.reading.training.examples import Example
from assistant.reading.training.train import examples
from assistant.schema import Excerpt, Reading

#: Draws of the bootstrap behind an interval.
_DRAWS = 400


def auroc(scores: Sequence[float], truths: Sequence[bool]) -> float:
    """The area under the ROC curve; ties count half. NaN when one of the two is missing."""
    ordered = sorted(zip(scores, truths, strict=True))
    positives, total, rank, wins = sum(truths), len(truths), 0, 0.0
    while rank < total:
        end = rank
        while end < total and ordered[end][0] == ordered[rank][0]:
            end += 1
        wins += sum(truth for _, truth in ordered[rank:end]) * (rank + end + 1) / 2
        rank = end
    negatives = total - positives
    if not positives or not negatives:
        return math.nan
    return (wins - positives * (positives + 1) / 2) / (positives * negatives)


def with_interval(scores: Sequence[float], truths: Sequence[bool], seed: int = 3) -> str:
    """The area with the middle 95 % of bootstrap draws."""
    chance = random.Random(seed)
    draws = []
    for _ in range(_DRAWS):
        chosen = [chance.randrange(len(scores)) for _ in scores]
        value = auroc([scores[at] for at in chosen], [truths[at] for at in chosen])
        if not math.isnan(value):
            draws.append(value)
    draws.sort()
    low, high = draws[int(len(draws) * 0.025)], draws[int(len(draws) * 0.975)]
    return f"{auroc(scores, truths):.3f} [{low:.3f}, {high:.3f}] n={len(scores)}"


def span_f1(reading: Reading, example: Example) -> float:
    """Overlap of marked and true characters, F1; 0 when nothing is marked."""
    marked = {at for span in reading.spans for at in range(span.start, span.end)}
    true = {at for start, end in example.spans for at in range(start, end)}
    both = len(marked & true)
    return 2 * both / (len(marked) + len(true)) if both else 0.0


def excerpt_of(example: Example) -> Excerpt:
    """The example's excerpt; what stands before its text is one title here."""
    return Excerpt(example.text, example.prefix.removesuffix(" | "))


def read_all(reader: TrainedReader, asked: Sequence[Example]) -> list[Reading]:
    """The reading of each example, in order."""
    return [reader.read(each.question, [excerpt_of(each)])[0] for each in asked]


def fit_platt(logits: Sequence[float], truths: Sequence[bool], steps: int = 2000) -> tuple[float, float]:
    """Slope and offset that make the logits' sigmoid a probability: maximum likelihood by gradient descent."""
    import numpy as np

    values, targets = np.asarray(logits), np.asarray(truths, dtype=float)
    slope, offset = 1.0, 0.0
    for _ in range(steps):
        likely = 1 / (1 + np.exp(-(slope * values + offset)))
        slope -= 0.05 * float(((likely - targets) * values).mean())
        offset -= 0.05 * float((likely - targets).mean())
    return round(slope, 4), round(offset, 4)


def report(reader: TrainedReader, found: Sequence[Example]) -> dict[str, Any]:
    """All figures on the report parts."""
    kept = [each for each in found if each.split == "report"]
    asked = [each for each in kept if each.answers is not None]
    readings = read_all(reader, asked)
    pairs = list(zip(asked, readings, strict=True))
    figures: dict[str, Any] = {"fingerprint": reader.fingerprint}

    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for each, reading in pairs:
        pair = (reading.answers, bool(each.answers))
        groups[f"answers {each.source}"].append(pair)
        if each.source == "own":
            groups[f"answers own {each.language}"].append(pair)
        if each.source == "rules":
            groups[f"answers rules {each.note}"].append(pair)
    for name, group in groups.items():
        if len({truth for _, truth in group}) == 2:
            figures[name] = with_interval([score for score, _ in group], [truth for _, truth in group])
    own = [(each, reading) for each, reading in pairs if each.source in ("own", "answers")]
    positive = [(each, reading) for each, reading in own if each.answers]
    figures["unknown own"] = with_interval([r.unknown for _, r in positive], [bool(e.unknown) for e, _ in positive])
    by_note: dict[str, list[float]] = defaultdict(list)
    for each, reading in own:
        if not each.answers:
            by_note[each.note].append(reading.answers)
    have = [reading.answers for _, reading in positive]
    figures["answers by near miss"] = {
        note: round(auroc([*have, *scores], [True] * len(have) + [False] * len(scores)), 3)
        for note, scores in by_note.items()
        if len(scores) > 9
    }
    for source in ("own", "squad", "korquad", "rules"):
        scores = [span_f1(r, e) for e, r in pairs if e.source == source and e.answers and e.spans]
        if scores:
            figures[f"span F1 {source}"] = f"{sum(scores) / len(scores):.3f} n={len(scores)}"
            figures[f"span touched {source}"] = f"{sum(score > 0 for score in scores) / len(scores):.3f}"
    kinds = [(each.kind, reading.kind) for each, reading in positive if each.kind]
    figures["kind right"] = f"{sum(a == b for a, b in kinds) / max(1, len(kinds)):.3f} n={len(kinds)}"
    wanted = [(each.operation, reading.operation) for each, reading in positive if each.operation]
    figures["operation right"] = f"{sum(a == b for a, b in wanted) / max(1, len(wanted)):.3f} n={len(wanted)}"
    figures["operation computed"] = dict(Counter(f"{a}→{b}" for a, b in wanted if "none" not in (a, b) or a != b))
    claims = [each for each in kept if each.supports is not None]
    supported = [reader.supports(each.question.removeprefix("claim: "), [excerpt_of(each)])[0] for each in claims]
    judged: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for each, score in zip(claims, supported, strict=True):
        easy = " easy" if each.note in ("reply", "elsewhere") else ""
        judged[f"supports {each.source}{easy}"].append((score, bool(each.supports)))
    for name, group in judged.items():
        if len({truth for _, truth in group}) == 2:
            figures[name] = with_interval([score for score, _ in group], [truth for _, truth in group])
    return figures


def calibrate(folder: Path, found: Iterable[Example]) -> None:
    """Fit slope and offset of `answers`, `unknown` and `supports` by language on our report pairs; write the card."""
    card = folder / "reader.json"
    record = json.loads(card.read_text(encoding="utf-8"))
    record["calibration"] = {}
    card.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    reader = TrainedReader(folder)
    kept = [each for each in found if each.split == "report" and each.source in ("own", "answers", "supports")]
    calibration: dict[str, dict[str, tuple[float, float]]] = {}
    for language in ("ko", "en"):
        asked = [each for each in kept if each.language == language and each.answers is not None]
        readings = read_all(reader, asked)
        calibration.setdefault("answers", {})[language] = fit_platt(
            [logit(reading.answers) for reading in readings], [bool(each.answers) for each in asked]
        )
        claims = [each for each in kept if each.language == language and each.supports is not None]
        scores = [reader.supports(each.question.removeprefix("claim: "), [excerpt_of(each)])[0] for each in claims]
        calibration.setdefault("supports", {})[language] = fit_platt(
            [logit(score) for score in scores], [bool(each.supports) for each in claims]
        )
    record["calibration"] = calibration
    card.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--weights", type=Path, required=True, help="folder of reader.onnx, tokenizer.json, reader.json"
    )
    parser.add_argument("--shared", type=Path, help="folder of the public pairs")
    parser.add_argument("--calibrate", action="store_true")
    options = parser.parse_args()
    found = examples(options.shared, None, 0)
    if options.calibrate:
        calibrate(options.weights, found)
    figures = report(TrainedReader(options.weights), found)
    print(json.dumps(figures, ensure_ascii=False, indent=1))  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
