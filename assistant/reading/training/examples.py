"""Labelled examples from our own data and the public sets, split as those files say.

An example is what one pass of the network learns from. Places (`spans`) count in `text`; what stands before it
(`title`, heading, header row of a table) is read but never marked.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from assistant.reading.encoding import claim_of, prefix_of, with_before
from assistant.reading.training.network import KINDS, OPERATIONS
from assistant.text.language import sentences

DATA = Path(__file__).with_name("data")
#: Shares of the negatives and of the ideal replies that are taken: enough of each, the rest costs time.
_KEPT = {"mined": 0.2, "far": 0.1, "reply": 0.1, "hit": 0.6, "pieces": 0.3, "follow": 0.06}
#: A list up to this length (characters) is read as one piece, as in `answering.quotable`.
_LIST = 420
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+(?=\s|$)|\n|$)")


@dataclass(frozen=True, slots=True)
class Example:
    """One question (or claim) and one excerpt with what is true of them; None where nothing is known.

    `source` says where it comes from: own, hits, invented, answers, rules, mined, far, supports, nli, squad, korquad,
    welfare.
    """

    question: str
    prefix: str
    text: str
    source: str
    language: str
    split: str
    answers: bool | None = None
    unknown: bool | None = None
    supports: bool | None = None
    spans: tuple[tuple[int, int], ...] = ()
    kind: str = ""
    operation: str = ""
    note: str = ""


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; an absent file has none."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _found(text: str, words: str) -> tuple[int, int] | None:
    at = text.find(words)
    return (at, at + len(words)) if at >= 0 else None


def _grams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1) if not text[at : at + 2].isspace()}


def family(document: str) -> str:
    """Name what a document shares with its translation and its revisions."""
    return re.sub(r"(-rev-\w+)?(\.(ko|en))?\.\w+$", "", document)


class Excerpts:
    """Finds passages by id; those of the sample documents, which stay outside the repository, by the pair."""

    def __init__(self, shared: Path | None) -> None:
        self.of = {row["id"]: row for row in rows(DATA / "passages.jsonl")}
        self.samples: dict[str, dict[str, Any]] = {}
        for row in rows(shared / "own.jsonl") if shared else []:
            if row["document"].startswith("samples/"):
                self.samples[row["id"]] = {
                    "document": row["document"], "title": row["title"], "headings": row["headings"],
                    "text": row["passage"],
                }  # fmt: skip

    def get(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Find the passage of a row of `pairs.jsonl`; None when it is of a sample document that is not here."""
        return self.of.get(row["passage"]) if "passage" in row else self.samples.get(row["id"])


def _prefix(passage: dict[str, Any]) -> str:
    headings = passage["headings"]
    return prefix_of(
        passage["title"], headings[-1] if headings else "", passage.get("table_header", ""), passage["text"]
    )


def own(shared: Path | None) -> Iterator[Example]:
    """Our pairs: question and passage, half of them near misses."""
    known = Excerpts(shared)
    for row in rows(DATA / "pairs.jsonl"):
        passage = known.get(row)
        if passage is None:
            continue
        kind = row.get("kind", "")
        yield Example(
            with_before(row["question"], row.get("before", "")), _prefix(passage), passage["text"], "own", row["lang"],
            row["split"], answers=row["answers"], unknown=row.get("unknown", False),
            spans=tuple((start, end) for start, end in row.get("spans", ())),
            kind=kind if kind in KINDS else "", note=row.get("near_miss", kind), operation=row.get("operation", ""),
        )  # fmt: skip


def mined(shared: Path | None, seed: int = 9) -> Iterator[Example]:
    """Passages that share most letters with an answerable question and do not hold its answer; and far ones.

    From other document families or the same document, without the answer's words.
    """
    chance = random.Random(seed)
    known = Excerpts(shared)
    every = [*known.of.values(), *{row["text"]: row for row in known.samples.values()}.values()]
    grams = [_grams(_prefix(row) + row["text"]) for row in every]
    families = [family(row["document"]) for row in every]
    korean = [len(re.findall("[가-힣]", row["text"])) > len(row["text"]) * 0.15 for row in every]
    for row in rows(DATA / "pairs.jsonl"):
        passage = known.get(row)
        if passage is None or row["split"] != "train" or not row["answers"]:
            continue
        start, end = row["spans"][0]
        answer, own = passage["text"][start:end], family(passage["document"])
        asked = _grams(row["question"])
        language = len(re.findall("[가-힣]", passage["text"])) > len(passage["text"]) * 0.15
        fit = [
            at for at, other in enumerate(every)
            if answer not in other["text"] and korean[at] == language
            and (families[at] != own or other["document"] == passage["document"])
        ]  # fmt: skip
        if not fit:
            continue
        near = sorted(chance.sample(fit, min(120, len(fit))), key=lambda at: -len(grams[at] & asked))[:3]
        for source, at in (("mined", chance.choice(near)), ("far", chance.choice(fit))):
            if chance.random() > _KEPT[source]:
                continue
            other = every[at]
            yield Example(
                with_before(row["question"], row.get("before", "")), _prefix(other), other["text"], source, row["lang"],
                "train", answers=False, unknown=False,
            )  # fmt: skip


def hits(seed: int = 12) -> Iterator[Example]:
    """Questions and what the product's own search brought for them, each passage labelled by a reader."""
    chance = random.Random(seed)
    known = Excerpts(None)
    found = rows(DATA / "hits.jsonl")
    answered = [row for row in found if row["yes"] and "before" not in row]
    for row in found:
        question, kind = with_before(row["question"], row.get("before", "")), row["kind"]
        kind = "amount" if "operation" in row else kind if kind in KINDS else ""
        asked = _Asked(question, row["lang"], kind, row.get("expect", ""), row.get("operation", ""))
        for passage_id, spans in row["yes"].items():
            yield _hit(asked, known.of[passage_id], True, False, spans)
        for passage_id, spans in row["unknown"].items():
            yield _hit(asked, known.of[passage_id], row["expect"] != "false_premise", True, spans)
        for passage_id in row["no"]:
            if chance.random() < _KEPT["hit"]:
                yield _hit(asked, known.of[passage_id], False, False, ())
        if row["yes"] and "before" not in row and chance.random() < _KEPT["follow"]:
            yield from _not_a_follow_up(asked, row, chance.choice(answered), known)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of `hits.jsonl`: its text, language, kind, what its author expected, and what is to be computed."""

    text: str
    language: str
    kind: str
    note: str
    operation: str = ""


def _hit(
    asked: _Asked, passage: dict[str, Any], answers: bool, unknown: bool, spans: Iterable[Iterable[int]]
) -> Example:
    """A pair of `hits.jsonl`. A false premise is no answer, whatever the passage says instead."""
    return Example(
        asked.text, _prefix(passage), passage["text"], "hits", asked.language, "train", answers=answers,
        unknown=unknown, kind=asked.kind, note=asked.note, operation=asked.operation,
        spans=tuple((start, end) for start, end in spans) if answers else (),
    )  # fmt: skip


def _not_a_follow_up(asked: _Asked, row: dict[str, Any], other: dict[str, Any], known: Excerpts) -> Iterator[Example]:
    """A question that stands by itself after one about something else: what answered the first does not answer now."""
    later = _Asked(with_before(row["question"], other["question"]), asked.language, asked.kind, "follow")
    for passage_id, spans in list(row["yes"].items())[:1]:
        yield _hit(later, known.of[passage_id], True, False, spans)
    for passage_id in list(other["yes"])[:1]:
        if passage_id not in row["yes"]:
            yield _hit(later, known.of[passage_id], False, False, ())


def invented() -> Iterator[Example]:
    """Passages that were made up for learning, with questions that they answer, deny (unknown) or do not speak of."""
    for row in rows(DATA / "invented.jsonl"):
        prefix = prefix_of(row["title"], row["heading"], "", row["text"])
        for asked in row["questions"]:
            label = asked["label"]
            spans = tuple(place for words in asked["spans"] if (place := _found(row["text"], words)))
            yield Example(
                asked["q"], prefix, row["text"], "invented", asked["lang"], "train",
                answers=None if label == "unknown" else label == "yes", unknown=label == "unknown", spans=spans,
                kind=asked["kind"] if asked["kind"] in KINDS else "", note=label,
            )  # fmt: skip


def pieces(found: Iterable[Example], seed: int = 8) -> Iterator[Example]:
    """Sentences, rows and lists out of passages that answer: those with the answer, and two beside them without it."""
    chance = random.Random(seed)
    for each in found:
        if not each.answers or not each.spans or each.split != "train" or chance.random() > _KEPT["pieces"]:
            continue
        held: list[Example] = []
        beside: list[Example] = []
        for start, end, header in cut(each.text):
            inside = [
                (max(a, start) - start, min(b, end) - start) for a, b in each.spans if a < end and start < b
            ]  # fmt: skip
            prefix = each.prefix + (f"{header} | " if header else "")
            piece = replace(
                each, prefix=prefix, text=each.text[start:end], spans=tuple(inside), kind="", operation="",
                answers=bool(inside), unknown=bool(inside) and each.unknown, note="piece",
            )  # fmt: skip
            (held if inside else beside).append(piece)
        if held and beside:
            yield chance.choice(held)
            yield from chance.sample(beside, min(2, len(beside)))


def cut(text: str) -> Iterator[tuple[int, int, str]]:
    """Give start and end of what can be quoted by itself, and the header row of a row."""
    lines = [(m.start(), m.end(), m.group()) for m in re.finditer(r"[^\n]*\S[^\n]*", text)]
    for shape, group in groupby(lines, key=lambda line: _shape(line[2])):
        run = list(group)
        if shape == "row":
            yield from ((start, end, run[0][2]) for start, end, _ in run[1:])
        elif shape == "item" and run[-1][1] - run[0][0] <= _LIST:
            yield run[0][0], run[-1][1], ""
        elif shape == "item":
            yield from ((start, end, "") for start, end, _ in run)
        else:
            for start, _, line in run:
                yield from ((start + a, start + b, "") for a, b in sentences(line))


def _shape(line: str) -> str:
    return "row" if " | " in line else "item" if re.match(r"\s*(?:[-*•]|\d+[.)])\s", line) else "text"


_TASK_KINDS = {"yes_no": "yes_no", "list": "list", "difference": "amount", "share": "amount", "sum": "amount"}


def answers() -> Iterator[Example]:
    """Questions over several passages: those that the answer uses, and those beside them that it does not."""
    known = Excerpts(None)
    for row in rows(DATA / "answers.jsonl"):
        question = with_before(row["question"], row["before"][-1] if row["before"] else "")
        operation = (row.get("calculation") or {}).get("operation", "none")
        for label, passage_id in row["passages"]:
            passage = known.of[passage_id]
            used = label in row["uses"]
            spans = [
                place for own_label, words in row["spans"] if own_label == label
                if (place := _found(passage["text"], words))
            ]  # fmt: skip
            if used and not spans:
                continue
            yield Example(
                question, _prefix(passage), passage["text"], "answers", row["lang"], row["split"],
                answers=used and row["verdict"] not in ("not_there", "false_premise"),
                unknown=used and row["verdict"] in ("said_unknown", "false_premise"),
                spans=tuple(spans) if used and row["verdict"] != "false_premise" else (),
                kind=_TASK_KINDS.get(row["task"], ""),
                operation=operation if operation in OPERATIONS else "", note=row["task"],
            )  # fmt: skip


def supports(shared: Path | None) -> Iterator[Example]:
    """Sentences about quotes, true and false; ideal replies beside passages that they do and do not follow from."""
    known = Excerpts(shared)
    for row in rows(DATA / "supports.jsonl"):
        if "quote" in row:
            quote = row["quote"]
            prefix = prefix_of(row["title"], row.get("heading", ""), row.get("table_header", ""), quote)
        elif (sample := known.samples.get(row["pair"])) and row["quote_at"]:
            prefix, quote = prefix_of(sample["title"], "", "", ""), sample["text"][slice(*row["quote_at"])]
        else:
            continue
        yield Example(
            claim_of(row["sentence"]), prefix, quote, "supports", row["lang"], row["split"],
            supports=row["supported"], note=row.get("lie", ""),
        )  # fmt: skip
    chance = random.Random(4)
    every = list(known.of.values())
    for row in rows(DATA / "pairs.jsonl"):
        passage = known.get(row)
        if passage and row["answers"] and row.get("reply") and chance.random() < _KEPT["reply"]:
            yield Example(
                claim_of(row["reply"]), _prefix(passage), passage["text"], "supports", row["lang"], row["split"],
                supports=True, note="reply",
            )  # fmt: skip
            other = chance.choice(every)
            if family(other["document"]) != family(passage["document"]):
                yield Example(
                    claim_of(row["reply"]), _prefix(other), other["text"], "supports", row["lang"], row["split"],
                    supports=False, note="elsewhere",
                )  # fmt: skip


def mechanical(path: Path | None) -> Iterator[Example]:
    """Sentences of documents rephrased and falsified by code (`python -m assistant.evaluation.mutation --pairs`)."""
    for row in rows(path) if path else []:
        prefix = prefix_of(row["title"], row["heading"], row["table_header"], row["quote"])
        yield Example(
            claim_of(row["sentence"]), prefix, row["quote"], "mechanical", row["language"], "train",
            supports=row["supported"], note=row.get("lie", ""),
        )  # fmt: skip


def rules(seed: int = 6) -> Iterator[Example]:
    """The asker's words beside rule cards, inputs, choices and targets, as the rules engine has them read.

    One in ten questions is for reporting.
    """
    chance = random.Random(seed)
    cards = rows(DATA / "rules_cards.jsonl")
    inputs = rows(DATA / "rules_inputs.jsonl")
    targets = rows(DATA / "rules_targets.jsonl")
    for number, row in enumerate(rows(DATA / "rules.jsonl")):
        split = "report" if number % 10 == 7 else "train"
        if not row["reply"]:
            yield from _cards(row, [card for card in cards if card["lang"] == row["lang"]], split, chance)
        if row["rule"]:
            asked = [each for each in inputs if each["rule"] in (row["rule"], "*") and each["lang"] == row["lang"]]
            yield from _inputs(row, asked, split, chance)
            terms = [each for each in targets if each["rule"] == row["rule"] and each["lang"] == row["lang"]]
            for term in terms if row["target"] and not row["reply"] else ():
                yield _rule_pair(row["question"], term, split, term["target"] == row["target"], "target")


def _rule_pair(question: str, card: dict[str, Any], split: str, answers: bool, form: str) -> Example:
    return Example(
        question, prefix_of(card["title"], "", "", card["text"]), card["text"], "rules", card["lang"], split,
        answers=answers, unknown=False, note=form,
    )  # fmt: skip


def _cards(row: dict[str, Any], cards: list[dict[str, Any]], split: str, chance: random.Random) -> Iterator[Example]:
    """The card of the rule that computes the answer; of the others the two nearest in letters and one more."""
    asked = _grams(row["question"])
    others = sorted(
        (card for card in cards if card["rule"] != row["rule"]),
        key=lambda card: -len(_grams(card["title"] + card["text"]) & asked),
    )
    for card in cards:
        if card["rule"] == row["rule"]:
            yield _rule_pair(row["question"], card, split, True, "card")
    for card in [*others[:2], chance.choice(others[2:])]:
        yield _rule_pair(row["question"], card, split, False, "card")


def _inputs(row: dict[str, Any], asked: list[dict[str, Any]], split: str, chance: random.Random) -> Iterator[Example]:
    """The asker's words read with the questions of the rule's inputs; what they state of choices, and what not."""
    text, silent = row["question"], 0
    for entry in asked:
        name = entry["input"]
        stated = name in row["inputs"]
        silent += not stated
        if stated or silent <= 2:
            spans = tuple((start, end) for start, end in row["spans"].get(name, ()))
            yield Example(
                entry["question"], "", text, "rules", row["lang"], split, answers=stated, unknown=False, spans=spans,
                note="input",
            )  # fmt: skip
        sentences: dict[str, str] = entry.get("sentences", {})
        if not sentences or (not stated and silent > 2):
            continue
        chosen = row["choice"].get(name, "")
        others = [key for key in sentences if key != chosen]
        for key in [*([chosen] if chosen in sentences else []), *chance.sample(others, min(2, len(others)))]:
            yield Example(
                claim_of(sentences[key]), "", text, "rules", row["lang"], split, supports=key == chosen, note="choice"
            )


def public(shared: Path | None, most: int) -> Iterator[Example]:
    """At most `most` pairs of each public set for learning, and all of their `report` parts for measuring."""
    if shared is None:
        return
    chance = random.Random(5)
    yield from _squad(shared, most, chance)
    yield from _korquad(shared, most, chance)
    yield from _welfare(shared, most // 2, chance)
    nli = rows(shared / "ko_klue_nli.jsonl")
    chance.shuffle(nli)
    for row in nli[:most]:
        yield Example(
            claim_of(row["hypothesis"]), "", row["premise"], "nli", "ko", "train",
            supports=row["label"] == "entailment", note=row["label"],
        )  # fmt: skip


def _limited(found: list[dict[str, Any]], most: int, chance: random.Random) -> list[dict[str, Any]]:
    learned = [row for row in found if row["split"] == "train"]
    chance.shuffle(learned)
    return learned[:most] + [row for row in found if row["split"] == "report"]


def _pair(row: dict[str, Any], text: str, source: str, answers: bool, spans: Iterable[Iterable[int]] = ()) -> Example:
    return Example(
        row["question"], prefix_of(row["article"].replace("_", " "), "", "", text), text, source, row["lang"],
        row["split"], answers=answers, unknown=False, spans=tuple((start, end) for start, end in spans),
    )  # fmt: skip


def _without(text: str, answer: str, chance: random.Random) -> str:
    """A few sentences of `text` that do not hold `answer`; empty when there are none."""
    parts = [m.group() for m in _SENTENCE.finditer(text) if len(m.group().strip()) > 25 and answer not in m.group()]
    if not parts:
        return ""
    at = chance.randrange(len(parts))
    return " ".join(parts[at : at + chance.choice((1, 2, 3))])


def _squad(shared: Path, most: int, chance: random.Random) -> Iterator[Example]:
    for row in _limited(rows(shared / "en_squad2.jsonl"), most, chance):
        yield _pair(row, row["passage"], "squad", row["answers"], row["spans"])


def _korquad(shared: Path, most: int, chance: random.Random) -> Iterator[Example]:
    for row in _limited(rows(shared / "ko_korquad.jsonl"), most, chance):
        start, end = row["spans"][0]
        if end <= 900:
            yield _pair(row, row["passage"][:900], "korquad", True, [(start, end)])
        if rest := _without(row["passage"], row["passage"][start:end], chance):
            yield _pair(row, rest, "korquad", False)


def _welfare(shared: Path, most: int, chance: random.Random) -> Iterator[Example]:
    found = _limited(rows(shared / "ko_welfare.jsonl"), most, chance)
    schemes: dict[str, dict[str, str]] = defaultdict(dict)
    for row in found:
        schemes[row["split"]][row["article"]] = row["passage"][:800]
    grams = {name: _grams(text) for part in schemes.values() for name, text in part.items()}
    for row in found:
        yield _pair(row, row["passage"][:800], "welfare", True)
        others = [name for name in schemes[row["split"]] if name != row["article"]]
        asked = _grams(row["question"])
        near = sorted(chance.sample(others, min(60, len(others))), key=lambda name: -len(grams[name] & asked))[:3]
        if near:
            name = chance.choice(near)
            yield _pair({**row, "article": name}, schemes[row["split"]][name], "welfare", False)
