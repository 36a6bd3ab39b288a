from __future__ import annotations

from assistant.answering import Assistant
from assistant.evaluation.questions import Question, ask_all, summary
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

ASKED = "2024년 7월 출범 당시 얼라이언스에 몇 개 기업이 참여하였습니까?"


def test_answers_are_judged_with_the_places_they_cite(index: Index, embedder: FakeEmbedder, settings: Settings) -> None:
    assistant = Assistant(
        index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings
    )
    questions = [
        Question("right", ASKED, must=(r"153개",), gold=({"document": "launch.ko.md", "heading": "회원"},)),
        Question("elsewhere", ASKED, must=(r"153개",), gold=({"document": "launch.ko.md", "heading": "지원"},)),
        Question("wrong", ASKED, must=(r"999개",), gold=({"document": "launch.ko.md"},)),
        Question("invented", ASKED, answerable=False),
    ]
    outcomes = ask_all(assistant, questions, frozenset({"public"}))
    assert [outcome.verdict for outcome in outcomes] == ["right", "right", "wrong", "invented"]
    assert [outcome.pieces_at_gold > 0 for outcome in outcomes] == [True, False, True, False]
    figures = summary(outcomes, questions)
    assert figures["citations_exact"] and figures["unsupported_figures"] == 0
    assert figures["citation_recall"] == 0.667 and 0 < figures["citation_precision"] < 1


def test_a_figure_that_no_source_holds_is_counted(
    index: Index, embedder: FakeEmbedder, settings: Settings, monkeypatch
) -> None:
    monkeypatch.setattr("assistant.answering.say.problems", lambda *_: [])  # the verifier is broken
    model = FakeLanguageModel({ASKED[:10]: "[{0}] 얼라이언스에는 777개 기업이 참여하였습니다."})
    assistant = Assistant(index, HybridRetriever(index, embedder), FakeReader(), model, embedder, settings)
    questions = [Question("lie", ASKED, must=(r"153개",))]
    outcomes = ask_all(assistant, questions, frozenset({"public"}))
    assert summary(outcomes, questions)["unsupported_figures"] > 0
