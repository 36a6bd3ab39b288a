"""The stream of events with a scripted model: order, citations, refusal, and what happens to a bad sentence."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import Assistant
from assistant.answering.texts import NOT_PHRASED, REFUSAL
from assistant.answering.wording import plain
from assistant.errors import ModelAway, ModelError, QuestionError
from assistant.index import Index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.schema import (
    Answer,
    EvidenceFound,
    Excerpt,
    Finished,
    Reading,
    SentenceReady,
    Span,
    Turn,
    Understood,
    Weighing,
)
from assistant.settings import Settings
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

QUESTION = "2024년 7월 출범 당시 얼라이언스에 몇 개 기업이 참여하였습니까?"


def make(
    index: Index, embedder: FakeEmbedder, settings: Settings, reader: FakeReader | None = None, **replies: str
) -> tuple[Assistant, FakeLanguageModel]:
    model = FakeLanguageModel(replies)
    retriever = HybridRetriever(index, embedder)
    return Assistant(index, retriever, reader or FakeReader(), model, embedder, settings), model


def finish(assistant: Assistant, question: str, **options: object) -> Answer:
    events = list(assistant.ask(question, **options))  # type: ignore[arg-type]
    assert isinstance(events[-1], Finished)
    return events[-1].answer


def test_events_come_in_order_and_citations_are_exact(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    assistant, model = make(index, embedder, settings)
    events = list(assistant.ask(QUESTION))
    assert [type(event) for event in events] == [Understood, EvidenceFound, SentenceReady, Finished]
    answer = events[-1].answer  # type: ignore[union-attr]
    assert answer.status == "answered" and "153개" in answer.answer and answer.language == "ko"
    assert answer.citations
    for piece in answer.citations:
        _, text = index.seen_by(["public"]).document_text(piece.document_id) or (None, "")
        assert text[piece.start : piece.end] == piece.quote
        assert text[: piece.start].endswith(piece.before) and text[piece.end :].startswith(piece.after)
    assert set(answer.timings_ms) == {"retrieval", "evidence", "first_token", "total"}
    assert len(model.prompts) == 1
    shown = answer.to_json()
    assert set(shown) == {
        "question", "language", "status", "answer", "sentences", "citations", "related", "as_of", "conflicts",
        "timings_ms", "models", "probability",
    }  # fmt: skip
    assert set(shown["citations"][0]) == {
        "id", "document_id", "title", "path", "version", "effective_date", "page", "last_page", "heading_path", "quote",
        "start", "end", "span",
    }  # fmt: skip


def test_the_grammar_offers_only_the_ids_of_the_evidence(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    assistant, model = make(index, embedder, settings)
    found = next(event for event in assistant.ask(QUESTION) if isinstance(event, EvidenceFound))
    list(assistant.ask(QUESTION))
    (ids,) = re.findall(r"^id ::= (.*)$", model.grammars[-1] or "", re.M)
    offered = re.findall(r'"(\w+)"', ids)
    assert offered and set(offered) <= {piece.id for piece in found.evidence}


def test_nothing_found_is_a_fixed_refusal_without_a_model_call(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    assistant, model = make(index, embedder, settings)
    for question, language in (
        ("장난감 무역박람회 주차장 위치 안내", "ko"),
        ("Which penguin won the chess prize?", "en"),
    ):
        answer = finish(assistant, question)
        assert (answer.status, answer.answer, answer.language) == ("refused", REFUSAL[language], language)
        assert not answer.sentences and not answer.citations
    assert model.prompts == []


def test_the_readers_doubt_is_a_refusal_with_what_is_near(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    reader = FakeReader()
    reader.answers = {"": 0.1}
    assistant, model = make(index, embedder, settings, reader)
    answer = finish(assistant, QUESTION)
    assert (answer.status, answer.answer) == ("refused", REFUSAL["ko"])
    assert answer.related and not answer.citations and model.prompts == [] and answer.probability == pytest.approx(0.1)


def test_evidence_that_was_shown_is_never_taken_back(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    for probability in (0.05, 0.3, 0.5, 0.7, 0.95):
        reader = FakeReader()
        reader.answers = {"": probability}
        events = list(make(index, embedder, settings, reader)[0].ask(QUESTION))
        shown = any(isinstance(event, EvidenceFound) for event in events)
        assert shown == (events[-1].answer.status != "refused")  # type: ignore[union-attr]


def test_what_the_documents_say_is_not_known_is_told_with_the_refusal(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    reader = FakeReader()
    reader.readings = {"153개": Reading(0.9, 0.9, (Span(0, 5, 0.9),))}
    answer = finish(make(index, embedder, settings, reader)[0], QUESTION)
    assert answer.status == "refused" and answer.answer.startswith(REFUSAL["ko"])
    assert answer.sentences and answer.citations


def test_a_refusal_names_whom_to_ask_where_a_document_does(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    """As an exact quote of what the reader finds for that question; words that are only near the subject are none."""

    class Reads(FakeReader):
        def __init__(self, says_whom: bool) -> None:
            super().__init__()
            self._says_whom = says_whom

        def _reading(self, question: str, excerpt: Excerpt) -> Reading:
            sure = "문의" in question and "100억" in excerpt.text and (self._says_whom or QUESTION in question)
            return Reading(0.9 if sure else 0.1, 0.0, (Span(0, 3, 0.9),))

    assert finish(make(index, embedder, settings, Reads(says_whom=False))[0], QUESTION).whom == ""
    answer = finish(make(index, embedder, settings, Reads(says_whom=True))[0], QUESTION)
    assert answer.status == "refused" and answer.answer == REFUSAL["ko"]
    whom = next(quote for quote in answer.related if quote.id == answer.whom)
    _, text = index.seen_by(["public"]).document_text(whom.document_id) or (None, "")
    assert "100억" in whom.quote and text[whom.start : whom.end] == whom.quote
    assert answer.to_json()["whom"] == whom.id and len({quote.id for quote in answer.related}) == len(answer.related)


def test_an_empty_index_refuses(tmp_path, embedder: FakeEmbedder, settings: Settings) -> None:  # type: ignore[no-untyped-def]
    from assistant.index.store import write_index
    from tests.conftest import FAKE_FINGERPRINT

    with write_index(tmp_path / "empty", FAKE_FINGERPRINT) as empty:
        assistant, model = make(empty, embedder, settings)
        assert finish(assistant, QUESTION).status == "refused"
        assert model.prompts == []


@pytest.mark.parametrize(
    "reply",
    [
        "[{0}] 얼라이언스에는 12개 분과에 163개 기업과 기관이 참여하였습니다.",  # another figure
        "[{0}] 얼라이언스에는 153개 기업과 마이크로소프트가 운영하는 화성 기지 연구원이 참여하였습니다.",
        "[{0}] 153 companies and institutions joined in 12 divisions.",  # another language
        "[{0}] 얼라이언스에는 12개 분과에 153개 기업과 기관이 참여하지 않았습니다.",  # what the model does not confirm
    ],
)
def test_a_sentence_that_fails_is_replaced_by_the_evidence(
    index: Index, embedder: FakeEmbedder, settings: Settings, reply: str
) -> None:
    assistant, model = make(index, embedder, settings, **{"몇 개 기업": reply})
    model.doubts = {"않았습니다", "마이크로소프트"}
    answer = finish(assistant, QUESTION)
    quotes = {piece.quote for piece in answer.citations}
    assert answer.sentences and all(sentence.text in quotes for sentence in answer.sentences)
    assert "163" not in answer.answer and "마이크로소프트" not in answer.answer


def test_a_model_that_says_nothing_leaves_the_evidence(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    assistant, _ = make(index, embedder, settings, **{"몇 개 기업": "no id, no answer"})
    answer = finish(assistant, QUESTION)
    assert answer.citations and answer.answer in {piece.quote for piece in answer.citations}


def test_confidential_text_is_never_offered(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    question = "가온정밀의 자율공장 제안 예산은 얼마입니까?"
    assistant, model = make(index, embedder, settings)
    public = finish(assistant, question)
    assert "7억" not in str(public) and all("7억" not in prompt for prompt in model.prompts)
    assert all(piece.document_id != "proposal.ko.md" for piece in (*public.citations, *public.related))
    staff = finish(assistant, question, labels=frozenset({"public", "staff"}))
    assert "7억 2천만 원" in staff.answer


@pytest.mark.parametrize(
    "question", ["", "   ", "?!", "\x00\x07", "가" * 10_000, "今日の天気はどうですか", "Сколько денег?"]
)
def test_bad_questions_are_one_clear_error(
    index: Index, embedder: FakeEmbedder, settings: Settings, question: str
) -> None:
    assistant, model = make(index, embedder, settings)
    with pytest.raises(QuestionError) as caught:
        list(assistant.ask(question))
    assert caught.value.message and caught.value.hint
    assert model.prompts == [] and embedder.queries == []


def test_stop_stops(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    assistant, _ = make(index, embedder, settings)
    stop = threading.Event()
    events = []
    for event in assistant.ask(QUESTION, cancel=stop.is_set):
        events.append(event)
        if isinstance(event, EvidenceFound):
            stop.set()
    assert not any(isinstance(event, Finished | SentenceReady) for event in events)


def test_a_failure_of_the_model_is_an_error_not_an_answer(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    class Broken(FakeLanguageModel):
        def generate(self, *arguments: object, **options: object) -> Iterator[str]:  # type: ignore[override]
            raise ModelError("it broke", "do this")
            yield

    assistant = Assistant(index, HybridRetriever(index, embedder), FakeReader(), Broken(), embedder, settings)
    with pytest.raises(ModelError):
        list(assistant.ask(QUESTION))


@pytest.mark.parametrize("after", [0, 1])
def test_when_no_language_server_answers_the_quotes_stand_and_it_is_said(
    after: int, index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    """Also when it goes away in the middle of its answer: what it had begun is dropped."""

    class Away(FakeLanguageModel):
        def generate(self, *arguments: Any, **options: Any) -> Iterator[str]:
            yield from list(super().generate(*arguments, **options))[: after * 4]
            raise ModelAway("It is down.", "Start it.")

    assistant = Assistant(index, HybridRetriever(index, embedder), FakeReader(), Away(), embedder, settings)
    for question, language in ((QUESTION, "ko"), ("What must be done with stored pressure?", "en")):
        events = list(assistant.ask(question))
        evidence = next(event.evidence for event in events if isinstance(event, EvidenceFound))
        answer = finish(assistant, question)
        if answer.status == "evidence_only":  # steps are never phrased
            continue
        assert answer.status == "quotes_only" and answer.citations
        assert {quote.id for quote in answer.citations} <= {quote.id for quote in evidence}
        assert all(plain(quote) in answer.answer for quote in answer.citations)
        assert answer.answer.endswith(NOT_PHRASED[language])


def test_the_language_model_is_asked_where_the_reader_doubts(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    for probability, refuses, status in ((0.55, True, "refused"), (0.7, False, "answered"), (0.95, True, "answered")):
        reader = FakeReader()
        reader.answers = {"": probability}
        assistant, model = make(index, embedder, settings, reader)
        model.refuses = {"기업"} if refuses else set()
        events = list(assistant.ask(QUESTION))
        assert events[-1].answer.status == status  # type: ignore[union-attr]
        kinds = [type(event) for event in events]
        assert (Weighing in kinds) == (probability < 0.9) and (EvidenceFound in kinds) == (status == "answered")
        if Weighing in kinds and EvidenceFound in kinds:
            assert kinds.index(Weighing) < kinds.index(EvidenceFound)


def test_a_model_that_was_not_taught_judges_nothing(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    reader = FakeReader()
    reader.answers = {"": 0.7}
    assistant, model = make(index, embedder, settings, reader)
    model.taught, model.refuses, model.doubts = False, {"기업"}, {""}
    assert finish(assistant, QUESTION).status == "answered"
    reader.doubts = {""}  # then the reader alone confirms
    answer = finish(assistant, QUESTION)
    assert {sentence.text for sentence in answer.sentences} <= {plain(quote) for quote in answer.citations}


def test_a_difference_is_computed_from_the_marked_figures_and_not_by_the_model(
    index: Index, corpus: Path, embedder: FakeEmbedder, settings: Settings
) -> None:
    table = "| 단계 | 한도 |\n|---|---|\n| 기초 | 4,200만 원 |\n| 고도화2 | 2억 4천만 원 |\n"
    (corpus / "stages.md").write_text(f"---\nlanguage: ko\n---\n\n# 상생형 한도\n\n{table}", encoding="utf-8")
    ingest([corpus], index, embedder)
    text = index.seen_by(["public"]).document_text("stages.md")[1]  # type: ignore[index]
    marked = tuple(
        Span(text.index(words), text.index(words) + len(words), 0.9) for words in ("4,200만 원", "2억 4천만 원")
    )
    reader = FakeReader()
    reader.readings = {"고도화2": Reading(0.9, 0.0, marked, "amount", "difference")}
    assistant, model = make(index, embedder, settings, reader)
    answer = finish(assistant, "상생형 한도는 기초와 고도화2의 차이가 얼마인가요?")
    assert answer.status == "computed" and not model.prompts
    assert "2억 4천만 원 − 4,200만 원 = 1억 9,800만 원" in answer.sentences[0].text
    assert {piece.document_id for piece in answer.citations} == {"stages.md"}
    assert all(sentence.citations for sentence in answer.sentences)


def test_last_year_is_understood_as_a_number(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    assistant, _ = make(index, embedder, settings)
    understood = next(iter(assistant.ask("작년 출범 회원은 몇 개 기업입니까?")))
    assert isinstance(understood, Understood)
    assert understood.standalone == f"{date.today().year - 1}년 출범 회원은 몇 개 기업입니까?"


def test_a_follow_up_is_read_with_the_question_before_it(
    index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    reader = FakeReader()
    assistant, _ = make(index, embedder, settings, reader)
    before = Turn(QUESTION, QUESTION, "ko", "answered", "153개입니다.")
    events = list(assistant.ask("분과 예산 배분은요?", history=[before]))
    asked = list(dict.fromkeys(reader.asked))  # the cards of the rules are read first
    assert asked == ["분과 예산 배분은요?", f"{QUESTION} / 분과 예산 배분은요?"]
    assert events[0].standalone == f"{QUESTION} / 분과 예산 배분은요?"  # type: ignore[union-attr]
    assert "12개" in events[-1].answer.answer  # type: ignore[union-attr]
