from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.answering.follow_ups import follow_ups
from assistant.index import Index
from assistant.quoting import quote_at
from assistant.retrieval import HybridRetriever
from assistant.schema import Answer, Found, Reading, Span, Verdict
from tests.fakes import FakeEmbedder

PUBLIC = frozenset({"public"})


def answer_from(index: Index, words: str) -> Answer:
    """An answer that cites the block with `words`."""
    seen = index.seen_by(PUBLIC)
    document, text = seen.document_text("launch.ko.md") or (None, "")
    assert document is not None
    at = text.index(words)
    block = seen.blocks("launch.ko.md", at, at + 1)[0]
    quote = quote_at(document, text, block, block.start, block.end, [])
    return Answer("질문", "ko", "answered", "답", (), (quote,))


def judged(index: Index, words: str) -> Callable[[str], Verdict]:
    """A judge that finds the answer to everything in the same words."""
    found = HybridRetriever(index, FakeEmbedder()).search("얼라이언스", PUBLIC, 9)
    hit = next(each for each in found if each.passage.document_id == "launch.ko.md" and words in each.passage.text)
    at = hit.passage.text.index(words)
    reading = Reading(0.9, 0.0, (Span(at, at + len(words), 0.9),))
    return lambda question: Verdict("answer", 0.9, (Found(hit, reading, 1.0),), ())


def test_a_heading_is_offered_when_its_answer_was_found_below_it(index: Index) -> None:
    answer, seen = answer_from(index, "153개"), index.seen_by(PUBLIC)
    assert follow_ups(answer, seen, judged(index, "최대 100억 원")) == ("지원",)
    assert follow_ups(answer, seen, judged(index, "153개 기업")) == ()  # it stands somewhere else
    assert follow_ups(answer, index.seen_by(["nobody"]), judged(index, "최대 100억 원")) == ()
    english = replace(answer, language="en")
    assert follow_ups(english, seen, judged(index, "최대 100억 원")) == ()


def test_what_is_refused_is_not_offered_and_what_was_cited_is_not_tried(index: Index) -> None:
    tried: list[str] = []

    def refuse(question: str) -> Verdict:
        tried.append(question)
        return Verdict("refuse", 0.1, (), ())

    assert follow_ups(answer_from(index, "153개"), index.seen_by(PUBLIC), refuse) == () and tried == ["지원"]
