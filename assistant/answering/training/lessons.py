"""Lessons for the language model: quotes as the product offers them, a question, and the reply that is wanted.

The replies are our own labelled ones (`assistant/reading/training/data`); the quotes are those that the product's
search and reader offered for the question (`offers`), or cut out of the passages as the product cuts them, with wrong
neighbours among them. `assistant/answering/replies.py` says what a reply looks like.
After it comes the check whether it holds: our own labelled lies about quotes do not, nor do right replies to other
quotes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.answering.replies import NOTHING, opposite
from assistant.quoting import quote_id
from assistant.reading.encoding import with_before
from assistant.reading.training.examples import DATA, Excerpts, cut, family, rows
from assistant.schema import Language, Quote
from assistant.text.language import sentences

#: Signs of the calculations.
SIGNS = {"sum": "+", "difference": "-", "percent_of": "/"}
_MOST_QUOTES = 6
#: An English reply of fewer words is left out.
_FEWEST_WORDS = 3
#: Share of the lessons that hold a neighbour which does not answer, and share of the near misses that are taken.
_DISTRACTED, _MISSES = 0.4, 0.07
#: Share of the offered quotes that stand in another order than the reader's, which has learned these questions.
_SHUFFLED = 0.6
#: Share of the right replies that are also shown with quotes which do not hold them, and of the sentences about quotes.
_ELSEWHERE, _CLAIMS = 0.15, 0.07
#: Share of the calculations, which are many for what they teach.
_CALCULATED = 0.4
#: Share of the replies with yes or no that are also shown with the other word.
_OPPOSITE = 0.5


@dataclass(frozen=True, slots=True)
class Lesson:
    """One prompt's content and the reply.

    `task`: answer, calculation, nothing, or check (the reply is only judged). `holds`: whether the reply holds, where
    that is asked. `split`: train or report.
    """

    question: str
    language: Language
    quotes: tuple[Quote, ...]
    reply: str
    task: str
    split: str
    holds: bool | None = None


def lessons(offers: Path | None = None, seed: int = 3) -> list[Lesson]:
    """All lessons, in a fixed order. Questions about the sample documents are left out: their text is not ours.

    `offers`: the file of `assistant.answering.training.offers`.
    """
    chance = random.Random(seed)
    offered = {row["id"]: row["quotes"] for row in rows(offers)} if offers else {}
    found = [
        *_from_pairs(chance, offered), *_from_several(chance), *_from_hits(chance, offered), *_from_claims(chance)
    ]  # fmt: skip
    # ids are short, so that two quotes of one lesson may have the same; a bare value is no sentence to learn
    return [
        each for each in found
        if len({quote.id for quote in each.quotes}) == len(each.quotes)
        and (each.task != "answer" or each.language == "ko" or each.reply.count(" ") > _FEWEST_WORDS)
    ]  # fmt: skip


def _from_pairs(chance: random.Random, offered: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[Lesson]:
    """A question and a passage: an ideal reply to what answers, the word for no to a share of the near misses."""
    known = Excerpts(None)
    for row in rows(DATA / "pairs.jsonl"):
        passage = known.get(row)
        if passage is None:
            continue
        question = with_before(row["question"], row.get("before", ""))
        if not row["answers"]:
            if chance.random() < _MISSES and (quotes := _some(passage, (), chance)):
                yield Lesson(question, row["lang"], quotes, NOTHING[row["lang"]], "nothing", row["split"])
            continue
        spans = [tuple(span) for span in row.get("spans", ())]
        operation = row.get("operation", "none")
        if operation in SIGNS:
            figures = [(passage, span) for span in spans]
            yield from _calculation(question, row["lang"], operation, figures, row["split"], chance)
        elif row.get("reply") and 0 < len(chosen := _touched(passage, spans)) <= _MOST_QUOTES:
            beside: tuple[Quote, ...] = ()
            if not offered:
                beside = _some(passage, spans, chance)
                used, quotes = list(chosen), _mixed(chosen, beside, chance)
            elif row["id"] in offered:
                words = [passage["text"][start:end] for start, end in spans]
                used, quotes = _chosen_from(map(_as_offered, offered[row["id"]]), chosen, words, chance)
                beside = tuple(quote for quote in quotes if quote not in used)
            else:
                continue
            reply = _lines(row["reply"], used)
            lesson = Lesson(question, row["lang"], quotes, reply, "answer", row["split"], True)
            yield from _with_opposite(lesson, chance)
            if beside and len(used) == 1 and chance.random() < _ELSEWHERE:
                other = reply.replace(used[0].id, beside[0].id)
                yield replace(lesson, quotes=beside, reply=other, task="check", holds=False)


def _with_opposite(lesson: Lesson, chance: random.Random) -> Iterator[Lesson]:
    """A lesson, and of a reply with yes or no now and then that the other word does not hold."""
    yield lesson
    other = opposite(lesson.reply, lesson.language)
    if other != lesson.reply and chance.random() < _OPPOSITE:
        yield replace(lesson, reply=other, task="check", holds=False)


def _from_several(chance: random.Random) -> Iterator[Lesson]:
    """Questions over several passages."""
    known = Excerpts(None)
    for row in rows(DATA / "answers.jsonl"):
        passages = {label: known.of[passage_id] for label, passage_id in row["passages"]}
        question = with_before(row["question"], row["before"][-1] if row["before"] else "")
        used: list[Quote] = []
        for label, words in row["spans"]:
            at = passages[label]["text"].find(words)
            if label in row["uses"] and at >= 0:
                used += [
                    quote for quote in _touched(passages[label], [(at, at + len(words))])
                    if quote.id not in {one.id for one in used}
                ]  # fmt: skip
        others = [passages[label] for label in passages if label not in row["uses"]]
        beside = _some(chance.choice(others), (), chance) if others else ()
        if row["verdict"] == "not_there" or not used:
            if quotes := tuple(used[:2]) or beside:
                yield Lesson(question, row["lang"], quotes, NOTHING[row["lang"]], "nothing", row["split"])
        elif (row.get("calculation") or {}).get("operation", "none") == "none" and len(used) <= _MOST_QUOTES:
            quotes = _mixed(used, beside, chance)
            lesson = Lesson(question, row["lang"], quotes, _lines(row["reply"], used), "answer", row["split"], True)
            yield from _with_opposite(lesson, chance)


def _from_hits(chance: random.Random, offered: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[Lesson]:
    """What search brought for a question that the documents do not answer, and calculations."""
    known = Excerpts(None)
    for row in rows(DATA / "hits.jsonl"):
        question = with_before(row["question"], row.get("before", ""))
        if row.get("operation") in SIGNS:
            figures = [(known.of[name], tuple(span)) for name, spans in row["yes"].items() for span in spans]
            yield from _calculation(question, row["lang"], row["operation"], figures, "train", chance)
        elif row["expect"] == "none" and row["no"]:
            quotes = tuple(map(_as_offered, offered.get(row["id"], ())))[:_MOST_QUOTES]
            if quotes := quotes or _some(known.of[row["no"][0]], (), chance):
                yield Lesson(question, row["lang"], quotes, NOTHING[row["lang"]], "nothing", "train")


def _calculation(
    question: str,
    language: Language,
    operation: str,
    figures: Sequence[tuple[dict[str, Any], Any]],
    split: str,
    chance: random.Random,
) -> Iterator[Lesson]:
    """The formula over figures at places of passages; a difference and a share take two."""
    if chance.random() > _CALCULATED or len(figures) < 2 or (operation != "sum" and len(figures) != 2):
        return
    quotes: dict[str, Quote] = {}
    terms: list[str] = []
    for passage, span in figures:
        touched = _touched(passage, [span])
        if not touched:
            return
        quotes[touched[0].id] = touched[0]
        terms.append(f"[{touched[0].id}] {' '.join(passage['text'][slice(*span)].split())}")
    if len(quotes) <= _MOST_QUOTES:
        formula = f" {SIGNS[operation]} ".join(terms)
        yield Lesson(question, language, tuple(quotes.values()), f"= {formula}", "calculation", split)


def _from_claims(chance: random.Random) -> Iterator[Lesson]:
    """True and false sentences about a quote; where nothing was asked, the heading stands for the question."""
    asked = {row["id"]: with_before(row["question"], row.get("before", "")) for row in rows(DATA / "pairs.jsonl")}
    for row in rows(DATA / "supports.jsonl"):
        if "quote_at" in row or chance.random() > _CLAIMS:  # the first are about sample documents
            continue
        header, _, text = row["quote"].rpartition("\n") if " | " in row["quote"] else ("", "", row["quote"])
        header = row.get("table_header", "") or header
        passage = {
            "document": row.get("document", row["title"]), "title": row["title"],
            "headings": [row["heading"]] if row.get("heading") else [], "text": text,
        }  # fmt: skip
        quote = _quote(passage, 0, len(text), header)
        question = asked.get(row.get("pair", ""), row.get("heading") or row["title"])
        reply = f"[{quote.id}] {row['sentence']}"
        yield Lesson(question, row["lang"], (quote,), reply, "check", row["split"], row["supported"])


def _quote(passage: dict[str, Any], start: int, end: int, header: str) -> Quote:
    document = passage["document"]
    text = passage["text"][start:end]
    name = quote_id(document, passage.get("start", 0) + start, passage.get("start", 0) + end)
    return Quote(
        name, document, passage["title"], document, "", "", None, tuple(passage["headings"]), text, start, end,
        table_header=header or (passage.get("table_header", "") if " | " in text else ""),
    )  # fmt: skip


def _as_offered(row: Mapping[str, Any]) -> Quote:
    """A row of the offers."""
    name = quote_id(row["document"], row["start"], row["end"])
    return Quote(
        name, row["document"], row["title"], row["document"], "", row["date"], None, tuple(row["headings"]),
        row["text"], row["start"], row["end"], table_header=row["header"],
    )  # fmt: skip


def _chosen_from(
    offered: Iterable[Quote], chosen: Sequence[Quote], words: Sequence[str], chance: random.Random
) -> tuple[list[Quote], tuple[Quote, ...]]:
    """The quotes that answer, and all that a lesson shows: what was offered, and of `chosen` what was not.

    A quote from elsewhere that holds the answering `words` as well, or is of another version or translation of the same
    document, is left out: it would be no wrong neighbour.
    """
    offered = list(offered)

    def same(one: Quote, other: Quote) -> bool:
        return one.document_id == other.document_id and (one.quote in other.quote or other.quote in one.quote)

    right = [quote for quote in offered if any(same(quote, one) for one in chosen)]
    right += [one for one in chosen if not any(same(quote, one) for quote in right)]
    here = {quote.document_id: family(quote.document_id) for quote in chosen}
    wrong = [
        quote for quote in offered
        if quote not in right and not any(word in quote.quote for word in words)
        and (quote.document_id in here or family(quote.document_id) not in here.values())
    ]  # fmt: skip
    shown = sorted((*right, *wrong[: max(0, _MOST_QUOTES - len(right))]), key=[*offered, *right].index)
    if chance.random() < _SHUFFLED:
        chance.shuffle(shown)
    return right, tuple(shown)


def _touched(passage: dict[str, Any], spans: Iterable[Any]) -> list[Quote]:
    """The sentences, rows and lists that hold a part of `spans`."""
    spans = list(spans)
    return [
        _quote(passage, start, end, header) for start, end, header in cut(passage["text"])
        if any(a < end and start < b for a, b in spans)
    ]  # fmt: skip


def _some(passage: dict[str, Any], spans: Iterable[Any], chance: random.Random) -> tuple[Quote, ...]:
    """One or two pieces of a passage beside `spans`."""
    spans = list(spans)
    free = [
        place for place in cut(passage["text"])
        if not any(a < place[1] and place[0] < b for a, b in spans)
        and passage["text"][place[0] : place[1]] not in passage["headings"]
    ]  # fmt: skip
    taken = chance.sample(free, min(len(free), chance.choice((1, 1, 2))))
    return tuple(_quote(passage, *place) for place in sorted(taken))


def _mixed(chosen: Sequence[Quote], beside: Sequence[Quote], chance: random.Random) -> tuple[Quote, ...]:
    """The quotes that answer, best first, sometimes with neighbours that do not."""
    quotes = list(chosen)
    if beside and chance.random() < _DISTRACTED:
        quotes.insert(chance.randrange(len(quotes) + 1), beside[0])
    return tuple({quote.id: quote for quote in quotes}.values())


def _lines(reply: str, quotes: Sequence[Quote]) -> str:
    """The reply as lines: each sentence with the ids of the quotes that share most with it; of a list its head."""
    head = reply.strip().split("\n", 1)[0]
    lines: dict[str, list[str]] = {}
    if len(sentences(head)) == 1:
        return f"[{' '.join(quote.id for quote in quotes)}] {' '.join(head.split())}"
    for start, end in sentences(head):
        sentence = " ".join(head[start:end].split())
        if sentence:
            lines.setdefault(" ".join(_sources(sentence, quotes)), []).append(sentence)
    return "\n".join(f"[{names}] {' '.join(said)}" for names, said in lines.items())


def _sources(sentence: str, quotes: Sequence[Quote]) -> list[str]:
    """Ids of the quotes that a sentence rests on: the one that shares most letters, and others that share nearly so."""
    asked = _grams(sentence)
    shared = {quote.id: len(asked & _grams(quote.quote + quote.table_header)) for quote in quotes}
    most = max(shared.values())
    return [name for name, count in shared.items() if count >= 0.7 * most]


def _grams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1) if not text[at : at + 2].isspace()}
